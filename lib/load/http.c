// SPDX-License-Identifier: MIT
/*
 * HTTP/1.1, as much of it as a client that measures needs: GET and HEAD of bytes, and
 * WebSockets. Requests of one connection are answered one after the other.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../host/cleanup.h"
#include "../net/upgrade.h"
#include "websocket.h"

enum { HEAD = 512, IN = 4096, BODY = 65536, TURNS = 16 };

struct side {
	struct http *h;
	char in[IN]; /* received, and behind the request at hand */
	size_t in_at, in_len;
	char head[HEAD];
	size_t head_at, head_len;
	const char *body;
	uint64_t body_left;
	bool begun; /* of a request: something has come */
	bool last;  /* nothing follows this answer */
	bool bad;
	struct socket *socket; /* NULL: it is still HTTP */
	uint64_t given;
};

static const char help[] =
	"ktlsctl serve\n\n"
	"GET /bytes?size=BYTES                 so many\n"
	"WebSocket /echo[?piece=BYTES]         what comes goes back\n"
	"WebSocket /publish[?rate=N&size=BYTES&count=N&piece=BYTES&text=1]\n";

/* What a body of bytes is made of. */
static const char zeros[BODY];

static const struct place {
	const char *path;
	unsigned mask;
	bool socket;
	enum socket_what what;
} places[] = {
	{ "/", 0, false, 0 },
	{ "/bytes", QUERY_SIZE, false, 0 },
	{ "/echo", QUERY_PIECE, true, SOCKET_ECHO },
	{ "/publish", QUERY_RATE | QUERY_SIZE | QUERY_COUNT | QUERY_PIECE | QUERY_TEXT,
	  true, SOCKET_PUBLISH },
};

/* Methods are of capital letters, ktlsctl's own lines are not. */
static bool begins(char first)
{
	return first >= 'A' && first <= 'Z';
}

static void stop(void *state)
{
	struct side *x = state;

	socket_stop(x->socket);
	http_free(x->h);
	free(x);
}

static int start(struct conn *c)
{
	static const struct http_events none;
	struct side *x = calloc(1, sizeof(*x));

	c->state = x;
	if (!x || http_new(&x->h, &none))
		return -ENOMEM;
	http_begin_request(x->h);
	return 0;
}

/* ---- answers ---- */

struct reply {
	const char *status; /* with its number */
	const char *fields; /* "Name: value\r\n"... */
	const char *body;
	uint64_t len;
};

static void reply(struct side *x, const struct reply *r)
{
	x->body = r->body;
	x->body_left = strcmp(http_method(x->h), "HEAD") ? r->len : 0;
	x->head_at = 0;
	x->head_len = (size_t)snprintf(
		x->head, sizeof(x->head),
		"HTTP/1.1 %s\r\nContent-Length: %" PRIu64 "\r\n%s%s\r\n", r->status,
		r->len, r->fields, x->last ? "Connection: close\r\n" : "");
}

/* No, and why; the connection ends with it. */
static void refuse(struct side *x, struct conn *c, const char *status, const char *why)
{
	const struct reply r = { status, "Content-Type: text/plain\r\n", why,
				 strlen(why) };

	x->last = x->bad = true;
	c->refused = why;
	reply(x, &r);
}

static void give_bytes(struct side *x, struct conn *c, const struct query *q)
{
	const struct reply r = { "200 OK", "Content-Type: application/octet-stream\r\n",
				 zeros, q->size };

	if (q->size > PEER_GIVE_MAX - x->given) {
		refuse(x, c, "403 Forbidden", "so many bytes are not given");
		return;
	}
	x->given += q->size;
	reply(x, &r);
}

static void give_help(struct side *x)
{
	const struct reply r = { "200 OK", "Content-Type: text/plain\r\n", help,
				 sizeof(help) - 1 };

	reply(x, &r);
}

static const char *judge_publish(const struct query *q)
{
	if (q->size > PEER_MESSAGE_MAX || q->count > PEER_GIVE_MAX / (q->size + 1))
		return "so many bytes are not given";
	return NULL;
}

static int open_socket(struct side *x, struct conn *c, const struct place *r,
		       const struct query *q)
{
	char accept[UPGRADE_ACCEPT];
	const char *no;
	struct span key;
	int err;

	no = upgrade_check_request(x->h, &key);
	if (!no && r->what == SOCKET_PUBLISH)
		no = judge_publish(q);
	if (no) {
		refuse(x, c,
		       upgrade_wanted(x->h) ? "400 Bad Request"
					    : "426 Upgrade Required\r\n"
					      "Upgrade: websocket",
		       no);
		return 0;
	}
	err = upgrade_accept(key, accept);
	if (!err)
		err = socket_start(&x->socket, r->what, q);
	if (err)
		return err;
	x->head_at = 0;
	x->head_len = (size_t)snprintf(
		x->head, sizeof(x->head),
		"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
		"Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
		accept);
	conn_enter(c, "WebSocket");
	return 0;
}

static const struct place *find_place(struct span path)
{
	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		if (span_is(path, places[i].path))
			return &places[i];
	return NULL;
}

static int answer(struct side *x, struct conn *c)
{
	struct query q = { .rate = 100, .size = 64, .count = 1000 };
	const char *target = http_target(x->h), *method = http_method(x->h), *bad;
	struct span rest = span(target, strlen(target)), path;
	const struct place *r;

	if (!cut_at(&rest, '?', &path)) {
		path = rest;
		rest = span("", 0);
	}
	x->last = !http_answer(x->h)->keep_alive;
	r = find_place(path);
	bad = r ? query_parse(rest, r->mask, &q) : NULL;
	if (strcmp(method, "GET") && (strcmp(method, "HEAD") || (r && r->socket)))
		refuse(x, c, "405 Method Not Allowed", "only GET and HEAD");
	else if (!r)
		refuse(x, c, "404 Not Found", "there is no such path");
	else if (bad)
		refuse(x, c, "400 Bad Request", bad);
	else if (r->socket)
		return open_socket(x, c, r, &q);
	else if (r->mask)
		give_bytes(x, c, &q);
	else
		give_help(x);
	return 0;
}

/* ---- the connection ---- */

/* 0: all of the answer. */
static int send_answer(struct side *x, struct conn *c)
{
	while (x->head_at < x->head_len || x->body_left) {
		const bool head = x->head_at < x->head_len;
		const size_t most = x->body_left < BODY ? x->body_left : BODY;
		ssize_t n = head ? conn_write(c, x->head + x->head_at,
					      x->head_len - x->head_at)
				 : conn_write(c, x->body, most);

		if (n < 0)
			return (int)n;
		conn_enter(c, c->where);
		if (head)
			x->head_at += (size_t)n;
		else
			x->body_left -= (uint64_t)n;
		if (x->body && x->body != zeros && !head)
			x->body += n;
	}
	return 0;
}

/* 1: a request is whole. */
static int read_request(struct side *x, struct conn *c)
{
	ssize_t n;

	if (x->in_at == x->in_len) {
		n = conn_read(c, x->in, sizeof(x->in));
		if (n == -EPIPE && c->requests && !x->begun)
			return 0;
		if (n < 0)
			return (int)n;
		x->in_at = 0;
		x->in_len = (size_t)n;
	}
	n = http_feed(x->h, x->in + x->in_at, x->in_len - x->in_at);
	if (n < 0) {
		refuse(x, c, "400 Bad Request", "this is no request");
		return 1;
	}
	x->begun = true;
	x->in_at += (size_t)n;
	return http_answer(x->h)->done ? 1 : -EINPROGRESS;
}

/* What came behind the request that opened it is the first of its frames. */
static int go_socket(struct side *x, struct conn *c)
{
	int err;

	if (x->in_at < x->in_len)
		socket_feed(x->socket, x->in + x->in_at, x->in_len - x->in_at);
	x->in_at = x->in_len;
	err = socket_go(x->socket, c);
	if (!err)
		c->requests++;
	else if (err != -EAGAIN && *socket_reason(x->socket))
		c->refused = socket_reason(x->socket);
	return err;
}

/* 1: the next request. */
static int turn(struct side *x, struct conn *c)
{
	int err = send_answer(x, c);

	if (err)
		return err;
	if (x->socket)
		return go_socket(x, c);
	if (x->begun && http_answer(x->h)->done && !x->bad) {
		c->requests++;
		x->begun = false;
		http_begin_request(x->h);
		conn_enter(c, "waiting for a request");
	}
	if (x->last)
		return 0;
	err = read_request(x, c);
	if (err != 1)
		return err == -EINPROGRESS ? 1 : err;
	if (!x->bad)
		err = answer(x, c);
	return err < 0 ? err : 1;
}

static int go(struct conn *c)
{
	for (int i = 0; i < TURNS; i++) {
		int err = turn(c->state, c);

		if (err != 1)
			return err;
	}
	c->again = true;
	return -EAGAIN;
}

static int late(struct conn *c)
{
	struct side *x = c->state;

	return x->socket ? socket_late(x->socket, c) : -ETIMEDOUT;
}

static void describe(const struct conn *c, char *buf, size_t size)
{
	const struct side *x = c->state;
	struct ktls_info info;
	int n;

	ktls_conn_info(c->k, &info);
	n = snprintf(buf, size, "tx %s, rx %s, ", ktls_where_text(info.tx.where),
		     ktls_where_text(info.rx.where));
	if (x->socket)
		socket_describe(x->socket, buf + n, size - (size_t)n);
	else
		snprintf(buf + n, size - (size_t)n, "%u answers, %" PRIu64 " bytes",
			 c->requests, x->given);
}

const struct peer_protocol peer_http = {
	.name = "http/1.1",
	.begins = begins,
	.kernel = true,
	.start = start,
	.go = go,
	.late = late,
	.describe = describe,
	.stop = stop,
};
