/* SPDX-License-Identifier: MIT */
/* The options of scan. */
#include "options.h"

static bool set_starttls(struct settings *s, const char *arg)
{
	s->starttls = arg;
	return !strcmp(arg, "smtp") || !strcmp(arg, "imap") || !strcmp(arg, "postgres");
}

static bool set_servername(struct settings *s, const char *arg)
{
	const size_t len = strspn(arg,
				  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "0123456789-._");

	s->servername = arg;
	return len && len < 256 && !arg[len];
}

static bool set_timeout(struct settings *s, const char *arg)
{
	return option_time_ms(arg, &s->timeout_ms);
}

static bool set_rate(struct settings *s, const char *arg)
{
	return option_number(arg, 1000, &s->rate);
}

static bool set_parallel(struct settings *s, const char *arg)
{
	return option_number(arg, 4, &s->parallel);
}

static const struct option_row rows[] = {
	{ "starttls", 0, "P", set_starttls, "one of smtp, imap, postgres",
	  "begin as smtp, imap or postgres do (default: with TLS)" },
	{ "servername", 0, "NAME", set_servername, "a name",
	  "send NAME as SNI (default: HOST, if it is a name)" },
	{ "timeout", 0, "TIME", set_timeout, "a time such as 2s or 500ms",
	  "how long each step of a connection may take (default: 5s)" },
	{ "rate", 0, "N", set_rate, "a number from 1 to 1000",
	  "begin N connections in a second at most (default: 10)" },
	{ "parallel", 0, "N", set_parallel, "a number from 1 to 4",
	  "N connections at a time at most (default: 2)" },
};

const struct option_table scan_options = { rows, ARRAY_SIZE(rows) };
