/* SPDX-License-Identifier: MIT */
/* What values of options look like, and those that are of one command. */
#include <errno.h>

#include "cmd.h"

/* A whole number from 1 to max; no sign, no blank, nothing behind it. */
bool option_number(const char *arg, uint64_t max, uint64_t *out)
{
	char *end;

	errno = 0;
	*out = strtoull(arg, &end, 10);
	return *arg >= '0' && *arg <= '9' && !*end && !errno && *out && *out <= max;
}

/* "2", "2s" or "500ms" */
bool option_time_ms(const char *arg, uint64_t *out)
{
	size_t digits = strspn(arg, "0123456789");
	bool ms = !strcmp(arg + digits, "ms");
	char text[24];

	if (digits >= sizeof(text) || (!ms && arg[digits] && strcmp(arg + digits, "s")))
		return false;
	memcpy(text, arg, digits);
	text[digits] = '\0';
	if (!option_number(text, ms ? 3600000 : 3600, out))
		return false;
	*out *= ms ? 1 : 1000;
	return true;
}

bool option_starttls(struct settings *s, const char *arg)
{
	s->starttls = arg;
	return !strcmp(arg, "smtp") || !strcmp(arg, "imap") || !strcmp(arg, "postgres");
}

bool option_servername(struct settings *s, const char *arg)
{
	const size_t len = strspn(arg,
				  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "0123456789-._");

	s->servername = arg;
	return len && len < 256 && !arg[len];
}

bool option_timeout(struct settings *s, const char *arg)
{
	return option_time_ms(arg, &s->timeout_ms);
}

bool option_rate(struct settings *s, const char *arg)
{
	return option_number(arg, 1000, &s->rate);
}

bool option_parallel(struct settings *s, const char *arg)
{
	return option_number(arg, 4, &s->parallel);
}
