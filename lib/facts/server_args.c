/* SPDX-License-Identifier: MIT */
/* Where a server's configuration is: out of its command line and its executable. */
#include <errno.h>
#include <string.h>

#include "../host/cleanup.h"
#include "server_conf.h"

struct arg_reader {
	struct span rest;
	bool title; /* one string for all, as nginx sets it */
};

static bool next_arg(struct arg_reader *r, struct span *arg)
{
	if (r->title)
		return next_word(&r->rest, arg);
	if (!r->rest.len)
		return false;
	if (!cut_at(&r->rest, '\0', arg)) {
		*arg = r->rest;
		r->rest.len = 0;
	}
	return true;
}

/* "-cFILE" and "-c FILE". */
static bool option(struct arg_reader *r, struct span arg, char name, struct span *value)
{
	if (arg.len < 2 || arg.p[0] != '-' || arg.p[1] != name)
		return false;
	*value = span(arg.p + 2, arg.len - 2);
	return value->len || next_arg(r, value);
}

static void add_file(struct conf_args *out, struct span file)
{
	if (out->n < ARRAY_SIZE(out->files))
		out->files[out->n++] = file;
}

static void nginx_args(struct arg_reader *r, struct conf_args *out)
{
	struct span arg, value;

	while (next_arg(r, &arg)) {
		if (option(r, arg, 'c', &value)) {
			out->n = 0;
			add_file(out, value);
		} else if (option(r, arg, 'p', &value)) {
			out->prefix = value;
		}
	}
}

static void haproxy_args(struct arg_reader *r, struct conf_args *out)
{
	struct span arg, value;
	bool files = false;

	while (next_arg(r, &arg)) {
		if (files)
			add_file(out, arg);
		else if (span_is(arg, "--"))
			files = true;
		else if (span_is(arg, "-dT"))
			out->no_ktls = true;
		else if (option(r, arg, 'f', &value))
			add_file(out, value);
		else if (option(r, arg, 'C', &value))
			out->folder = value;
		else if (span_is(arg, "-sf") || span_is(arg, "-st"))
			break; /* process numbers follow, to the end */
	}
}

static void lighttpd_args(struct arg_reader *r, struct conf_args *out)
{
	struct span arg, value;

	while (next_arg(r, &arg))
		if (option(r, arg, 'f', &value)) {
			out->n = 0;
			add_file(out, value);
		}
}

void parse_conf_args(struct span cmdline, const char *app, struct conf_args *out)
{
	struct arg_reader r = { cmdline, false };
	struct span first;

	*out = (struct conf_args){ 0 };
	if (span_starts(cmdline, "nginx: ")) {
		/* NUL bytes only fill up what the old arguments took. */
		r.title = true;
		r.rest.len = strnlen(cmdline.p, cmdline.len);
	}
	if (!next_arg(&r, &first))
		return;
	if (!strcmp(app, "nginx"))
		nginx_args(&r, out);
	else if (!strcmp(app, "haproxy"))
		haproxy_args(&r, out);
	else
		lighttpd_args(&r, out);
}

/* The word behind mark, which itself begins a word of text. */
static bool word_behind(struct span text, const char *mark, struct span *word)
{
	size_t len = strlen(mark);
	const char *at = text.len ? memmem(text.p, text.len, mark, len) : NULL;
	struct span rest;

	if (!at || (at > text.p && at[-1] != ' ' && at[-1] != '\''))
		return false;
	rest = span(at + len, text.len - (size_t)(at + len - text.p));
	return next_word(&rest, word);
}

static int copy_word(struct span text, const char *mark, struct arena *a,
		     const char **out)
{
	struct span word;

	if (!word_behind(text, mark, &word) || word.len > 1024)
		return 0;
	*out = arena_strndup(a, word.p, word.len);
	return *out ? 0 : -ENOMEM;
}

/* From behind mark to the NUL byte; empty when it is not there. */
static struct span string_behind(struct span bytes, const char *mark)
{
	size_t len = strlen(mark);
	const char *at = bytes.len ? memmem(bytes.p, bytes.len, mark, len) : NULL;
	struct span rest;

	if (!at)
		return span(NULL, 0);
	rest = span(at + len, bytes.len - (size_t)(at + len - bytes.p));
	rest.len = strnlen(rest.p, rest.len < 65536 ? rest.len : 65536);
	return rest;
}

int parse_nginx_exe(struct span bytes, struct arena *a, struct server_conf *out,
		    struct nginx_build *build)
{
	struct span version = string_behind(bytes, "nginx version: ");
	struct span args = string_behind(bytes, "configure arguments:");
	struct span line, name;

	*build = (struct nginx_build){ 0 };
	/* "nginx/1.22.1\n", "openresty/1.25.3.1\n", "nginx/1.27.0 (vendor)" */
	if (next_line(&version, &line) && cut_at(&line, '/', &name) &&
	    next_word(&line, &name) && name.len < 32) {
		out->version = arena_strndup(a, name.p, name.len);
		if (!out->version)
			return -ENOMEM;
	}
	out->bundled = span_has(args, "--with-openssl=");
	out->ktls_built = out->bundled && span_has(args, "enable-ktls");
	return copy_word(args, "--prefix=", a, &build->prefix) ||
			       copy_word(args, "--conf-path=", a, &build->conf)
		       ? -ENOMEM
		       : 0;
}

static bool released(struct span rest)
{
	struct span version;

	if (rest.len > 96)
		rest.len = 96;
	return cut_at(&rest, ',', &version) && span_starts(rest, " released ");
}

/* "lighttpd/1.4.69", " version 2.6.12-1+deb12u4, released 2026/10/17" */
int parse_server_version(struct span bytes, const char *app, struct arena *a,
			 struct server_conf *out)
{
	const char *mark = strcmp(app, "haproxy") ? "lighttpd/" : " version ";
	size_t len = strlen(mark), n;
	const char *at;

	while (bytes.len && (at = memmem(bytes.p, bytes.len, mark, len))) {
		bytes = span(at + len, bytes.len - (size_t)(at + len - bytes.p));
		for (n = 0; n < bytes.len && n < 16 && bytes.p[n] &&
			    strchr("0123456789.", bytes.p[n]);
		     n++)
			;
		if (n < 3 || (mark[0] == ' ' && !released(bytes)))
			continue;
		out->version = arena_strndup(a, bytes.p, n);
		return out->version ? 0 : -ENOMEM;
	}
	return 0;
}

int conf_at(struct conf_parse *p, const char *file, unsigned line, const char **at)
{
	*at = arena_printf(p->arena, "%s:%u", file, line);
	return *at ? 0 : -ENOMEM;
}
