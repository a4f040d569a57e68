// SPDX-License-Identifier: MIT
/*
 * One connection of the peer: handshake, then what its first byte says that it speaks,
 * and good-bye.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "bench_serve.h"
#include "conn.h"

enum { TURNS = 16 }; /* before others have theirs */

/* The first that takes it; the last one takes everything. */
static const struct peer_protocol *const protocols[] = { &peer_http, &peer_bench,
							 &peer_line };

int64_t conn_now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t conn_now_ms(void)
{
	return conn_now_ns() / 1000000;
}

void conn_enter(struct conn *c, const char *where)
{
	const int64_t end = conn_now_ms() + c->step_ms;

	c->where = where;
	c->step_end = end < c->end ? end : c->end;
}

static void enter(struct conn *c, enum conn_step step, const char *where)
{
	c->step = step;
	conn_enter(c, where);
}

int conn_start(struct conn *c, struct ssl_ctx_st *ctx, int fd, int64_t step_ms)
{
	struct address a = { .len = sizeof(a.ss) };

	*c = (struct conn){
		.fd = fd, .refused = "", .step_ms = step_ms, .hosts = c->hosts
	};
	c->end = conn_now_ms() + PEER_CONNECTION_MS;
	enter(c, CONN_SHAKE, "handshake");
	if (getpeername(fd, (struct sockaddr *)&a.ss, &a.len))
		a.len = 0;
	address_text(&a, c->client);
	return tls_stream_open(&c->s, ctx, TLS_SERVER, fd);
}

/* ---- what the protocols read and write with ---- */

static ssize_t read_some(struct conn *c, void *buf, size_t len)
{
	ssize_t n;

	if (c->plain) {
		n = recv(c->fd, buf, len, 0);
		return n > 0 ? n : n ? -errno : -EPIPE;
	}
	if (!c->k)
		return tls_stream_read(c->s, buf, len);
	n = ktls_conn_recv(c->k, buf, len);
	return n ? n : -EPIPE;
}

ssize_t conn_read(struct conn *c, void *buf, size_t len)
{
	const size_t left = c->first_len - c->first_at, n = len < left ? len : left;

	if (!left)
		return read_some(c, buf, len);
	memcpy(buf, c->first + c->first_at, n);
	c->first_at += n;
	return (ssize_t)n;
}

ssize_t conn_write(struct conn *c, const void *buf, size_t len)
{
	ssize_t n;

	if (c->plain) {
		n = send(c->fd, buf, len, MSG_NOSIGNAL);
		n = n < 0 ? -errno : n;
	} else {
		n = c->k ? ktls_conn_send(c->k, buf, len)
			 : tls_stream_write(c->s, buf, len);
	}
	c->full = n == -EAGAIN;
	return n;
}

short conn_events(const struct conn *c)
{
	if (!c->k && !c->plain)
		return tls_stream_events(c->s);
	return c->full ? POLLOUT : POLLIN;
}

/* ---- its steps ---- */

static int begin(struct conn *c)
{
	size_t i = 0;
	int err = 0;

	while (i + 1 < sizeof(protocols) / sizeof(protocols[0]) &&
	       !protocols[i]->begins(c->first[0]))
		i++;
	c->protocol = protocols[i];
	if (c->protocol != &peer_bench)
		bench_hosts_disturb(c->hosts, NULL);
	if (c->protocol->kernel)
		err = ktls_ssl_attach(&c->k, tls_stream_ssl(c->s), c->fd, KTLS_BOTH);
	c->step = CONN_TALK;
	return err ? err : c->protocol->start(c);
}

static int read_first(struct conn *c)
{
	ssize_t n = read_some(c, c->first, sizeof(c->first));

	if (n < 0)
		return (int)n;
	c->first_len = (size_t)n;
	return begin(c);
}

/* Says close_notify and hears it of the client, which may just go, too. One that goes on
 * talking keeps nobody waiting. */
static int say_bye(struct conn *c)
{
	char rest[4096];
	ssize_t n;

	if (c->plain)
		return 0;
	if (!c->k)
		return tls_stream_shutdown(c->s);
	n = ktls_conn_shutdown(c->k);
	c->full = n == -EAGAIN;
	for (int i = 0; i < TURNS && n >= 0; i++)
		n = read_some(c, rest, sizeof(rest));
	c->again = n > 0;
	return c->again || n == -EAGAIN ? -EAGAIN : 0;
}

/* Once, before libssl has read: no record of TLS begins with a letter. */
static int shake(struct conn *c)
{
	char first = '\0';

	if (!c->peeked) {
		if (recv(c->fd, &first, 1, MSG_PEEK) < 0)
			return -errno;
		c->peeked = true;
		c->plain = peer_bench.begins(first);
	}
	return c->plain ? 0 : tls_stream_handshake(c->s);
}

/* 0: to the next step. */
static int step(struct conn *c)
{
	int err = 0;

	switch (c->step) {
	case CONN_SHAKE:
		err = shake(c);
		if (!err)
			enter(c, CONN_FIRST, "waiting for a request");
		return err;
	case CONN_FIRST:
		return read_first(c);
	case CONN_TALK:
		err = c->protocol->go(c);
		if (!err)
			enter(c, CONN_BYE, "end");
		return err;
	case CONN_BYE:
		break;
	}
	return say_bye(c);
}

/* Until it has to wait: what libssl has taken off the socket, poll(2) does not show. What
 * a protocol does at a time is bounded, and so is this. */
int conn_go(struct conn *c)
{
	c->again = false;
	c->wake_ns = 0;
	for (;;) {
		const bool last = c->step == CONN_BYE;
		int err = step(c);

		if (err || last)
			return err;
	}
}

int conn_late(struct conn *c)
{
	if (c->step != CONN_TALK || !c->protocol->late || conn_now_ms() >= c->end)
		return -ETIMEDOUT;
	return c->protocol->late(c);
}

void conn_describe(const struct conn *c, int err, char *buf, size_t size)
{
	const char *reason = c->s ? tls_stream_reason(c->s) : "";
	int n;

	if (*c->refused)
		snprintf(buf, size, "refused: %s", c->refused);
	else if (err && *reason)
		snprintf(buf, size, "%s: %s", c->where, reason);
	else if (err)
		snprintf(buf, size, "%s: %s", c->where,
			 err == -EPIPE ? "the client has gone" : strerror(-err));
	else {
		n = snprintf(buf, size, "%s, ",
			     c->plain ? "plain TCP" : tls_stream_version(c->s));
		c->protocol->describe(c, buf + n, size - (size_t)n);
	}
}

void conn_end(struct conn *c)
{
	if (c->protocol && c->state)
		c->protocol->stop(c->state);
	ktls_conn_free(c->k);
	tls_stream_free(c->s);
	if (c->fd >= 0)
		close(c->fd);
	*c = (struct conn){ .fd = -1 };
}
