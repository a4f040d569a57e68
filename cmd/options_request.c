/* SPDX-License-Identifier: MIT */
/* The options of request. */
#include "../lib/net/http.h"
#include "../lib/net/wire.h"
#include "../lib/tls/cipher.h"
#include "options.h"

static bool set_header(struct settings *s, const char *arg)
{
	/* These are ours to say: they have to fit what is sent. */
	static const char *const ours[] = { "Content-Length", "Transfer-Encoding",
					    "Expect", "Upgrade", NULL };
	struct request_settings *r = &s->request;
	struct span value = span(arg, strlen(arg)), name;

	if (r->n_headers == ARRAY_SIZE(r->headers) || !cut_at(&value, ':', &name) ||
	    !http_is_name(name) || !http_is_value(value))
		return false;
	for (size_t i = 0; ours[i]; i++)
		if (span_is_nocase(name, ours[i]))
			return false;
	r->headers[r->n_headers++] = arg;
	return true;
}

static bool set_body(struct settings *s, const char *arg)
{
	s->request.body = arg;
	return *arg;
}

/* The number of arg in a list of words; -1: it is not there. */
static int word(const char *arg, const char *const *words)
{
	for (int i = 0; words[i]; i++)
		if (!strcmp(arg, words[i]))
			return i;
	return -1;
}

static bool set_ktls(struct settings *s, const char *arg)
{
	static const char *const words[] = { "auto", "require", "off", NULL };
	const int n = word(arg, words);

	s->request.ktls = (enum request_ktls)n;
	return n >= 0;
}

static bool set_engine(struct settings *s, const char *arg)
{
	s->request.engine = word(arg, wire_engine_words);
	return s->request.engine >= 0;
}

static bool set_tls(struct settings *s, const char *arg)
{
	const bool old = !strcmp(arg, "1.2");

	s->request.tls = old ? KTLS_1_2 : KTLS_1_3;
	return old || !strcmp(arg, "1.3");
}

static bool set_cacert(struct settings *s, const char *arg)
{
	s->request.cacert = arg;
	return *arg;
}

static bool set_crl(struct settings *s, const char *arg)
{
	s->request.crl = arg;
	return *arg;
}

static bool set_insecure(struct settings *s, const char *arg)
{
	(void)arg;
	return s->request.insecure = true;
}

static bool set_fail(struct settings *s, const char *arg)
{
	(void)arg;
	return s->request.fail = true;
}

static bool set_progress(struct settings *s, const char *arg)
{
	s->request.no_progress = !strcmp(arg, "never");
	return s->request.no_progress || !strcmp(arg, "auto");
}

static bool set_redirects(struct settings *s, const char *arg)
{
	return option_number(arg, 50, &s->request.redirects);
}

static bool set_repeat(struct settings *s, const char *arg)
{
	return option_number(arg, UINT32_MAX, &s->request.repeat);
}

static bool set_max_size(struct settings *s, const char *arg)
{
	return option_number(arg, INT64_MAX, &s->request.max_size);
}

static bool set_connect_timeout(struct settings *s, const char *arg)
{
	return option_time_ms(arg, &s->request.connect_timeout_ms);
}

static const struct option_row rows[] = {
	{ "header", 'H', "FIELD", set_header,
	  "'Name: value' of a field that may be set (64 of them)",
	  "'Name: value' to be sent, again for more" },
	{ "body", 0, "FILE", set_body, "a file name or -",
	  "send this file (-: standard input)" },
	{ "fail", 0, NULL, set_fail, NULL,
	  "exit status 1 also for status 400 and above" },
	{ "redirects", 0, "N", set_redirects, "a number from 1 to 50",
	  "follow so many of them (default: none)" },
	{ "repeat", 0, "N", set_repeat, "a number", "ask for each URL so many times" },
	{ "max-size", 0, "BYTES", set_max_size, "a number of bytes",
	  "bear no longer body of an answer" },
	{ "ktls", 0, "WHEN", set_ktls, "one of auto, require, off",
	  "auto (default), require or off: who encrypts" },
	{ "engine", 0, "NAME", set_engine, "one of auto, uring, epoll",
	  "auto (default), uring or epoll: how the socket is used" },
	{ "tls", 0, "VERSION", set_tls, "one of 1.2, 1.3", "only this version of TLS" },
	{ "cacert", 0, "FILE", set_cacert, "a file name",
	  "believe these authorities (PEM) instead of this host's" },
	{ "crl", 0, "FILE", set_crl, "a file name",
	  "lists of what was revoked (PEM), one for each authority" },
	{ "insecure", 0, NULL, set_insecure, NULL,
	  "do not verify who it is: anybody may read along" },
	{ "connect-timeout", 0, "TIME", set_connect_timeout, "a time such as 2s or 500ms",
	  "for each address, and for the handshake (default: 10s)" },
	{ "progress", 0, "WHEN", set_progress, "one of auto, never",
	  "auto (default: on a terminal) or never" },
};

const struct option_table request_options = { rows, ARRAY_SIZE(rows) };
