/* SPDX-License-Identifier: MIT */
/* The frames of a WebSocket, the handshake before them, and what the peer is asked for.
 */
#include <stdlib.h>
#include <string.h>

#include "../../lib/load/load.h"
#include "../../lib/load/query.h"
#include "../../lib/net/frames.h"
#include "../../lib/net/upgrade.h"
#include "targets.h"

enum { MOST = 4096 };

/* What has come of it; the same however it is cut into pieces. */
struct told {
	struct frames *back; /* each message goes back by way of this; may be NULL */
	unsigned messages, refused;
	uint64_t sum;
	int err;
	unsigned closed;
	const char *bad;
};

static void add(struct told *t, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		t->sum = t->sum * 31 + (unsigned char)p[i];
	t->sum = t->sum * 31 + n;
}

static int hear(void *arg, const struct frame_message *m)
{
	struct told *t = arg;
	const bool control = m->what >= FRAME_CLOSE;

	if (m->len > (control ? (size_t)FRAME_CONTROL_MAX : MOST))
		t->bad = "it tells of more than it bears";
	if (!m->parts)
		t->bad = "a message has come in no frame";
	if (control)
		return 0;
	t->messages++;
	add(t, m->data, m->len);
	if (t->back && frames_put(t->back, m->what, m->data, m->len, 1 + m->len / 3))
		t->refused++;
	return 0;
}

/* All of it, so many bytes at a time. */
static void feed(struct frames *f, struct told *t, struct span data, size_t step)
{
	for (size_t at = 0; at < data.len && !t->err && !frames_closed(f); at += step) {
		const size_t n = step < data.len - at ? step : data.len - at;

		t->err = frames_feed(f, data.p + at, n);
	}
	t->closed = frames_closed(f);
	if (t->err && !*frames_reason(f))
		t->bad = "an error without a reason";
}

static struct frames *make(bool server, struct told *t)
{
	const struct frames_options o = { server, MOST, t, hear };
	struct frames *f;

	if (frames_new(&f, &o))
		abort();
	return f;
}

/* What this end has made is in order to the other one, and says the same. */
static const char *listen_back(struct frames *from, bool server, const struct told *sent)
{
	struct told t = { 0 };
	struct frames *to = make(!server, &t);
	const char *p, *bad = NULL;
	size_t n;

	while (!bad && (n = frames_take(from, &p)))
		if (frames_feed(to, p, n))
			bad = "what it sends breaks the protocol";
	if (!bad && !sent->refused &&
	    (t.messages != sent->messages || t.sum != sent->sum))
		bad = "what it sends is something else than it was given";
	frames_free(to);
	return bad;
}

/* The first byte: which end it is, and how many bytes it gets at a time. */
const char *fuzz_frames(const char *data, size_t len)
{
	struct told whole = { 0 }, pieces = { 0 };
	struct frames *f;
	const char *bad;
	bool server;

	if (!len)
		return NULL;
	server = data[0] & 1;
	f = make(server, &whole);
	whole.back = f;
	feed(f, &whole, span(data + 1, len - 1), len);
	bad = whole.bad ? whole.bad : listen_back(f, server, &whole);
	frames_free(f);
	f = make(server, &pieces);
	feed(f, &pieces, span(data + 1, len - 1), 1 + ((size_t)data[0] >> 1 & 15));
	frames_free(f);
	if (!bad && (pieces.messages != whole.messages || pieces.sum != whole.sum ||
		     pieces.err != whole.err || pieces.closed != whole.closed))
		bad = "in pieces it is something else";
	return bad ? bad : pieces.bad;
}

static bool holds(struct span s, const char *text)
{
	return s.len && memmem(s.p, s.len, text, strlen(text));
}

/* Of RFC 6455, 1.3. */
static const char key[] = "dGhlIHNhbXBsZSBub25jZQ==",
		  answered[] = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/* The head of a request, or the answer to one; as above. */
const char *fuzz_upgrade(const char *data, size_t len)
{
	static const struct http_events none;
	const bool request = len && data[0] & 1;
	const size_t step = len ? 1 + ((size_t)data[0] >> 1 & 63) : 1;
	const char *bad = NULL;
	struct span got;
	struct http *h;

	if (http_new(&h, &none))
		abort();
	if (request)
		http_begin_request(h);
	else
		http_begin_upgrade(h);
	for (size_t at = 1; at < len && !http_answer(h)->head; at += step)
		if (http_feed(h, data + at, step < len - at ? step : len - at) < 0)
			break;
	if (!http_answer(h)->head || (!request && http_answer(h)->status != 101))
		goto out;
	if (!request && !upgrade_check_answer(h, key) &&
	    !holds(span(data, len), answered))
		bad = "it believes an answer without the key";
	if (request && !upgrade_check_request(h, &got) && got.len != UPGRADE_KEY - 1)
		bad = "a key is no key";
	if (request && (strlen(http_target(h)) >= len || !*http_method(h)))
		bad = "the target is not what came";
out:
	http_free(h);
	return bad;
}

/* The first byte says which names are allowed. */
const char *fuzz_query(const char *data, size_t len)
{
	const struct query before = { 1, 2, 3, 16, 0 };
	struct query q = before;

	if (!len || query_parse(span(data + 1, len - 1), (unsigned char)data[0], &q))
		return NULL;
	if (q.rate > PEER_RATE_MAX || q.size > PEER_GIVE_MAX || !q.count ||
	    q.count > UINT32_MAX || q.piece < PEER_PIECE_MIN ||
	    q.piece > PEER_MESSAGE_MAX || q.text > 1)
		return "a number is out of bounds";
	if (!(data[0] & QUERY_RATE) && q.rate != before.rate)
		return "what was not allowed was taken";
	return NULL;
}
