// SPDX-License-Identifier: MIT
/* What follows for each workload. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bench_run.h"

/* How one mode did beside OpenSSL, by throughput and by the CPU of its own end. */
struct standing {
	const struct bench_result_doc *r;
	const struct bench_figure_doc *speed, *cpu;
	int score; /* 1: better, -1: worse, 0: neither; 2: not known */
};

static bool is(const struct bench_figure_doc *f, enum bench_change c)
{
	return f && f->change == c;
}

static struct standing standing_of(const struct bench_group_doc *g,
				   const struct bench_result_doc *r)
{
	const bool receives = !strcmp(g->direction, "receive");
	struct standing s = { .r = r, .score = 2 };

	s.speed = bench_figure(r, BENCH_RATE);
	if (strcmp(g->direction, "both") != 0)
		s.speed = bench_figure(r, BENCH_THROUGHPUT);
	s.cpu = bench_figure(r, receives ? BENCH_RECEIVER_CPU : BENCH_SENDER_CPU);
	if (!s.speed || !s.cpu || s.speed->change == BENCH_NO_BASELINE)
		return s;
	if (is(s.speed, BENCH_WORSE) || is(s.cpu, BENCH_WORSE))
		s.score = is(s.speed, BENCH_BETTER) || is(s.cpu, BENCH_BETTER) ? 0 : -1;
	else if (is(s.speed, BENCH_BETTER) || is(s.cpu, BENCH_BETTER))
		s.score = 1;
	else if (is(s.speed, BENCH_NO_DIFFERENCE) && is(s.cpu, BENCH_NO_DIFFERENCE))
		s.score = 0;
	return s;
}

/* Of two modes with the same score the one that is faster for its CPU. */
static double merit(const struct standing *s)
{
	return s->cpu && s->cpu->ratio_permille
		       ? (double)s->speed->ratio_permille / (double)s->cpu->ratio_permille
		       : 0;
}

static bool is_kernel(const struct bench_result_doc *r)
{
	return !strncmp(r->mode, "ktls", 4);
}

static struct standing best_of(const struct bench_group_doc *g)
{
	struct standing best = { .score = -2 };

	for (size_t i = 0; i < g->n_results; i++) {
		struct standing s;

		if (!g->results[i].present || !is_kernel(&g->results[i]))
			continue;
		s = standing_of(g, &g->results[i]);
		if (s.score == 2 && best.score != -2)
			continue;
		if (best.score == -2 || best.score == 2 || s.score > best.score ||
		    (s.score == best.score && merit(&s) > merit(&best)))
			best = s;
	}
	return best;
}

static const char *why_absent(const struct bench_group_doc *g)
{
	const struct bench_result_doc *r = bench_result(g, bench_ktls.name);

	for (size_t i = 0; i < g->n_results && !r; i++)
		if (is_kernel(&g->results[i]))
			r = &g->results[i];
	return r ? r->reason : "its modes were not asked for";
}

static char *percent(struct arena *a, const struct bench_figure_doc *f)
{
	return arena_printf(a, "%+.0f %% (%+.0f to %+.0f)",
			    (double)f->ratio_permille / 10 - 100,
			    (double)f->ratio_low_permille / 10 - 100,
			    (double)f->ratio_high_permille / 10 - 100);
}

/* Why leaving it off is right, for what is known of such workloads. */
static const char *usual_reason(const struct bench_group_doc *g)
{
	if (!strcmp(g->workload, "close"))
		return "giving the keys to the kernel costs more than one answer earns";
	if (!strcmp(g->direction, "receive"))
		return "the kernel decrypts a record at a time, in the reader's own call";
	if (!strcmp(g->direction, "both"))
		return "small messages: the system calls weigh more than the encryption";
	return "writing in small pieces, or this processor, does not let it gain";
}

static int conclude(struct bench_advice_doc *d, const struct bench_group_doc *g,
		    const struct standing *s, struct arena *a)
{
	const char *speed = percent(a, s->speed), *cpu = percent(a, s->cpu);

	if (!speed || !cpu)
		return -ENOMEM;
	d->mode = s->r->mode;
	if (s->score == 1) {
		d->advice = "on";
		d->text = arena_printf(a, "kTLS on (%s): throughput %s, CPU %s.",
				       s->r->title, speed, cpu);
	} else if (s->score == -1) {
		d->advice = "off";
		d->text = arena_printf(a, "Leave kTLS off: throughput %s, CPU %s; %s.",
				       speed, cpu, usual_reason(g));
	} else if (is(s->speed, BENCH_BETTER) || is(s->cpu, BENCH_BETTER)) {
		d->advice = "depends";
		d->text =
			arena_printf(a,
				     "It depends: throughput %s, CPU %s: what one gains "
				     "the other pays for.",
				     speed, cpu);
	} else {
		d->advice = "no_difference";
		d->text = arena_printf(a,
				       "No difference worth a change: throughput %s, "
				       "CPU %s.",
				       speed, cpu);
	}
	return d->text ? 0 : -ENOMEM;
}

static bool has_user(const struct bench_group_doc *g)
{
	const struct bench_result_doc *r = bench_result(g, bench_openssl.name);

	return r && r->present;
}

static int advise(struct bench_doc *d, const struct bench_group_doc *g, struct arena *a)
{
	struct bench_advice_doc *x = &d->advice[d->n_advice++];
	const struct standing s = best_of(g);
	const char *text = NULL;

	*x = (struct bench_advice_doc){
		.workload = g->workload, .advice = "unknown", .mode = "", .text = ""
	};
	if (!strcmp(g->direction, "receive"))
		x->workload = "receive";
	if (s.score == -2)
		text = arena_printf(a, "kTLS was not measured: %s.", why_absent(g));
	else if (!has_user(g))
		text = "OpenSSL was not measured beside it: there is nothing to compare "
		       "with.";
	else if (!strcmp(d->host.environment, "emulated"))
		text = "An emulated processor: times do not tell what kTLS gains.";
	else if (!d->noise.quiet)
		text = arena_printf(a, "Too noisy to conclude: %s.", d->noise.text);
	else if (s.score == 2)
		text = "Too noisy to conclude: the intervals are too wide; give it more "
		       "time (--duration) on a quiet machine.";
	else
		return conclude(x, g, &s, a);
	x->text = text;
	return text ? 0 : -ENOMEM;
}

/* Of several sizes the largest speaks for the workload. */
static bool speaks(const struct bench_doc *d, const struct bench_group_doc *g)
{
	for (const struct bench_group_doc *o = d->groups; o < d->groups + d->n_groups;
	     o++)
		if (!strcmp(o->workload, g->workload) &&
		    !strcmp(o->direction, g->direction) &&
		    (o->message_bytes > g->message_bytes ||
		     (o->message_bytes == g->message_bytes && o < g)))
			return false;
	return true;
}

/* The mode, or NULL: any mode of kTLS. */
static bool was_measured(const struct bench_doc *d, const char *mode)
{
	for (size_t i = 0; i < d->n_groups; i++) {
		for (size_t k = 0; k < d->groups[i].n_results; k++) {
			const struct bench_result_doc *r = &d->groups[i].results[k];

			if (r->present && (mode ? !strcmp(r->mode, mode) : is_kernel(r)))
				return true;
		}
	}
	return false;
}

static const char *first_line(const struct bench_doc *d)
{
	const bool user = was_measured(d, bench_openssl.name),
		   plain = was_measured(d, bench_plain.name);
	bool on = false, off = false, same = false, depends = false;

	for (size_t i = 0; i < d->n_advice; i++) {
		on |= !strcmp(d->advice[i].advice, "on");
		off |= !strcmp(d->advice[i].advice, "off");
		same |= !strcmp(d->advice[i].advice, "no_difference");
		depends |= !strcmp(d->advice[i].advice, "depends");
	}
	if (on && (off || same || depends))
		return "kTLS gains here for some workloads, not for all.";
	if (on)
		return "kTLS gains here.";
	if (depends)
		return "kTLS gains here in one thing what it costs in another.";
	if (off)
		return "Leave kTLS off here: it costs more than it gains.";
	if (same)
		return "kTLS makes no difference here.";
	if (was_measured(d, NULL))
		return "What kTLS gains here cannot be told from this run.";
	if (user && plain)
		return "kTLS could not be measured here; OpenSSL and plain TCP were.";
	if (user || plain)
		return user ? "kTLS was not measured here; OpenSSL was."
			    : "kTLS was not measured here; plain TCP was.";
	return "Nothing could be measured here.";
}

int bench_advise(struct bench_doc *d, struct arena *a)
{
	int err = 0;

	d->advice = arena_alloc(a, (d->n_groups + 1) * sizeof(*d->advice));
	if (!d->advice)
		return -ENOMEM;
	for (size_t i = 0; i < d->n_groups && !err; i++)
		if (speaks(d, &d->groups[i]))
			err = advise(d, &d->groups[i], a);
	d->answer = first_line(d);
	return err;
}
