/* SPDX-License-Identifier: MIT */
/*
 * openssl.cnf(5), as far as kTLS is concerned: openssl_conf names a section, its ssl_conf
 * the next, its system_default the last, whose Options may hold KTLS or -KTLS. Own code
 * and not NCONF_load(): line numbers are wanted, and a snapshot must not open live files.
 */
#include <errno.h>
#include <string.h>

#include "../host/cleanup.h"
#include "reader.h"

/* Up to the #, unless it is quoted or escaped. */
static struct span uncommented(struct span line)
{
	char quote = 0;

	for (size_t i = 0; i < line.len; i++) {
		char c = line.p[i];

		if (c == '\\')
			i++;
		else if (quote)
			quote = c == quote ? 0 : quote;
		else if (c == '"' || c == '\'')
			quote = c;
		else if (c == '#')
			return span(line.p, i);
	}
	return line;
}

/* A copy without its quotes, which may stand around any part. */
static char *unquoted(struct arena *a, struct span v)
{
	char *copy = arena_strndup(a, v.p, v.len), *to = copy;

	for (const char *from = copy; from && *from; from++)
		if (*from != '"' && *from != '\'')
			*to++ = *from;
	if (to)
		*to = '\0';
	return copy;
}

/* A line that ends in a backslash goes on in the next, comments too. */
static bool is_continued(struct span line)
{
	if (line.len && line.p[line.len - 1] == '\r')
		line.len--;
	return line.len && line.p[line.len - 1] == '\\' &&
	       (line.len < 2 || line.p[line.len - 2] != '\\');
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
	if (span_starts(rest, "\xef\xbb\xbf"))
		rest = trimmed(span(rest.p + 3, rest.len - 3));
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

/*
 * That a line goes on in the next is kept, whatever else is not: as "\\" of a line that
 * is of no use, as "#\\" of a comment behind one that is.
 */
static bool keep_line(struct span *line)
{
	bool continued = is_continued(*line);
	struct span whole = *line;
	struct cnf_line l;

	*line = trimmed(uncommented(*line));
	if (parse_line(*line, &l) == LINE_OTHER) {
		*line = span(memrchr(whole.p, '\\', whole.len), 1);
		return continued;
	}
	if (continued && !is_continued(*line)) {
		memcpy((char *)line->p + line->len, "#\\", 2);
		line->len += 2;
	}
	/* A blank behind the backslash is what ends the line; a CR would not. */
	if (!continued && is_continued(*line))
		((char *)line->p)[line->len++] = ' ';
	return true;
}

void filter_cnf(struct bytes *b)
{
	filter_lines(b, keep_line);
}

static int add_entry(struct cnf *c, const struct cnf_line *l, const char *file,
		     unsigned line)
{
	struct cnf_entry *e = arena_grow(c->arena, c->entries, c->n, sizeof(*e));

	if (!e)
		return -ENOMEM;
	c->entries = e;
	e += c->n++;
	*e = (struct cnf_entry){
		.section = l->section.len
				   ? arena_strndup(c->arena, l->section.p, l->section.len)
				   : c->section,
		.key = arena_strndup(c->arena, l->key.p, l->key.len),
		.value = unquoted(c->arena, l->value),
		.file = arena_strdup(c->arena, file),
		.line = line,
	};
	/* $variables and continued lines are not followed: an honest "unsure" instead. */
	if (span_has(l->value, "$") ||
	    (l->value.len && l->value.p[l->value.len - 1] == '\\'))
		c->unsure = true;
	return e->section && e->key && e->value && e->file ? 0 : -ENOMEM;
}

static int take_section(struct cnf *c, struct span name)
{
	c->section = arena_strndup(c->arena, name.p, name.len);
	return c->section ? 0 : -ENOMEM;
}

/* What an include holds stands where the line stands; the last section of it goes on. */
static int take_include(struct cnf *c, struct span path)
{
	const char *name = arena_strndup(c->arena, path.p, path.len);

	if (!name)
		return -ENOMEM;
	if (!c->include)
		c->unsure = true;
	return c->include ? c->include(c, name) : 0;
}

static int take_line(struct cnf *c, struct span line, const char *file, unsigned n)
{
	struct cnf_line l;

	switch (parse_line(line, &l)) {
	case LINE_SECTION:
		return take_section(c, l.section);
	case LINE_INCLUDE:
		return take_include(c, l.value);
	case LINE_PAIR:
		return add_entry(c, &l, file, n);
	case LINE_OTHER:
		break;
	}
	return 0;
}

int parse_cnf(struct span text, const char *file, struct cnf *out)
{
	bool goes_on = false;
	struct span line;

	if (!out->section)
		out->section = "default";
	for (unsigned n = 1; next_line(&text, &line); n++) {
		int err = goes_on ? 0 : take_line(out, line, file, n);

		if (err)
			return err;
		goes_on = is_continued(line);
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

enum cnf_ktls cnf_options(struct span rest, enum cnf_ktls ktls)
{
	struct span word;

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
		out->ktls = cnf_options(span(e->value, strlen(e->value)), before);
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
