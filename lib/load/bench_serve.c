// SPDX-License-Identifier: MIT
/* The other end of `ktlsctl bench --peer`: libssl in user space, or plain TCP. */
#include <errno.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "bench_serve.h"
#include "conn.h"

enum { TURNS = 16, PIECE = 65536, WAKE_NS = 1000000 };

enum step { HEAR, SAY, TAKE, SINK, GIVE, END };

struct talk {
	struct bench_hosts *hosts;
	struct bench_hosted *run; /* NULL: of none yet */
	uint64_t id;              /* of it: the run may have ended since */
	bool control;
	enum step step, next; /* next: when the line is said */
	struct bench_ask ask; /* that the connection is for */
	char line[BENCH_LINE];
	size_t len, sent;
	uint8_t *room;
	size_t room_size, have, want; /* of what is taken */
	const uint8_t *from;          /* of what is given */
	uint64_t left, moved;
	bool checked; /* the first of it has been */
	int64_t end_ns;
};

/* ---- runs ---- */

static bool alive(const struct talk *t)
{
	return t->run && t->run->id == t->id;
}

static bool counts(const struct talk *t)
{
	return alive(t) && t->run->started;
}

static const char *begin_run(struct talk *t)
{
	struct bench_hosts *h = t->hosts;
	struct bench_hosted *run = bench_hosts_find(h, 0);
	uint64_t id;

	if (t->run)
		return "this connection is of a run";
	if (!run)
		return "too many runs at a time";
	if (!bench_hosts_payload(h))
		return "no memory";
	if (RAND_bytes((unsigned char *)&id, sizeof(id)) != 1)
		return "no random numbers";
	t->id = id | 1;
	t->run = run;
	t->control = true;
	*run = (struct bench_hosted){ .id = t->id };
	return NULL;
}

/* From here on it is counted; alone, if nobody is served but its connections. */
static const char *start_run(struct talk *t)
{
	struct bench_hosted *run = t->run;

	if (!t->control || run->started)
		return "there is nothing to start";
	run->started = true;
	run->r.others = t->hosts->connections != run->open + 1;
	bench_thread_times(&run->r.user_ns, &run->r.system_ns);
	return NULL;
}

static const char *join_run(struct talk *t, const struct bench_ask *a)
{
	const uint64_t most = a->kind == BENCH_ASK_WEBSOCKET ? PEER_MESSAGE_MAX
							     : BENCH_SIZE_MAX;
	struct bench_hosted *run = a->id ? bench_hosts_find(t->hosts, a->id) : NULL;

	if (t->run)
		return "this connection is of a run";
	if (!run)
		return "there is no such run";
	if (!a->size || a->size > most || a->ms > BENCH_SERVE_MS)
		return "so much is not given";
	t->room_size = BENCH_CHECKED + BENCH_FRAME_HEADER;
	t->room = malloc(t->room_size);
	if (!t->room)
		return "no memory";
	bench_hosts_disturb(t->hosts, run);
	t->run = run;
	t->id = a->id;
	t->ask = *a;
	run->open++;
	return NULL;
}

/* ---- what is asked for ---- */

static const char *judge(struct talk *t, const struct bench_ask *a)
{
	switch (a->kind) {
	case BENCH_ASK_RUN:
		return begin_run(t);
	case BENCH_ASK_START:
		if (t->run && t->ask.kind == BENCH_ASK_SOURCE)
			return NULL;
		return start_run(t);
	case BENCH_ASK_END:
		return t->control && t->run->started ? NULL : "there is nothing to end";
	default:
		return join_run(t, a);
	}
}

static void give(struct talk *t, const uint8_t *from, uint64_t len)
{
	t->step = GIVE;
	t->from = from;
	t->left = len;
}

static size_t frame_size(const struct talk *t)
{
	uint8_t header[BENCH_FRAME_HEADER], mask[4] = { 0 };

	return bench_frame_header(header, t->ask.size, mask) + t->ask.size;
}

/* What follows upon a line that was granted, when it is answered. */
static enum step after(struct talk *t, enum bench_ask_kind kind)
{
	switch (kind) {
	case BENCH_ASK_SINK:
		t->want = BENCH_CHECKED;
		return TAKE;
	case BENCH_ASK_RPC:
		t->want = t->ask.size;
		return TAKE;
	case BENCH_ASK_WEBSOCKET:
		t->want = frame_size(t);
		return TAKE;
	case BENCH_ASK_SOURCE:
		give(t, t->hosts->payload, BENCH_CHECKED);
		return GIVE;
	default:
		return HEAR;
	}
}

static void put_line(struct talk *t, const struct bench_reply *r, enum step next)
{
	t->len = bench_reply_print(r, t->line);
	t->sent = 0;
	t->step = SAY;
	t->next = next;
}

/* Of `close` the answer is what was asked for, and so it is of a source's start. */
static void grant(struct talk *t, const struct bench_ask *a)
{
	struct bench_reply ok = { 0 };

	if (a->kind == BENCH_ASK_CLOSE) {
		t->checked = true;
		give(t, t->hosts->payload, a->size);
	} else if (a->kind == BENCH_ASK_START && !t->control) {
		t->checked = true;
		t->end_ns = conn_now_ns() + (int64_t)t->ask.ms * 1000000;
		give(t, t->hosts->payload, t->ask.size);
	} else if (a->kind == BENCH_ASK_END) {
		t->step = END;
	} else {
		ok.n = a->kind == BENCH_ASK_RUN ? t->id : 0;
		put_line(t, &ok, after(t, a->kind));
	}
}

static int refuse(struct talk *t, struct conn *c, const char *no)
{
	struct bench_reply r = { 0 };

	c->refused = no;
	snprintf(r.no, sizeof(r.no), "%s", no);
	put_line(t, &r, HEAR);
	return 1;
}

static int hear(struct talk *t, struct conn *c)
{
	struct span rest, text;
	struct bench_ask a;
	const char *no;
	ssize_t n = conn_read(c, t->line + t->len, sizeof(t->line) - t->len);

	if (n < 0)
		return n == -EPIPE && c->requests && !t->len ? 0 : (int)n;
	t->len += (size_t)n;
	rest = span(t->line, t->len);
	if (!cut_at(&rest, '\n', &text))
		return t->len < sizeof(t->line) ? 1 : -EBADMSG;
	t->len = 0;
	if (rest.len || bench_ask_parse(text, &a))
		return refuse(t, c, "this is no request, or of another version");
	no = judge(t, &a);
	if (no)
		return refuse(t, c, no);
	c->requests++;
	c->silent = t->run && !t->control;
	conn_enter(c, "bench");
	grant(t, &a);
	return 1;
}

static int say_line(struct talk *t, struct conn *c)
{
	while (t->sent < t->len) {
		ssize_t n = conn_write(c, t->line + t->sent, t->len - t->sent);

		if (n < 0)
			return (int)n;
		t->sent += (size_t)n;
	}
	t->len = 0;
	t->step = t->next;
	return *c->refused ? 0 : 1;
}

/* ---- bytes ---- */

static int hash(struct talk *t, const uint8_t *p, size_t len)
{
	struct bench_report *r = &t->run->r;

	t->checked = true;
	if (!alive(t))
		return -ECANCELED;
	r->hashed = len;
	return EVP_Digest(p, len, r->hash, NULL, EVP_sha256(), NULL) ? 1 : -EIO;
}

/* Bytes of one connection have a bound. */
static int moved(struct talk *t, struct conn *c, size_t n)
{
	t->moved += n;
	conn_enter(c, c->where);
	if (t->moved <= (uint64_t)PEER_GIVE_MAX + BENCH_SIZE_MAX)
		return 1;
	c->refused = "so many bytes are not given";
	return -EDQUOT;
}

/* All of a message has come; of a sink what is checked. */
static int taken(struct talk *t)
{
	const struct bench_reply ok = { 0 };
	const size_t at = t->want - t->ask.size;

	t->have = 0;
	if (counts(t))
		t->run->r.in += t->ask.size;
	if (t->ask.kind == BENCH_ASK_SINK)
		put_line(t, &ok, SINK);
	else if (t->ask.kind == BENCH_ASK_RPC)
		give(t, t->hosts->payload, t->ask.size);
	else {
		bench_frame_answer(t->room, at, t->ask.size);
		give(t, t->room + 4, t->want - 4);
	}
	return 1;
}

/* What was said first, without the mask that it may have. */
static int hash_first(struct talk *t, size_t len)
{
	const size_t at = t->want - t->ask.size;
	int err;

	if (t->ask.kind != BENCH_ASK_WEBSOCKET)
		return hash(t, t->room, len);
	bench_frame_mask(t->room + at, t->room + at, len - at, t->room + at - 4);
	err = hash(t, t->room + at, len - at);
	bench_frame_mask(t->room + at, t->room + at, len - at, t->room + at - 4);
	return err;
}

/* What is beyond the room is not kept. */
static int take(struct talk *t, struct conn *c)
{
	const size_t most = t->room_size < t->want ? t->room_size : t->want;
	const size_t at = t->have < most ? t->have : 0;
	const size_t left = t->want - t->have, room = most - at;
	ssize_t n = conn_read(c, t->room + at, left < room ? left : room);
	int err;

	if (n < 0)
		return n == -EPIPE && !t->have ? 0 : (int)n;
	t->have += (size_t)n;
	err = moved(t, c, (size_t)n);
	if (err == 1 && !t->checked && t->have == most)
		err = hash_first(t, most);
	return err == 1 && t->have == t->want ? taken(t) : err;
}

static int sink(struct talk *t, struct conn *c)
{
	ssize_t n = conn_read(c, t->room, t->room_size);

	if (n < 0)
		return n == -EPIPE ? 0 : (int)n;
	if (counts(t))
		t->run->r.in += (size_t)n;
	return moved(t, c, (size_t)n);
}

/* All of a message is given. */
static int given(struct talk *t)
{
	const bool first = !t->checked;

	t->checked = true;
	if (counts(t))
		t->run->r.operations++;
	if (t->ask.kind == BENCH_ASK_CLOSE)
		return 0;
	if (t->ask.kind != BENCH_ASK_SOURCE)
		t->step = TAKE;
	else if (first)
		t->step = HEAR;
	else if (conn_now_ns() >= t->end_ns || t->moved >= PEER_GIVE_MAX)
		return 0;
	else
		give(t, t->hosts->payload, t->ask.size);
	return 1;
}

static int give_some(struct talk *t, struct conn *c)
{
	ssize_t n = conn_write(c, t->from, t->left < PIECE ? t->left : (size_t)PIECE);
	int err;

	if (n < 0)
		return (int)n;
	t->from += n;
	t->left -= (uint64_t)n;
	if (counts(t))
		t->run->r.out += (uint64_t)n;
	err = moved(t, c, (size_t)n);
	return err == 1 && !t->left ? given(t) : err;
}

/* When the last of its connections has gone. */
static int end(struct talk *t, struct conn *c)
{
	struct bench_report *r = &t->run->r;
	uint64_t user, system;

	if (t->run->open) {
		c->wake_ns = conn_now_ns() + WAKE_NS;
		return -EAGAIN;
	}
	bench_thread_times(&user, &system);
	r->user_ns = user - r->user_ns;
	r->system_ns = system - r->system_ns;
	t->len = bench_report_print(r, t->line);
	t->sent = 0;
	t->step = SAY;
	t->next = HEAR;
	t->run->started = false;
	return 1;
}

/* ---- the connection ---- */

static bool begins(char first)
{
	return first == 'b';
}

static int start(struct conn *c)
{
	struct talk *t = calloc(1, sizeof(*t));

	c->state = t;
	if (t)
		t->hosts = c->hosts;
	return t ? 0 : -ENOMEM;
}

static int turn(struct talk *t, struct conn *c)
{
	switch (t->step) {
	case HEAR:
		return hear(t, c);
	case SAY:
		return say_line(t, c);
	case TAKE:
		return take(t, c);
	case SINK:
		return sink(t, c);
	case GIVE:
		return give_some(t, c);
	case END:
		break;
	}
	return end(t, c);
}

static int go(struct conn *c)
{
	struct talk *t = c->state;

	if (t->run && !alive(t))
		return -ECANCELED;
	for (int i = 0; i < TURNS; i++) {
		int err = turn(t, c);

		if (err != 1)
			return err;
	}
	c->again = true;
	return -EAGAIN;
}

/* Whoever is of a run waits for the others of it. */
static int late(struct conn *c)
{
	if (!alive(c->state))
		return -ETIMEDOUT;
	conn_enter(c, c->where);
	return -EAGAIN;
}

static void describe(const struct conn *c, char *buf, size_t size)
{
	const struct talk *t = c->state;

	snprintf(buf, size, "bench%s, %" PRIu64 " bytes",
		 t->control ? ", its control" : "", t->moved);
}

static void stop(void *state)
{
	struct talk *t = state;

	if (alive(t) && t->control)
		t->run->id = 0;
	else if (alive(t))
		t->run->open--;
	free(t->room);
	free(t);
}

const struct peer_protocol peer_bench = {
	.name = "bench/1",
	.begins = begins,
	.start = start,
	.go = go,
	.late = late,
	.describe = describe,
	.stop = stop,
};
