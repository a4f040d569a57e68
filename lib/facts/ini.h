/* SPDX-License-Identifier: MIT */
/* Our own configuration files: sections with "key = value" lines, # and ; comments. */
#ifndef KTLSCTL_INI_H
#define KTLSCTL_INI_H

#include "lines.h"

/* One "key = value"; the strings live as long as the call. section "": before any. */
struct ini_line {
	const char *section, *key, *value;
	unsigned number;
};

/* Returns 0 to go on; anything else ends the walk. */
typedef int (*ini_fn)(void *arg, const struct ini_line *line);

enum { INI_LINE_MAX = 180 };

/*
 * Calls fn for each "key = value" of the text. Returns what fn returned, or 0. *bad is
 * the number of the first line that is none of these (or longer than INI_LINE_MAX
 * bytes), 0 when there is none.
 */
int ini_walk(struct span text, ini_fn fn, void *arg, unsigned *bad);

#endif
