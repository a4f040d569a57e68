// SPDX-License-Identifier: MIT
/* "echo": what comes goes back. "publish": so many messages, so many a second. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../net/frames.h"
#include "websocket.h"

enum {
	ROOM = 16384,
	TURNS = 16,     /* before others have theirs */
	NUMBER = 16,    /* digits that a message begins with */
	LAST_MS = 1000, /* of a connection, for the close */
};

static const int64_t second_ns = 1000000000;

struct socket {
	enum socket_what what;
	struct query q;
	struct frames *f;
	const char *give; /* of frames_take() */
	size_t give_len;
	uint64_t in, out;
	int64_t next_ns; /* when the next message is due; 0: none has been */
	bool pinged;     /* because nothing came; nothing has since */
	bool unanswered; /* our close; it ends with TLS's alone */
	int err;
	char room[ROOM], message[];
};

static int hear(void *arg, const struct frame_message *m)
{
	struct socket *w = arg;
	int err;

	if (m->what != FRAME_TEXT && m->what != FRAME_BINARY)
		return 0;
	w->in++;
	if (w->what != SOCKET_ECHO)
		return 0;
	err = frames_put(w->f, m->what, m->data, m->len, w->q.piece);
	w->out += !err;
	return err == -EPIPE ? 0 : err; /* we have said close */
}

int socket_start(struct socket **out, enum socket_what what, const struct query *q)
{
	struct socket *w = calloc(1, sizeof(*w) + (what == SOCKET_PUBLISH ? q->size : 0));
	const struct frames_options o = { true, PEER_MESSAGE_MAX, w, hear };

	*out = NULL;
	if (!w || frames_new(&w->f, &o)) {
		free(w);
		return -ENOMEM;
	}
	w->what = what;
	w->q = *q;
	if (what == SOCKET_PUBLISH)
		memset(w->message, 'x', q->size);
	*out = w;
	return 0;
}

void socket_stop(struct socket *w)
{
	if (w)
		frames_free(w->f);
	free(w);
}

int socket_feed(struct socket *w, const char *p, size_t n)
{
	w->pinged = false;
	if (!w->err)
		w->err = frames_feed(w->f, p, n);
	return w->err;
}

const char *socket_reason(const struct socket *w)
{
	return frames_reason(w->f);
}

/* 0: all of it. */
static int flush(struct socket *w, struct conn *c)
{
	for (;;) {
		ssize_t n;

		if (!w->give_len)
			w->give_len = frames_take(w->f, &w->give);
		if (!w->give_len)
			return 0;
		n = conn_write(c, w->give, w->give_len);
		if (n < 0)
			return (int)n;
		w->give += n;
		w->give_len -= (size_t)n;
		conn_enter(c, c->where);
	}
}

/* The number of the message, as much of it as there is room for, from its end. */
static void number(struct socket *w)
{
	char digits[NUMBER + 1];
	const size_t n = w->q.size < NUMBER ? w->q.size : NUMBER;

	snprintf(digits, sizeof(digits), "%016" PRIx64, w->out);
	memcpy(w->message, digits + NUMBER - n, n);
}

/* One that could not be sent in time is not made up for by two at once. */
static void schedule(struct socket *w, int64_t now)
{
	if (!w->q.rate)
		return;
	w->next_ns = (w->next_ns ? w->next_ns : now) + second_ns / (int64_t)w->q.rate;
	if (w->next_ns < now - second_ns)
		w->next_ns = now;
}

/* Whether something was put. */
static bool publish(struct socket *w, struct conn *c)
{
	const int64_t now = conn_now_ns();

	if (w->what != SOCKET_PUBLISH || frames_closing(w->f) || w->err)
		return false;
	if (w->out == w->q.count || now / 1000000 >= c->end - LAST_MS)
		return !frames_close(
			w->f, w->out == w->q.count ? FRAME_CODE_NORMAL : FRAME_CODE_AWAY,
			"");
	if (now < w->next_ns)
		return false;
	number(w);
	if (frames_put(w->f, w->q.text ? FRAME_TEXT : FRAME_BINARY, w->message, w->q.size,
		       w->q.piece))
		return false;
	w->out++;
	schedule(w, now);
	return true;
}

static void set_wake(const struct socket *w, struct conn *c)
{
	if (w->what == SOCKET_PUBLISH && !frames_closing(w->f))
		c->wake_ns = w->next_ns;
}

/* Whether something came. */
static int receive(struct socket *w, struct conn *c)
{
	ssize_t n = conn_read(c, w->room, sizeof(w->room));

	if (n <= 0)
		return n == -EAGAIN ? 0 : (int)n;
	conn_enter(c, c->where);
	socket_feed(w, w->room, (size_t)n);
	return 1;
}

/* Nothing is read while nobody takes what is to be sent: so both are bounded. After an
 * error the close that tells of it is the last. */
int socket_go(struct socket *w, struct conn *c)
{
	for (int i = 0; i < TURNS; i++) {
		bool put;
		int err = flush(w, c), came;

		if (err)
			return err;
		if (w->err || w->unanswered || frames_closed(w->f))
			return w->err;
		put = publish(w, c);
		came = receive(w, c);
		if (came < 0)
			return came;
		if (!put && !came && !frames_waiting(w->f)) {
			set_wake(w, c);
			return -EAGAIN;
		}
	}
	c->again = true;
	return -EAGAIN;
}

/* A client that says nothing is asked once whether it is there; one that leaves our close
 * without an answer (curl does) is not waited for any more. */
int socket_late(struct socket *w, struct conn *c)
{
	if (frames_closing(w->f) && !w->give_len && !w->unanswered) {
		w->unanswered = c->again = true;
		c->refused = "it did not answer the close";
		return -EAGAIN;
	}
	if (w->pinged || w->give_len || frames_put(w->f, FRAME_PING, "", 0, 0))
		return -ETIMEDOUT;
	w->pinged = true;
	c->again = true;
	conn_enter(c, c->where);
	return -EAGAIN;
}

void socket_describe(const struct socket *w, char *buf, size_t size)
{
	snprintf(buf, size, "%s, %" PRIu64 " messages in, %" PRIu64 " out",
		 w->what == SOCKET_ECHO ? "echo" : "publish", w->in, w->out);
}
