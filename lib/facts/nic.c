/* SPDX-License-Identifier: MIT */
/* The interfaces of this network namespace, over rtnetlink. */
#include <errno.h>
#include <net/if.h>
#include <netlink/netlink.h>
#include <netlink/route/link.h>
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

static int add_link(struct host *h, struct facts *f, struct rtnl_link *link)
{
	struct nics_facts *l = &f->nics;
	const char *kind = rtnl_link_get_type(link);
	struct nic *nic;

	if (rtnl_link_get_flags(link) & IFF_LOOPBACK)
		return 0;
	nic = arena_grow(f->arena, l->nics, l->n_nics, sizeof(*nic));
	if (!nic)
		return -ENOMEM;
	l->nics = nic;
	nic += l->n_nics++;
	*nic = (struct nic){
		.name = arena_strdup(f->arena, rtnl_link_get_name(link)),
		.ifindex = (uint64_t)rtnl_link_get_ifindex(link),
		.kind = arena_strdup(f->arena, kind ? kind : ""),
		.up = rtnl_link_get_flags(link) & IFF_UP,
	};
	if (!nic->name || !nic->kind)
		return -ENOMEM;
	nic->driver = driver_of(h, f, nic->name);
	return nic->driver ? 0 : -ENOMEM;
}

/* libnl counts its errors on its own; only the missing right is worth telling apart. */
static int to_errno(int err)
{
	return err == -NLE_PERM || err == -NLE_NOACCESS ? -EPERM
	       : err == -NLE_NOMEM                      ? -ENOMEM
							: -EIO;
}

static int read_links(struct host *h, struct facts *f)
{
	struct nl_sock *sock = nl_socket_alloc();
	struct nl_cache *links = NULL;
	int err = sock ? nl_connect(sock, NETLINK_ROUTE) : -NLE_NOMEM;

	if (!err)
		err = rtnl_link_alloc_cache(sock, AF_UNSPEC, &links);
	err = err ? to_errno(err) : 0;
	for (struct nl_object *o = err ? NULL : nl_cache_get_first(links); o && !err;
	     o = nl_cache_get_next(o))
		err = add_link(h, f, (struct rtnl_link *)o);
	nl_cache_free(links);
	nl_socket_free(sock);
	return err;
}

void read_nics(struct host *h, struct facts *f)
{
	if (!host_is_live(h))
		return;
	f->nics.src = (struct source){ "rtnetlink", read_links(h, f) };
	host_note(h, "netlink", "RTM_GETLINK", f->nics.src.err);
}

/* It exports its version as numbers only. */
struct library library_libnl(void)
{
	bool same = nl_ver_maj == LIBNL_VER_MAJ && nl_ver_min == LIBNL_VER_MIN &&
		    nl_ver_mic == LIBNL_VER_MIC;

	return (struct library){ "libnl", LIBNL_VERSION,
				 same ? LIBNL_VERSION : "another" };
}
