/* SPDX-License-Identifier: MIT */
/* How the running kernel was built: /proc/config.gz or one of the files beside it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "../host/cleanup.h"
#include "../host/library.h"
#include "reader.h"

/* The one place for the names, with their lengths: ten thousand lines are compared. */
#define OPTION(name_)                                                                    \
	{                                                                                \
		name_, sizeof(name_) - 1                                                 \
	}
static const struct {
	const char *name;
	size_t len;
} options[KOPT_COUNT] = {
	[KOPT_INET] = OPTION("CONFIG_INET"),
	[KOPT_TLS] = OPTION("CONFIG_TLS"),
	[KOPT_TLS_DEVICE] = OPTION("CONFIG_TLS_DEVICE"),
	[KOPT_MLX5_EN_TLS] = OPTION("CONFIG_MLX5_EN_TLS"),
	[KOPT_CHELSIO_TLS_DEVICE] = OPTION("CONFIG_CHELSIO_TLS_DEVICE"),
	[KOPT_NET_HANDSHAKE] = OPTION("CONFIG_NET_HANDSHAKE"),
	[KOPT_INET_TCP_DIAG] = OPTION("CONFIG_INET_TCP_DIAG"),
};

const char *kopt_name(enum kopt opt)
{
	return options[opt].name;
}

static enum kopt find_option(struct span word)
{
	for (int i = 0; i < KOPT_COUNT; i++)
		if (word.len == options[i].len &&
		    !memcmp(word.p, options[i].name, word.len))
			return i;
	return KOPT_COUNT;
}

/* "CONFIG_X=y" or "# CONFIG_X is not set"; KOPT_COUNT for any other line. */
static enum kopt parse_line(struct span line, enum kopt_value *value)
{
	struct span word;
	bool off = span_starts(line, "# CONFIG_");

	if (off)
		line = span(line.p + 2, line.len - 2);
	if (!span_starts(line, "CONFIG_") || !cut_at(&line, off ? ' ' : '=', &word))
		return KOPT_COUNT;
	if (off && !span_is(trimmed(line), "is not set"))
		return KOPT_COUNT;
	line = trimmed(line);
	if (!line.len)
		return KOPT_COUNT;
	*value = off || span_is(line, "n") ? KOPT_N
		 : span_is(line, "m")      ? KOPT_M
					   : KOPT_Y;
	return find_option(word);
}

/* Ten thousand lines come by: most are sent away for the two letters behind CONFIG_. */
static bool is_known(struct span line)
{
	size_t at = line.len && line.p[0] == '#' ? 9 : 7;
	enum kopt_value v;

	if (line.len < at + 3)
		return false;
	for (int i = 0; i < KOPT_COUNT; i++)
		if (options[i].name[7] == line.p[at] &&
		    options[i].name[8] == line.p[at + 1])
			return parse_line(line, &v) != KOPT_COUNT;
	return false;
}

static bool is_gzip(struct span s)
{
	return s.len > 2 && !memcmp(s.p, "\x1f\x8b", 2);
}

/* Where CONFIG_TLS is not set, all else that is looked for depends on it or is moot. */
static bool says_enough(const struct bytes *b, size_t from)
{
	static const char line[] = "\n# CONFIG_TLS is not set\n";

	from = from > sizeof(line) ? from - sizeof(line) : 0;
	return memmem(b->data + from, b->len - from, line, sizeof(line) - 1);
}

static void inflate_chunks(z_stream *z, size_t max, struct bytes *out)
{
	enum { CHUNK = 32768 };
	int ret = Z_OK;

	while (ret == Z_OK && out->len < max) {
		size_t before = out->len;

		z->next_out = (Bytef *)out->data + before;
		z->avail_out = (uInt)(max - before < CHUNK ? max - before : CHUNK);
		ret = inflate(z, Z_NO_FLUSH);
		out->len = z->total_out;
		if (out->len == before || says_enough(out, before))
			break;
	}
	out->data[out->len] = '\0';
}

/*
 * Inflates what can be inflated into out (a cut file gives its beginning), until enough
 * is said, at most max bytes: a bomb must not fill the memory. Owned by the caller.
 */
static int gunzip(struct span in, size_t max, struct bytes *out)
{
	enum { MOST = 1032 }; /* bytes that deflate makes of one */
	z_stream z = { .next_in = (Bytef *)in.p, .avail_in = (uInt)in.len };

	if (in.len < max / MOST)
		max = in.len * MOST;
	out->data = malloc(max + 1);
	if (!out->data)
		return -ENOMEM;
	if (inflateInit2(&z, 16 + MAX_WBITS) != Z_OK) {
		bytes_free(out);
		return -ENOMEM;
	}
	inflate_chunks(&z, max, out);
	inflateEnd(&z);
	return 0;
}

enum { CONFIG_MAX = 2 << 20 };

/* Not filter_lines(): nobody asks for a line number here, and there are many lines. */
void filter_kconfig(struct bytes *b)
{
	struct bytes plain = { 0 };
	size_t out = 0;
	char *end;

	if (is_gzip(span_of(b)) && !gunzip(span_of(b), CONFIG_MAX, &plain)) {
		bytes_free(b);
		*b = plain;
	}
	for (char *p = b->data, *all = p + b->len; p && p < all; p = end + 1) {
		end = memchr(p, '\n', (size_t)(all - p));
		end = end ? end : all;
		if (!is_known(span(p, (size_t)(end - p))))
			continue;
		memmove(b->data + out, p, (size_t)(end - p));
		out += (size_t)(end - p);
		if (end < all)
			b->data[out++] = '\n';
	}
	b->len = out;
	if (b->data)
		b->data[out] = '\0';
}

int parse_kconfig(struct span text, struct kconfig_facts *out)
{
	struct span line;
	bool any = false;

	while (next_line(&text, &line)) {
		enum kopt_value v;
		enum kopt opt = parse_line(line, &v);

		if (opt == KOPT_COUNT)
			continue;
		out->opt[opt] = v;
		any = true;
	}
	return any ? 0 : -EBADMSG;
}

/* Tries one file; true when the search ends there. */
static bool try_file(struct host *h, struct facts *f, const char *path)
{
	cleanup_bytes struct bytes b = { 0 };
	const struct read_opts o = { .max = CONFIG_MAX, .filter = filter_kconfig };
	struct kconfig_facts *k = &f->kconfig;
	int err = host_read(h, path, &o, &b);

	if (!err)
		err = parse_kconfig(span_of(&b), k);
	if (err == -ENOENT)
		return false; /* what counts is why another one could not be read */
	k->src = (struct source){ path, err };
	return !err;
}

void read_kconfig(struct host *h, struct facts *f)
{
	static const char *const places[] = {
		"/boot/config-%s",
		"/lib/modules/%s/config",
		"/usr/lib/modules/%s/config",
		"/usr/lib/ostree-boot/config-%s",
		"/usr/lib/kernel/config-%s",
		"/lib/modules/%s/build/.config",
	};

	f->kconfig.src = (struct source){ "/proc/config.gz", -ENOENT };
	if (try_file(h, f, "/proc/config.gz"))
		return;
	if (!f->kernel.release)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		struct span rest = span(places[i], strlen(places[i])), before;
		const char *path;

		cut_at(&rest, '%', &before);
		path = arena_printf(f->arena, "%.*s%s%s", (int)before.len, before.p,
				    f->kernel.release, rest.p + 1);
		if (!path || try_file(h, f, path))
			return;
	}
}

struct library library_zlib(void)
{
	return (struct library){ "zlib", ZLIB_VERSION, zlibVersion() };
}
