// SPDX-License-Identifier: MIT
/* When what is received came: told by the kernel beside the bytes (timestamping.rst). */
#include <errno.h>
#include <linux/net_tstamp.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Behind <time.h>: it takes the C library's timespec. */
#include <linux/errqueue.h>

#include "secure_priv.h"

struct secure_stamped {
	struct msghdr msg;
	struct iovec iov;
	union {
		char buf[CMSG_SPACE(sizeof(struct scm_timestamping))];
		struct cmsghdr align;
	} control;
};

/* A NIC stamps only when it was told to; asking for its stamps changes nothing. */
static int ask(int fd, bool on)
{
	const int flags = on ? SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE |
					  SOF_TIMESTAMPING_RX_HARDWARE |
					  SOF_TIMESTAMPING_RAW_HARDWARE
			     : 0;

	return setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof(flags)) ? -errno
										  : 0;
}

int secure_watch(struct secure *s, struct secure_times *t)
{
	if (t && !s->stamped)
		s->stamped = calloc(1, sizeof(*s->stamped));
	if (t && !s->stamped)
		return -ENOMEM;
	s->times = t;
	wire_watch(s->w, t ? &t->wire : NULL);
	return s->rx_kernel ? 0 : ask(s->fd, t);
}

size_t secure_unread(const struct secure *s)
{
	return s->rx_kernel ? 0 : s->in.len - s->in.at;
}

struct msghdr *secure_stamped_message(struct secure *s)
{
	struct secure_stamped *m = s->stamped;

	m->iov = (struct iovec){ s->in.p, s->in.size };
	m->msg = (struct msghdr){ .msg_iov = &m->iov,
				  .msg_iovlen = 1,
				  .msg_control = m->control.buf,
				  .msg_controllen = sizeof(m->control.buf) };
	return &m->msg;
}

static int64_t to_ns(const struct timespec *t)
{
	return (int64_t)t->tv_sec * 1000000000 + t->tv_nsec;
}

void secure_stamped_read(struct secure *s)
{
	struct msghdr *m = &s->stamped->msg;

	s->times->kernel_ns = s->times->nic_ns = 0;
	if (wire_result(s->w, WIRE_RX) <= 0)
		return;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		struct scm_timestamping t;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPING)
			continue;
		memcpy(&t, CMSG_DATA(c), sizeof(t));
		s->times->kernel_ns = to_ns(&t.ts[0]);
		s->times->nic_ns = to_ns(&t.ts[2]);
	}
}
