/* SPDX-License-Identifier: MIT */
/* Between the files of the peer: one connection, and the kinds of requests. */
#ifndef KTLSCTL_LOAD_CONN_H
#define KTLSCTL_LOAD_CONN_H

#include "../net/peer.h"
#include "../net/tls.h"
#include "load.h"

struct conn;

/* What a request may be; a row in kinds[] (conn.c), a file of its own. */
struct peer_kind {
	const char *name;
	uint64_t most; /* bytes in one request */
	/* Begins one; its state is *state, NULL before. -ENOMEM, -EIO. */
	int (*start)(void **state, uint64_t bytes);
	/* What can be done now: 0 the request is answered, -EAGAIN, -errno. */
	int (*go)(void *state, struct tls_stream *s);
	void (*stop)(void *state);
};
extern const struct peer_kind peer_exchange;

enum conn_step { CONN_SHAKE, CONN_REQUEST, CONN_ANSWER, CONN_WORK, CONN_BYE };

struct conn {
	int fd;
	struct tls_stream *s;
	enum conn_step step;
	int64_t step_end, end; /* in ms of CLOCK_MONOTONIC */
	int64_t step_ms;
	char line[PEER_LINE]; /* the request as far as it came, then the answer */
	size_t len, sent;
	const struct peer_kind *kind; /* NULL: the answer is no */
	void *state;
	const char *refused; /* why; "" */
	uint64_t bytes;      /* asked for so far */
	unsigned requests;
	char client[ADDRESS_TEXT];
};

int64_t conn_now_ms(void);
/* fd is c's then, also after a failure. -ENOMEM, -EIO. */
int conn_start(struct conn *c, struct ssl_ctx_st *ctx, int fd, int64_t step_ms);
/* Goes on: -EAGAIN not at its end, 0 the client ended it, -errno. */
int conn_go(struct conn *c);
/* What became of it, for people. */
void conn_describe(const struct conn *c, int err, char *buf, size_t size);
void conn_end(struct conn *c);

#endif
