/* SPDX-License-Identifier: MIT */
/* Between the files of a WebSocket's client. */
#ifndef KTLSCTL_NET_WEBSOCKET_PRIV_H
#define KTLSCTL_NET_WEBSOCKET_PRIV_H

#include "upgrade.h"
#include "websocket.h"

struct websocket {
	struct secure *s;
	const struct websocket_wants *wants;
	struct frames *frames;
	struct http *http; /* of the handshake */
	char key[UPGRADE_KEY];
	unsigned status;
	bool open; /* the handshake is through */
	int err;   /* after it: the protocol, broken, or what message() gave */

	const char *early; /* came with the handshake's answer */
	size_t early_len;
	const char *give; /* what of frames_take() is to be given yet */
	size_t give_len;

	uint64_t pings;   /* the last one's number, which is what it carries */
	bool ping_waits;  /* for its pong */
	int64_t ping_ns;  /* when it went out; 0: not yet */
	int64_t pong_ns;  /* how long the last pong took */
	char reason[192]; /* "": the connection's or the frames' */
};

/* Notes it in words; err. */
int websocket_fail(struct websocket *w, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
