// SPDX-License-Identifier: MIT
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../host/cleanup.h"
#include "fetch.h"

enum {
	ROOM = 128 << 10,    /* of what is read from a file */
	CHUNK_HEAD = 8,      /* "1fff0\r\n" and more */
	CHUNK_TAIL = 7,      /* "\r\n0\r\n\r\n" */
	FILE_STEP = 1 << 30, /* bytes that the kernel is given at a time */
};

/* How long to wait for 100 Continue: servers that do not know it say nothing. */
static const int64_t continue_ns = 1000000000, day_ns = 86400000000000;

const char *const fetch_end_words[] = { "complete",  "truncated", "closed",
					"timed_out", "broken",    "bad_http",
					"output",    "input",     NULL };

enum step { HEAD, CONTINUE, BODY, LAST, SENT, NO_MORE };

struct exchange {
	struct secure *s;
	struct http *h;
	const struct fetch_request *r;
	struct fetch_result *out;
	enum step step;
	int64_t end_ns, continue_end;
	const char *head;
	size_t head_left;
	char *room;
	const char *give; /* what of the room is to be given yet */
	size_t give_len;
	uint64_t at;  /* of the body: read or handed on */
	bool by_read; /* splice(2) is not possible */
};

static int stop(struct exchange *x, enum fetch_end end, int err, const char *reason)
{
	x->out->end = end;
	x->out->err = err;
	x->out->reason = reason ? reason : "";
	return -1;
}

/* ---- the request ---- */

/* 0: the end of what is to be sent; it is read without regard to what comes meanwhile. */
static ssize_t read_some(struct exchange *x, char *to, size_t most)
{
	const struct fetch_body *b = &x->r->body;
	struct pollfd p = { .fd = b->fd, .events = POLLIN };
	int64_t left = x->end_ns - wire_now_ns();
	ssize_t n;

	if (b->file) {
		n = pread(b->fd, to, most, (off_t)x->at);
	} else {
		n = poll(&p, 1,
			 left > day_ns ? -1
			 : left > 0    ? (int)(left / 1000000) + 1
				       : 0);
		if (!n)
			return -ETIMEDOUT;
		n = read(b->fd, to, most);
	}
	return n < 0 ? -errno : n;
}

/* A chunk with its first line, and with its last one at the end. */
static void wrap_chunk(struct exchange *x, size_t n)
{
	char line[CHUNK_HEAD + 1];
	int len = snprintf(line, sizeof(line), "%zx\r\n", n);

	if (!n) {
		x->give = "0\r\n\r\n";
		x->give_len = 5;
		return;
	}
	memcpy(x->room + CHUNK_HEAD - len, line, (size_t)len);
	memcpy(x->room + CHUNK_HEAD + n, "\r\n", 2);
	x->give = x->room + CHUNK_HEAD - len;
	x->give_len = (size_t)len + n + 2;
}

static int load(struct exchange *x)
{
	const uint64_t len = x->r->body.len;
	const uint64_t left = len == HTTP_NO_LENGTH ? ROOM : len - x->at;
	ssize_t n = read_some(x, x->room + CHUNK_HEAD, left < ROOM ? left : ROOM);

	if (n == -ETIMEDOUT)
		return stop(x, FETCH_TIMEOUT, 0, "standard input gave nothing");
	if (n < 0 || (!n && len != HTTP_NO_LENGTH))
		return stop(x, FETCH_INPUT, (int)n,
			    n ? "" : "the file became shorter while it was sent");
	x->at += (uint64_t)n;
	if (len == HTTP_NO_LENGTH) {
		wrap_chunk(x, (size_t)n);
		if (!n)
			x->step = LAST;
	} else {
		x->give = x->room + CHUNK_HEAD;
		x->give_len = (size_t)n;
		if (x->at == len)
			x->step = LAST;
	}
	return 0;
}

/* By splice(2) where the kernel encrypts. */
static ssize_t give_file(struct exchange *x)
{
	const uint64_t left = x->r->body.len - x->at;
	const size_t most = left < FILE_STEP ? left : FILE_STEP;
	ssize_t n = -EOPNOTSUPP;

	if (x->r->body.file && !x->by_read)
		n = secure_give_file(x->s, x->r->body.fd, (int64_t)x->at, most);
	if (n <= 0)
		return n;
	x->at += (uint64_t)n;
	if (x->at == x->r->body.len)
		x->step = LAST;
	return n;
}

static int give_bytes(struct exchange *x, const char **p, size_t *len)
{
	ssize_t n = secure_give(x->s, *p, *len);

	if (n < 0)
		return 0; /* later, or never: what comes may tell why */
	*p += n;
	*len -= (size_t)n;
	return 1;
}

static void after_head(struct exchange *x)
{
	if (x->r->body.fd < 0 || !x->r->body.len)
		x->step = SENT;
	else
		x->step = x->r->expect ? CONTINUE : BODY;
	x->continue_end = wire_now_ns() + continue_ns;
}

/* The server has said what it thinks of the body before it had it. */
static bool refused(const struct exchange *x)
{
	const struct http_answer *a = http_answer(x->h);

	return a->head && a->status >= 300;
}

/* As below; nothing is under way. */
static int step_body(struct exchange *x)
{
	ssize_t n;

	if (refused(x)) {
		x->step = NO_MORE;
		return 0;
	}
	if (x->give_len)
		return give_bytes(x, &x->give, &x->give_len);
	if (x->step == LAST) {
		x->step = SENT;
		return 1;
	}
	n = give_file(x);
	if (n > 0)
		return 1;
	if (n == -EAGAIN)
		return 0;
	x->by_read = true;
	return load(x) ? -1 : 1;
}

static int step_continue(struct exchange *x)
{
	const struct http_answer *a = http_answer(x->h);

	if (a->head)
		x->step = NO_MORE;
	else if (a->interim == 100 || wire_now_ns() >= x->continue_end)
		x->step = BODY;
	return x->step == BODY;
}

/* 1: it goes on at once; 0: not before something happens; -1: it has failed. */
static int send_some(struct exchange *x)
{
	if (x->step >= SENT || secure_sending(x->s) || secure_send_error(x->s))
		return 0;
	if (x->step == CONTINUE)
		return step_continue(x);
	if (x->step != HEAD)
		return step_body(x);
	if (x->head_left)
		return give_bytes(x, &x->head, &x->head_left);
	after_head(x);
	return 1;
}

/* ---- the answer ---- */

static int digest(struct exchange *x, const char *data, size_t n)
{
	const struct http_answer *a = http_answer(x->h);
	ssize_t used;

	if (!x->out->first_ns)
		x->out->first_ns = wire_now_ns();
	used = http_feed(x->h, data, n);
	if (used == -EBADMSG || used == -EMSGSIZE)
		return stop(x, FETCH_BAD, 0, http_reason(x->h));
	if (used < 0)
		return stop(x, FETCH_OUTPUT, (int)used, "");
	if (x->r->most && a->received > x->r->most)
		return stop(x, FETCH_BAD, 0, "its body is longer than --max-size");
	/* What nobody asked for is not the beginning of the next answer. */
	x->out->reusable = a->done && a->keep_alive && (size_t)used == n;
	return 0;
}

/* The end of the connection: clean with close_notify. */
static int ended(struct exchange *x, bool clean)
{
	const struct http_answer *a = http_answer(x->h);

	if (!x->out->first_ns)
		return stop(x, FETCH_CLOSED, secure_send_error(x->s), "");
	if (!clean && a->until_close)
		return stop(x, FETCH_CUT, 0,
			    "closed without close_notify, which alone would tell that "
			    "this is all");
	if (http_end(x->h))
		return stop(x, FETCH_CUT, 0, clean ? "" : "closed without close_notify");
	return 0;
}

static int receive_some(struct exchange *x)
{
	const char *data;
	ssize_t n = secure_take(x->s, &data);

	if (n > 0)
		return digest(x, data, (size_t)n) ? -1 : 1;
	if (n == -EAGAIN)
		return 0;
	if (!n || n == -EPIPE)
		return ended(x, !n) ? -1 : 1;
	if (n == -ECONNRESET)
		return stop(x, x->out->first_ns ? FETCH_CUT : FETCH_CLOSED, (int)n,
			    "the connection was reset");
	return stop(x, FETCH_BROKEN, (int)n, secure_reason(x->s));
}

static int wait(struct exchange *x)
{
	const bool early = x->step == CONTINUE && x->continue_end < x->end_ns;
	int err = secure_wait(x->s, early ? x->continue_end : x->end_ns);

	if (err == -ETIMEDOUT && early)
		return 0;
	if (err == -ETIMEDOUT)
		return stop(x, FETCH_TIMEOUT, 0, "");
	return err ? stop(x, FETCH_BROKEN, err, "") : 0;
}

static void tell(const struct exchange *x)
{
	if (x->r->progress)
		x->r->progress(x->r->arg, http_answer(x->h)->received, x->at);
}

static int in_time(struct exchange *x)
{
	return wire_now_ns() < x->end_ns ? 0 : stop(x, FETCH_TIMEOUT, 0, "");
}

static void go(struct exchange *x)
{
	int err = 0;

	while (!err && !http_answer(x->h)->done) {
		int sent = send_some(x);
		int came = sent < 0 ? -1 : receive_some(x);

		if (sent < 0 || came < 0)
			return;
		err = sent || came ? in_time(x) : wait(x);
		tell(x);
	}
}

/* What is still under way points to what is freed now. */
static void finish(struct exchange *x)
{
	if (secure_sending(x->s))
		secure_abort(x->s);
	else if (x->step == HEAD && !x->head_left)
		after_head(x);
	if (x->step == LAST && !x->give_len)
		x->step = SENT;
	if (x->step != SENT || secure_send_error(x->s))
		x->out->reusable = false;
	x->out->sent = x->at;
}

void fetch(struct secure *s, struct http *h, const struct fetch_request *r,
	   int64_t end_ns, struct fetch_result *out)
{
	cleanup_free char *head = fetch_head(r);
	cleanup_free char *room = r->body.fd < 0 ? NULL
						 : malloc(ROOM + CHUNK_HEAD + CHUNK_TAIL);
	struct exchange x = {
		s, h, r, out, .end_ns = end_ns, .head = head, .room = room
	};

	*out = (struct fetch_result){ .reason = "" };
	http_begin(h, !strcmp(r->method, "HEAD"));
	if (!head || (r->body.fd >= 0 && !room)) {
		stop(&x, FETCH_INPUT, -ENOMEM, "");
		return;
	}
	x.head_left = strlen(head);
	go(&x);
	finish(&x);
}
