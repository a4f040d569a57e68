/* SPDX-License-Identifier: MIT */
/*
 * A stream of JSON documents cut into pieces, without looking at the JSON. A line that
 * begins with { begins a piece, which goes on to the next such line: a document a line is
 * a piece, and so is one that is spread over indented lines. Thus a document that was cut
 * off takes none of its neighbours with it.
 */
#ifndef KTLSCTL_FLEET_SPLIT_H
#define KTLSCTL_FLEET_SPLIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A longer piece is named, and its bytes are passed over; one host's report is 50 KB. */
enum { SPLIT_MAX = 8 << 20 };

struct piece {
	const char *text; /* NULL: it was too long; a NUL stands behind all of it */
	size_t len;
	uint64_t line; /* its first one, from 1 on */
};

struct split {
	/* 0, or -errno, which ends it */
	int (*piece)(const struct piece *p, void *arg);
	void *arg;
	char *buf; /* size + 1 bytes */
	size_t size;
	size_t begin, scan, end; /* of the piece; of what was not looked at yet; of all */
	uint64_t lines, first;   /* that ended before scan; the one before the piece */
	uint64_t bytes;          /* of all */
	bool skipping;
};

/* piece and arg are the caller's; everything else is zero. */
void split_free(struct split *s);
/* Room for the next bytes, NULL without memory; *n: how many of them. */
char *split_room(struct split *s, size_t *n);
/* n bytes were put there. */
int split_got(struct split *s, size_t n);
/* There are no more: the last piece. */
int split_end(struct split *s);

/* All of that for a descriptor; what read(2) refuses is -errno in *read_err. */
int split_fd(struct split *s, int fd, int *read_err);

#endif
