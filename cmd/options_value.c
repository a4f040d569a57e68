/* SPDX-License-Identifier: MIT */
/* Values of options. */
#include <errno.h>
#include <stdlib.h>

#include "options.h"

bool option_number(const char *arg, uint64_t max, uint64_t *out)
{
	char *end;

	errno = 0;
	*out = strtoull(arg, &end, 10);
	return *arg >= '0' && *arg <= '9' && !*end && !errno && *out && *out <= max;
}

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
