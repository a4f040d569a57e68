/* SPDX-License-Identifier: MIT */
/*
 * Features, rings and channels of the interfaces, over ethtool netlink (since Linux 5.6,
 * features since 5.7): one dump each.
 */
#include <errno.h>
#include <linux/ethtool_netlink.h>
#include <linux/genetlink.h>
#include <netlink/attr.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <string.h>

#include "../host/cleanup.h"
#include "nlsock.h"
#include "reader.h"

/* It is the first attribute of every message of this family. */
enum { HEADER = ETHTOOL_A_FEATURES_HEADER };

/* Their numbers differ from kernel to kernel; the names are the interface. */
static const char *const names[] = {
	NIC_TLS_TX, NIC_TLS_RX, NIC_TX_CSUM, NIC_TX_CSUM_V4, NIC_TX_CSUM_V6, NIC_RX_CSUM,
};

/* A bit of each for every one of names[]. */
struct bitset {
	unsigned listed, set;
};

static struct nlattr *first(struct span attrs)
{
	return (struct nlattr *)attrs.p;
}

static void add_bit(struct nlattr *bit, bool only_set, struct bitset *out)
{
	static const struct nla_policy policy[ETHTOOL_A_BITSET_BIT_MAX + 1] = {
		[ETHTOOL_A_BITSET_BIT_NAME] = { .type = NLA_STRING },
	};
	struct nlattr *tb[ETHTOOL_A_BITSET_BIT_MAX + 1];

	if (nla_parse_nested(tb, ETHTOOL_A_BITSET_BIT_MAX, bit, policy) ||
	    !tb[ETHTOOL_A_BITSET_BIT_NAME])
		return;
	for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcmp(nla_get_string(tb[ETHTOOL_A_BITSET_BIT_NAME]), names[i]))
			continue;
		out->listed |= 1U << i;
		if (only_set || tb[ETHTOOL_A_BITSET_BIT_VALUE])
			out->set |= 1U << i;
	}
}

/*
 * Without NOMASK a set lists all bits this kernel knows, those that are set marked; with
 * it, it is a list of those that are set.
 */
static struct bitset bitset_of(struct nlattr *attr)
{
	static const struct nla_policy policy[ETHTOOL_A_BITSET_MAX + 1] = {
		[ETHTOOL_A_BITSET_BITS] = { .type = NLA_NESTED },
	};
	struct nlattr *tb[ETHTOOL_A_BITSET_MAX + 1], *bit;
	struct bitset out = { 0 };
	int rest;

	if (!attr || nla_parse_nested(tb, ETHTOOL_A_BITSET_MAX, attr, policy) ||
	    !tb[ETHTOOL_A_BITSET_BITS])
		return out;
	nla_for_each_nested(bit, tb[ETHTOOL_A_BITSET_BITS], rest)
	{
		if (nla_type(bit) == ETHTOOL_A_BITSET_BITS_BIT)
			add_bit(bit, tb[ETHTOOL_A_BITSET_NOMASK], &out);
	}
	return out;
}

int parse_ethtool_features(struct span attrs, struct arena *a, struct nic_settings *out)
{
	struct nlattr *tb[ETHTOOL_A_FEATURES_MAX + 1];
	struct bitset hw, wanted, active, nochange;
	unsigned listed;

	if (nla_parse(tb, ETHTOOL_A_FEATURES_MAX, first(attrs), (int)attrs.len, NULL) ||
	    !tb[ETHTOOL_A_FEATURES_HW] || !tb[ETHTOOL_A_FEATURES_ACTIVE])
		return 0;
	hw = bitset_of(tb[ETHTOOL_A_FEATURES_HW]);
	wanted = bitset_of(tb[ETHTOOL_A_FEATURES_WANTED]);
	active = bitset_of(tb[ETHTOOL_A_FEATURES_ACTIVE]);
	nochange = bitset_of(tb[ETHTOOL_A_FEATURES_NOCHANGE]);
	listed = hw.listed | wanted.listed | active.listed | nochange.listed;
	out->features = arena_alloc(a, ARRAY_SIZE(names) * sizeof(*out->features));
	if (!out->features)
		return -ENOMEM;
	out->err = 0;
	out->n_features = 0;
	for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
		unsigned bit = 1U << i;

		if (!(listed & bit))
			continue;
		out->features[out->n_features++] = (struct nic_feature){
			.name = names[i],
			.supported = hw.set & bit,
			.wanted = wanted.set & bit,
			.active = active.set & bit,
			.fixed = !(hw.set & bit) || (nochange.set & bit),
		};
	}
	return 0;
}

static uint64_t number(struct nlattr *attr)
{
	return attr && nla_len(attr) >= (int)sizeof(uint32_t) ? nla_get_u32(attr) : 0;
}

int parse_ethtool_rings(struct span attrs, struct arena *a, struct nic_settings *out)
{
	struct nlattr *tb[ETHTOOL_A_RINGS_MAX + 1];

	(void)a;
	if (nla_parse(tb, ETHTOOL_A_RINGS_MAX, first(attrs), (int)attrs.len, NULL))
		return 0;
	out->rx_ring = number(tb[ETHTOOL_A_RINGS_RX]);
	out->rx_ring_max = number(tb[ETHTOOL_A_RINGS_RX_MAX]);
	out->tx_ring = number(tb[ETHTOOL_A_RINGS_TX]);
	out->tx_ring_max = number(tb[ETHTOOL_A_RINGS_TX_MAX]);
	return 0;
}

int parse_ethtool_channels(struct span attrs, struct arena *a, struct nic_settings *out)
{
	struct nlattr *tb[ETHTOOL_A_CHANNELS_MAX + 1];

	(void)a;
	if (nla_parse(tb, ETHTOOL_A_CHANNELS_MAX, first(attrs), (int)attrs.len, NULL))
		return 0;
	out->combined = number(tb[ETHTOOL_A_CHANNELS_COMBINED_COUNT]);
	out->combined_max = number(tb[ETHTOOL_A_CHANNELS_COMBINED_MAX]);
	out->rx_channels = number(tb[ETHTOOL_A_CHANNELS_RX_COUNT]);
	out->tx_channels = number(tb[ETHTOOL_A_CHANNELS_TX_COUNT]);
	return 0;
}

uint64_t parse_ethtool_ifindex(struct span attrs)
{
	struct nlattr *tb[HEADER + 1], *dev[ETHTOOL_A_HEADER_MAX + 1];

	if (nla_parse(tb, HEADER, first(attrs), (int)attrs.len, NULL) || !tb[HEADER] ||
	    nla_parse_nested(dev, ETHTOOL_A_HEADER_MAX, tb[HEADER], NULL))
		return 0;
	return number(dev[ETHTOOL_A_HEADER_DEV_INDEX]);
}

typedef int (*parse_fn)(struct span attrs, struct arena *a, struct nic_settings *out);

struct ask {
	struct facts *f;
	struct nl_sock *sock;
	int family;
	uint8_t cmd;
	parse_fn parse;
};

static int on_reply(void *arg, struct span payload)
{
	const struct ask *q = arg;
	struct span attrs;
	uint64_t ifindex;

	if (payload.len < GENL_HDRLEN)
		return 0;
	attrs = span(payload.p + GENL_HDRLEN, payload.len - GENL_HDRLEN);
	ifindex = parse_ethtool_ifindex(attrs);
	for (size_t i = 0; i < q->f->ethtool.n_nics; i++)
		if (q->f->nics.nics[i].ifindex == ifindex)
			return q->parse(attrs, q->f->arena, &q->f->ethtool.nics[i]);
	return 0;
}

/* nic NULL: of all devices. */
static int ask(struct ask *q, const struct nic *nic)
{
	struct nl_msg *msg = nlmsg_alloc();
	struct nlattr *nest;

	if (!msg)
		return -ENOMEM;
	genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, q->family, 0, nic ? 0 : NLM_F_DUMP,
		    q->cmd, ETHTOOL_GENL_VERSION);
	if (nic) {
		nest = nla_nest_start(msg, HEADER | NLA_F_NESTED);
		nla_put_u32(msg, ETHTOOL_A_HEADER_DEV_INDEX, (uint32_t)nic->ifindex);
		nla_nest_end(msg, nest);
	}
	return nlsock_ask(q->sock, msg, on_reply, q);
}

/* Stands in err until the device has answered. */
enum { NO_ANSWER = -ENODATA };

static size_t answers(const struct ethtool_facts *e)
{
	size_t n = 0;

	for (size_t i = 0; i < e->n_nics; i++)
		n += e->nics[i].err != NO_ANSWER;
	return n;
}

/*
 * A dump ends at the first device that is not there for the moment (suspended, going
 * away), and says nothing of those behind it: they are asked one by one.
 */
static int ask_features(struct ask *q)
{
	struct ethtool_facts *e = &q->f->ethtool;
	int err = ask(q, NULL);

	if (err == -ENOMEM || (err && err != -EINTR && !answers(e)))
		return err;
	for (size_t i = 0; i < e->n_nics; i++) {
		struct nic_settings *s = &e->nics[i];

		if (s->err != NO_ANSWER)
			continue;
		err = ask(q, &q->f->nics.nics[i]);
		if (s->err == NO_ANSWER)
			s->err = err ? err : -EBADMSG;
	}
	return 0;
}

static void ask_numbers(struct ask *q)
{
	if (!ask(q, NULL))
		return;
	for (size_t i = 0; i < q->f->nics.n_nics; i++)
		if (q->f->nics.nics[i].physical)
			ask(q, &q->f->nics.nics[i]);
}

static int ask_all(struct facts *f, struct nl_sock *sock)
{
	int family = genl_ctrl_resolve(sock, ETHTOOL_GENL_NAME), err;
	struct ask q = { f, sock, family, ETHTOOL_MSG_FEATURES_GET,
			 parse_ethtool_features };

	if (family < 0)
		return nlsock_errno(family);
	err = ask_features(&q);
	if (err)
		return err;
	q.cmd = ETHTOOL_MSG_RINGS_GET;
	q.parse = parse_ethtool_rings;
	ask_numbers(&q);
	q.cmd = ETHTOOL_MSG_CHANNELS_GET;
	q.parse = parse_ethtool_channels;
	ask_numbers(&q);
	return 0;
}

static int read_settings(struct facts *f)
{
	struct ethtool_facts *e = &f->ethtool;
	size_t n = f->nics.n_nics;
	struct nl_sock *sock;
	int err;

	if (f->nics.src.err)
		return f->nics.src.err;
	e->nics = n ? arena_alloc(f->arena, n * sizeof(*e->nics)) : NULL;
	if (n && !e->nics)
		return -ENOMEM;
	e->n_nics = n;
	for (size_t i = 0; i < n; i++)
		e->nics[i] = (struct nic_settings){ .name = f->nics.nics[i].name,
						    .err = NO_ANSWER };
	err = nlsock_open(NETLINK_GENERIC, &sock);
	if (!err)
		err = ask_all(f, sock);
	nl_socket_free(sock);
	/* Nobody answered: there is nothing to say of any device. */
	if (err)
		e->n_nics = 0;
	return err;
}

void read_ethtool(struct host *h, struct facts *f)
{
	if (!host_is_live(h))
		return;
	f->ethtool.src = (struct source){ "ethtool netlink", read_settings(f) };
	host_note(h, "netlink", "ETHTOOL_MSG_FEATURES_GET", f->ethtool.src.err);
}

const struct nic_settings *nic_settings(const struct facts *f, const struct nic *nic)
{
	for (size_t i = 0; i < f->ethtool.n_nics; i++)
		if (!strcmp(f->ethtool.nics[i].name, nic->name))
			return &f->ethtool.nics[i];
	return NULL;
}

const struct nic_feature *nic_feature(const struct nic_settings *s, const char *name)
{
	for (size_t i = 0; s && i < s->n_features; i++)
		if (!strcmp(s->features[i].name, name))
			return &s->features[i];
	return NULL;
}
