/* SPDX-License-Identifier: MIT */
/* What sysfs tells of the device behind an interface. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../host/cleanup.h"
#include "nic_priv.h"

/* The only kinds that can have hardware of their own: all others are made by software,
 * and a container host has hundreds of them. */
static const char *const real_kinds[] = { "can", "dsa", "ipoib", "netdevsim", "wwan" };

/* A file below /sys/class/net/NAME. Not recorded: a snapshot has the group itself. */
static int read_number(struct host *h, const char *name, const char *file, uint64_t *out)
{
	const struct read_opts o = { .max = 32, .head = true, .unrecorded = true };
	cleanup_bytes struct bytes b = { 0 };
	char path[128];
	int err;

	snprintf(path, sizeof(path), "/sys/class/net/%s/%s", name, file);
	err = host_read(h, path, &o, &b);
	/* "-1" is no number either. */
	return err                                                           ? err
	       : span_u64(trimmed(span(b.data, strcspn(b.data, "\n"))), out) ? 0
									     : -EINVAL;
}

/* The last part of a link; "" when there is none. */
static void read_link(struct host *h, const char *name, const char *file, char out[64])
{
	char path[128], target[256], *slash;

	*out = '\0';
	snprintf(path, sizeof(path), "/sys/class/net/%s/%s", name, file);
	if (host_readlink(h, path, target, sizeof(target)))
		return;
	slash = strrchr(target, '/');
	snprintf(out, 64, "%.63s", slash ? slash + 1 : target);
}

/* "0x15b3" without what is the same in all. */
static bool read_id(struct host *h, const char *name, const char *file, char out[8])
{
	const struct read_opts o = { .max = 16, .head = true, .unrecorded = true };
	cleanup_bytes struct bytes b = { 0 };
	char path[128];
	size_t n;

	snprintf(path, sizeof(path), "/sys/class/net/%s/%s", name, file);
	if (host_read(h, path, &o, &b) || strncmp(b.data, "0x", 2))
		return false;
	n = strspn(b.data + 2, "0123456789abcdef");
	if (n != 4)
		return false;
	snprintf(out, 8, "%.4s", b.data + 2);
	return true;
}

/* A virtio NIC, or one on the auxiliary bus, hangs below the PCI device that has the ids
 * and the NUMA node. */
static const char *pci_parent(struct host *h, const char *name)
{
	static const char *const places[] = { "device", "device/.." };
	char file[32], bus[64];

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		snprintf(file, sizeof(file), "%s/subsystem", places[i]);
		read_link(h, name, file, bus);
		if (!strcmp(bus, "pci"))
			return places[i];
	}
	return NULL;
}

static const char *pci_of(struct host *h, struct arena *a, const char *name)
{
	const char *at = pci_parent(h, name);
	char file[32], vendor[8], device[8];
	bool found;

	if (!at)
		return "";
	snprintf(file, sizeof(file), "%s/vendor", at);
	found = read_id(h, name, file, vendor);
	snprintf(file, sizeof(file), "%s/device", at);
	return found && read_id(h, name, file, device)
		       ? arena_printf(a, "%s:%s", vendor, device)
		       : "";
}

static int node_of(struct host *h, const char *name)
{
	uint64_t node;
	int err = read_number(h, name, "device/numa_node", &node);

	if (err == -ENOENT)
		err = read_number(h, name, "device/../numa_node", &node);
	return err || node > 4095 ? -1 : (int)node;
}

/* /sys can be that of another network namespace, with other devices of the same name. */
static bool in_sysfs(struct host *h, const struct nic *nic)
{
	uint64_t ifindex;

	return !read_number(h, nic->name, "ifindex", &ifindex) && ifindex == nic->ifindex;
}

/* A driver without a device in sysfs: the ioctl names it. */
static int ask_driver(struct arena *a, struct nic *nic)
{
	cleanup_close int fd = nic_ioctl_open();
	const char *firmware;
	int err = fd < 0 ? fd
			 : nic_ioctl_driver(fd, a, nic->name, &nic->driver, &firmware);

	nic->physical |= !err && *nic->driver;
	return err == -ENOMEM ? err : 0;
}

static bool can_be_real(const char *kind)
{
	bool real = !*kind;

	for (size_t i = 0; i < ARRAY_SIZE(real_kinds) && !real; i++)
		real = !strcmp(kind, real_kinds[i]);
	return real;
}

static bool has_device(struct host *h, const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/class/net/%s/device", name);
	return !host_probe(h, path);
}

int nic_look(struct host *h, struct arena *a, struct nic *nic)
{
	char driver[64] = "";
	bool seen;

	if (!can_be_real(nic->kind))
		return 0;
	seen = in_sysfs(h, nic);
	nic->physical = seen && has_device(h, nic->name);
	if (nic->physical) {
		read_link(h, nic->name, "device/driver", driver);
		nic->driver = arena_strdup(a, driver);
		nic->pci = pci_of(h, a, nic->name);
		nic->numa_node = node_of(h, nic->name);
	}
	if (!*driver && !*nic->kind && ask_driver(a, nic))
		return -ENOMEM;
	/* -EINVAL while the link is down, "-1" for a NIC that knows none. */
	if (nic->physical && seen && read_number(h, nic->name, "speed", &nic->speed_mbps))
		nic->speed_mbps = 0;
	return nic->driver && nic->pci ? 0 : -ENOMEM;
}
