/* SPDX-License-Identifier: MIT */
/*
 * --if-better: the workload of the profile before and after. While it is measured the
 * apply waits to be confirmed, so that a measurement that never ends takes it back, too.
 */
#include <errno.h>
#include <inttypes.h>

#include "../lib/load/bench.h"
#include "tune.h"

enum { MEASURE_MS = 10000, MARGIN_MS = 300000, ROUNDS = 9 };

static const struct row {
	const char *profile;
	enum bench_workload workload;
	uint64_t size;
} rows[] = {
	{ "latency", BENCH_RPC, 1024 },
	{ "websocket", BENCH_WEBSOCKET, 256 },
	{ NULL, BENCH_BULK, 16384 }, /* all others */
};

static const struct row *row_of(const char *profile)
{
	const struct row *r = rows;

	while (r->profile && (!profile || strcmp(r->profile, profile) != 0))
		r++;
	return r;
}

static uint64_t duration(const struct settings *s)
{
	return s->bench.total_ms ? s->bench.total_ms : MEASURE_MS;
}

static int measure(const struct settings *s, const struct row *row, struct arena *a,
		   struct bench_doc *out)
{
	const struct bench_options o = { .workloads = 1U << row->workload,
					 .sizes = { row->size },
					 .n_sizes = 1,
					 .total_ms = duration(s),
					 .rounds = ROUNDS,
					 .send_only = true,
					 .stop = -1,
					 .modes = bench_user_or_kernel };

	fprintf(stderr, "ktlsctl: measuring %s for %" PRIu64 " s\n",
		bench_workload_words[row->workload], (duration(s) + 999) / 1000);
	return bench_run(&o, a, out);
}

/* It waits: kept or taken back, as the measurement says. *r becomes the result of that,
 * where that has one of its own to tell. */
static int decide(const struct settings *s, const struct tune_made *m,
		  const struct tune_gain *g, struct tune_result **r)
{
	struct tune_result *next = NULL;
	int err = g->kept ? tune_confirm(m->host, (*r)->id, &next)
			  : tune_revert(m->host, (*r)->id, &next);

	if (err)
		return err;
	(*r)->confirm_within_ms = 0;
	if (g->kept && !s->persist && !next->failure) {
		tune_result_free(next);
		return 0;
	}
	tune_result_free(*r);
	*r = next;
	return 0;
}

int tune_better_run(const struct settings *s, const struct tune_made *m,
		    struct tune_result **r)
{
	const struct tune_apply_options o = { s->persist, duration(s) * 3 + MARGIN_MS };
	const struct row *row = row_of(m->plan->profile);
	struct bench_doc before, after;
	cleanup_arena struct arena *a = arena_new();
	struct tune_gain *g;
	int err = a ? measure(s, row, a, &before) : -ENOMEM;

	if (!err)
		err = tune_apply(m->host, m->plan, &o, r);
	/* What was refused, or was right already, makes no difference. */
	if (err || (*r)->failure || !*(*r)->id)
		return err;
	err = measure(s, row, a, &after);
	g = arena_alloc(a, sizeof(*g));
	if (err || !g)
		return err ? err : -ENOMEM;
	err = bench_gain(&before, &after, a, g);
	if (!err)
		err = decide(s, m, g, r);
	return err ? err : tune_result_measured(*r, g);
}
