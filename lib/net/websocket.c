// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "websocket_priv.h"

int websocket_fail(struct websocket *w, int err, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(w->reason, sizeof(w->reason), fmt, args);
	va_end(args);
	return err;
}

const char *websocket_reason(const struct websocket *w)
{
	if (*w->reason)
		return w->reason;
	return *frames_reason(w->frames) ? frames_reason(w->frames) : secure_reason(w->s);
}

unsigned websocket_status(const struct websocket *w)
{
	return w->status;
}

/* A pong that answers no ping of ours is allowed, and means nothing. */
static int on_message(void *arg, const struct frame_message *m)
{
	struct websocket *w = arg;

	if (m->what == FRAME_PONG && w->ping_waits && m->len == sizeof(w->pings) &&
	    !memcmp(m->data, &w->pings, m->len)) {
		w->ping_waits = false;
		w->pong_ns = wire_now_ns() - w->ping_ns;
	}
	return w->wants->message ? w->wants->message(w->wants->arg, m) : 0;
}

int websocket_new(struct websocket **out, struct secure *s,
		  const struct websocket_wants *wants)
{
	const struct http_events none = { NULL, NULL };
	struct websocket *w = calloc(1, sizeof(*w));
	const struct frames_options o = { false, wants->most, w, on_message };
	int err = w ? frames_new(&w->frames, &o) : -ENOMEM;

	*out = NULL;
	if (!err)
		err = http_new(&w->http, &none);
	if (err) {
		if (w)
			frames_free(w->frames);
		free(w);
		return err;
	}
	w->s = s;
	w->wants = wants;
	*out = w;
	return 0;
}

/* What is being sent is ours. */
void websocket_free(struct websocket *w)
{
	if (!w)
		return;
	if (secure_sending(w->s))
		secure_abort(w->s);
	http_free(w->http);
	frames_free(w->frames);
	free(w);
}

/* ---- the steps ---- */

ssize_t websocket_take(struct websocket *w, const char **data)
{
	const size_t early = w->early_len;

	if (!early)
		return secure_take(w->s, data);
	*data = w->early;
	w->early_len = 0;
	return (ssize_t)early;
}

int websocket_digest(struct websocket *w, const char *data, size_t n)
{
	w->err = frames_feed(w->frames, data, n);
	return w->err;
}

/* What is given has to stay until all of it is sent, and so has what was taken. */
int websocket_flush(struct websocket *w)
{
	for (;;) {
		ssize_t n;

		if (secure_sending(w->s))
			return -EAGAIN;
		if (!w->give_len)
			w->give_len = frames_take(w->frames, &w->give);
		if (!w->give_len)
			return 0;
		if (w->ping_waits && !w->ping_ns)
			w->ping_ns = wire_now_ns();
		n = secure_give(w->s, w->give, w->give_len);
		if (n < 0)
			return (int)n;
		w->give += n;
		w->give_len -= (size_t)n;
	}
}

int websocket_put(struct websocket *w, enum frame_what what, const void *data, size_t len,
		  size_t piece)
{
	return frames_put(w->frames, what, data, len, piece);
}

int websocket_ping(struct websocket *w)
{
	int err;

	if (w->ping_waits)
		return -EBUSY;
	w->pings++;
	err = frames_put(w->frames, FRAME_PING, &w->pings, sizeof(w->pings), 0);
	w->ping_waits = !err;
	w->ping_ns = 0;
	return err;
}

bool websocket_pinged(const struct websocket *w)
{
	return w->ping_waits;
}

int64_t websocket_pong_ns(const struct websocket *w)
{
	return w->pong_ns;
}

static bool pong_comes_first(const struct websocket *w, int64_t end_ns)
{
	return w->ping_waits && w->ping_ns && w->wants->pong_ns &&
	       w->ping_ns + w->wants->pong_ns < end_ns;
}

int64_t websocket_end(const struct websocket *w, int64_t end_ns)
{
	return pong_comes_first(w, end_ns) ? w->ping_ns + w->wants->pong_ns : end_ns;
}

unsigned websocket_closed(const struct websocket *w)
{
	return frames_closed(w->frames);
}

/* ---- all in one ---- */

static int timed_out(struct websocket *w, int64_t end_ns)
{
	if (wire_now_ns() < websocket_end(w, end_ns))
		return 0;
	if (!pong_comes_first(w, end_ns))
		return websocket_fail(w, -ETIMEDOUT, "the time was over");
	return websocket_fail(w, -ETIMEDOUT, "no pong came within %lld ms",
			      (long long)(w->wants->pong_ns / 1000000));
}

static int ended(struct websocket *w, ssize_t n)
{
	if (!n || n == -EPIPE)
		return websocket_fail(w, -EPIPE, "the connection ended without a close");
	if (n == -ECONNRESET)
		return websocket_fail(w, -EPIPE, "the connection was reset");
	return (int)n;
}

/* Why something could not be sent, what still comes may tell. */
int websocket_go(struct websocket *w, int64_t end_ns)
{
	const int sent = websocket_flush(w);
	const char *data;
	ssize_t n;
	int err;

	if (frames_closed(w->frames) && sent != -EAGAIN)
		return -ESHUTDOWN;
	if (frames_closed(w->frames))
		n = -EAGAIN;
	else
		n = websocket_take(w, &data);
	if (n > 0) {
		err = websocket_digest(w, data, (size_t)n);
		return err ? err : timed_out(w, end_ns);
	}
	if (n != -EAGAIN)
		return ended(w, n);
	if (sent && sent != -EAGAIN)
		return sent;
	err = timed_out(w, end_ns);
	if (!err && secure_wait(w->s, websocket_end(w, end_ns)) == -ETIMEDOUT)
		err = timed_out(w, end_ns);
	return err;
}

/* After an error the close that tells of it is all that is sent. */
static int send_last(struct websocket *w, int64_t end_ns)
{
	int err;

	while ((err = websocket_flush(w)) == -EAGAIN)
		if (secure_wait(w->s, end_ns) == -ETIMEDOUT)
			return -ETIMEDOUT;
	return err;
}

int websocket_close(struct websocket *w, unsigned code, int64_t end_ns)
{
	int err = 0;

	if (!w->open)
		return -ENOTCONN;
	frames_close(w->frames, (uint16_t)code, "");
	if (w->err)
		return send_last(w, end_ns);
	while (!err)
		err = websocket_go(w, end_ns);
	return err == -ESHUTDOWN ? 0 : err;
}
