/* SPDX-License-Identifier: MIT */
/* One look at all sockets, for ktlsctl sockets. */
#ifndef KTLSCTL_SOCKETS_LOOK_H
#define KTLSCTL_SOCKETS_LOOK_H

#include "../lib/out/sockets.h"
#include "../lib/out/stream.h"
#include "cmd.h"

enum { CAUSES = 16 }; /* looked for, at most: each is a diagnosis of its own */

struct look {
	const struct settings *s;
	struct host *h;
	struct facts *f;
	struct arena *arena;
	struct sink sink;
	struct stream stream;
	struct survey_query q;
	struct survey survey;
	struct socket_context context;
	struct socket_words words;
	struct tally tally;
	bool tallies; /* the sums are wanted */
	bool counts_only;
	struct socket_row *rows; /* kept for the table, or */
	size_t n_rows;
	struct socket_table table; /* its head is written, and so are they */
	struct sockets_doc doc;
	int failed;                         /* looking, in the middle of a document */
	struct report *reports[CAUSES + 1]; /* that doc points into */
	size_t n_reports;
	uint64_t left_out; /* namespaces that could not be entered */
};

/* Answers once, into the stream. 0 or -errno. */
int look_once(struct look *l);
/* Of the stream's one list. */
void look_items(struct stream *st, void *arg);
/* The kernel has sockets on kTLS now, or does not tell. */
bool counts_ktls(const struct facts *f);
/* What one look leaves behind; samples, stream and sink stay. */
void look_forget(struct look *l);

#endif
