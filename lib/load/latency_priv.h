/* SPDX-License-Identifier: MIT */
/* Between the files of latency: one connection that messages come over. */
#ifndef KTLSCTL_LOAD_LATENCY_PRIV_H
#define KTLSCTL_LOAD_LATENCY_PRIV_H

#include "../net/fetch.h"
#include "../net/websocket.h"
#include "capture.h"
#include "latency.h"

struct line {
	const struct latency_options *o;
	struct latency_result *r;
	struct client_wants wants;
	struct client *client;
	struct secure *s; /* NULL: there is no connection */
	struct http *http;
	char *question; /* a request's head, or a payload */
	size_t question_len;
	struct websocket *ws;
	struct websocket_wants ws_wants;
	struct secure_times times;
	struct capture capture;
	struct sequence sequence;
	struct stamps t; /* of the message at hand */
	bool arrived;
	char *body; /* of an answer, put together */
	size_t body_len, body_room;
	unsigned warm;     /* messages that still do not count */
	int64_t begun_ns;  /* when it was connected */
	unsigned answers;  /* over this connection */
	unsigned barren;   /* connections that brought none that does */
	int64_t offset_ns; /* of the NIC's clock, in this turn */
	uint64_t nic_seen; /* stamps of it */
	int64_t turn_ns;   /* CLOCK_REALTIME: since then this line is looked after */
	int64_t enough_ns; /* then it is over, whatever is under way */
	uint64_t sum;      /* what the application makes of the bytes */
};

/* -ENOMEM, or as client_new(). */
int line_new(struct line *l, char why[256]);
void line_free(struct line *l);
/* One message; connects when there is no connection. 1 it counts, 0 it does not; -errno,
 * and then r->why: this way has ended. */
int line_message(struct line *l, int64_t end_ns);

#endif
