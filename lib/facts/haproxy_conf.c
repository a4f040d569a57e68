/* SPDX-License-Identifier: MIT */
/* haproxy.cfg: bind and server lines, and what the global section says of kTLS. */
#include <string.h>

#include "../host/cleanup.h"
#include "server_conf.h"

enum section { SECTION_OTHER, SECTION_GLOBAL, SECTION_PROXY };

struct haproxy {
	struct conf_parse *p;
	const char *file;
	unsigned line;
	enum section section;
	unsigned conditions; /* .if that are open */
};

/* Up to a blank outside of quotes; quotes stay, no word looked for has any. False at the
 * end or at a comment. */
static bool haproxy_word(struct span *rest, struct span *word)
{
	char quote = 0;
	size_t n = 0;

	*rest = trimmed(*rest);
	if (!rest->len || rest->p[0] == '#')
		return false;
	for (; n < rest->len; n++) {
		char c = rest->p[n];

		if (c == '\\' && quote != '\'' && n + 1 < rest->len)
			n++;
		else if (quote)
			quote = c == quote ? 0 : quote;
		else if (c == '"' || c == '\'')
			quote = c;
		else if (c == ' ' || c == '\t')
			break;
	}
	*word = span(rest->p, n);
	*rest = span(rest->p + n, rest->len - n);
	return true;
}

static int answer(struct haproxy *h, enum cnf_ktls ktls)
{
	struct server_conf *out = h->p->out;

	out->unsure |= h->conditions > 0;
	if (h->p->no_ktls || out->ktls == CNF_ON || out->ktls == ktls)
		return 0;
	out->ktls = ktls;
	return conf_at(h->p, h->file, h->line, &out->at);
}

/* The words behind "bind" or "server": ssl, ktls on, ktls off. */
static int take_line(struct haproxy *h, struct span rest, bool bind)
{
	struct server_conf *out = h->p->out;
	struct span word;
	int err = 0;

	while (!err && haproxy_word(&rest, &word)) {
		if (span_is(word, "ssl") && bind)
			out->tls = true;
		if (!span_is(word, "ktls") || !haproxy_word(&rest, &word))
			continue;
		if (span_is(word, "on"))
			err = answer(h, CNF_ON);
		else if (span_is(word, "off"))
			err = answer(h, CNF_OFF);
		else
			out->unsure = true; /* a variable */
	}
	return err;
}

static bool is_one_of(struct span word, const char *const *list)
{
	for (; *list; list++)
		if (span_is(word, *list))
			return true;
	return false;
}

/* False when the word begins no section. */
static bool begins_section(struct haproxy *h, struct span word)
{
	static const char *const proxies[] = { "defaults", "frontend", "backend",
					       "listen",   "peers",    "log-forward",
					       NULL };
	static const char *const others[] = { "userlist",    "mailers",  "resolvers",
					      "cache",       "program",  "ring",
					      "http-errors", "fcgi-app", "traces",
					      "crt-store",   "acme",     NULL };

	if (span_is(word, "global"))
		h->section = SECTION_GLOBAL;
	else if (is_one_of(word, proxies))
		h->section = SECTION_PROXY;
	else if (is_one_of(word, others))
		h->section = SECTION_OTHER;
	else
		return false;
	return true;
}

static int take_global(struct haproxy *h, struct span word)
{
	int err;

	if (span_is(word, "expose-experimental-directives"))
		h->p->out->experimental = true;
	if (!span_is(word, "noktls") || h->p->no_ktls)
		return 0;
	/* Wins over every line that asks for it, before and behind. */
	h->p->out->ktls = CNF_UNSET;
	err = answer(h, CNF_OFF);
	h->p->no_ktls = true;
	return err;
}

static int take_statement(struct haproxy *h, struct span line)
{
	static const char *const servers[] = { "server", "default-server",
					       "server-template", NULL };
	struct span word;

	if (!haproxy_word(&line, &word))
		return 0;
	if (span_is(word, ".if"))
		h->conditions++;
	else if (span_is(word, ".endif"))
		h->conditions -= h->conditions > 0;
	else if (begins_section(h, word))
		return 0;
	else if (h->section == SECTION_GLOBAL)
		return take_global(h, word);
	else if (h->section == SECTION_PROXY && span_is(word, "bind"))
		return take_line(h, line, true);
	else if (h->section == SECTION_PROXY && is_one_of(word, servers))
		return take_line(h, line, false);
	return 0;
}

int parse_haproxy(struct span text, const char *file, struct conf_parse *p)
{
	struct haproxy h = { .p = p, .file = file };
	struct span line;
	int err = 0;

	while (!err && next_line(&text, &line)) {
		h.line++;
		err = take_statement(&h, line);
	}
	return err;
}
