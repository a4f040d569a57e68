/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "probe_priv.h"

static int loopback_up(void)
{
	struct ifreq r = { .ifr_name = "lo" };
	cleanup_close int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &r))
		return -errno;
	r.ifr_flags |= IFF_UP;
	return ioctl(fd, SIOCSIFFLAGS, &r) ? -errno : 0;
}

int netns_private(bool users)
{
	if (unshare(CLONE_NEWNET) && !(users && !unshare(CLONE_NEWUSER | CLONE_NEWNET)))
		return -errno;
	return loopback_up();
}
