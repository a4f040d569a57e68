/* SPDX-License-Identifier: MIT */
/* Between the files that options stand in. */
#ifndef KTLSCTL_CMD_OPTIONS_H
#define KTLSCTL_CMD_OPTIONS_H

#include "cmd.h"

struct option_row {
	const char *name;
	char letter;     /* 0: none */
	const char *arg; /* NULL: takes none; "[TIME]": may be left out */
	bool (*set)(struct settings *s, const char *arg); /* false: not a value for it */
	/* Of a wrong value. "one of A, B" is offered to who completes a line. */
	const char *expected;
	const char *help; /* NULL: what formats there are */
};

struct option_table {
	const struct option_row *rows;
	size_t n;
};

/* Those of one command alone. */
extern const struct option_table request_options, scan_options, bench_options,
	latency_options;
/* That of the pages. */
extern const struct option_table page_options;

/* 0, or EXIT_USAGE after a line: a page that could not be written is found out before
 * anything else is done. */
int page_check(const struct command *c, const struct settings *s);
/* 0, or why no file could take the place of that one: -errno. */
int page_cannot_write(const char *path);

/* The i-th option of a command; NULL: there are no more. */
const struct option_row *option_at(const struct command *c, size_t i);
/* What --help says of it. */
void option_help_text(const struct command *c, const struct option_row *row, char *out,
		      size_t size);
bool option_optional(const struct option_row *row); /* its value may be left out */
bool option_takes_formats(const struct option_row *row);
/* Several, with commas between them. */
bool option_takes_ids(const struct option_row *row);
/* Which they are; NULL: ids and categories of checks. */
const struct id_kind *option_ids(const struct command *c, const struct option_row *row);

/* A whole number from 1 to max; no sign, no blank, nothing behind it. */
bool option_number(const char *arg, uint64_t max, uint64_t *out);
/* "2", "2s" or "500ms" */
bool option_time_ms(const char *arg, uint64_t *out);

#endif
