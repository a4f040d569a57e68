// SPDX-License-Identifier: MIT
/*
 * One connection of the peer: handshake, then request line, answer line and work, again
 * and again, until the client says good-bye or asks for what it does not get.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "conn.h"

static const struct peer_kind *const kinds[] = { &peer_exchange, NULL };

int64_t conn_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void enter(struct conn *c, enum conn_step step)
{
	const int64_t end = conn_now_ms() + c->step_ms;

	c->step = step;
	c->step_end = end < c->end ? end : c->end;
}

int conn_start(struct conn *c, struct ssl_ctx_st *ctx, int fd, int64_t step_ms)
{
	struct address a = { .len = sizeof(a.ss) };

	*c = (struct conn){ .fd = fd, .refused = "", .step_ms = step_ms };
	c->end = conn_now_ms() + PEER_CONNECTION_MS;
	enter(c, CONN_SHAKE);
	if (getpeername(fd, (struct sockaddr *)&a.ss, &a.len))
		a.len = 0;
	address_text(&a, c->client);
	return tls_stream_open(&c->s, ctx, TLS_SERVER, fd);
}

static const struct peer_kind *kind_named(const char *name)
{
	for (size_t i = 0; kinds[i]; i++)
		if (!strcmp(kinds[i]->name, name))
			return kinds[i];
	return NULL;
}

/* NULL: it gets what it asks for. */
static const char *judge(const struct conn *c, int err, const struct peer_request *r)
{
	const struct peer_kind *k = kind_named(r->kind);

	if (err == -EPROTONOSUPPORT)
		return "another version of this protocol";
	if (err)
		return "this is no request";
	if (!k)
		return "no such kind of request";
	if (!r->bytes || r->bytes > k->most || r->bytes > PEER_BYTES_MAX - c->bytes)
		return "so many bytes are not given";
	if (c->requests >= PEER_REQUESTS_MAX)
		return "too many requests";
	return NULL;
}

static int begin(struct conn *c, struct span line)
{
	struct peer_request r;
	int err = peer_request_parse(line, &r);
	const char *no = judge(c, err, &r);

	c->kind = NULL;
	c->sent = 0;
	if (no) {
		c->refused = no;
	} else {
		c->kind = kind_named(r.kind);
		c->bytes += r.bytes;
		err = c->kind->start(&c->state, r.bytes);
		if (err)
			return err;
	}
	c->len = peer_answer_print(no, c->line);
	enter(c, CONN_ANSWER);
	return 0;
}

/* The client has to wait for the answer before it goes on: nothing stands behind the end
 * of the line. */
static int read_request(struct conn *c)
{
	struct span rest, line;
	ssize_t n;

	n = tls_stream_read(c->s, c->line + c->len, sizeof(c->line) - c->len);
	if (n < 0)
		return (int)n;
	c->len += (size_t)n;
	rest = span(c->line, c->len);
	if (cut_at(&rest, '\n', &line))
		return begin(c, rest.len ? span("", 0) : line);
	return c->len < sizeof(c->line) ? -EAGAIN : begin(c, span("", 0));
}

static int write_answer(struct conn *c)
{
	while (c->sent < c->len) {
		ssize_t n = tls_stream_write(c->s, c->line + c->sent, c->len - c->sent);

		if (n < 0)
			return (int)n;
		c->sent += (size_t)n;
	}
	c->len = 0;
	enter(c, c->kind ? CONN_WORK : CONN_BYE);
	return 0;
}

static void drop_work(struct conn *c)
{
	if (c->kind && c->state)
		c->kind->stop(c->state);
	c->state = NULL;
}

static int work(struct conn *c)
{
	int err = c->kind->go(c->state, c->s);

	if (err)
		return err;
	drop_work(c);
	c->requests++;
	enter(c, CONN_REQUEST);
	return 0;
}

/* 0: to the next step. */
static int step(struct conn *c)
{
	int err = 0;

	switch (c->step) {
	case CONN_SHAKE:
		err = tls_stream_handshake(c->s);
		if (!err)
			enter(c, CONN_REQUEST);
		return err;
	case CONN_REQUEST:
		err = read_request(c);
		/* Between two requests is where a client may say good-bye. */
		if (err == -EPIPE && c->requests && !c->len) {
			enter(c, CONN_BYE);
			return 0;
		}
		return err;
	case CONN_ANSWER:
		return write_answer(c);
	case CONN_WORK:
		return work(c);
	case CONN_BYE:
		break;
	}
	return tls_stream_shutdown(c->s);
}

/* Until it has to wait: what libssl has taken off the socket, poll(2) does not show. What
 * a client may ask for is bounded, and so is this. */
int conn_go(struct conn *c)
{
	for (;;) {
		const bool last = c->step == CONN_BYE;
		int err = step(c);

		if (err || last)
			return err;
	}
}

/* The word for where it ended. */
static const char *where(const struct conn *c)
{
	static const char *const words[] = { "handshake", "waiting for a request",
					     "answer", "request", "end" };

	return words[c->step];
}

void conn_describe(const struct conn *c, int err, char *buf, size_t size)
{
	const char *reason = c->s ? tls_stream_reason(c->s) : "";

	if (*c->refused)
		snprintf(buf, size, "refused: %s", c->refused);
	else if (err && *reason)
		snprintf(buf, size, "%s: %s", where(c), reason);
	else if (err)
		snprintf(buf, size, "%s: %s", where(c),
			 err == -EPIPE ? "the client has gone" : strerror(-err));
	else
		snprintf(buf, size, "%s, %u requests, %" PRIu64 " bytes each way",
			 tls_stream_version(c->s), c->requests, c->bytes);
}

void conn_end(struct conn *c)
{
	drop_work(c);
	tls_stream_free(c->s);
	if (c->fd >= 0)
		close(c->fd);
	*c = (struct conn){ .fd = -1 };
}
