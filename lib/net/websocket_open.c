// SPDX-License-Identifier: MIT
/* The handshake of a WebSocket, a client's side. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../host/cleanup.h"
#include "fetch.h"
#include "websocket_priv.h"

enum { OURS = 4, KEY_LINE = 64 };

/* free(3); NULL without memory. */
static char *make_head(const struct websocket *w)
{
	const struct websocket_wants *o = w->wants;
	cleanup_free const char **lines = calloc(OURS + o->n_headers, sizeof(*lines));
	char key[KEY_LINE];
	const struct fetch_request r = {
		.method = "GET",
		.url = o->url,
		.headers = lines,
		.n_headers = OURS + o->n_headers,
		.body = { .fd = -1 },
		.agent = o->agent,
	};

	if (!lines)
		return NULL;
	snprintf(key, sizeof(key), "Sec-WebSocket-Key: %s", w->key);
	lines[0] = "Connection: Upgrade";
	lines[1] = "Upgrade: websocket";
	lines[2] = "Sec-WebSocket-Version: 13";
	lines[3] = key;
	for (size_t i = 0; i < o->n_headers; i++)
		lines[OURS + i] = o->headers[i];
	return fetch_head(&r);
}

static int judge(struct websocket *w)
{
	const char *bad;

	w->status = http_answer(w->http)->status;
	if (w->status != 101)
		return websocket_fail(w, -ECONNREFUSED, "it answers %u in place of 101",
				      w->status);
	bad = upgrade_check_answer(w->http, w->key);
	return bad ? websocket_fail(w, -EBADMSG, "%s", bad) : 0;
}

/* What stands behind the head of 101 is the first of the frames. 1: the head is whole. */
static int digest(struct websocket *w, const char *data, size_t n)
{
	ssize_t used = http_feed(w->http, data, n);

	if (used < 0)
		return websocket_fail(w, -EBADMSG, "%s", http_reason(w->http));
	if (!http_answer(w->http)->head)
		return 0;
	w->early = data + used;
	w->early_len = n - (size_t)used;
	return 1;
}

static int receive(struct websocket *w)
{
	const char *data;
	ssize_t n = secure_take(w->s, &data);

	if (n > 0)
		return digest(w, data, (size_t)n);
	if (!n || n == -EPIPE || n == -ECONNRESET)
		return websocket_fail(w, -EPIPE, "the connection %s within the handshake",
				      n == -ECONNRESET ? "was reset" : "ended");
	return (int)n;
}

/* Until the answer's head is whole; the request may still be on its way then. */
static int exchange(struct websocket *w, const char *head, int64_t end_ns)
{
	size_t left = strlen(head);

	for (;;) {
		ssize_t n = left ? secure_give(w->s, head, left) : 0;
		int came;

		if (n > 0) {
			head += n;
			left -= (size_t)n;
		}
		came = receive(w);
		if (came != -EAGAIN && came)
			return came;
		if (wire_now_ns() >= end_ns)
			return websocket_fail(w, -ETIMEDOUT,
					      "the time was over within the handshake");
		if (n < 0 && n != -EAGAIN && came == -EAGAIN)
			return (int)n;
		if (came == -EAGAIN && n <= 0)
			secure_wait(w->s, end_ns);
	}
}

/* It can be heard of later than of the answer to it. */
static int finish_sending(struct websocket *w, int64_t end_ns)
{
	while (secure_sending(w->s))
		if (secure_wait(w->s, end_ns) == -ETIMEDOUT)
			return websocket_fail(w, -ETIMEDOUT,
					      "the time was over within the handshake");
	return secure_send_error(w->s);
}

int websocket_open(struct websocket *w, int64_t end_ns)
{
	cleanup_free char *head = NULL;
	int err = upgrade_key(w->key);

	if (!err) {
		head = make_head(w);
		err = head ? 0 : -ENOMEM;
	}
	if (err)
		return err;
	http_begin_upgrade(w->http);
	err = exchange(w, head, end_ns);
	if (err > 0)
		err = judge(w);
	if (!err)
		err = finish_sending(w, end_ns);
	if (secure_sending(w->s))
		secure_abort(w->s); /* what is freed now is being sent */
	w->open = !err;
	return err;
}
