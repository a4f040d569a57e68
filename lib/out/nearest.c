/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "../host/cleanup.h"
#include "nearest.h"

/* So many letters that differ are another word. */
enum { FAR = 4 };

static unsigned distance(const char *a, const char *b)
{
	unsigned row[64];
	size_t nb = strlen(b);

	if (nb >= ARRAY_SIZE(row))
		return 99;
	for (size_t j = 0; j <= nb; j++)
		row[j] = (unsigned)j;
	for (size_t i = 1; a[i - 1]; i++) {
		unsigned diagonal = row[0];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= nb; j++) {
			unsigned best = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			best = row[j] + 1 < best ? row[j] + 1 : best;
			row[j] = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
		}
	}
	return row[nb];
}

const char *nearest(const char *typed, const char *const *words)
{
	const size_t len = strlen(typed);
	const char *best = NULL;
	unsigned least = FAR;

	for (size_t i = 0; words[i]; i++) {
		const size_t n = strlen(words[i]);
		unsigned d;

		/* At least so many letters are to be put in, or to be taken out. */
		if (n >= len + FAR || len >= n + FAR)
			continue;
		d = distance(typed, words[i]);
		if (d < least && d < n) {
			least = d;
			best = words[i];
		}
	}
	return best;
}
