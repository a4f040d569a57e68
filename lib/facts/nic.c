/* SPDX-License-Identifier: MIT */
/*
 * The interfaces of this network namespace, over rtnetlink. libnl-3 alone: its route
 * library keeps caches of everything and takes as long to load as all the rest here.
 */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/version.h>
#include <stdio.h>
#include <string.h>

#include "../host/library.h"
#include "reader.h"

/* /sys/class/net/IF/device/driver is a link whose last part names the driver. */
static const char *driver_of(struct host *h, struct facts *f, const char *name)
{
	char path[128], target[256], *slash;

	snprintf(path, sizeof(path), "/sys/class/net/%s/device/driver", name);
	if (host_readlink(h, path, target, sizeof(target)))
		return "";
	slash = strrchr(target, '/');
	return arena_strdup(f->arena, slash ? slash + 1 : target);
}

/* -EINVAL while the link is down, -1 for a NIC that knows none. */
static uint64_t speed_of(struct host *h, const char *name)
{
	const struct read_opts o = { .max = 32, .head = true, .unrecorded = true };
	cleanup_bytes struct bytes b = { 0 };
	struct span text, line;
	char path[128];
	uint64_t v;

	snprintf(path, sizeof(path), "/sys/class/net/%s/speed", name);
	if (host_read(h, path, &o, &b))
		return 0;
	text = span_of(&b);
	return next_line(&text, &line) && span_u64(line, &v) ? v : 0;
}

struct dump {
	struct facts *f;
	int err;
};

static const char *kind_of(struct nlattr *linkinfo)
{
	struct nlattr *attrs[IFLA_INFO_MAX + 1];

	if (!linkinfo || nla_parse_nested(attrs, IFLA_INFO_MAX, linkinfo, NULL) ||
	    !attrs[IFLA_INFO_KIND])
		return "";
	return nla_get_string(attrs[IFLA_INFO_KIND]);
}

static int add_nic(struct facts *f, const struct ifinfomsg *ifi, const char *name,
		   const char *kind)
{
	struct nics_facts *l = &f->nics;
	struct nic *nic = arena_grow(f->arena, l->nics, l->n_nics, sizeof(*nic));

	if (!nic)
		return -ENOMEM;
	l->nics = nic;
	nic += l->n_nics++;
	*nic = (struct nic){
		.name = arena_strdup(f->arena, name),
		.ifindex = (uint64_t)ifi->ifi_index,
		.kind = arena_strdup(f->arena, kind),
		.driver = "",
		.bond_mode = "",
		.bond_hash = "",
		.pci = "",
		.numa_node = -1,
		.up = ifi->ifi_flags & IFF_UP,
	};
	return nic->name && nic->kind ? 0 : -ENOMEM;
}

/* One RTM_NEWLINK. A message that is cut short or names no interface is passed over. */
static int on_link(struct nl_msg *msg, void *arg)
{
	static const struct nla_policy policy[IFLA_MAX + 1] = {
		[IFLA_IFNAME] = { .type = NLA_STRING, .maxlen = IFNAMSIZ },
		[IFLA_LINKINFO] = { .type = NLA_NESTED },
	};
	const struct nlmsghdr *hdr = nlmsg_hdr(msg);
	const struct ifinfomsg *ifi = nlmsg_data(hdr);
	struct nlattr *attrs[IFLA_MAX + 1];
	struct dump *d = arg;

	if (hdr->nlmsg_type != RTM_NEWLINK ||
	    nlmsg_parse((struct nlmsghdr *)hdr, sizeof(*ifi), attrs, IFLA_MAX, policy) ||
	    !attrs[IFLA_IFNAME] || (ifi->ifi_flags & IFF_LOOPBACK))
		return NL_SKIP;
	d->err = add_nic(d->f, ifi, nla_get_string(attrs[IFLA_IFNAME]),
			 kind_of(attrs[IFLA_LINKINFO]));
	return d->err ? NL_STOP : NL_OK;
}

/* libnl counts its errors on its own; only the missing right is worth telling apart. */
static int to_errno(int err)
{
	return err >= 0                                   ? 0
	       : err == -NLE_PERM || err == -NLE_NOACCESS ? -EPERM
	       : err == -NLE_NOMEM                        ? -ENOMEM
							  : -EIO;
}

static int dump_links(struct nl_sock *sock, struct facts *f)
{
	struct ifinfomsg ifi = { .ifi_family = AF_UNSPEC };
	struct dump d = { f, 0 };
	int err = nl_connect(sock, NETLINK_ROUTE);

	if (!err)
		err = nl_socket_modify_cb(sock, NL_CB_VALID, NL_CB_CUSTOM, on_link, &d);
	if (!err)
		err = nl_send_simple(sock, RTM_GETLINK, NLM_F_DUMP, &ifi, sizeof(ifi));
	if (err >= 0)
		err = nl_recvmsgs_default(sock);
	return d.err ? d.err : to_errno(err);
}

static int read_links(struct host *h, struct facts *f)
{
	struct nl_sock *sock = nl_socket_alloc();
	int err = sock ? dump_links(sock, f) : -ENOMEM;

	nl_socket_free(sock);
	for (size_t i = 0; i < f->nics.n_nics && !err; i++) {
		f->nics.nics[i].driver = driver_of(h, f, f->nics.nics[i].name);
		err = f->nics.nics[i].driver ? 0 : -ENOMEM;
		if (!err && *f->nics.nics[i].driver)
			f->nics.nics[i].speed_mbps = speed_of(h, f->nics.nics[i].name);
	}
	return err;
}

void read_nics(struct host *h, struct facts *f)
{
	if (!host_is_live(h))
		return;
	f->nics.src = (struct source){ "rtnetlink", read_links(h, f) };
	host_note(h, "netlink", "RTM_GETLINK", f->nics.src.err);
}

int nics_choose(struct facts *f, const char *device)
{
	bool found = !device;

	for (size_t i = 0; i < f->nics.n_nics; i++) {
		struct nic *nic = &f->nics.nics[i];

		nic->chosen = device ? !strcmp(nic->name, device) : nic->physical;
		found |= nic->chosen;
	}
	return found ? 0 : -ENODEV;
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
