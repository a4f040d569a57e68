/* SPDX-License-Identifier: MIT */
/*
 * The interfaces of this network namespace, over rtnetlink. libnl-3 alone: its route
 * library keeps caches of everything and takes as long to load as all the rest here.
 */
#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/version.h>
#include <string.h>

#include "../host/cleanup.h"
#include "../host/library.h"
#include "nic_priv.h"
#include "nlsock.h"

/* The words of /sys/class/net/BOND/bonding, by number (linux/if_bonding.h). */
static const char *const bond_modes[] = {
	"balance-rr", "active-backup", "balance-xor", "broadcast",
	"802.3ad",    "balance-tlb",   "balance-alb",
};
static const char *const bond_hashes[] = {
	"layer2", "layer3+4", "layer2+3", "encap2+3", "encap3+4", "vlan+srcmac",
};

/* Kinds whose IFLA_LINK is the device that sends for them: that of a veth is its other
 * end, that of a tunnel only where its packets go out. */
static const char *const stacked_kinds[] = {
	"vlan", "macvlan", "macvtap", "ipvlan", "ipvtap", "macsec", "ipoib", "dsa",
};

static uint64_t number(struct nlattr *attr)
{
	return attr && nla_len(attr) >= (int)sizeof(uint32_t) ? nla_get_u32(attr) : 0;
}

static const char *word(struct nlattr *attr, const char *const *words, size_t n)
{
	size_t i = attr && nla_len(attr) >= 1 ? nla_get_u8(attr) : n;

	return i < n ? words[i] : "";
}

static void read_bond(struct nlattr *data, struct nic *nic)
{
	struct nlattr *tb[IFLA_BOND_MAX + 1];

	if (!data || nla_parse_nested(tb, IFLA_BOND_MAX, data, NULL))
		return;
	nic->bond_mode = word(tb[IFLA_BOND_MODE], bond_modes, ARRAY_SIZE(bond_modes));
	nic->bond_hash = word(tb[IFLA_BOND_XMIT_HASH_POLICY], bond_hashes,
			      ARRAY_SIZE(bond_hashes));
}

static bool stacked(const char *kind)
{
	for (size_t i = 0; i < ARRAY_SIZE(stacked_kinds); i++)
		if (!strcmp(kind, stacked_kinds[i]))
			return true;
	return false;
}

static int read_info(struct nlattr *linkinfo, struct arena *a, struct nic *nic)
{
	static const struct nla_policy policy[IFLA_INFO_MAX + 1] = {
		[IFLA_INFO_KIND] = { .type = NLA_STRING },
		[IFLA_INFO_DATA] = { .type = NLA_NESTED },
	};
	struct nlattr *tb[IFLA_INFO_MAX + 1];

	if (!linkinfo || nla_parse_nested(tb, IFLA_INFO_MAX, linkinfo, policy) ||
	    !tb[IFLA_INFO_KIND])
		return 0;
	nic->kind = arena_strdup(a, nla_get_string(tb[IFLA_INFO_KIND]));
	if (!nic->kind)
		return -ENOMEM;
	if (!strcmp(nic->kind, "bond"))
		read_bond(tb[IFLA_INFO_DATA], nic);
	return 0;
}

static int add_nic(const struct ifinfomsg *ifi, struct nlattr **tb, struct arena *a,
		   struct nics_facts *out)
{
	struct nic *nic = arena_grow(a, out->nics, out->n_nics, sizeof(*nic));

	if (!nic)
		return -ENOMEM;
	out->nics = nic;
	nic += out->n_nics;
	*nic = (struct nic){
		.name = arena_strdup(a, nla_get_string(tb[IFLA_IFNAME])),
		.ifindex = (uint64_t)ifi->ifi_index,
		.kind = "",
		.driver = "",
		.bond_mode = "",
		.bond_hash = "",
		.pci = "",
		.numa_node = -1,
		.master = number(tb[IFLA_MASTER]),
		.up = ifi->ifi_flags & IFF_UP,
	};
	if (!nic->name || read_info(tb[IFLA_LINKINFO], a, nic))
		return -ENOMEM;
	/* With a namespace beside it the index means a device of another one. */
	if (!tb[IFLA_LINK_NETNSID] && stacked(nic->kind))
		nic->lower = number(tb[IFLA_LINK]);
	out->n_nics++;
	return 0;
}

int parse_link(struct span msg, struct arena *a, struct nics_facts *out)
{
	static const struct nla_policy policy[IFLA_MAX + 1] = {
		[IFLA_IFNAME] = { .type = NLA_STRING, .maxlen = IFNAMSIZ },
		[IFLA_LINKINFO] = { .type = NLA_NESTED },
	};
	const size_t head = NLMSG_ALIGN(sizeof(struct ifinfomsg));
	const struct ifinfomsg *ifi = (const struct ifinfomsg *)msg.p;
	struct nlattr *tb[IFLA_MAX + 1];

	if (msg.len < head || ifi->ifi_index <= 0 || (ifi->ifi_flags & IFF_LOOPBACK) ||
	    nla_parse(tb, IFLA_MAX, (struct nlattr *)(msg.p + head),
		      (int)(msg.len - head), policy) ||
	    !tb[IFLA_IFNAME])
		return 0;
	return add_nic(ifi, tb, a, out);
}

static int on_link(void *arg, struct span payload)
{
	struct facts *f = arg;

	return parse_link(payload, f->arena, &f->nics);
}

/* Where interfaces come and go all the time, a list that is not all of one moment has to
 * do in the end. */
static int dump_links(struct nl_sock *sock, struct facts *f)
{
	struct ifinfomsg ifi = { .ifi_family = AF_UNSPEC };
	int err = -EINTR;

	for (int tries = 0; tries < 3 && err == -EINTR; tries++) {
		struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETLINK, NLM_F_DUMP);

		if (msg) {
			nlmsg_append(msg, &ifi, sizeof(ifi), NLMSG_ALIGNTO);
			nla_put_u32(msg, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
		}
		f->nics.n_nics = 0;
		err = nlsock_ask(sock, msg, on_link, f);
	}
	return err == -EINTR ? 0 : err;
}

static int read_links(struct host *h, struct facts *f)
{
	struct nl_sock *sock;
	int err = nlsock_open(NETLINK_ROUTE, &sock);

	if (!err)
		err = dump_links(sock, f);
	nl_socket_free(sock);
	for (size_t i = 0; i < f->nics.n_nics && !err; i++)
		err = nic_look(h, f->arena, &f->nics.nics[i]);
	return err;
}

void read_nics(struct host *h, struct facts *f)
{
	if (!host_is_live(h))
		return;
	f->nics.src = (struct source){ "rtnetlink", read_links(h, f) };
	host_note(h, "netlink", "RTM_GETLINK", f->nics.src.err);
}

/* Also what the chosen ones are part of, and what stands on them. True if there was one
 * more. */
static bool choose_upwards(struct nics_facts *l)
{
	bool more = false;

	for (size_t i = 0; i < l->n_nics; i++)
		for (size_t j = 0; j < l->n_nics && l->nics[i].chosen; j++) {
			struct nic *up = &l->nics[j];

			if (up->chosen || (up->ifindex != l->nics[i].master &&
					   up->lower != l->nics[i].ifindex))
				continue;
			up->chosen = more = true;
		}
	return more;
}

int nics_choose(struct facts *f, const char *device)
{
	struct nics_facts *l = &f->nics;
	bool found = !device;

	for (size_t i = 0; i < l->n_nics; i++) {
		struct nic *nic = &l->nics[i];

		nic->chosen = device ? !strcmp(nic->name, device) : nic->physical;
		found |= nic->chosen;
	}
	while (!device && choose_upwards(l))
		;
	/* Who could not look cannot say that it is not there. */
	return found || l->src.err ? 0 : -ENODEV;
}

const struct nic *nic_find(const struct facts *f, uint64_t ifindex)
{
	for (size_t i = 0; ifindex && i < f->nics.n_nics; i++)
		if (f->nics.nics[i].ifindex == ifindex)
			return &f->nics.nics[i];
	return NULL;
}

/* It exports its version as numbers only. */
struct library library_libnl(void)
{
	bool same = nl_ver_maj == LIBNL_VER_MAJ && nl_ver_min == LIBNL_VER_MIN &&
		    nl_ver_mic == LIBNL_VER_MIC;

	return (struct library){ "libnl", LIBNL_VERSION,
				 same ? LIBNL_VERSION : "another" };
}
