/* SPDX-License-Identifier: MIT */
/*
 * A file of this program's with a line a key. Only the line of the key changes; whatever
 * else somebody has written there stays. With nothing but its head left, the file goes.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../facts/lines.h"
#include "../host/cleanup.h"
#include "mech.h"

/* The key's value, when this is its line. */
static bool line_is(const struct dropin *d, struct span line, const char *key,
		    struct span *value)
{
	const size_t before = strlen(d->before), behind = strlen(d->behind),
		     between = strlen(d->between), n = strlen(key);
	const char *p = line.p;
	size_t len = line.len;

	/* What stands before may have been made on a host where it was another. */
	if (d->before_own) {
		p = memmem(line.p, line.len, d->before, before);
		len = p ? (size_t)(line.p + line.len - p) : 0;
	}
	if (len < before + n + between + behind || memcmp(p, d->before, before) ||
	    memcmp(p + before, key, n) || memcmp(p + before + n, d->between, between) ||
	    memcmp(p + len - behind, d->behind, behind))
		return false;
	*value = span(p + before + n + between, len - before - n - between - behind);
	/* "tls" with nothing behind it must not be the "tls" of "tls_other". */
	return between || behind || !value->len;
}

static int read_file(struct host *h, const struct dropin *d, struct bytes *out)
{
	const struct read_opts o = { .unrecorded = true };
	int err = host_read(h, d->path, &o, out);

	return err == -ENOTDIR ? -ENOENT : err;
}

int dropin_get(struct host *h, const struct dropin *d, const char *key, struct arena *a,
	       const char **value)
{
	cleanup_bytes struct bytes b = { 0 };
	int err = read_file(h, d, &b);
	struct span rest = span(b.data, b.len), line, saw;

	*value = NULL;
	/* The last one wins, for all that read such files. */
	while (!err && next_line(&rest, &line)) {
		if (!line_is(d, line, key, &saw))
			continue;
		*value = d->between[0] ? arena_strndup(a, saw.p, saw.len)
				       : arena_strdup(a, "on");
		if (!*value)
			err = -ENOMEM;
	}
	return err ? err : *value ? 0 : -ENOENT;
}

static void put_line(FILE *f, const struct dropin *d, const char *key, const char *value)
{
	fprintf(f, "%s%s%s%s%s\n", d->before_own ? d->before_own : d->before, key,
		d->between, d->between[0] ? value : "", d->behind);
}

/* The text with the key's lines taken out and, with a value, one at the place of the
 * first, or at the end. */
static void put_text(FILE *f, const struct dropin *d, struct span text, const char *key,
		     const char *value)
{
	bool done = !value;
	struct span line, saw;

	if (!text.len)
		fputs(d->head, f);
	while (next_line(&text, &line)) {
		if (!line_is(d, line, key, &saw)) {
			fprintf(f, "%.*s\n", (int)line.len, line.p);
			continue;
		}
		if (!done)
			put_line(f, d, key, value);
		done = true;
	}
	if (!done)
		put_line(f, d, key, value);
}

static int write_file(struct host *h, const struct dropin *d, const char *text,
		      size_t len)
{
	if (!strcmp(text, d->head))
		return host_remove(h, d->path);
	return host_replace(h, d->path,
			    &(struct host_text){ text, len, d->mode ? d->mode : 0644 });
}

/* A key that is no longer there leaves nothing of an interrupted writing either. */
static int set_in(struct host *h, const struct dropin *d, const struct bytes *b,
		  const char *key, const char *value)
{
	cleanup_free char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	int err;

	if (!f)
		return -ENOMEM;
	put_text(f, d, span(b->data ? b->data : "", b->len), key, value);
	err = ferror(f);
	if (fclose(f) || err)
		return -ENOMEM;
	return write_file(h, d, text, len);
}

int dropin_set(struct host *h, const struct dropin *d, const char *key, const char *value)
{
	cleanup_bytes struct bytes b = { 0 };
	int err = read_file(h, d, &b);

	if (err && err != -ENOENT)
		return err;
	return set_in(h, d, &b, key, value);
}
