/* SPDX-License-Identifier: MIT */
/*
 * One end of a WebSocket (RFC 6455) without any I/O: bytes that were received go in and
 * come out as messages; messages go in and come out as bytes to be sent. A packaged
 * library reads and writes the frames; what they make together, and what of it breaks the
 * protocol, is decided here.
 *
 *	n = secure_take(s, &data);                 received
 *	err = frames_feed(f, data, n);             parsed; calls message() for each
 *	n = frames_take(f, &data);                 what is to be sent by now
 *	n = secure_give(s, data, n);
 */
#ifndef KTLSCTL_NET_FRAMES_H
#define KTLSCTL_NET_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Numbers of the protocol: opcodes. */
enum frame_what {
	FRAME_TEXT = 1,
	FRAME_BINARY = 2,
	FRAME_CLOSE = 8,
	FRAME_PING = 9,
	FRAME_PONG = 10
};

/* Codes of a close (RFC 6455, 7.4.1). */
enum frame_code {
	FRAME_CODE_NORMAL = 1000,
	FRAME_CODE_AWAY = 1001,
	FRAME_CODE_PROTOCOL = 1002,
	FRAME_CODE_NONE = 1005, /* never sent: the close came without one */
	FRAME_CODE_NOT_UTF8 = 1007,
	FRAME_CODE_TOO_BIG = 1009,
	FRAME_CODE_FAULT = 1011
};

enum {
	FRAME_CONTROL_MAX = 125,     /* bytes that a ping, a pong or a close carries */
	FRAME_HEAD_MAX = 14,         /* bytes before the payload */
	FRAMES_PARTS_MAX = 65536,    /* fragments of a message */
	FRAMES_MESSAGE_MAX = 1 << 20 /* bytes of a message unless it is told otherwise */
};

/* A whole message, or one control frame, which may come amid the fragments of one. */
struct frame_message {
	enum frame_what what;
	const char *data; /* until message() returns */
	size_t len;
	unsigned parts; /* frames that it came in */
	uint16_t code;  /* of FRAME_CLOSE; data is then the reason */
};

struct frames_options {
	bool server; /* this end: which of the two masks */
	size_t most; /* bytes of a message that are borne; 0: FRAMES_MESSAGE_MAX */
	void *arg;
	/* 0, or -errno, which frames_feed() gives; may call what sends. */
	int (*message)(void *arg, const struct frame_message *m);
};

struct frames;

/* Takes memory as messages come and go, not as they are announced: most of it for what
 * comes, twice that, and again as much, for what waits to be sent and is sent. -ENOMEM */
int frames_new(struct frames **out, const struct frames_options *o);
void frames_free(struct frames *f);

/*
 * Parses all of it. Pings are answered, the last of those that wait for it; a close is
 * answered, and so is an error, with the code that it has: what frames_take() gives then
 * is still to be sent. After the close, or an error, nothing more is read:
 *
 *	0           all of it was used, or is behind the close: frames_closed()
 *	-EPROTO     the other end broke the protocol: frames_reason()
 *	-EMSGSIZE   a message is longer than is borne, as its frames announce it
 *	-EILSEQ     a text is not UTF-8
 *	-ENOMEM     or what message() gave
 */
int frames_feed(struct frames *f, const char *p, size_t n);
/* Of the error, in words; "". Constant. */
const char *frames_reason(const struct frames *f);

/*
 * A message, of which every frame but the last carries piece bytes (0: one frame has it
 * all), or a control frame of at most FRAME_CONTROL_MAX bytes.
 *
 *	-EAGAIN     with it, more than twice most would wait for frames_take()
 *	-EMSGSIZE   longer than most, or than a control frame may be
 *	-EPIPE      after a close
 *	-ENOMEM
 */
int frames_put(struct frames *f, enum frame_what what, const void *data, size_t len,
	       size_t piece);
/* The last of what is put; at most 123 bytes of the reason go with it. -EPIPE: it was. */
int frames_close(struct frames *f, uint16_t code, const char *reason);

/* Bytes to be sent, 0: none. They stay until it is called again. */
size_t frames_take(struct frames *f, const char **p);
bool frames_waiting(const struct frames *f);

/* The other end's close: its code, FRAME_CODE_NONE for none; 0: it has not come. */
unsigned frames_closed(const struct frames *f);
/* Ours: the code it was put with; 0: not yet. */
unsigned frames_closing(const struct frames *f);

#endif
