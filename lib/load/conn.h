/* SPDX-License-Identifier: MIT */
/*
 * Between the files of the peer: one connection, and what it may speak. To add another
 * protocol: a file with its struct peer_protocol, and its row in protocols[] (conn.c).
 */
#ifndef KTLSCTL_LOAD_CONN_H
#define KTLSCTL_LOAD_CONN_H

#include "../net/peer.h"
#include "../net/tls.h"
#include "../tls/ktls_ssl.h"
#include "load.h"

struct conn;
struct bench_hosts;

struct peer_protocol {
	const char *name;
	/* Whether a connection whose first byte is that one speaks it. */
	bool (*begins)(char first);
	bool kernel; /* libktls gives the kernel what it can have, and conn_look() tells
		      */
	/* Its state is c->state, NULL before. -ENOMEM, -EIO. */
	int (*start)(struct conn *c);
	/* What can be done now: 0 it is over in order, -EAGAIN, -errno. */
	int (*go)(struct conn *c);
	/* The time of a step is over: -EAGAIN it gets another one; NULL: it does not. */
	int (*late)(struct conn *c);
	/* What was done, for people; behind the version of TLS. */
	void (*describe)(const struct conn *c, char *buf, size_t size);
	void (*stop)(void *state);
};
extern const struct peer_protocol peer_line, peer_http, peer_bench;

/* What a request of peer_line may be; a row in kinds[] (line.c), a file of its own. */
struct peer_kind {
	const char *name;
	uint64_t most; /* bytes in one request */
	/* Begins one; its state is *state, NULL before. -ENOMEM, -EIO. */
	int (*start)(void **state, uint64_t bytes);
	/* What can be done now: 0 the request is answered, -EAGAIN, -errno. */
	int (*go)(void *state, struct conn *c);
	void (*stop)(void *state);
};
extern const struct peer_kind peer_exchange;

enum conn_step { CONN_SHAKE, CONN_FIRST, CONN_TALK, CONN_BYE };

struct conn {
	int fd;
	struct tls_stream *s;
	bool peeked, plain;  /* its first byte was looked at; it is no TLS */
	struct ktls_conn *k; /* NULL: libssl reads and writes, with what it has of kTLS */
	enum conn_step step;
	const char *where;     /* what it is about, for people */
	int64_t step_end, end; /* in ms of CLOCK_MONOTONIC */
	int64_t step_ms;
	int64_t wake_ns; /* it wants to go on then, whatever comes; 0: no */
	bool again;      /* and at once */
	bool silent;     /* one of many of a run: nobody is told of its end */
	bool full;       /* the socket is: it waits for room */
	char first[PEER_LINE];
	size_t first_at, first_len;           /* read to find out what it speaks */
	const struct peer_protocol *protocol; /* NULL: that is not known yet */
	void *state;
	struct bench_hosts *hosts; /* the peer's; of peer_bench */
	const char *refused;       /* why; "" */
	uint64_t bytes;            /* asked for so far */
	unsigned requests;
	char client[ADDRESS_TEXT];
};

int64_t conn_now_ms(void);
int64_t conn_now_ns(void);
/* fd is c's then, also after a failure; c->hosts stays. -ENOMEM, -EIO. */
int conn_start(struct conn *c, struct ssl_ctx_st *ctx, int fd, int64_t step_ms);
/* Goes on: -EAGAIN not at its end, 0 the client ended it, -errno. */
int conn_go(struct conn *c);
/* The time of its step is over: -ETIMEDOUT, or -EAGAIN. */
int conn_late(struct conn *c);
/* What poll(2) has to wait for. */
short conn_events(const struct conn *c);
/* What became of it, for people. */
void conn_describe(const struct conn *c, int err, char *buf, size_t size);
void conn_end(struct conn *c);

/* For the protocols: the next step begins, with its own time. */
void conn_enter(struct conn *c, const char *where);
/* Bytes, at least 1; -EAGAIN, -EPIPE at its end, -errno. What gave -EAGAIN is written
 * again as it was. */
ssize_t conn_read(struct conn *c, void *buf, size_t len);
ssize_t conn_write(struct conn *c, const void *buf, size_t len);

#endif
