/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <strings.h>

#include "lines.h"

bool next_line(struct span *rest, struct span *line)
{
	if (!rest->len)
		return false;
	if (!cut_at(rest, '\n', line)) {
		*line = *rest;
		*rest = span(rest->p + rest->len, 0);
	}
	return true;
}

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

bool next_word(struct span *rest, struct span *word)
{
	size_t n = 0;

	*rest = trimmed(*rest);
	while (n < rest->len && !blank(rest->p[n]))
		n++;
	*word = span(rest->p, n);
	*rest = span(rest->p + n, rest->len - n);
	return n > 0;
}

bool cut_at(struct span *rest, char c, struct span *before)
{
	const char *at = rest->len ? memchr(rest->p, c, rest->len) : NULL;
	size_t n;

	if (!at)
		return false;
	n = (size_t)(at - rest->p);
	*before = span(rest->p, n);
	*rest = span(at + 1, rest->len - n - 1);
	return true;
}

struct span trimmed(struct span s)
{
	while (s.len && blank(s.p[0]))
		s = span(s.p + 1, s.len - 1);
	while (s.len && blank(s.p[s.len - 1]))
		s.len--;
	return s;
}

bool span_is(struct span s, const char *text)
{
	return s.len == strlen(text) && !memcmp(s.p, text, s.len);
}

bool span_is_nocase(struct span s, const char *text)
{
	return s.len == strlen(text) && !strncasecmp(s.p, text, s.len);
}

bool span_starts(struct span s, const char *text)
{
	size_t n = strlen(text);

	return s.len >= n && !memcmp(s.p, text, n);
}

bool span_has(struct span s, const char *text)
{
	return s.len && memmem(s.p, s.len, text, strlen(text));
}

bool span_u64(struct span s, uint64_t *out)
{
	uint64_t v = 0;

	if (!s.len)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		unsigned digit = (unsigned)(s.p[i] - '0');

		if (digit > 9 || v > (UINT64_MAX - digit) / 10)
			return false;
		v = v * 10 + digit;
	}
	*out = v;
	return true;
}
