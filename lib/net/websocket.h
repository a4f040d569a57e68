/* SPDX-License-Identifier: MIT */
/*
 * A WebSocket's client end over a TLS connection: its handshake (RFC 6455, 4), and then
 * frames (frames.h). All in one:
 *
 *	err = websocket_new(&w, s, &wants);
 *	err = websocket_open(w, end_ns);
 *	while (!err)
 *		err = websocket_go(w, end_ns);    calls message() for each that comes
 *	websocket_close(w, FRAME_CODE_NORMAL, end_ns);
 *	websocket_free(w);
 *
 * or, for whoever looks at a clock in between, the steps that websocket_go() is made of:
 *
 *	err = websocket_flush(w);                 sends what waits; waits for nothing
 *	n = websocket_take(w, &data);             receives, decrypts; -EAGAIN
 *	err = websocket_digest(w, data, n);       parses; calls message()
 *	err = secure_wait(s, websocket_end(w, end_ns));   when none of it went on
 */
#ifndef KTLSCTL_NET_WEBSOCKET_H
#define KTLSCTL_NET_WEBSOCKET_H

#include "frames.h"
#include "secure.h"
#include "url.h"

struct websocket_wants {
	const struct url *url;
	const char *agent;
	const char *const *headers; /* "Name: value" */
	size_t n_headers;
	size_t most;     /* as in frames_options */
	int64_t pong_ns; /* how long a pong may take; 0: as long as all of it */
	void *arg;
	/* Also of control frames. 0, or -errno, which ends it. */
	int (*message)(void *arg, const struct frame_message *m);
};

struct websocket;

/* s and wants, and what they point to, outlive it. -ENOMEM */
int websocket_new(struct websocket **out, struct secure *s,
		  const struct websocket_wants *w);
/* What is under way is aborted. */
void websocket_free(struct websocket *w);

/*
 * All of them: errors of secure.h and frames.h, websocket_reason() in words, and
 *
 *	-ETIMEDOUT   end_ns has come, or a pong has not
 *	-EPIPE       the connection ended without a close
 *	-ECONNREFUSED  of websocket_open(): the answer is no: websocket_status()
 *	-EBADMSG     of websocket_open(): no answer to a handshake, or a wrong one
 *
 * Nothing can follow an error but websocket_close() and websocket_free().
 */
int websocket_open(struct websocket *w, int64_t end_ns);
unsigned websocket_status(const struct websocket *w); /* of HTTP; 0: no answer yet */
const char *websocket_reason(const struct websocket *w);

/* Bytes that came, first those behind the handshake's answer; as secure_take(). */
ssize_t websocket_take(struct websocket *w, const char **data);
/* Parses them: as frames_feed(). */
int websocket_digest(struct websocket *w, const char *data, size_t n);
/* 0: all is with the kernel or with libssl, or on its way there. */
int websocket_flush(struct websocket *w);
/* As frames_put(): goes out with the next step. */
int websocket_put(struct websocket *w, enum frame_what what, const void *data, size_t len,
		  size_t piece);
/* Puts a ping; its pong has to come in wants.pong_ns. -EBUSY: one is waited for. */
int websocket_ping(struct websocket *w);
bool websocket_pinged(const struct websocket *w); /* a pong is still waited for */
/* Of the last pong that came: from its ping's sending to its coming; 0: none. */
int64_t websocket_pong_ns(const struct websocket *w);
/* What comes first: that time, or the pong's. */
int64_t websocket_end(const struct websocket *w, int64_t end_ns);

/* Once: sends, receives, or waits until one of them is possible. -ESHUTDOWN: the other
 * end has said close, and ours is sent. */
int websocket_go(struct websocket *w, int64_t end_ns);
/* The other end has said close, with this code (FRAME_CODE_NONE: without); 0: not yet. */
unsigned websocket_closed(const struct websocket *w);
/* Says close, and waits for the other end's; what comes before is parsed still. After an
 * error it waits for nothing but the sending. -ENOTCONN: it never was open. */
int websocket_close(struct websocket *w, unsigned code, int64_t end_ns);

#endif
