/* SPDX-License-Identifier: MIT */
/* The histogram against all samples, sorted. */
#include "../../lib/load/histogram.h"
#include "unit.h"

enum { SAMPLES = 20000 };

static uint64_t state_of_random;

/* The same numbers in every run (xorshift64*). */
static uint64_t number(void)
{
	state_of_random ^= state_of_random >> 12;
	state_of_random ^= state_of_random << 25;
	state_of_random ^= state_of_random >> 27;
	return state_of_random * 2685821657736338717u;
}

static uint64_t constant(size_t i)
{
	(void)i;
	return 123456789;
}

static uint64_t counting(size_t i)
{
	return i;
}

static uint64_t falling(size_t i)
{
	return (SAMPLES - i) * 1000;
}

static uint64_t even(size_t i)
{
	(void)i;
	return number() % 1000000;
}

/* As far as it goes: every power of two is as likely as any other. */
static uint64_t powers(size_t i)
{
	(void)i;
	return number() >> number() % 64;
}

/* What a network gives: most near 30 us, few of some ms. */
static uint64_t tail(size_t i)
{
	return i % 500 ? 25000 + number() % 10000 : 1000000 + number() % 9000000;
}

static uint64_t two_humps(size_t i)
{
	return i % 2 ? 100 + number() % 50 : 3600000000000 + number() % 1000000000;
}

static uint64_t halves(size_t i)
{
	return i % 2 ? (uint64_t)1 << i % 64 : ((uint64_t)1 << i % 64) - 1;
}

struct shape_row {
	const char *name;
	uint64_t (*sample)(size_t i);
	size_t n;
};

static const struct shape_row shape_rows[] = {
	{ "one sample", constant, 1 },
	{ "two samples", falling, 2 },
	{ "fewer than a percentile tells apart", tail, 99 },
	{ "always the same", constant, SAMPLES },
	{ "0, 1, 2, ...", counting, SAMPLES },
	{ "falling", falling, SAMPLES },
	{ "uniform below 1 ms", even, SAMPLES },
	{ "every magnitude", powers, SAMPLES },
	{ "a long tail", tail, SAMPLES },
	{ "ns and an hour", two_humps, SAMPLES },
	{ "around powers of two", halves, SAMPLES },
};

static int by_value(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void fill(const struct shape_row *row, struct histogram *h, uint64_t *all)
{
	state_of_random = 88172645463325252;
	for (size_t i = 0; i < row->n; i++) {
		all[i] = row->sample(i);
		histogram_add(h, all[i]);
	}
	qsort(all, row->n, sizeof(*all), by_value);
}

/* The bound that the header states. */
static void assert_near(uint64_t got, uint64_t want)
{
	const uint64_t off = got > want ? got - want : want - got;

	if (off > want / 256)
		fail_msg("%" PRIu64 " is not within 1/256 of %" PRIu64, got, want);
}

static void test_shape(void **state)
{
	static const uint32_t parts[] = { 0,     1,     10000, 50000, 90000,
					  99000, 99900, 99990, 100000 };
	const struct shape_row *row = *state;
	struct histogram *h = calloc(1, sizeof(*h));
	uint64_t *all = calloc(row->n, sizeof(*all)), sum = 0;

	assert_non_null(h);
	assert_non_null(all);
	fill(row, h, all);
	for (size_t i = 0; i < row->n; i++)
		sum += all[i];
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		const size_t rank = (row->n * parts[i] + HISTOGRAM_WHOLE - 1) /
				    HISTOGRAM_WHOLE;

		assert_near(histogram_at(h, parts[i]), all[rank ? rank - 1 : 0]);
	}
	assert_int_equal(h->count, row->n);
	assert_true(h->sum == sum);
	assert_true(h->min == all[0]);
	assert_true(h->max == all[row->n - 1]);
	free(all);
	free(h);
}

/* A third and the rest, put together, are the whole. */
static void test_merge(void **state)
{
	const struct shape_row *row = *state;
	struct histogram *h = calloc(4, sizeof(*h));
	uint64_t *all = calloc(row->n, sizeof(*all));

	assert_non_null(h);
	assert_non_null(all);
	fill(row, &h[0], all);
	for (size_t i = 0; i < row->n; i++)
		histogram_add(&h[1 + (i >= row->n / 3)], all[i]);
	histogram_merge(&h[3], &h[1]);
	histogram_merge(&h[3], &h[2]);
	assert_memory_equal(&h[0], &h[3], sizeof(*h));
	free(all);
	free(h);
}

struct bucket_row {
	const char *name;
	uint64_t value;
	unsigned bucket;
};

static const struct bucket_row bucket_rows[] = {
	{ "zero", 0, 0 },
	{ "the last that is alone", 255, 255 },
	{ "the first of two", 256, 256 },
	{ "the second of two", 257, 256 },
	{ "the next two", 258, 257 },
	{ "an hour in ns", 3600000000000, 34 * 128 + 209 },
	{ "the greatest", UINT64_MAX, HISTOGRAM_BUCKETS - 1 },
};

static void test_bucket(void **state)
{
	const struct bucket_row *row = *state;

	assert_int_equal(histogram_bucket(row->value), row->bucket);
}

static void test_sum_up(void **state)
{
	struct histogram *h = calloc(1, sizeof(*h));
	struct distribution d;

	(void)state;
	assert_non_null(h);
	histogram_sum_up(h, &d);
	assert_int_equal(d.count + d.mean_ns + d.min_ns + d.p50_ns + d.max_ns, 0);
	for (uint64_t i = 1; i <= 100; i++)
		histogram_add(h, i);
	histogram_sum_up(h, &d);
	assert_int_equal(d.count, 100);
	assert_int_equal(d.mean_ns, 50);
	assert_int_equal(d.min_ns, 1);
	assert_int_equal(d.p50_ns, 50);
	assert_int_equal(d.p99_ns, 99);
	assert_int_equal(d.p999_ns, 100);
	assert_int_equal(d.max_ns, 100);
	free(h);
}

/* Of so many samples that the product of a rank would not fit 64 bits. */
static void test_many(void **state)
{
	struct histogram *h = calloc(1, sizeof(*h));

	(void)state;
	assert_non_null(h);
	histogram_add(h, 10);
	histogram_add(h, 1000);
	h->buckets[histogram_bucket(10)] = UINT64_MAX / 100 * 99;
	h->buckets[histogram_bucket(1000)] = UINT64_MAX / 100;
	h->count = UINT64_MAX / 100 * 100;
	assert_int_equal(histogram_at(h, 50000), 10);
	assert_int_equal(histogram_at(h, 99000), 10);
	assert_near(histogram_at(h, 99900), 1000);
	free(h);
}

int main(void)
{
	static const struct unit_set sets[] = {
		UNIT_ROWS("histogram", shape_rows, test_shape),
		UNIT_ROWS("merged", shape_rows, test_merge),
		UNIT_ROWS("bucket", bucket_rows, test_bucket),
		UNIT_ONE("what a document has of it", test_sum_up),
		UNIT_ONE("very many", test_many),
	};

	return unit_run("histogram", sets, ARRAY_SIZE(sets));
}
