/* SPDX-License-Identifier: MIT */
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
