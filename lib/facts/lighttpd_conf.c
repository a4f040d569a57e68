/* SPDX-License-Identifier: MIT */
/* lighttpd.conf: kTLS is on where OpenSSL has it, unless Options says -KTLS. */
#include <string.h>

#include "../host/cleanup.h"
#include "server_conf.h"

enum token { TOKEN_END, TOKEN_NAME, TOKEN_STRING, TOKEN_OTHER };

struct lighttpd {
	struct conf_parse *p;
	const char *file;
	struct span rest;
	unsigned line;
	enum token kind;
	struct span word;
};

static char lighttpd_char(struct lighttpd *l)
{
	char c = l->rest.p[0];

	l->rest = span(l->rest.p + 1, l->rest.len - 1);
	l->line += c == '\n';
	return c;
}

static bool is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

static void skip_space(struct lighttpd *l)
{
	while (l->rest.len && strchr(" \t\r\n#", l->rest.p[0]) && l->rest.p[0]) {
		if (lighttpd_char(l) != '#')
			continue;
		while (l->rest.len && l->rest.p[0] != '\n')
			lighttpd_char(l);
	}
}

/* Behind the opening quote. */
static void take_string(struct lighttpd *l)
{
	l->kind = TOKEN_STRING;
	l->word = l->rest;
	while (l->rest.len && l->rest.p[0] != '"')
		if (lighttpd_char(l) == '\\' && l->rest.len)
			lighttpd_char(l);
	l->word.len = (size_t)(l->rest.p - l->word.p);
	if (l->rest.len)
		lighttpd_char(l);
}

static void advance(struct lighttpd *l)
{
	skip_space(l);
	l->kind = TOKEN_END;
	l->word = l->rest;
	if (!l->rest.len)
		return;
	if (l->rest.p[0] == '"') {
		lighttpd_char(l);
		take_string(l);
	} else if (is_name(l->rest.p[0])) {
		l->kind = TOKEN_NAME;
		while (l->rest.len && is_name(l->rest.p[0]))
			lighttpd_char(l);
		l->word.len = (size_t)(l->rest.p - l->word.p);
	} else {
		l->kind = TOKEN_OTHER;
		lighttpd_char(l);
		l->word.len = 1;
	}
}

static bool is_sign(const struct lighttpd *l, char c)
{
	return l->kind == TOKEN_OTHER && l->word.p[0] == c;
}

/* "=", "+=" or ":=" is what makes a name the left side. */
static bool take_assignment(struct lighttpd *l)
{
	if (is_sign(l, '+') || is_sign(l, ':'))
		advance(l);
	if (!is_sign(l, '='))
		return false;
	advance(l);
	return true;
}

static int take_option(struct lighttpd *l, unsigned line)
{
	struct server_conf *out = l->p->out;
	enum cnf_ktls ktls = cnf_options(l->word, CNF_UNSET);

	/* One socket that goes without is what somebody wants to hear of. */
	if (ktls == CNF_UNSET || ktls == out->ktls || out->ktls == CNF_OFF)
		return 0;
	out->ktls = ktls;
	return conf_at(l->p, l->file, line, &out->at);
}

/* ("MinProtocol" => "TLSv1.2", "Options" => "-KTLS"): a key and the string behind it. */
static int take_commands(struct lighttpd *l)
{
	bool options = false;
	unsigned depth = 0;
	int err = 0;

	do {
		depth += is_sign(l, '(');
		depth -= depth && is_sign(l, ')');
		if (l->kind == TOKEN_NAME && (options || !depth))
			l->p->out->unsure = true; /* a variable in its place */
		if (l->kind == TOKEN_STRING && options)
			err = take_option(l, l->line);
		if (l->kind == TOKEN_STRING)
			options = !options && span_is_nocase(l->word, "Options");
		advance(l);
	} while (!err && depth && l->kind != TOKEN_END);
	return err;
}

/* Scripts of distributions that say nothing about TLS. */
static bool is_harmless(struct span script)
{
	return span_has(script, "create-mime") || span_has(script, "use-ipv6.pl");
}

static int take_include(struct lighttpd *l, bool shell)
{
	struct span what = l->word;
	bool plain = l->kind == TOKEN_STRING;

	advance(l);
	if (shell) {
		l->p->out->unsure |= !plain || !is_harmless(what);
		return 0;
	}
	if (!plain || is_sign(l, '+') || !l->p->include) {
		l->p->out->unsure = true;
		return 0;
	}
	return l->p->include(l->p, what);
}

static int take_name(struct lighttpd *l)
{
	struct span name = l->word;

	advance(l);
	if (span_is(name, "include") || span_is(name, "include_shell"))
		return take_include(l, span_is(name, "include_shell"));
	if (!take_assignment(l))
		return 0;
	if (span_is(name, "ssl.engine"))
		l->p->out->tls |= span_is_nocase(l->word, "enable");
	return span_is(name, "ssl.openssl.ssl-conf-cmd") ? take_commands(l) : 0;
}

int parse_lighttpd(struct span text, const char *file, struct conf_parse *p)
{
	struct lighttpd l = { .p = p, .file = file, .rest = text, .line = 1 };
	int err = 0;

	advance(&l);
	while (!err && l.kind != TOKEN_END) {
		if (l.kind == TOKEN_NAME)
			err = take_name(&l);
		else
			advance(&l);
	}
	return err;
}
