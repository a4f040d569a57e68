/* SPDX-License-Identifier: MIT */
/*
 * Features, rings and channels of the interfaces, over ethtool netlink (since Linux 5.6,
 * features since 5.7): one dump each. Features come as bits whose names are asked for
 * once: with the names in every answer a dump takes ten times as long.
 */
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/ethtool_netlink.h>
#include <linux/genetlink.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <string.h>

#include "../host/cleanup.h"
#include "nlsock.h"
#include "reader.h"

/* It is the first attribute of every message of this family. */
enum { HEADER = ETHTOOL_A_FEATURES_HEADER };

/* Their bit numbers differ from kernel to kernel; the names are the interface. */
static const char *const names[NIC_FEATURES] = {
	NIC_TLS_TX, NIC_TLS_RX, NIC_TX_CSUM, NIC_TX_CSUM_V4, NIC_TX_CSUM_V6, NIC_RX_CSUM,
};

static struct nlattr *first(struct span attrs)
{
	return (struct nlattr *)attrs.p;
}

static bool is_number(struct nlattr *attr)
{
	return attr && nla_len(attr) >= (int)sizeof(uint32_t);
}

static uint64_t number(struct nlattr *attr)
{
	return is_number(attr) ? nla_get_u32(attr) : 0;
}

static void add_string(struct nlattr *string, struct nic_bits *out)
{
	static const struct nla_policy policy[ETHTOOL_A_STRING_MAX + 1] = {
		[ETHTOOL_A_STRING_INDEX] = { .type = NLA_U32 },
		[ETHTOOL_A_STRING_VALUE] = { .type = NLA_STRING },
	};
	struct nlattr *tb[ETHTOOL_A_STRING_MAX + 1];

	if (nla_parse_nested(tb, ETHTOOL_A_STRING_MAX, string, policy) ||
	    !tb[ETHTOOL_A_STRING_INDEX] || !tb[ETHTOOL_A_STRING_VALUE])
		return;
	for (size_t i = 0; i < NIC_FEATURES; i++) {
		if (strcmp(nla_get_string(tb[ETHTOOL_A_STRING_VALUE]), names[i]))
			continue;
		out->known[i] = true;
		out->bit[i] = nla_get_u32(tb[ETHTOOL_A_STRING_INDEX]);
	}
}

/* The attribute that the path of types leads to, each nested in the one before it. */
static struct nlattr *below(struct span attrs, const int *path, size_t n)
{
	struct nlattr *at = nla_find(first(attrs), (int)attrs.len, path[0]);

	for (size_t i = 1; i < n && at; i++)
		at = nla_find(nla_data(at), nla_len(at), path[i]);
	return at;
}

void parse_ethtool_names(struct span attrs, struct nic_bits *out)
{
	static const int path[] = { ETHTOOL_A_STRSET_STRINGSETS,
				    ETHTOOL_A_STRINGSETS_STRINGSET,
				    ETHTOOL_A_STRINGSET_STRINGS };
	struct nlattr *strings = below(attrs, path, ARRAY_SIZE(path)), *string;
	int rest;

	if (!strings)
		return;
	nla_for_each_nested(string, strings, rest)
	{
		if (nla_type(string) == ETHTOOL_A_STRINGS_STRING)
			add_string(string, out);
	}
}

/* A compact bitset: words of 32 bits. One that is too short has the bit not set. */
static bool has_bit(struct nlattr *words, uint32_t bit)
{
	uint32_t word;

	if (!words || bit / 32 >= (uint32_t)nla_len(words) / sizeof(word))
		return false;
	memcpy(&word, (const char *)nla_data(words) + bit / 32 * sizeof(word),
	       sizeof(word));
	return word >> bit % 32 & 1;
}

static struct nlattr *words_of(struct nlattr *bitset)
{
	return bitset ? nla_find(nla_data(bitset), nla_len(bitset),
				 ETHTOOL_A_BITSET_VALUE)
		      : NULL;
}

int parse_ethtool_features(struct span attrs, const struct nic_bits *bits,
			   struct arena *a, struct nic_settings *out)
{
	struct nlattr *tb[ETHTOOL_A_FEATURES_MAX + 1], *hw, *wanted, *active, *nochange;

	if (nla_parse(tb, ETHTOOL_A_FEATURES_MAX, first(attrs), (int)attrs.len, NULL))
		return 0;
	hw = words_of(tb[ETHTOOL_A_FEATURES_HW]);
	wanted = words_of(tb[ETHTOOL_A_FEATURES_WANTED]);
	active = words_of(tb[ETHTOOL_A_FEATURES_ACTIVE]);
	nochange = words_of(tb[ETHTOOL_A_FEATURES_NOCHANGE]);
	if (!hw || !wanted || !active || !nochange)
		return 0;
	out->features = arena_alloc(a, NIC_FEATURES * sizeof(*out->features));
	if (!out->features)
		return -ENOMEM;
	out->err = 0;
	out->n_features = 0;
	for (size_t i = 0; i < NIC_FEATURES; i++) {
		uint32_t bit = bits->bit[i];

		if (!bits->known[i])
			continue;
		out->features[out->n_features++] = (struct nic_feature){
			.name = names[i],
			.supported = has_bit(hw, bit),
			.wanted = has_bit(wanted, bit),
			.active = has_bit(active, bit),
			.fixed = !has_bit(hw, bit) || has_bit(nochange, bit),
		};
	}
	return 0;
}

void parse_ethtool_rings(struct span attrs, struct nic_settings *out)
{
	struct nlattr *tb[ETHTOOL_A_RINGS_MAX + 1];

	if (nla_parse(tb, ETHTOOL_A_RINGS_MAX, first(attrs), (int)attrs.len, NULL))
		return;
	out->rx_ring = number(tb[ETHTOOL_A_RINGS_RX]);
	out->rx_ring_max = number(tb[ETHTOOL_A_RINGS_RX_MAX]);
	out->tx_ring = number(tb[ETHTOOL_A_RINGS_TX]);
	out->tx_ring_max = number(tb[ETHTOOL_A_RINGS_TX_MAX]);
}

void parse_ethtool_channels(struct span attrs, struct nic_settings *out)
{
	struct nlattr *tb[ETHTOOL_A_CHANNELS_MAX + 1];

	if (nla_parse(tb, ETHTOOL_A_CHANNELS_MAX, first(attrs), (int)attrs.len, NULL))
		return;
	out->combined = number(tb[ETHTOOL_A_CHANNELS_COMBINED_COUNT]);
	out->combined_max = number(tb[ETHTOOL_A_CHANNELS_COMBINED_MAX]);
	out->rx_channels = number(tb[ETHTOOL_A_CHANNELS_RX_COUNT]);
	out->tx_channels = number(tb[ETHTOOL_A_CHANNELS_TX_COUNT]);
}

static enum tristate yes_no(struct nlattr *attr)
{
	if (!attr || nla_len(attr) < 1)
		return TRI_UNKNOWN;
	return nla_get_u8(attr) ? TRI_YES : TRI_NO;
}

void parse_ethtool_coalesce(struct span attrs, struct nic_settings *out)
{
	struct nlattr *tb[ETHTOOL_A_COALESCE_MAX + 1];

	if (nla_parse(tb, ETHTOOL_A_COALESCE_MAX, first(attrs), (int)attrs.len, NULL))
		return;
	out->adaptive_rx = yes_no(tb[ETHTOOL_A_COALESCE_USE_ADAPTIVE_RX]);
	out->adaptive_tx = yes_no(tb[ETHTOOL_A_COALESCE_USE_ADAPTIVE_TX]);
	out->rx_usecs_told = is_number(tb[ETHTOOL_A_COALESCE_RX_USECS]);
	out->tx_usecs_told = is_number(tb[ETHTOOL_A_COALESCE_TX_USECS]);
	out->rx_usecs = number(tb[ETHTOOL_A_COALESCE_RX_USECS]);
	out->tx_usecs = number(tb[ETHTOOL_A_COALESCE_TX_USECS]);
}

uint64_t parse_ethtool_ifindex(struct span attrs)
{
	struct nlattr *tb[HEADER + 1], *dev[ETHTOOL_A_HEADER_MAX + 1];

	if (nla_parse(tb, HEADER, first(attrs), (int)attrs.len, NULL) || !tb[HEADER] ||
	    nla_parse_nested(dev, ETHTOOL_A_HEADER_MAX, tb[HEADER], NULL))
		return 0;
	return number(dev[ETHTOOL_A_HEADER_DEV_INDEX]);
}

struct ask {
	struct facts *f;
	struct nl_sock *sock;
	uint16_t family;
	uint8_t cmd;
	struct nic_bits bits;
};

static int on_device(struct ask *q, struct span attrs)
{
	uint64_t ifindex = parse_ethtool_ifindex(attrs);
	struct nic_settings *s = NULL;

	for (size_t i = 0; i < q->f->ethtool.n_nics && !s; i++)
		if (q->f->nics.nics[i].ifindex == ifindex)
			s = &q->f->ethtool.nics[i];
	if (!s)
		return 0;
	if (q->cmd == ETHTOOL_MSG_FEATURES_GET)
		return parse_ethtool_features(attrs, &q->bits, q->f->arena, s);
	if (q->cmd == ETHTOOL_MSG_RINGS_GET)
		parse_ethtool_rings(attrs, s);
	else if (q->cmd == ETHTOOL_MSG_COALESCE_GET)
		parse_ethtool_coalesce(attrs, s);
	else
		parse_ethtool_channels(attrs, s);
	return 0;
}

static int on_reply(void *arg, struct span payload)
{
	struct ask *q = arg;
	struct span attrs;

	if (payload.len < GENL_HDRLEN)
		return 0;
	attrs = span(payload.p + GENL_HDRLEN, payload.len - GENL_HDRLEN);
	if (q->cmd != ETHTOOL_MSG_STRSET_GET)
		return on_device(q, attrs);
	parse_ethtool_names(attrs, &q->bits);
	return 0;
}

/* nic NULL: of all devices, or of none. */
static struct nl_msg *message(const struct ask *q, int flags, const struct nic *nic)
{
	struct nl_msg *msg = nlmsg_alloc();
	struct nlattr *header;

	if (!msg)
		return NULL;
	genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, q->family, 0, flags, q->cmd,
		    ETHTOOL_GENL_VERSION);
	header = nla_nest_start(msg, HEADER | NLA_F_NESTED);
	nla_put_u32(msg, ETHTOOL_A_HEADER_FLAGS, ETHTOOL_FLAG_COMPACT_BITSETS);
	if (nic)
		nla_put_u32(msg, ETHTOOL_A_HEADER_DEV_INDEX, (uint32_t)nic->ifindex);
	nla_nest_end(msg, header);
	return msg;
}

static int ask(struct ask *q, const struct nic *nic)
{
	return nlsock_ask(q->sock, message(q, nic ? 0 : NLM_F_DUMP, nic), on_reply, q);
}

/* The names of the feature bits, the same for all devices. */
static int ask_names(struct ask *q)
{
	struct nl_msg *msg = message(q, 0, NULL);
	struct nlattr *sets, *set;

	if (!msg)
		return -ENOMEM;
	sets = nla_nest_start(msg, ETHTOOL_A_STRSET_STRINGSETS | NLA_F_NESTED);
	set = nla_nest_start(msg, ETHTOOL_A_STRINGSETS_STRINGSET | NLA_F_NESTED);
	nla_put_u32(msg, ETHTOOL_A_STRINGSET_ID, ETH_SS_FEATURES);
	nla_nest_end(msg, set);
	nla_nest_end(msg, sets);
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

uint16_t parse_genl_family(struct span attrs, const char *name)
{
	static const struct nla_policy policy[CTRL_ATTR_MAX + 1] = {
		[CTRL_ATTR_FAMILY_ID] = { .type = NLA_U16 },
		[CTRL_ATTR_FAMILY_NAME] = { .type = NLA_STRING, .maxlen = GENL_NAMSIZ },
	};
	struct nlattr *tb[CTRL_ATTR_MAX + 1];

	if (nla_parse(tb, CTRL_ATTR_MAX, first(attrs), (int)attrs.len, policy) ||
	    !tb[CTRL_ATTR_FAMILY_ID] || !tb[CTRL_ATTR_FAMILY_NAME] ||
	    strcmp(nla_get_string(tb[CTRL_ATTR_FAMILY_NAME]), name))
		return 0;
	return nla_get_u16(tb[CTRL_ATTR_FAMILY_ID]);
}

static int on_family(void *arg, struct span payload)
{
	uint16_t *family = arg;

	if (payload.len >= GENL_HDRLEN && !*family)
		*family = parse_genl_family(
			span(payload.p + GENL_HDRLEN, payload.len - GENL_HDRLEN),
			ETHTOOL_GENL_NAME);
	return 0;
}

/*
 * The family's number out of the list of all: asked for one by name that it does not
 * have, the kernel calls modprobe (net/netlink/genetlink.c).
 */
static int find_family(struct nl_sock *sock, uint16_t *family)
{
	struct nl_msg *msg = nlmsg_alloc();
	int err;

	if (msg)
		genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, GENL_ID_CTRL, 0, NLM_F_DUMP,
			    CTRL_CMD_GETFAMILY, 1);
	*family = 0;
	err = nlsock_ask(sock, msg, on_family, family);
	return *family ? 0 : err ? err : -ENOENT;
}

static int ask_all(struct facts *f, struct nl_sock *sock)
{
	struct ask q = { f, sock, .cmd = ETHTOOL_MSG_STRSET_GET };
	int err = find_family(sock, &q.family);

	if (!err)
		err = ask_names(&q);
	if (err)
		return err;
	q.cmd = ETHTOOL_MSG_FEATURES_GET;
	err = ask_features(&q);
	if (err)
		return err;
	q.cmd = ETHTOOL_MSG_RINGS_GET;
	ask_numbers(&q);
	q.cmd = ETHTOOL_MSG_CHANNELS_GET;
	ask_numbers(&q);
	q.cmd = ETHTOOL_MSG_COALESCE_GET;
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
