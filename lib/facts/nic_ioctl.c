/* SPDX-License-Identifier: MIT */
/* The ethtool ioctl: driver names and statistics, which netlink does not carry. */
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "../host/cleanup.h"
#include "nic_priv.h"

_Static_assert(NIC_STRING == ETH_GSTRING_LEN, "a cell of GSTRINGS");

int nic_ioctl_open(void)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	return fd < 0 ? -errno : fd;
}

int nic_ioctl(int fd, const char *name, void *command)
{
	struct ifreq ifr = { .ifr_data = command };

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	return ioctl(fd, SIOCETHTOOL, &ifr) ? -errno : 0;
}

static const char *cell(struct arena *a, const char *text, size_t size)
{
	struct span s = trimmed(span(text, strnlen(text, size)));

	return arena_strndup(a, s.p, s.len);
}

int nic_ioctl_driver(int fd, struct arena *a, const char *name, const char **driver,
		     const char **firmware)
{
	struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };
	int err = nic_ioctl(fd, name, &info);

	if (err)
		info = (struct ethtool_drvinfo){ 0 };
	*driver = cell(a, info.driver, sizeof(info.driver));
	*firmware = cell(a, info.fw_version, sizeof(info.fw_version));
	return *driver && *firmware ? err : -ENOMEM;
}

/*
 * Room for an answer. Most kernels write as many entries as the device has at that
 * moment, whatever room there is: behind this one is memory that cannot be written, and
 * an answer that outgrew it is -EFAULT.
 */
struct room {
	void *p;
	size_t size;
};

static void room_free(struct room *r)
{
	if (r->p)
		munmap(r->p, r->size);
}
#define cleanup_room __attribute__((cleanup(room_free)))

static int room_make(size_t size, struct room *out)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t writable = (size + page - 1) / page * page;
	void *p = mmap(NULL, writable + page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		       0);

	if (p == MAP_FAILED)
		return -ENOMEM;
	*out = (struct room){ p, writable + page };
	return mprotect(p, writable, PROT_READ | PROT_WRITE) ? -ENOMEM : 0;
}

/* How many statistics it has; 0: none, or no driver to ask. */
static int count_stats(int fd, const char *name, uint32_t *n)
{
	/* One word of data behind it, for the one set asked for. */
	union {
		struct ethtool_sset_info info;
		char space[sizeof(struct ethtool_sset_info) + sizeof(uint32_t)];
	} q = { .info = { .cmd = ETHTOOL_GSSET_INFO,
			  .sset_mask = 1ULL << ETH_SS_STATS } };
	int err = nic_ioctl(fd, name, &q);

	*n = 0;
	if (!err && q.info.sset_mask)
		memcpy(n, q.info.data, sizeof(*n));
	/* Beyond all reason: mlx5 with 128 queues has about 10,000. */
	return err == -EOPNOTSUPP ? 0 : err ? err : *n > 1 << 20 ? -E2BIG : 0;
}

/* The names, and only if one of them is wanted the numbers: to gather those can keep the
 * firmware of a NIC busy for milliseconds. -EAGAIN: the device has other ones by now. */
static int read_stats(int fd, uint32_t n, struct arena *a, struct nic_stats *out)
{
	cleanup_room struct room names = { 0 }, values = { 0 };
	struct ethtool_gstrings *s;
	struct ethtool_stats *v;
	struct span cells;
	int err = room_make(sizeof(*s) + (size_t)n * ETH_GSTRING_LEN, &names);

	if (!err)
		err = room_make(sizeof(*v) + n * sizeof(uint64_t), &values);
	if (err)
		return err;
	s = names.p;
	*s = (struct ethtool_gstrings){ ETHTOOL_GSTRINGS, ETH_SS_STATS, n };
	err = nic_ioctl(fd, out->name, s);
	if (err)
		return err;
	if (s->len != n)
		return -EAGAIN;
	cells = span((const char *)s->data, (size_t)n * ETH_GSTRING_LEN);
	if (!nic_strings_wanted(cells))
		return 0;
	v = values.p;
	*v = (struct ethtool_stats){ ETHTOOL_GSTATS, n };
	err = nic_ioctl(fd, out->name, v);
	if (err || v->n_stats != n)
		return err ? err : -EAGAIN;
	return parse_nic_stats(cells, span((const char *)v->data, n * sizeof(uint64_t)),
			       a, out);
}

int nic_ioctl_tls_stats(int fd, struct arena *a, struct nic_stats *out)
{
	int err = -EAGAIN;

	for (int tries = 0; tries < 3 && (err == -EAGAIN || err == -EFAULT); tries++) {
		uint32_t n;

		err = count_stats(fd, out->name, &n);
		if (!err && n)
			err = read_stats(fd, n, a, out);
	}
	return err;
}
