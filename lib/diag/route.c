// SPDX-License-Identifier: MIT
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>

#include <libmnl/libmnl.h>

#include "../host/cleanup.h"
#include "mnl.h"
#include "route.h"

enum { KEPT = 1024, NAMES = 64 };

/* All that the answer depends on, ports left out. */
struct key {
	uint32_t family, bound, uid; /* without gaps: it is compared whole */
	uint8_t local[16], peer[16];
};

struct kept {
	struct key key;
	struct socket_route route;
};

struct name {
	uint32_t ifindex;
	char text[IF_NAMESIZE];
};

struct routes {
	struct mnl_socket *nl;
	bool policy[2];   /* of IPv4 and IPv6: rules that cannot be followed */
	bool by_ports[2]; /* one of several paths is chosen by ports too */
	struct kept kept[KEPT];
	struct name names[NAMES];
	size_t n_names;
};

uint32_t parse_route_oif(struct span message)
{
	const size_t fixed = MNL_ALIGN(sizeof(struct rtmsg));
	const struct nlattr *attr; /* the macro's name for it */
	uint32_t oif = 0;

	if (message.len < fixed)
		return 0;
	mnl_attr_for_each_payload ((void *)(message.p + fixed), message.len - fixed)
		if (mnl_attr_get_type(attr) == RTA_OIF &&
		    mnl_attr_get_payload_len(attr) >= sizeof(oif))
			memcpy(&oif, mnl_attr_get_payload(attr), sizeof(oif));
	return oif;
}

/* What the kernel can follow by itself, and what chooses nothing. */
static bool is_plain_attr(unsigned type)
{
	switch (type) {
	case FRA_DST:
	case FRA_SRC:
	case FRA_IIFNAME:
	case FRA_GOTO:
	case FRA_PRIORITY:
	case FRA_FLOW:
	case FRA_SUPPRESS_IFGROUP:
	case FRA_SUPPRESS_PREFIXLEN:
	case FRA_TABLE:
	case FRA_OIFNAME:
	case FRA_PAD:
	case FRA_L3MDEV:
	case FRA_UID_RANGE:
	case FRA_PROTOCOL:
	case FRA_IP_PROTO:
	case FRA_SPORT_RANGE:
	case FRA_DPORT_RANGE:
		return true;
	default:
		return false;
	}
}

bool parse_rule_plain(struct span message)
{
	const size_t fixed = MNL_ALIGN(sizeof(struct fib_rule_hdr));
	const struct nlattr *attr;
	struct fib_rule_hdr h;

	if (message.len < fixed)
		return true;
	memcpy(&h, message.p, sizeof(h));
	if (h.tos)
		return false;
	mnl_attr_for_each_payload ((void *)(message.p + fixed), message.len - fixed)
		if (!is_plain_attr(mnl_attr_get_type(attr)))
			return false;
	return true;
}

static struct span payload_of(const struct nlmsghdr *h)
{
	return span(mnl_nlmsg_get_payload(h), mnl_nlmsg_get_payload_len(h));
}

static int on_rule(const struct nlmsghdr *h, void *arg)
{
	bool *policy = arg;

	if (h->nlmsg_type == RTM_NEWRULE && !parse_rule_plain(payload_of(h)))
		*policy = true;
	return 0;
}

/* A kernel without policy routing, or without IPv6, has no rules. */
static int read_rules(struct routes *r, uint8_t family, bool *policy)
{
	_Alignas(struct nlmsghdr) char buf[256];
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);
	struct fib_rule_hdr *rule = mnl_nlmsg_put_extra_header(h, sizeof(*rule));
	int err;

	h->nlmsg_type = RTM_GETRULE;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	rule->family = family;
	err = mnl_ask(r->nl, h, on_rule, policy);
	return err == -EAFNOSUPPORT || err == -EOPNOTSUPP ? 0 : err;
}

static bool switched_on(const char *path)
{
	cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	char c = '0';

	return fd >= 0 && read(fd, &c, 1) == 1 && c != '0';
}

int routes_open(struct routes **out)
{
	struct routes *r = calloc(1, sizeof(*r));
	int err = r ? mnl_open(NETLINK_ROUTE, &r->nl) : -ENOMEM;

	*out = NULL;
	if (!err)
		err = read_rules(r, AF_INET, &r->policy[0]);
	if (!err)
		err = read_rules(r, AF_INET6, &r->policy[1]);
	if (err) {
		routes_close(r);
		return err;
	}
	r->by_ports[0] = switched_on("/proc/sys/net/ipv4/fib_multipath_hash_policy");
	r->by_ports[1] = switched_on("/proc/sys/net/ipv6/fib_multipath_hash_policy");
	*out = r;
	return 0;
}

void routes_close(struct routes *r)
{
	if (!r)
		return;
	mnl_close(&r->nl);
	free(r);
}

static const char *name_of(struct routes *r, uint32_t ifindex)
{
	struct name *n;

	for (size_t i = 0; i < r->n_names; i++)
		if (r->names[i].ifindex == ifindex)
			return r->names[i].text;
	if (r->n_names == NAMES)
		return "";
	n = &r->names[r->n_names++];
	n->ifindex = ifindex;
	if (!if_indextoname(ifindex, n->text))
		n->text[0] = '\0';
	return n->text;
}

/* A socket of IPv6 may speak IPv4; its packets are routed as such. */
static struct key key_of(const struct diag_socket *s)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	const bool v4 = s->family == AF_INET6 && !memcmp(s->peer.addr, mapped, 12);
	const size_t skip = v4 ? 12 : 0;
	struct key k = { .family = v4 ? AF_INET : s->family,
			 .bound = s->ifindex,
			 .uid = s->uid };

	memcpy(k.local, s->local.addr + skip, 16 - skip);
	memcpy(k.peer, s->peer.addr + skip, 16 - skip);
	return k;
}

static size_t hash_of(const struct key *k)
{
	const uint8_t *p = (const void *)k;
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < sizeof(*k); i++)
		h = (h ^ p[i]) * 16777619u;
	return h & (KEPT - 1);
}

static void put_request(struct nlmsghdr *h, const struct key *k,
			const struct diag_socket *s)
{
	const size_t len = k->family == AF_INET ? 4 : 16;
	struct rtmsg *m;

	h->nlmsg_type = RTM_GETROUTE;
	h->nlmsg_flags = NLM_F_REQUEST;
	m = mnl_nlmsg_put_extra_header(h, sizeof(*m));
	m->rtm_family = k->family;
	m->rtm_dst_len = m->rtm_src_len = (unsigned char)(len * 8);
	mnl_attr_put(h, RTA_DST, len, k->peer);
	mnl_attr_put(h, RTA_SRC, len, k->local);
	mnl_attr_put_u32(h, RTA_UID, k->uid);
	mnl_attr_put_u8(h, RTA_IP_PROTO, IPPROTO_TCP);
	mnl_attr_put_u16(h, RTA_SPORT, htons(s->local.port));
	mnl_attr_put_u16(h, RTA_DPORT, htons(s->peer.port));
	if (k->bound)
		mnl_attr_put_u32(h, RTA_OIF, k->bound);
}

static int on_route(const struct nlmsghdr *h, void *arg)
{
	uint32_t *oif = arg;

	if (h->nlmsg_type == RTM_NEWROUTE)
		*oif = parse_route_oif(payload_of(h));
	return 0;
}

static struct socket_route ask(struct routes *r, const struct key *k,
			       const struct diag_socket *s)
{
	_Alignas(struct nlmsghdr) char buf[512] = { 0 }; /* also between attributes */
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);
	struct socket_route out = { .answer = ROUTE_FOUND, .name = "" };
	int err;

	put_request(h, k, s);
	err = mnl_ask(r->nl, h, on_route, &out.ifindex);
	if (err == -ENETUNREACH || err == -EHOSTUNREACH || (!err && !out.ifindex))
		out.answer = ROUTE_NONE;
	else if (err)
		out.answer = ROUTE_FAILED;
	else
		out.name = name_of(r, out.ifindex);
	return out;
}

struct socket_route routes_find(struct routes *r, const struct diag_socket *s)
{
	const struct key k = key_of(s);
	const int v6 = k.family == AF_INET6;
	struct kept *kept = &r->kept[hash_of(&k)];

	if (r->policy[v6])
		return (struct socket_route){ .answer = ROUTE_POLICY, .name = "" };
	if (kept->route.answer == ROUTE_NOT_ASKED || r->by_ports[v6] ||
	    memcmp(&kept->key, &k, sizeof(k)) != 0)
		*kept = (struct kept){ k, ask(r, &k, s) };
	return kept->route;
}
