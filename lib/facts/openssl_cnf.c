/* SPDX-License-Identifier: MIT */
/*
 * openssl.cnf(5), as far as kTLS is concerned: openssl_conf names a section, its ssl_conf
 * the next, its system_default the last, whose Options may hold KTLS or -KTLS. Own code
 * and not NCONF_load(): line numbers are wanted, and a snapshot must not open live files.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../host/cleanup.h"
#include "reader.h"

static struct span uncommented(struct span line)
{
	for (size_t i = 0; i < line.len; i++)
		if (line.p[i] == '#' && (i == 0 || line.p[i - 1] != '\\'))
			return span(line.p, i);
	return line;
}

/* Commands of SSL_CONF are told apart without case, and by what stands behind a dot. */
static bool is_options(struct span key)
{
	struct span before;

	cut_at(&key, '.', &before);
	return span_is_nocase(key, "Options");
}

/* Keys that the chain is made of. MinProtocol and the like are nobody's business here. */
static bool is_chain_key(struct span key)
{
	static const char *const keys[] = { "openssl_conf", "ssl_conf",
					    "system_default" };

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (span_is(key, keys[i]))
			return true;
	return is_options(key);
}

enum line_kind { LINE_OTHER, LINE_SECTION, LINE_INCLUDE, LINE_PAIR };

struct cnf_line {
	struct span section, key, value;
};

/* Cuts "section::" off a key. */
static void split_key(struct cnf_line *out)
{
	struct span rest = out->key, before;

	if (!cut_at(&rest, ':', &before) || !rest.len || rest.p[0] != ':')
		return;
	out->section = trimmed(before);
	out->key = trimmed(span(rest.p + 1, rest.len - 1));
}

static enum line_kind parse_line(struct span line, struct cnf_line *out)
{
	struct span rest = trimmed(uncommented(line)), word;

	*out = (struct cnf_line){ 0 };
	if (rest.len && rest.p[0] == '[') {
		rest = span(rest.p + 1, rest.len - 1);
		if (!cut_at(&rest, ']', &out->section))
			return LINE_OTHER;
		out->section = trimmed(out->section);
		return LINE_SECTION;
	}
	if (span_starts(rest, ".include")) {
		rest = trimmed(span(rest.p + 8, rest.len - 8));
		if (rest.len && rest.p[0] == '=')
			rest = trimmed(span(rest.p + 1, rest.len - 1));
		out->value = rest;
		return rest.len ? LINE_INCLUDE : LINE_OTHER;
	}
	if (!cut_at(&rest, '=', &word))
		return LINE_OTHER;
	out->key = trimmed(word);
	split_key(out);
	out->value = trimmed(rest);
	return is_chain_key(out->key) ? LINE_PAIR : LINE_OTHER;
}

static bool keep_line(struct span *line)
{
	struct cnf_line l;

	*line = trimmed(uncommented(*line));
	return parse_line(*line, &l) != LINE_OTHER;
}

void filter_cnf(struct bytes *b)
{
	filter_lines(b, keep_line);
}

static int add_include(struct cnf *c, struct span path)
{
	const char **v = arena_grow(c->arena, c->includes, c->n_includes, sizeof(*v));

	if (!v)
		return -ENOMEM;
	c->includes = v;
	v[c->n_includes] = arena_strndup(c->arena, path.p, path.len);
	return v[c->n_includes++] ? 0 : -ENOMEM;
}

static int add_entry(struct cnf *c, const struct cnf_line *l, struct span section,
		     const char *file, unsigned line)
{
	struct cnf_entry *e = arena_grow(c->arena, c->entries, c->n, sizeof(*e));

	if (!e)
		return -ENOMEM;
	if (l->section.len)
		section = l->section;
	c->entries = e;
	e += c->n++;
	*e = (struct cnf_entry){
		.section = arena_strndup(c->arena, section.p, section.len),
		.key = arena_strndup(c->arena, l->key.p, l->key.len),
		.value = arena_strndup(c->arena, l->value.p, l->value.len),
		.file = arena_strdup(c->arena, file),
		.line = line,
	};
	/* $variables and continued lines are not followed: an honest "unsure" instead. */
	if (span_has(l->value, "$") ||
	    (l->value.len && l->value.p[l->value.len - 1] == '\\'))
		c->unsure = true;
	return e->section && e->key && e->value && e->file ? 0 : -ENOMEM;
}

int parse_cnf(struct span text, const char *file, struct cnf *out)
{
	struct span section = span("default", 7), line;

	for (unsigned n = 1; next_line(&text, &line); n++) {
		struct cnf_line l;
		int err = 0;

		switch (parse_line(line, &l)) {
		case LINE_SECTION:
			section = l.section;
			break;
		case LINE_INCLUDE:
			err = add_include(out, l.value);
			break;
		case LINE_PAIR:
			err = add_entry(out, &l, section, file, n);
			break;
		case LINE_OTHER:
			break;
		}
		if (err)
			return err;
	}
	return 0;
}

/* The last one wins, as in OpenSSL. */
static const struct cnf_entry *lookup(const struct cnf *c, const char *section,
				      const char *key)
{
	for (size_t i = c->n; i-- > 0;)
		if (!strcmp(c->entries[i].section, section) &&
		    !strcmp(c->entries[i].key, key))
			return &c->entries[i];
	return NULL;
}

/* Applies "KTLS", "-KTLS", "A,+KTLS" to what held before. */
static enum cnf_ktls apply_options(const char *value, enum cnf_ktls ktls)
{
	struct span rest = span(value, strlen(value)), word;

	while (rest.len) {
		bool off;

		if (!cut_at(&rest, ',', &word)) {
			word = rest;
			rest.len = 0;
		}
		word = trimmed(word);
		off = word.len && word.p[0] == '-';
		if (word.len && (off || word.p[0] == '+'))
			word = span(word.p + 1, word.len - 1);
		if (span_is_nocase(word, "KTLS"))
			ktls = off ? CNF_OFF : CNF_ON;
	}
	return ktls;
}

/* A later line with the same key replaces an earlier one; "1.Options" is another key. */
static void resolve_options(const struct cnf *c, const char *section,
			    struct openssl_cnf_facts *out)
{
	out->missing = "Options";
	for (size_t i = 0; i < c->n; i++) {
		const struct cnf_entry *e = &c->entries[i];
		enum cnf_ktls before = out->ktls;

		if (strcmp(e->section, section) ||
		    !is_options(span(e->key, strlen(e->key))) ||
		    lookup(c, section, e->key) != e)
			continue;
		out->ktls = apply_options(e->value, before);
		if (!out->file || out->ktls != before) {
			out->file = e->file;
			out->line = e->line;
		}
	}
	if (out->ktls != CNF_UNSET)
		out->missing = NULL;
}

void cnf_resolve(const struct cnf *c, struct openssl_cnf_facts *out)
{
	static const char *const chain[] = { "openssl_conf", "ssl_conf",
					     "system_default" };

	out->unsure = c->unsure;
	out->section = "default";
	for (size_t i = 0; i < ARRAY_SIZE(chain); i++) {
		const struct cnf_entry *e = lookup(c, out->section, chain[i]);

		if (!e) {
			out->missing = chain[i];
			return;
		}
		out->section = e->value;
	}
	resolve_options(c, out->section, out);
}

enum { MAX_FILES = 64 };

static int read_file(struct host *h, struct cnf *c, const char *path)
{
	const struct read_opts o = { .max = 1 << 20, .filter = filter_cnf };
	cleanup_bytes struct bytes b = { 0 };
	int err = host_read(h, path, &o, &b);

	return err ? err : parse_cnf(span_of(&b), path, c);
}

struct include_dir {
	struct host *h;
	struct cnf *cnf;
	const char *dir;
};

/* An include of a folder takes its .cnf and .conf files (config(5)). */
static bool is_cnf(const char *name)
{
	size_t n = strlen(name);

	return is_conf(name) ||
	       (n > 4 && name[0] != '.' && !strcmp(name + n - 4, ".cnf"));
}

static int read_dir_entry(void *arg, const char *name)
{
	const struct include_dir *d = arg;
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", d->dir, name);
	if (read_file(d->h, d->cnf, path))
		d->cnf->unsure = true;
	return 0;
}

/* Whatever the included files include is appended, and so followed in turn. */
static void follow_includes(struct host *h, struct cnf *c)
{
	for (size_t i = 0; i < c->n_includes; i++) {
		struct include_dir d = { h, c, c->includes[i] };
		int err;

		if (i >= MAX_FILES || d.dir[0] != '/') {
			c->unsure = true;
			continue;
		}
		err = read_file(h, c, d.dir);
		if (err == -EISDIR)
			err = host_list(h, d.dir, is_cnf, read_dir_entry, &d);
		if (err && err != -ENOENT)
			c->unsure = true;
	}
}

void read_openssl_cnf(struct host *h, struct facts *f)
{
	struct openssl_cnf_facts *o = &f->openssl_cnf;
	const char *path = f->openssl.config_file;
	struct cnf c = { .arena = f->arena };
	int err;

	if (!path || !*path) {
		o->src = (struct source){ "openssl.cnf", -ENOENT };
		return;
	}
	err = read_file(h, &c, path);
	o->src = (struct source){ path, err == -ENOENT ? 0 : err };
	o->present = !err;
	if (err) {
		o->missing = "openssl_conf";
		o->section = "default";
		return;
	}
	follow_includes(h, &c);
	cnf_resolve(&c, o);
}
