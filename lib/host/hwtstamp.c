// SPDX-License-Identifier: MIT
/*
 * Stamps of a NIC: whether it makes them, its clock, and the one setting that all who use
 * the NIC share (timestamping.rst, ptp.rst).
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/net_tstamp.h>
#include <linux/ptp_clock.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cleanup.h"
#include "host_priv.h"
#include "hwtstamp.h"

static int call(const char *device, unsigned long what, void *data)
{
	cleanup_close int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq r = { .ifr_data = data };

	if (fd < 0)
		return -errno;
	if (strlen(device) >= sizeof(r.ifr_name))
		return -ENODEV;
	memcpy(r.ifr_name, device, strlen(device) + 1);
	return ioctl(fd, what, &r) ? -errno : 0;
}

static const char *look(struct hwtstamp *t)
{
	struct ethtool_ts_info info = { .cmd = ETHTOOL_GET_TS_INFO };
	const uint32_t wanted = SOF_TIMESTAMPING_RX_HARDWARE |
				SOF_TIMESTAMPING_RAW_HARDWARE;
	int err = call(t->device, SIOCETHTOOL, &info);

	if (err)
		return "its driver does not tell whether it stamps";
	if ((info.so_timestamping & wanted) != wanted)
		return "this NIC does not stamp what it receives";
	if (!(info.rx_filters & 1U << HWTSTAMP_FILTER_ALL))
		return "this NIC stamps packets of PTP alone";
	if (info.phc_index < 0)
		return "this NIC has no clock that can be read";
	snprintf(t->clock, sizeof(t->clock), "/dev/ptp%d", info.phc_index);
	return "";
}

/* It was set by somebody already: then there is nothing to set or to restore. */
static const char *set(struct hwtstamp *t)
{
	struct hwtstamp_config c = { 0 };
	int err = call(t->device, SIOCGHWTSTAMP, &c);

	if (err)
		return "its setting cannot be read, so it could not be restored";
	t->was_filter = c.rx_filter;
	t->was_tx = c.tx_type;
	if (c.rx_filter == HWTSTAMP_FILTER_ALL)
		return "";
	c.rx_filter = HWTSTAMP_FILTER_ALL;
	err = call(t->device, SIOCSHWTSTAMP, &c);
	if (err)
		return err == -EPERM ? "setting it needs CAP_NET_ADMIN"
				     : "the NIC does not take the setting";
	t->changed = true;
	return c.rx_filter == HWTSTAMP_FILTER_ALL ? ""
						  : "the NIC does not stamp everything";
}

const char *hwtstamp_begin(struct host *h, const char *device, struct hwtstamp *t)
{
	const char *why;

	*t = (struct hwtstamp){ .fd = -1 };
	if (!host_is_live(h))
		return "a snapshot has no NIC";
	snprintf(t->device, sizeof(t->device), "%s", device);
	why = look(t);
	if (*why)
		return why;
	t->fd = open(t->clock, O_RDONLY | O_CLOEXEC);
	if (host_note(h, "open", t->clock, t->fd < 0 ? -errno : 0))
		return "the NIC's clock cannot be opened";
	why = set(t);
	host_note(h, "hwtstamp", t->device, *why ? -EOPNOTSUPP : 0);
	if (*why)
		hwtstamp_end(t);
	return why;
}

int hwtstamp_end(struct hwtstamp *t)
{
	struct hwtstamp_config c = { .tx_type = t->was_tx, .rx_filter = t->was_filter };
	int err = t->changed ? call(t->device, SIOCSHWTSTAMP, &c) : 0;

	t->changed = false;
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
	return err;
}

static int64_t to_ns(const struct ptp_clock_time *t)
{
	return t->sec * 1000000000 + t->nsec;
}

int hwtstamp_offset(const struct hwtstamp *t, int64_t *offset_ns, uint64_t *error_ns)
{
	struct ptp_sys_offset_extended x = { .n_samples = 9 };
	uint64_t best = UINT64_MAX;

	if (ioctl(t->fd, PTP_SYS_OFFSET_EXTENDED, &x))
		return -errno;
	for (unsigned i = 0; i < x.n_samples; i++) {
		const int64_t before = to_ns(&x.ts[i][0]), after = to_ns(&x.ts[i][2]);
		const uint64_t width = (uint64_t)(after - before);

		if (after < before || width >= best)
			continue;
		best = width;
		*offset_ns = to_ns(&x.ts[i][1]) - (before + (after - before) / 2);
	}
	*error_ns = best / 2;
	return best == UINT64_MAX ? -EIO : 0;
}
