/* SPDX-License-Identifier: MIT */
/* Bytes written down as "17 03 03". */
#ifndef KTLSCTL_UNIT_HEX_H
#define KTLSCTL_UNIT_HEX_H

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>

static inline unsigned hex_digit(char c)
{
	if (!isxdigit((unsigned char)c))
		abort();
	return isdigit((unsigned char)c)
		       ? (unsigned)(c - '0')
		       : (unsigned)(tolower((unsigned char)c) - 'a' + 10);
}

/* How many bytes; a wrong row ends the program. */
static inline size_t unhex(const char *text, uint8_t *out, size_t size)
{
	size_t n = 0;

	for (; *text; text += *text == ' ' ? 1 : 2) {
		if (*text == ' ')
			continue;
		if (n == size)
			abort();
		out[n++] = (uint8_t)(hex_digit(text[0]) << 4 | hex_digit(text[1]));
	}
	return n;
}

#endif
