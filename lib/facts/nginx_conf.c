/* SPDX-License-Identifier: MIT */
/* nginx.conf: which servers take TLS, and what holds for them. */
#include <errno.h>
#include <string.h>

#include "../host/cleanup.h"
#include "server_conf.h"

enum { MAX_WORDS = 24 };

struct directive {
	struct span words[MAX_WORDS];
	size_t n;
	unsigned line;
	char end; /* ';', '{', '}', or 0 at the end of the text */
};

struct nginx_text {
	struct span rest;
	unsigned line;
};

static char take_char(struct nginx_text *t)
{
	char c = t->rest.p[0];

	t->rest = span(t->rest.p + 1, t->rest.len - 1);
	t->line += c == '\n';
	return c;
}

static char peek(const struct nginx_text *t, size_t i)
{
	return i < t->rest.len ? t->rest.p[i] : '\0';
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void skip_line(struct nginx_text *t)
{
	while (t->rest.len && t->rest.p[0] != '\n')
		take_char(t);
}

static void skip_blanks(struct nginx_text *t)
{
	while (t->rest.len && (is_blank(t->rest.p[0]) || t->rest.p[0] == '#')) {
		if (take_char(t) == '#')
			skip_line(t);
	}
}

static struct span quoted_word(struct nginx_text *t)
{
	char quote = take_char(t);
	struct span word = t->rest;

	while (t->rest.len && t->rest.p[0] != quote) {
		if (take_char(t) == '\\' && t->rest.len)
			take_char(t);
	}
	word.len = (size_t)(t->rest.p - word.p);
	if (t->rest.len)
		take_char(t);
	return word;
}

/* Ends at a blank, ";" or "{"; a "{" behind "$" belongs to a variable. */
static struct span plain_word(struct nginx_text *t)
{
	struct span word = t->rest;

	while (t->rest.len && !is_blank(t->rest.p[0]) && !strchr(";{", t->rest.p[0])) {
		char c = take_char(t);

		if ((c == '\\' || (c == '$' && peek(t, 0) == '{')) && t->rest.len)
			take_char(t);
	}
	word.len = (size_t)(t->rest.p - word.p);
	return word;
}

/* False at the end of the text. A NUL byte is a word's like any other. */
static bool next_directive(struct nginx_text *t, struct directive *d)
{
	*d = (struct directive){ 0 };
	for (;;) {
		struct span word;
		char c;

		skip_blanks(t);
		if (!t->rest.len)
			return d->n > 0;
		c = t->rest.p[0];
		if (!d->n)
			d->line = t->line;
		if (c == ';' || c == '{' || (c == '}' && !d->n)) {
			d->end = take_char(t);
			return true;
		}
		word = c == '"' || c == '\'' ? quoted_word(t) : plain_word(t);
		/* A NUL or a stray brace that no word takes. */
		if (!word.len && c != '"' && c != '\'')
			take_char(t);
		else if (d->n < MAX_WORDS)
			d->words[d->n++] = word;
	}
}

/* Lua has its own quotes and comments; its braces pair. */
static void skip_block(struct nginx_text *t)
{
	for (size_t depth = 1; t->rest.len && depth;) {
		char c = t->rest.p[0];

		if (c == '"' || c == '\'') {
			quoted_word(t);
			continue;
		}
		if (c == '-' && peek(t, 1) == '-')
			skip_line(t);
		else
			take_char(t);
		depth += c == '{';
		depth -= c == '}';
	}
}

static bool ends_with(struct span s, const char *end)
{
	size_t n = strlen(end);

	return s.len >= n && !memcmp(s.p + s.len - n, end, n);
}

static struct nginx_scope *top(struct nginx_parse *p)
{
	return &p->open[p->depth - 1];
}

static enum nginx_block block_kind(enum nginx_block outer, struct span name)
{
	if (outer == NGINX_TOP && (span_is(name, "http") || span_is(name, "stream")))
		return NGINX_HTTP;
	if (outer == NGINX_HTTP && span_is(name, "server"))
		return NGINX_SERVER;
	if ((outer == NGINX_SERVER || outer == NGINX_LOCATION) &&
	    (span_is(name, "location") || span_is(name, "if")))
		return NGINX_LOCATION;
	return NGINX_OTHER;
}

static void open_block(struct nginx_parse *p, struct span name)
{
	enum nginx_block outer = top(p)->kind;

	if (p->deeper || p->depth == NGINX_DEPTH) {
		p->deeper++;
		return;
	}
	p->open[p->depth++] = (struct nginx_scope){ .kind = block_kind(outer, name) };
}

/* What the one inside leaves open, the one outside decides. */
static enum cnf_ktls inherit(enum cnf_ktls inner, enum cnf_ktls outer)
{
	return inner == CNF_UNSET ? outer : inner;
}

/* One server that wants it is enough for "on". */
static void add_answer(struct server_conf *out, enum cnf_ktls ktls, const char *at)
{
	if (ktls == CNF_UNSET || out->ktls == CNF_ON || ktls == out->ktls)
		return;
	out->ktls = ktls;
	out->at = at;
}

/* The http block is closed: now it is known what holds for its servers. */
static void close_http(struct nginx_parse *p, const struct nginx_scope *http)
{
	struct server_conf *out = p->base.out;

	for (size_t i = 0; i < p->n_servers; i++) {
		const struct nginx_scope *s = &p->servers[i];
		const struct nginx_scope *from = s->commands ? s : http;

		if (!s->tls)
			continue;
		out->tls = true;
		add_answer(out, from->ktls, from->at);
		out->sendfile |= s->location_sendfile ||
				 inherit(s->sendfile, http->sendfile) == CNF_ON;
		out->http2 |= s->listen_http2 || inherit(s->http2, http->http2) == CNF_ON;
	}
	p->n_servers = 0;
	p->servers = NULL;
}

static int close_server(struct nginx_parse *p, const struct nginx_scope *s)
{
	struct nginx_scope *v;

	v = arena_grow(p->base.arena, p->servers, p->n_servers, sizeof(*v));
	if (!v)
		return -ENOMEM;
	p->servers = v;
	v[p->n_servers++] = *s;
	return 0;
}

static int close_block(struct nginx_parse *p)
{
	struct nginx_scope closed = *top(p);

	if (p->deeper) {
		p->deeper--;
		return 0;
	}
	if (p->depth == 1)
		return 0; /* one brace too many: nginx would not start with it */
	p->depth--;
	if (closed.kind == NGINX_HTTP)
		close_http(p, &closed);
	if (closed.kind == NGINX_LOCATION)
		top(p)->location_sendfile |= closed.location_sendfile ||
					     closed.sendfile == CNF_ON;
	return closed.kind == NGINX_SERVER ? close_server(p, &closed) : 0;
}

static void take_switch(enum cnf_ktls *to, const struct directive *d)
{
	if (d->n == 2)
		*to = span_is_nocase(d->words[1], "on") ? CNF_ON : CNF_OFF;
}

static void take_listen(struct nginx_scope *s, const struct directive *d)
{
	for (size_t i = 2; i < d->n; i++) {
		s->tls |= span_is(d->words[i], "ssl");
		s->listen_http2 |= span_is(d->words[i], "http2");
	}
}

/* Several at one level add up. */
static int take_command(struct nginx_parse *p, const struct directive *d,
			const char *file)
{
	struct nginx_scope *s = top(p);
	enum cnf_ktls before = s->ktls;

	s->commands = true;
	if (d->n != 3 || !span_is_nocase(d->words[1], "Options"))
		return 0;
	s->ktls = cnf_options(d->words[2], before);
	/* ssl_conf_command can hold variables; their value is found out per connection.
	 */
	p->base.out->unsure |= span_has(d->words[2], "$");
	return s->ktls == before ? 0 : conf_at(&p->base, file, d->line, &s->at);
}

static int take_include(struct nginx_parse *p, const struct directive *d)
{
	if (d->n != 2)
		return 0;
	if (!p->base.include)
		p->base.out->unsure = true;
	return p->base.include ? p->base.include(&p->base, d->words[1]) : 0;
}

static int take_directive(struct nginx_parse *p, const struct directive *d,
			  const char *file)
{
	struct nginx_scope *s = top(p);
	struct span name = d->words[0];

	if (p->deeper || s->kind == NGINX_OTHER)
		return 0;
	if (span_is(name, "include"))
		return take_include(p, d);
	if (s->kind == NGINX_TOP)
		return 0;
	if (span_is(name, "sendfile"))
		take_switch(&s->sendfile, d);
	if (s->kind == NGINX_LOCATION)
		return 0;
	if (span_is(name, "http2"))
		take_switch(&s->http2, d);
	if (span_is(name, "listen") && s->kind == NGINX_SERVER)
		take_listen(s, d);
	/* How TLS was switched on before 1.25.1. */
	if (span_is(name, "ssl") && d->n == 2)
		s->tls |= span_is_nocase(d->words[1], "on");
	return span_is(name, "ssl_conf_command") ? take_command(p, d, file) : 0;
}

void nginx_begin(struct nginx_parse *p)
{
	p->depth = 1;
	p->open[0] = (struct nginx_scope){ .kind = NGINX_TOP };
}

int parse_nginx(struct span text, const char *file, struct nginx_parse *p)
{
	struct nginx_text t = { text, 1 };
	struct directive d;
	int err = 0;

	while (!err && next_directive(&t, &d)) {
		if (d.end == '}')
			err = close_block(p);
		else if (d.end == '{' && d.n && ends_with(d.words[0], "_by_lua_block"))
			skip_block(&t);
		else if (d.end == '{')
			open_block(p, d.words[0]);
		else if (d.end == ';' && d.n)
			err = take_directive(p, &d, file);
	}
	return err;
}

void nginx_end(struct nginx_parse *p)
{
	/* Cut short: what was seen counts. */
	while (p->depth > 1 && !close_block(p))
		;
}
