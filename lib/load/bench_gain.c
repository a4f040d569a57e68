// SPDX-License-Identifier: MIT
/* Whether a change of the host was one for the better, by two measurements. */
#include <errno.h>
#include <string.h>

#include "bench.h"
#include "bench_stat.h"

/* What is compared: kTLS where there is any. NULL: it was not measured. */
static const struct bench_figure_doc *figure(const struct bench_doc *d, bool kernel)
{
	const struct bench_group_doc *g = d->n_groups ? &d->groups[0] : NULL;
	const struct bench_result_doc *r =
		g ? bench_result(g, kernel ? "ktls" : "openssl") : NULL;

	if (!r || !r->present || r->rounds < BENCH_ROUNDS_MIN)
		return NULL;
	return bench_figure(r,
			    strcmp(g->direction, "both") ? BENCH_THROUGHPUT : BENCH_RATE);
}

static struct bench_interval interval(const struct bench_figure_doc *f)
{
	return (struct bench_interval){ (double)f->value, (double)f->low,
					(double)f->high };
}

static uint64_t permille(double v)
{
	return (uint64_t)(v * 1000 + 0.5);
}

int bench_gain(const struct bench_doc *before, const struct bench_doc *after,
	       struct arena *a, struct tune_gain *g)
{
	const bool kernel = figure(before, true) && figure(after, true);
	const struct bench_figure_doc *x = figure(before, kernel);
	const struct bench_figure_doc *y = figure(after, kernel);
	struct bench_interval was, is, r;

	*g = (struct tune_gain){ .workload = before->n_groups ? before->groups[0].workload
							      : "",
				 .mode = kernel ? "ktls" : "openssl",
				 .unit = x ? x->unit : "",
				 .text = "It could not be measured 6 times before and "
					 "after." };
	if (!x || !y)
		return 0;
	was = interval(x);
	is = interval(y);
	r = bench_unpaired(&is, &was);
	g->before = x->value;
	g->after = y->value;
	g->ratio_permille = permille(r.median);
	g->ratio_low_permille = permille(r.low);
	g->ratio_high_permille = permille(r.high);
	g->kept = r.low > 1;
	g->text = arena_printf(a, "%s by %s: %+.1f %% (%+.1f to %+.1f): %s.", g->workload,
			       g->mode, r.median * 100 - 100, r.low * 100 - 100,
			       r.high * 100 - 100,
			       g->kept      ? "better"
			       : r.high < 1 ? "worse"
					    : "no gain that is sure");
	return g->text ? 0 : -ENOMEM;
}
