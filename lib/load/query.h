/* SPDX-License-Identifier: MIT */
/* What stands behind "?" in what the peer is asked for by HTTP. */
#ifndef KTLSCTL_LOAD_QUERY_H
#define KTLSCTL_LOAD_QUERY_H

#include "../facts/lines.h"

enum {
	QUERY_RATE = 1,  /* messages a second; 0: as many as are taken */
	QUERY_SIZE = 2,  /* bytes of a message, or of an answer's body */
	QUERY_COUNT = 4, /* messages */
	QUERY_PIECE = 8, /* bytes of a frame; 0: it has all of the message */
	QUERY_TEXT = 16  /* 1: the messages are text */
};

struct query {
	uint64_t rate, size, count, piece, text;
};

/*
 * "rate=10&size=64": allowed are the names that mask says, each once, as decimal numbers
 * within its bounds; what is not there keeps the value that *q has. NULL, or what is
 * wrong with it; constant.
 */
const char *query_parse(struct span text, unsigned mask, struct query *q);

#endif
