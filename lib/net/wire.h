/* SPDX-License-Identifier: MIT */
/*
 * One TCP connection by io_uring or by epoll: something may be under way in each
 * direction at the same time, and everything has a time by which it must have happened.
 */
#ifndef KTLSCTL_NET_WIRE_H
#define KTLSCTL_NET_WIRE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "address.h"

enum wire_engine { WIRE_AUTO, WIRE_URING, WIRE_EPOLL };
extern const char *const wire_engine_words[]; /* "auto", "uring", "epoll", NULL */

enum wire_side { WIRE_RX, WIRE_TX, WIRE_SIDES };

enum wire_what {
	WIRE_CONNECT,
	WIRE_RECV,
	WIRE_RECVMSG,
	WIRE_SEND,
	WIRE_SENDMSG,
	WIRE_SPLICE
};

/* What is to be done; all it points to has to stay until it is done. */
struct wire_op {
	enum wire_what what;
	int fd;             /* set by whoever starts it: the connection's */
	void *buf;          /* RECV, SEND */
	size_t len;         /* and SPLICE */
	struct msghdr *msg; /* RECVMSG, SENDMSG */
	struct address to;  /* CONNECT */
	int from;           /* SPLICE: a file or a pipe, to fd */
	int64_t at;         /* SPLICE: where in the file; -1: a pipe */
	bool more;          /* SEND, SPLICE: there is more to come */
};

struct wire;

/*
 * why: in words why it is not io_uring, "" when it is. Constant.
 *
 *	-ENOTSUP  io_uring was asked for and is not to be had: *why
 */
int wire_open(struct wire **out, enum wire_engine engine, const char **why);
/* Ends what is still under way. */
void wire_free(struct wire *w);
enum wire_engine wire_engine(const struct wire *w); /* never WIRE_AUTO */

/* Takes a new, unconnected socket, as its descriptor should be for this engine; it stays
 * the caller's. Nothing may be under way. */
int wire_take(struct wire *w, int fd);

/* Begins op on that side, which must not be busy. */
void wire_start(struct wire *w, enum wire_side side, const struct wire_op *op);
bool wire_busy(const struct wire *w, enum wire_side side);
/* Of what was done last: what the system call would have given, or -errno. */
ssize_t wire_result(const struct wire *w, enum wire_side side);

/* CLOCK_MONOTONIC. */
int64_t wire_now_ns(void);
/* CLOCK_REALTIME, which is what the kernel stamps packets with. */
int64_t wire_stamp_ns(void);

/* What the receiving side did last, by wire_stamp_ns(); 0: it has not happened yet. */
struct wire_times {
	int64_t woken_ns;    /* epoll or io_uring said that something has come */
	int64_t called_ns;   /* then it was received */
	int64_t returned_ns; /* and the kernel had given it */
};
/*
 * Writes those from now on, until t is NULL. io_uring, which would receive before it
 * tells anybody, is asked twice then: whether something has come, and for it.
 */
void wire_watch(struct wire *w, struct wire_times *t);
/*
 * Until a side that was busy is not. 0, or
 *
 *	-ETIMEDOUT  end_ns has come; what is under way goes on
 *	-EINVAL     nothing is under way
 */
int wire_wait(struct wire *w, int64_t end_ns);
/* Begins it and waits for it. */
ssize_t wire_do(struct wire *w, enum wire_side side, const struct wire_op *op,
		int64_t end_ns);
/* Nothing is under way afterwards; what was has no result. */
void wire_cancel(struct wire *w);

#endif
