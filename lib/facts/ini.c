/* SPDX-License-Identifier: MIT */
#include <ini.h>
#include <string.h>

#include "../host/library.h"
#include "ini.h"

struct walk {
	struct span rest;
	unsigned number, too_long;
	ini_fn fn;
	void *arg;
	int ret;
};

/* The next line, as fgets(3) would give it: inih has no other way to tell its number. */
static char *next(char *buf, int size, void *stream)
{
	struct walk *w = stream;
	struct span line;
	size_t n;

	if (w->ret || !next_line(&w->rest, &line))
		return NULL;
	w->number++;
	/* An indented line is no continuation of the one above. */
	line = trimmed(line);
	n = strnlen(line.p, line.len);
	if (n > INI_LINE_MAX || n >= (size_t)size) {
		w->too_long = w->too_long ? w->too_long : w->number;
		n = 0;
	}
	memcpy(buf, line.p, n);
	buf[n] = '\0';
	return buf;
}

static int on_pair(void *arg, const char *section, const char *name, const char *value)
{
	struct walk *w = arg;
	const struct ini_line line = { section, name, value, w->number };

	if (!w->ret)
		w->ret = w->fn(w->arg, &line);
	return 1;
}

int ini_walk(struct span text, ini_fn fn, void *arg, unsigned *bad)
{
	struct walk w = { .rest = text, .fn = fn, .arg = arg };
	int error = ini_parse_stream(next, &w, on_pair, &w);

	*bad = w.ret || error < 0 ? 0 : (unsigned)error;
	if (w.too_long && (!*bad || w.too_long < *bad))
		*bad = w.too_long;
	return w.ret;
}

struct library library_inih(void)
{
	return (struct library){ "inih", INIH_VERSION, NULL };
}
