// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "bench_stat.h"

/* A ratio that is not known better than that says nothing, not even "the same". */
static const double widest = 0.20;

static int compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The binomial distribution of n with 1/2, summed up from its end while it is 2.5 % at
 * most: the median lies outside with twice that. */
int bench_rank(size_t n)
{
	double term = 1, sum = 0;
	int rank = -1;

	for (size_t i = 0; i < n; i++)
		term /= 2;
	for (size_t k = 0; k < n / 2; k++) {
		sum += term;
		if (sum > 0.025)
			break;
		rank = (int)k;
		term = term * (double)(n - k) / (double)(k + 1);
	}
	return rank;
}

struct bench_interval bench_interval_of(const double *v, size_t n)
{
	double sorted[BENCH_ROUNDS_MAX];
	struct bench_interval i = { 0 };
	int rank = bench_rank(n);

	if (!n || n > BENCH_ROUNDS_MAX)
		return i;
	memcpy(sorted, v, n * sizeof(*v));
	qsort(sorted, n, sizeof(*sorted), compare);
	if (rank < 0)
		rank = 0;
	i.median = (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
	i.low = sorted[rank];
	i.high = sorted[n - 1 - (size_t)rank];
	return i;
}

struct bench_interval bench_ratio_of(const double *v, const double *base, size_t n,
				     size_t *n_used)
{
	double ratios[BENCH_ROUNDS_MAX];

	*n_used = 0;
	for (size_t i = 0; i < n && i < BENCH_ROUNDS_MAX; i++)
		if (v[i] >= 0 && base[i] > 0)
			ratios[(*n_used)++] = v[i] / base[i];
	return bench_interval_of(ratios, *n_used);
}

enum bench_change bench_judge(const struct bench_interval *ratio, size_t n,
			      bool more_is_better)
{
	if (n < BENCH_ROUNDS_MIN)
		return BENCH_TOO_NOISY;
	if (ratio->low > 1)
		return more_is_better ? BENCH_BETTER : BENCH_WORSE;
	if (ratio->high < 1)
		return more_is_better ? BENCH_WORSE : BENCH_BETTER;
	return ratio->high - ratio->low > widest ? BENCH_TOO_NOISY : BENCH_NO_DIFFERENCE;
}

struct bench_interval bench_unpaired(const struct bench_interval *after,
				     const struct bench_interval *before)
{
	struct bench_interval r = { 0 };

	if (before->low <= 0)
		return r;
	r.median = after->median / before->median;
	r.low = after->low / before->high;
	r.high = after->high / before->low;
	return r;
}
