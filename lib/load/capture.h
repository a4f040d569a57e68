/* SPDX-License-Identifier: MIT */
/*
 * When the packets of one connection came, by a packet socket beside it: kernel TLS does
 * not hand on the stamps of what it received. Needs CAP_NET_RAW; only heads of packets of
 * this connection are read, by a filter in the kernel.
 */
#ifndef KTLSCTL_LOAD_CAPTURE_H
#define KTLSCTL_LOAD_CAPTURE_H

#include "sequence.h"

struct capture {
	int fd; /* -1: not open */
	uint16_t from_port, to_port;
	uint64_t packets, drops;
};

/*
 * Of the connected TCP socket fd, what it receives from now on.
 *
 *	-EPERM  no CAP_NET_RAW
 */
int capture_open(struct capture *c, int fd);
void capture_close(struct capture *c);
/* All that has come, handed to s; waits for nothing. 0 or -errno. */
int capture_read(struct capture *c, struct sequence *s);

/*
 * How many bytes of the stream a reader of the TCP socket has had: all that came in order
 * but for what waits in its queue. -errno; -EAGAIN: more came meanwhile.
 */
int capture_position(int fd, uint64_t *received, uint64_t *position);

#endif
