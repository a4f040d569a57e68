/* SPDX-License-Identifier: MIT */
/*
 * Documents written as they come: one after the other through a buffer of fixed size, so
 * that a million of them take the memory of one. The text is that of doc_to_json(), but
 * for the blanks; what cJSON builds in memory first costs ten times as long.
 */
#ifndef KTLSCTL_STREAM_H
#define KTLSCTL_STREAM_H

#include <stdint.h>

#include "field.h"

/* The count of a FIELD_LIST whose elements are not in memory: items() writes them. */
#define FIELD_STREAMED SIZE_MAX

struct stream {
	/* Takes the text, all of it; 0 or -errno, which ends up in err. */
	int (*write)(void *arg, const char *p, size_t n);
	/* Of the one list of the document that is FIELD_STREAMED: calls stream_item() for
	 * each element. */
	void (*items)(struct stream *s, void *arg);
	void *arg;
	char *buf;
	size_t len;
	int err;    /* the first one; after it nothing is written any more */
	bool begun; /* an element of that list was written */
};

/* 0 or -ENOMEM; the caller sets write and arg. stream_end() in any case. */
int stream_begin(struct stream *s);
/* Hands on what is still in the buffer. */
int stream_flush(struct stream *s);
/* The same and frees the buffer. Returns err. */
int stream_end(struct stream *s);

/* The document as one line of JSON without a newline. */
void stream_doc(struct stream *s, const struct fields *d, const void *doc);
/* One element of the streamed list, on a line of its own. */
void stream_item(struct stream *s, const struct fields *d, const void *doc);
void stream_text(struct stream *s, const char *p, size_t n);

#endif
