// SPDX-License-Identifier: MIT
/* What the harness itself costs: its loops with a mode that moves nothing. */
#include <stdlib.h>

#include "bench_run.h"

enum { TIMES = 200000 };

static ssize_t put_nothing(struct bench_end *e, const uint8_t *buf, size_t len)
{
	(void)buf;
	e->calls++;
	return (ssize_t)len;
}

static const struct bench_mode nothing = { .name = "nothing", .put = put_nothing };

static uint64_t per_operation(void)
{
	struct bench_end e = { .fd = -1, .file = -1, .mode = &nothing };
	const uint8_t byte = 0;
	const uint64_t begun = bench_now_ns();

	for (int i = 0; i < TIMES; i++)
		bench_put_all(&e, &byte, sizeof(byte));
	return (bench_now_ns() - begun + TIMES - 1) / TIMES;
}

/* With the two clocks that a sample takes. */
static uint64_t per_sample(void)
{
	struct histogram *h = calloc(1, sizeof(*h));
	const uint64_t begun = bench_now_ns();
	uint64_t took;

	if (!h)
		return 0;
	for (int i = 0; i < TIMES; i++) {
		const uint64_t t = bench_now_ns();

		histogram_add(h, bench_now_ns() - t);
	}
	took = (bench_now_ns() - begun + TIMES - 1) / TIMES;
	free(h);
	return took;
}

/* The histogram alone, by the thread's own clock: values over nine powers of ten, so that
 * neither its buckets nor its branches are always the same. */
static uint64_t per_addition(void)
{
	struct histogram *h = calloc(1, sizeof(*h));
	uint64_t begun, took = 0;
	uint32_t x = 2463534242u;

	if (!h)
		return 0;
	begun = bench_used_ns();
	for (int i = 0; i < TIMES; i++) {
		x ^= x << 13;
		x ^= x >> 17;
		x ^= x << 5;
		histogram_add(h, x >> (x & 15));
	}
	took = (bench_used_ns() - begun + TIMES - 1) / TIMES;
	free(h);
	return took;
}

void bench_harness(struct bench_harness_doc *h)
{
	h->histogram_ns = per_addition();
	h->operation_ns = per_operation();
	h->sample_ns = per_sample();
}
