/* SPDX-License-Identifier: MIT */
/*
 * What is said between a command and the peer that `ktlsctl serve` is, inside TLS. The
 * client asks in one line, the peer answers in one, and then the kind of request says
 * what follows:
 *
 *	ktlsctl.peer/1 exchange 16384        ktlsctl.peer/1 ok
 *	                                     ktlsctl.peer/1 no too much is asked for
 *
 * exchange BYTES: the client sends so many; the peer answers with their SHA-256, sends as
 * many others, and the SHA-256 of those. Then the next request may come. A peer never
 * sends more than it was sent, but for its answers.
 */
#ifndef KTLSCTL_NET_PEER_H
#define KTLSCTL_NET_PEER_H

#include "../facts/lines.h"

enum {
	PEER_LINE = 96, /* the longest, with its newline */
	PEER_KIND = 16,
	PEER_HASH = 32,
	/* What one connection may ask for, all its requests together. */
	PEER_BYTES_MAX = 8 << 20,
	PEER_REQUESTS_MAX = 64,
};

struct peer_request {
	char kind[PEER_KIND]; /* small letters; "exchange" */
	uint64_t bytes;
};

/* With its newline; its length. */
size_t peer_request_print(const struct peer_request *r, char line[PEER_LINE]);
/*
 * A line without its newline.
 *
 *	-EPROTONOSUPPORT  of a later version
 *	-EBADMSG          something else
 */
int peer_request_parse(struct span line, struct peer_request *out);

/* no NULL: ok. The length of the line. */
size_t peer_answer_print(const char *no, char line[PEER_LINE]);
/* As above; why is "" for "ok", else the peer's words, printable and cut to fit. */
int peer_answer_parse(struct span line, char why[PEER_LINE]);

#endif
