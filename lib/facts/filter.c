/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "reader.h"

void filter_lines(struct bytes *b, bool (*keep)(struct span *line))
{
	struct span rest = span_of(b), line;
	size_t out = 0;
	bool any = false;

	while (next_line(&rest, &line)) {
		bool ended = line.p + line.len < b->data + b->len;

		if (keep(&line)) {
			memmove(b->data + out, line.p, line.len);
			out += line.len;
			any = true;
		}
		if (ended)
			b->data[out++] = '\n';
	}
	/* Nothing to keep: not even the number of lines. */
	b->len = any ? out : 0;
	if (b->data)
		b->data[b->len] = '\0';
}

bool is_conf(const char *name)
{
	size_t n = strlen(name);

	return n > 5 && name[0] != '.' && !strcmp(name + n - 5, ".conf");
}
