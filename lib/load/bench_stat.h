/* SPDX-License-Identifier: MIT */
/*
 * What may be concluded from a handful of rounds. Nothing is taken for normally
 * distributed: a median, and the interval between two of the sorted values that holds the
 * true median with at least 95 % (order statistics: the number of values below it is
 * binomial). All pure.
 */
#ifndef KTLSCTL_LOAD_BENCH_STAT_H
#define KTLSCTL_LOAD_BENCH_STAT_H

#include <stddef.h>

#include "../out/bench.h"

enum {
	BENCH_ROUNDS_MAX = 64,
	BENCH_ROUNDS_MIN = 6, /* with fewer no two values hold the median so surely */
};

struct bench_interval {
	double median, low, high;
};

/*
 * Which of n sorted values, from 0, is the lower end; the upper one is as far from the
 * other side. -1: n is too small.
 */
int bench_rank(size_t n);
/* Of 1 to BENCH_ROUNDS_MAX values; too few for 95 %: the least and the greatest. */
struct bench_interval bench_interval_of(const double *v, size_t n);
/* The same of v[i] / base[i], leaving out what cannot be divided; *n_used of them. */
struct bench_interval bench_ratio_of(const double *v, const double *base, size_t n,
				     size_t *n_used);
/* What a ratio of n rounds says. */
enum bench_change bench_judge(const struct bench_interval *ratio, size_t n,
			      bool more_is_better);
/* The ratio of two medians that were not measured in pairs: the worst of both. */
struct bench_interval bench_unpaired(const struct bench_interval *after,
				     const struct bench_interval *before);

#endif
