/* SPDX-License-Identifier: MIT */
/* Walking foreign text line by line and word by word, without changing or copying it. */
#ifndef KTLSCTL_LINES_H
#define KTLSCTL_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct span {
	const char *p;
	size_t len;
};

static inline struct span span(const char *p, size_t len)
{
	return (struct span){ p, len };
}

/* Cuts the next line (without its newline) off rest. False at the end. */
bool next_line(struct span *rest, struct span *line);
/* Cuts the next word (blanks and tabs between) off rest. False at the end. */
bool next_word(struct span *rest, struct span *word);
/* Cuts what stands before the first c off rest, which keeps what is behind it. False and
 * nothing changed when there is no c. */
bool cut_at(struct span *rest, char c, struct span *before);
struct span trimmed(struct span s);
bool span_is(struct span s, const char *text);
bool span_is_nocase(struct span s, const char *text);
bool span_starts(struct span s, const char *text);
bool span_has(struct span s, const char *text);
/* A whole unsigned decimal number; false for anything else, overflow included. */
bool span_u64(struct span s, uint64_t *out);

#endif
