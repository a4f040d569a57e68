/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "utf8.h"

size_t utf8_len(const char *s)
{
	const unsigned char *p = (const unsigned char *)s;
	unsigned long code;
	size_t n;

	if (p[0] < 0x80)
		return p[0] != 0;
	n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	code = p[0] & (0xffu >> (n + 1));
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (p[i] & 0x3f);
	}
	if ((n == 3 && code < 0x800) || (n == 4 && code < 0x10000))
		return 0;
	if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return 0;
	return n;
}

/* Eight bytes of ASCII without a NUL. */
static bool is_ascii8(const char *s)
{
	const uint64_t high = 0x8080808080808080, ones = 0x0101010101010101;
	uint64_t v;

	memcpy(&v, s, sizeof(v));
	return !((v | (v - ones)) & high);
}

bool utf8_valid(const char *s, size_t len)
{
	for (size_t i = 0, n; i < len; i += n) {
		char last[5] = "";

		if (len - i >= 8 && is_ascii8(s + i)) {
			n = 8;
			continue;
		}
		if (len - i < 4)
			memcpy(last, s + i, len - i);
		n = utf8_len(len - i < 4 ? last : s + i);
		if (!n)
			return false;
	}
	return true;
}

/* Newline and tab are no harm; U+0080 to U+009F are what ESC [ and the like can be. */
static bool is_control(const char *s)
{
	unsigned char c = (unsigned char)s[0], d = (unsigned char)s[1];

	return (c < 0x20 && c != '\n' && c != '\t') || c == 0x7f ||
	       (c == 0xc2 && d < 0xa0);
}

char *utf8_clean(const char *s)
{
	char *out = malloc(strlen(s) * 4 + 1), *o = out;

	if (!out)
		return NULL;
	while (*s) {
		size_t n = utf8_len(s);

		if (!n || is_control(s)) {
			for (n = n ? n : 1; n; n--)
				o += sprintf(o, "\\x%02x", (unsigned char)*s++);
			continue;
		}
		memcpy(o, s, n);
		o += n;
		s += n;
	}
	*o = '\0';
	return out;
}
