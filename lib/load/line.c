// SPDX-License-Identifier: MIT
/*
 * What ktlsctl asks for in lines (lib/net/peer.h): request line, answer line and work,
 * again and again, until the client says good-bye or asks for what it does not get.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conn.h"

static const struct peer_kind *const kinds[] = { &peer_exchange, NULL };

enum line_step { LINE_REQUEST, LINE_ANSWER, LINE_WORK };

struct line {
	enum line_step step;
	char text[PEER_LINE]; /* the request as far as it came, then the answer */
	size_t len, sent;
	const struct peer_kind *kind; /* NULL: the answer is no */
	void *work;
};

static bool begins(char first)
{
	(void)first;
	return true;
}

static int start(struct conn *c)
{
	c->state = calloc(1, sizeof(struct line));
	return c->state ? 0 : -ENOMEM;
}

static void drop_work(struct line *l)
{
	if (l->kind && l->work)
		l->kind->stop(l->work);
	l->work = NULL;
}

static void stop(void *state)
{
	drop_work(state);
	free(state);
}

static void enter(struct conn *c, enum line_step step)
{
	static const char *const words[] = { "waiting for a request", "answer",
					     "request" };
	struct line *l = c->state;

	l->step = step;
	conn_enter(c, words[step]);
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

static int begin(struct conn *c, struct span text)
{
	struct line *l = c->state;
	struct peer_request r;
	int err = peer_request_parse(text, &r);
	const char *no = judge(c, err, &r);

	l->kind = NULL;
	l->sent = 0;
	if (no) {
		c->refused = no;
	} else {
		l->kind = kind_named(r.kind);
		c->bytes += r.bytes;
		err = l->kind->start(&l->work, r.bytes);
		if (err)
			return err;
	}
	l->len = peer_answer_print(no, l->text);
	enter(c, LINE_ANSWER);
	return 0;
}

/* The client has to wait for the answer before it goes on: nothing stands behind the end
 * of the line. */
static int read_request(struct conn *c)
{
	struct line *l = c->state;
	struct span rest, text;
	ssize_t n;

	n = conn_read(c, l->text + l->len, sizeof(l->text) - l->len);
	if (n < 0)
		return (int)n;
	l->len += (size_t)n;
	rest = span(l->text, l->len);
	if (cut_at(&rest, '\n', &text))
		return begin(c, rest.len ? span("", 0) : text);
	return l->len < sizeof(l->text) ? 0 : begin(c, span("", 0));
}

static int write_answer(struct conn *c)
{
	struct line *l = c->state;

	while (l->sent < l->len) {
		ssize_t n = conn_write(c, l->text + l->sent, l->len - l->sent);

		if (n < 0)
			return (int)n;
		l->sent += (size_t)n;
	}
	l->len = 0;
	if (l->kind)
		enter(c, LINE_WORK);
	return 0;
}

static int work(struct conn *c)
{
	struct line *l = c->state;
	int err = l->kind->go(l->work, c);

	if (err)
		return err;
	drop_work(l);
	c->requests++;
	enter(c, LINE_REQUEST);
	return 0;
}

static int go(struct conn *c)
{
	struct line *l = c->state;
	int err = 0;

	while (!err && (l->step != LINE_ANSWER || l->len)) {
		if (l->step == LINE_REQUEST)
			err = read_request(c);
		else if (l->step == LINE_ANSWER)
			err = write_answer(c);
		else
			err = work(c);
	}
	/* Between two requests is where a client may say good-bye. */
	if (err == -EPIPE && l->step == LINE_REQUEST && c->requests && !l->len)
		return 0;
	return err;
}

static void describe(const struct conn *c, char *buf, size_t size)
{
	snprintf(buf, size, "%u requests, %" PRIu64 " bytes each way", c->requests,
		 c->bytes);
}

const struct peer_protocol peer_line = {
	.name = "ktlsctl.peer/1",
	.begins = begins,
	.start = start,
	.go = go,
	.describe = describe,
	.stop = stop,
};
