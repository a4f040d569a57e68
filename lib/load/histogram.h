/* SPDX-License-Identifier: MIT */
/*
 * How often which time was measured, in fixed memory: a bucket for each number below 256,
 * and 128 for each power of two above. So what is read back is within 1/256 (0.4 %) of
 * what sorting all samples would give; count, sum, least and greatest are exact. Zeroed
 * it is empty; it is 58 KiB, so it stands in memory of its own. Not for two threads at a
 * time: each has its own, and they are added up.
 */
#ifndef KTLSCTL_LOAD_HISTOGRAM_H
#define KTLSCTL_LOAD_HISTOGRAM_H

#include <stdint.h>

#include "../out/distribution.h"

enum {
	HISTOGRAM_BITS = 7,
	HISTOGRAM_PARTS = 1 << HISTOGRAM_BITS, /* of each power of two */
	HISTOGRAM_BUCKETS = (64 - HISTOGRAM_BITS + 1) * HISTOGRAM_PARTS,
	HISTOGRAM_WHOLE = 100000, /* histogram_at() counts in parts of it */
};

struct histogram {
	uint64_t count;
	uint64_t sum;      /* of ns: good for 584 years of them */
	uint64_t min, max; /* without a meaning when count is 0 */
	uint64_t buckets[HISTOGRAM_BUCKETS];
};

/* Where a value is counted: every 64-bit value has its bucket. */
static inline unsigned histogram_bucket(uint64_t value)
{
	const unsigned top = 63 - (unsigned)__builtin_clzll(value | HISTOGRAM_PARTS);
	const unsigned shift = top - HISTOGRAM_BITS;

	return (shift << HISTOGRAM_BITS) + (unsigned)(value >> shift);
}

/* Some nanoseconds, and no memory: it stands in the way of what is measured. */
static inline void histogram_add(struct histogram *h, uint64_t value)
{
	if (!h->count++ || value < h->min)
		h->min = value;
	if (value > h->max)
		h->max = value;
	h->sum += value;
	h->buckets[histogram_bucket(value)]++;
}

/* As if every sample of from had been added to h. */
void histogram_merge(struct histogram *h, const struct histogram *from);

/* The sample at rank part / HISTOGRAM_WHOLE, by nearest rank: 50000 is the median, 99900
 * the 99.9th percentile. 0: there are no samples. */
uint64_t histogram_at(const struct histogram *h, uint32_t part);

/* What a document has of it. */
void histogram_sum_up(const struct histogram *h, struct distribution *out);

#endif
