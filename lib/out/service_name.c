/* SPDX-License-Identifier: MIT */
/* The name of a service as a label: without what is another one at every start. */
#include <ctype.h>
#include <string.h>

#include "../host/arena.h"
#include "export.h"

/* Numbers, and names that systemd and container managers make up. */
static bool is_made_up(const char *p, size_t len)
{
	size_t digits = 0, hex = 0;

	for (size_t i = 0; i < len; i++) {
		digits += isdigit((unsigned char)p[i]) != 0;
		hex += isxdigit((unsigned char)p[i]) != 0;
	}
	if (digits == len)
		return true;
	/* "u123" and "r5f0c..." of systemd-run, "c1" of a session, "p12" of a process */
	if (strchr("urcpi", *p) && digits == len - 1)
		return true;
	if (*p == 'r' && hex == len - 1 && len > 8)
		return true;
	return hex == len && digits && len >= 8;
}

/* "php8.2-fpm" is not "php8.3-fpm". */
static bool is_version(const char *p, size_t len)
{
	return p[-1] == '.' && len < 3 && strspn(p, "0123456789") >= len;
}

const char *export_service_name(const char *name, struct arena *a)
{
	char *out = arena_strdup(a, name), *to = out;

	for (const char *p = name; out && *p;) {
		const size_t len = strcspn(p, "-_.@:/# ");
		const bool instance = p > name && p[-1] == '@';
		const size_t whole = instance ? strcspn(p, ".") : len;

		if (!instance &&
		    (p == name || !len || is_version(p, len) || !is_made_up(p, len))) {
			memcpy(to, p, len);
			to += len;
		} else if (!instance && to > out) {
			to--; /* and what stands before it */
		}
		p += whole;
		if (*p)
			*to++ = *p++;
	}
	if (out)
		*to = '\0';
	return out;
}
