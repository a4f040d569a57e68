/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "reader.h"

/* "3" or "0-3" */
static bool parse_range(struct span s, uint64_t *from, uint64_t *to)
{
	struct span first;

	if (!cut_at(&s, '-', &first))
		return span_u64(s, from) && span_u64(s, to);
	return span_u64(first, from) && span_u64(s, to) && *from <= *to;
}

bool parse_cpulist(struct span text, struct cpus *out)
{
	struct cpus c = *out;
	struct span s = trimmed(text), part;

	while (s.len && s.p[s.len - 1] == '\n')
		s.len--;
	while (s.len) {
		uint64_t from, to;
		bool last = !cut_at(&s, ',', &part);

		if (last)
			part = s;
		if (!parse_range(part, &from, &to) || (!last && !s.len))
			return false;
		for (; from <= to && from < CPUS_MAX; from++)
			c.bits[from / 64] |= 1ULL << from % 64;
		if (last)
			break;
	}
	*out = c;
	return true;
}

/* What is behind the commas goes to the low end: from the last digit up. */
bool parse_cpumask(struct span text, struct cpus *out)
{
	struct span s = trimmed(text);
	struct cpus c = { 0 };
	unsigned bit = 0;

	while (s.len && s.p[s.len - 1] == '\n')
		s.len--;
	for (size_t i = s.len; i-- > 0;) {
		const char *digits = "0123456789abcdef", *at;

		if (s.p[i] == ',')
			continue;
		at = strchr(digits, tolower((unsigned char)s.p[i]));
		if (!at || !s.p[i] || bit >= CPUS_MAX)
			return false;
		c.bits[bit / 64] |= (uint64_t)(at - digits) << bit % 64;
		bit += 4;
	}
	if (bit)
		*out = c;
	return bit;
}

bool cpus_overlap(const struct cpus *a, const struct cpus *b)
{
	for (size_t i = 0; i < CPUS_MAX / 64; i++)
		if (a->bits[i] & b->bits[i])
			return true;
	return false;
}

void cpus_add(struct cpus *to, const struct cpus *from)
{
	for (size_t i = 0; i < CPUS_MAX / 64; i++)
		to->bits[i] |= from->bits[i];
}

static bool has(const struct cpus *c, unsigned n)
{
	return n < CPUS_MAX && (c->bits[n / 64] >> n % 64 & 1);
}

const char *cpus_text(const struct cpus *c, struct arena *a)
{
	/* At worst every other one: "8190,", and there are at most half of them. */
	char text[CPUS_MAX / 2 * 5 + 16];
	size_t len = 0;

	text[0] = '\0';
	for (unsigned n = 0; n < CPUS_MAX; n++) {
		unsigned first = n;

		if (!has(c, n))
			continue;
		while (has(c, n + 1))
			n++;
		len += (size_t)snprintf(text + len, sizeof(text) - len,
					n > first ? "%s%u-%u" : "%s%u", len ? "," : "",
					first, n);
	}
	return arena_strdup(a, text);
}

const char *cpus_hex(const struct cpus *c, struct arena *a)
{
	char text[CPUS_MAX / 4 + 1];
	size_t len = 0;

	for (size_t i = CPUS_MAX / 4; i-- > 0;) {
		unsigned digit = c->bits[i / 16] >> i % 16 * 4 & 15;

		if (digit || len || !i)
			text[len++] = "0123456789abcdef"[digit];
	}
	text[len] = '\0';
	return arena_strdup(a, text);
}

const char *cpus_mask(const char *list, struct arena *a)
{
	struct cpus c = { 0 };

	return parse_cpulist(span(list, strlen(list)), &c) ? cpus_hex(&c, a) : NULL;
}

const char *cpus_mask_again(const char *mask, struct arena *a)
{
	struct cpus c = { 0 };

	return parse_cpumask(span(mask, strlen(mask)), &c) ? cpus_hex(&c, a) : NULL;
}
