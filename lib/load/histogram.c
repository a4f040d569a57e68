// SPDX-License-Identifier: MIT
#include "histogram.h"

void histogram_merge(struct histogram *h, const struct histogram *from)
{
	if (!from->count)
		return;
	if (!h->count || from->min < h->min)
		h->min = from->min;
	if (from->max > h->max)
		h->max = from->max;
	h->count += from->count;
	h->sum += from->sum;
	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
		h->buckets[i] += from->buckets[i];
}

/* The middle of a bucket: no value in it is farther away than half its width. */
static uint64_t middle(unsigned bucket)
{
	const unsigned power = bucket >> HISTOGRAM_BITS;
	const unsigned shift = power ? power - 1 : 0;
	const uint64_t first = (uint64_t)(bucket - (shift << HISTOGRAM_BITS)) << shift;

	return first + (((uint64_t)1 << shift) - 1) / 2;
}

/* ceil(count * part / HISTOGRAM_WHOLE), where the product may be too large. */
static uint64_t rank(uint64_t count, uint32_t part)
{
	const uint64_t whole = count / HISTOGRAM_WHOLE, rest = count % HISTOGRAM_WHOLE;
	const uint64_t n = whole * part +
			   (rest * part + HISTOGRAM_WHOLE - 1) / HISTOGRAM_WHOLE;

	return n ? n : 1;
}

uint64_t histogram_at(const struct histogram *h, uint32_t part)
{
	const uint64_t wanted = rank(h->count, part);
	uint64_t seen = 0, value = 0;

	if (!h->count)
		return 0;
	for (unsigned i = histogram_bucket(h->min); i < HISTOGRAM_BUCKETS; i++) {
		seen += h->buckets[i];
		value = middle(i);
		if (seen >= wanted)
			break;
	}
	if (value < h->min)
		return h->min;
	return value < h->max ? value : h->max;
}

void histogram_sum_up(const struct histogram *h, struct distribution *out)
{
	*out = (struct distribution){ .count = h->count };
	if (!h->count)
		return;
	out->mean_ns = h->sum / h->count;
	out->min_ns = h->min;
	out->p50_ns = histogram_at(h, 50000);
	out->p99_ns = histogram_at(h, 99000);
	out->p999_ns = histogram_at(h, 99900);
	out->max_ns = h->max;
}
