// SPDX-License-Identifier: MIT
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/net_tstamp.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

/* Behind <time.h>: it takes the C library's timespec. */
#include <linux/errqueue.h>

#include "../host/cleanup.h"
#include "../net/address.h"
#include "capture.h"
#include "packet.h"

enum {
	HEAD_MAX = 256,    /* what the filter lets through of a packet */
	ROOM = 4 << 20,    /* bytes of packets that may wait */
	READ_MAX = 100000, /* packets at a time */
};

#define LOAD_BYTE(at)       BPF_STMT(BPF_LD | BPF_B | BPF_ABS, (at))
#define LOAD_WORD(at)       BPF_STMT(BPF_LD | BPF_W | BPF_IND, (at))
#define UNLESS(value, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, (skip))
#define TAKE                BPF_STMT(BPF_RET | BPF_K, HEAD_MAX)
#define LEAVE               BPF_STMT(BPF_RET | BPF_K, 0)

/* Both ports are one word. Whose packet it is besides tells the parser, which knows more
 * of what may stand before them. */
static int filter(int fd, bool v6, uint32_t ports)
{
	struct sock_filter v4_code[] = { LOAD_BYTE(9),
					 UNLESS(IPPROTO_TCP, 4),
					 BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
					 LOAD_WORD(0),
					 UNLESS(ports, 1),
					 TAKE,
					 LEAVE };
	struct sock_filter v6_code[] = { LOAD_BYTE(6),
					 UNLESS(IPPROTO_TCP, 4),
					 BPF_STMT(BPF_LDX | BPF_W | BPF_IMM, 40),
					 LOAD_WORD(0),
					 UNLESS(ports, 1),
					 TAKE,
					 LEAVE };
	const struct sock_fprog p = { ARRAY_SIZE(v4_code), v6 ? v6_code : v4_code };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &p, sizeof(p)) ? -errno : 0;
}

static int prepare(struct capture *c, bool v6)
{
	const int flags = SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE |
			  SOF_TIMESTAMPING_RX_HARDWARE | SOF_TIMESTAMPING_RAW_HARDWARE;
	const int room = ROOM;
	const struct sockaddr_ll all = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(v6 ? ETH_P_IPV6 : ETH_P_IP),
	};
	int err = filter(c->fd, v6, (uint32_t)c->from_port << 16 | c->to_port);

	if (!err && setsockopt(c->fd, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof(flags)))
		err = -errno;
	setsockopt(c->fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	/* Bound last: without a protocol nothing comes that the filter has not seen. */
	if (!err && bind(c->fd, (const struct sockaddr *)&all, sizeof(all)))
		err = -errno;
	return err;
}

/* An IPv4 connection of a socket that could have been of either family. */
static bool is_v6(const struct address *a)
{
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&a->ss;

	return a->ss.ss_family == AF_INET6 && !IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr);
}

int capture_open(struct capture *c, int fd)
{
	struct address here = { .len = sizeof(here.ss) }, there = here;
	int err;

	*c = (struct capture){ .fd = -1 };
	if (getsockname(fd, (struct sockaddr *)&here.ss, &here.len) ||
	    getpeername(fd, (struct sockaddr *)&there.ss, &there.len))
		return -errno;
	c->from_port = address_port(&there);
	c->to_port = address_port(&here);
	/* Of one protocol: what goes out, and what VLANs and bridges hold, is not seen
	 * twice. Without the link's own head, whatever the link is. */
	c->fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (c->fd < 0)
		return -errno;
	err = prepare(c, is_v6(&there));
	if (err)
		capture_close(c);
	return err;
}

void capture_close(struct capture *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
}

static int64_t to_ns(const struct timespec *t)
{
	return (int64_t)t->tv_sec * 1000000000 + t->tv_nsec;
}

static void stamps_of(struct msghdr *m, struct sequence_packet *p)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		struct scm_timestamping t;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPING)
			continue;
		memcpy(&t, CMSG_DATA(c), sizeof(t));
		p->kernel_ns = to_ns(&t.ts[0]);
		p->nic_ns = to_ns(&t.ts[2]);
	}
}

/* 1: one packet, -EAGAIN: there are no more. */
static int read_one(struct capture *c, struct sequence *s)
{
	union {
		char buf[CMSG_SPACE(sizeof(struct scm_timestamping))];
		struct cmsghdr align;
	} control;
	uint8_t head[HEAD_MAX];
	struct iovec iov = { head, sizeof(head) };
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = &control,
			    .msg_controllen = sizeof(control.buf) };
	struct sequence_packet p = { 0 };
	struct packet packet;
	ssize_t n = recvmsg(c->fd, &m, 0);

	if (n < 0)
		return -errno;
	if (!packet_parse(head, (size_t)n, &packet) || packet.from_port != c->from_port ||
	    packet.to_port != c->to_port || packet.syn || packet.rst)
		return 1;
	stamps_of(&m, &p);
	p.seq = packet.seq;
	p.len = packet.len;
	c->packets++;
	sequence_add(s, &p);
	return 1;
}

int capture_read(struct capture *c, struct sequence *s)
{
	struct tpacket_stats stats;
	socklen_t len = sizeof(stats);
	int err = 1;

	for (int i = 0; err > 0 && i < READ_MAX; i++)
		err = read_one(c, s);
	if (!getsockopt(c->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &len))
		c->drops += stats.tp_drops;
	return err == -EAGAIN || err > 0 ? 0 : err;
}

static int received_of(int fd, uint64_t *out)
{
	struct tcp_info info = { 0 };
	socklen_t len = sizeof(info);

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len))
		return -errno;
	/* Since 4.1. */
	if (len < offsetof(struct tcp_info, tcpi_bytes_received) +
			  sizeof(info.tcpi_bytes_received))
		return -EOPNOTSUPP;
	*out = info.tcpi_bytes_received;
	return 0;
}

int capture_position(int fd, uint64_t *received, uint64_t *position)
{
	uint64_t after = 0;
	int queued = 0;
	int err = received_of(fd, received);

	if (err)
		return err;
	if (ioctl(fd, SIOCINQ, &queued))
		return -errno;
	err = received_of(fd, &after);
	if (err)
		return err;
	if (after != *received || queued < 0 || (uint64_t)queued > after)
		return -EAGAIN;
	*position = after - (uint64_t)queued;
	return 0;
}
