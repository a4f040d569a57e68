// SPDX-License-Identifier: MIT
/* From what was tallied to the document. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../host/cleanup.h"
#include "bench_run.h"

static const double gib = BENCH_GIB;

static uint64_t whole(double v)
{
	return v > 0 ? (uint64_t)(v + 0.5) : 0;
}

static const struct bench_tally *tally_named(const struct bench_set *s, const char *name)
{
	for (size_t i = 0; i < s->n_tallies; i++)
		if (s->tallies[i]->present && !strcmp(s->tallies[i]->mode->name, name))
			return s->tallies[i];
	return NULL;
}

/* What the other modes are compared with. */
static const struct bench_tally *baseline(const struct bench_set *s)
{
	return tally_named(s, bench_openssl.name);
}

/* ---- one figure ---- */

/* Per GiB in bulk, per operation elsewhere. */
static const char *unit_of(const struct bench_set *s, enum bench_figure f)
{
	const char *unit = bench_kinds[f].unit;

	if (s->g.direction != BENCH_BOTH)
		return unit;
	if (!strcmp(unit, "ns_per_gib"))
		return "ns_per_operation";
	if (!strcmp(unit, "bytes_per_gib"))
		return "bytes_per_operation";
	return strcmp(unit, "per_gib") ? unit : "per_1000_operations";
}

/* Fractions of a call would be lost. */
static double scale_of(const struct bench_set *s, enum bench_figure f)
{
	return s->g.direction == BENCH_BOTH && !strcmp(bench_kinds[f].unit, "per_gib")
		       ? 1000
		       : 1;
}

static size_t known(const double *v, size_t n, double out[BENCH_ROUNDS_MAX])
{
	size_t m = 0;

	for (size_t i = 0; i < n; i++)
		if (v[i] >= 0)
			out[m++] = v[i];
	return m;
}

static void compare(struct bench_figure_doc *d, const struct bench_tally *t,
		    const struct bench_tally *base, enum bench_figure f)
{
	const size_t n = t->n < base->n ? t->n : base->n;
	size_t used;
	const struct bench_interval r = bench_ratio_of(t->v[f], base->v[f], n, &used);

	if (!used)
		return;
	d->change = bench_judge(&r, used, bench_kinds[f].more_is_better);
	d->ratio_permille = whole(r.median * 1000);
	d->ratio_low_permille = whole(r.low * 1000);
	d->ratio_high_permille = whole(r.high * 1000);
}

static bool is_calls(enum bench_figure f)
{
	return f == BENCH_SENDER_CALLS || f == BENCH_RECEIVER_CALLS;
}

static void put_value(const struct bench_set *s, const struct bench_tally *t,
		      enum bench_figure f, struct bench_figure_doc *d)
{
	const struct bench_tally *base = baseline(s);
	double v[BENCH_ROUNDS_MAX];
	const size_t n = known(t->v[f], t->n, v);
	const struct bench_interval i = bench_interval_of(v, n);
	const double scale = scale_of(s, f);

	d->value = whole(i.median * scale);
	d->low = whole(i.low * scale);
	d->high = whole(i.high * scale);
	/* Parts of two different things are not to be compared. */
	if (f == BENCH_OF_CEILING && base && base->ceiling_of != t->ceiling_of)
		return;
	if (base && base != t)
		compare(d, t, base, f);
}

/* A figure of the end that the peer is. */
static bool is_theirs(const struct bench_made *m, const struct bench_set *s,
		      enum bench_figure f)
{
	const bool sends = s->g.direction == BENCH_RECEIVE;

	if (!m->w->o->peer)
		return false;
	if (f == BENCH_SENDER_CPU || f == BENCH_SENDER_USER || f == BENCH_SENDER_SYSTEM)
		return sends;
	return !sends && (f == BENCH_RECEIVER_CPU || f == BENCH_RECEIVER_USER ||
			  f == BENCH_RECEIVER_SYSTEM);
}

/* Why a peer's is not known; "". */
static const char *why_not_theirs(const struct bench_made *m, const struct bench_set *s,
				  enum bench_figure f)
{
	const bool sends = s->g.direction == BENCH_RECEIVE;

	if (!m->w->o->peer)
		return "";
	if (is_theirs(m, s, f))
		return "the peer served others as well";
	if (f == (sends ? BENCH_SENDER_CALLS : BENCH_RECEIVER_CALLS))
		return "the peer does not count its system calls";
	if (f == BENCH_MEMORY || (f == BENCH_INSTRUCTIONS && sends))
		return "the other end is another host's";
	return "";
}

/* What is not in the samples of the rounds. -1: nothing to say of it. */
static double extra(const struct bench_made *m, const struct bench_set *s,
		    const struct bench_tally *t, enum bench_figure f, const char **why)
{
	*why = "";
	if (f == BENCH_COPIES && s->g.direction == BENCH_SEND) {
		*why = t->mode->copies_why;
		return t->mode->copies * gib;
	}
	if (f == BENCH_SOFTIRQ && t->bytes && s->g.direction != BENCH_BOTH)
		return (double)t->irq_ns * gib / (double)t->bytes;
	if (f == BENCH_SOFTIRQ && t->operations)
		return (double)t->irq_ns / (double)t->operations;
	if (f == BENCH_LATENCY_P999 && t->latency && t->latency->count >= 1000)
		return (double)histogram_at(t->latency, 99900);
	if (f == BENCH_LATENCY_P999 && t->latency)
		*why = "fewer than 1000 samples";
	if (f == BENCH_INSTRUCTIONS || f == BENCH_MEMORY)
		*why = m->w->counters.perf_why;
	if (!**why)
		*why = why_not_theirs(m, s, f);
	return -1;
}

static enum bench_source source_of(const struct bench_tally *t, enum bench_figure f)
{
	if (f == BENCH_COPIES || f == BENCH_CRYPTO || f == BENCH_OF_CEILING ||
	    f == BENCH_MEMORY)
		return BENCH_DERIVED;
	if (is_calls(f) && !t->calls_measured[f == BENCH_RECEIVER_CALLS])
		return BENCH_DERIVED;
	return BENCH_MEASURED;
}

static const char *why_of(const struct bench_tally *t, enum bench_figure f)
{
	switch (f) {
	case BENCH_SENDER_CALLS:
	case BENCH_RECEIVER_CALLS:
		return "what the harness calls, and libssl as its source has it";
	case BENCH_CRYPTO:
		return "its CPU less that of plain TCP";
	case BENCH_OF_CEILING:
		return t->ceiling_of;
	case BENCH_MEMORY:
		return "cache misses of both ends, 64 bytes each";
	default:
		return "";
	}
}

static void put_figure(const struct bench_made *m, const struct bench_set *s,
		       const struct bench_tally *t, enum bench_figure f,
		       struct bench_result_doc *r)
{
	double v[BENCH_ROUNDS_MAX];
	const bool in_rounds = known(t->v[f], t->n, v) > 0;
	struct bench_figure_doc d = { .name = bench_kinds[f].name,
				      .unit = unit_of(s, f),
				      .source = source_of(t, f),
				      .why = "" };

	if (in_rounds) {
		put_value(s, t, f, &d);
		if (d.source == BENCH_DERIVED)
			d.why = why_of(t, f);
		else if (is_theirs(m, s, f))
			d.why = "measured by the peer";
	} else {
		const double x = extra(m, s, t, f, &d.why);

		if (x < 0 && !*d.why)
			return;
		if (x < 0)
			d.source = BENCH_UNAVAILABLE;
		d.value = d.low = d.high = whole(x);
	}
	r->figures[r->n_figures++] = d;
}

/* ---- what follows from others ---- */

static enum bench_figure own_cpu(const struct bench_set *s)
{
	return s->g.direction == BENCH_RECEIVE ? BENCH_RECEIVER_CPU : BENCH_SENDER_CPU;
}

static void derive(const struct bench_set *s, struct bench_tally *t,
		   const struct bench_ceiling_doc *c)
{
	const struct bench_tally *plain = tally_named(s, bench_plain.name);
	const uint64_t ceiling = bench_ceiling(c, t->mode, &t->ceiling_of);
	const enum bench_figure cpu = own_cpu(s);

	for (size_t i = 0; i < t->n; i++) {
		t->v[BENCH_CRYPTO][i] = t->v[BENCH_OF_CEILING][i] = -1;
		if (!t->mode->tls || s->g.direction == BENCH_BOTH)
			continue;
		if (ceiling && t->v[BENCH_THROUGHPUT][i] >= 0)
			t->v[BENCH_OF_CEILING][i] = t->v[BENCH_THROUGHPUT][i] * 1000 /
						    (double)ceiling;
		if (plain && i < plain->n && plain->v[cpu][i] >= 0 &&
		    t->v[cpu][i] > plain->v[cpu][i])
			t->v[BENCH_CRYPTO][i] = t->v[cpu][i] - plain->v[cpu][i];
	}
}

/* ---- who says that it was so ---- */

static const char *const witnesses[] = { "tls_stat", "getsockopt", "sock_diag",
					 "payload" };

/* Others may open such connections meanwhile: it is too many only of none. */
static bool counted_right(const struct bench_set *s, const struct bench_tally *t)
{
	const bool tx = t->mode->kernel && s->g.direction != BENCH_RECEIVE;
	const bool rx = t->mode->kernel && s->g.direction != BENCH_SEND;

	return (!tx || t->opened_tx >= t->runs) && (!rx || t->opened_rx >= t->runs);
}

/* That a round failed is the word of whoever saw what arrived. */
static char *saw(const struct bench_tally *t, int i, struct arena *a)
{
	if (i == BENCH_BY_PAYLOAD && t->failed)
		return arena_printf(a, "%zu of %zu rounds failed: %s", t->failed, t->n,
				    t->reason);
	return arena_strdup(a, t->proof[i].saw);
}

static int put_proofs(const struct bench_made *m, const struct bench_set *s,
		      const struct bench_tally *t, struct bench_result_doc *r)
{
	r->proofs = arena_alloc(m->a, BENCH_WITNESSES * sizeof(*r->proofs));
	if (!r->proofs)
		return -ENOMEM;
	for (int i = 0; i < BENCH_WITNESSES; i++) {
		struct bench_proof_doc *p = &r->proofs[r->n_proofs];

		p->witness = witnesses[i];
		p->right = t->proof[i].right && !(i == BENCH_BY_PAYLOAD && t->failed);
		if (i == BENCH_BY_COUNTERS && t->counted) {
			p->right = counted_right(s, t);
			p->saw = arena_printf(m->a,
					      "in %" PRIu64 " runs: sending +%" PRIu64
					      ", receiving +%" PRIu64,
					      t->runs, t->opened_tx, t->opened_rx);
		} else if (*t->proof[i].saw) {
			p->saw = saw(t, i, m->a);
		} else {
			continue;
		}
		if (!p->saw)
			return -ENOMEM;
		r->n_proofs++;
	}
	return 0;
}

/* ---- groups ---- */

static int put_result(const struct bench_made *m, const struct bench_set *s,
		      const struct bench_tally *t, struct bench_result_doc *r)
{
	const char *reason = s->absent ? s->absent : t->reason;

	*r = (struct bench_result_doc){
		.mode = t->mode->name,
		.title = t->mode->title,
		.present = t->present && !s->absent && t->n > t->failed,
		.baseline = !strcmp(t->mode->name, bench_openssl.name),
		.rounds = t->n,
		.operations = t->operations,
		.bytes = t->bytes,
	};
	if (!r->present && !*reason)
		reason = "there was no time for a round";
	r->reason = r->present ? "" : arena_strdup(m->a, reason);
	r->figures = arena_alloc(m->a, BENCH_FIGURES * sizeof(*r->figures));
	if (!r->reason || !r->figures)
		return -ENOMEM;
	if (!r->present)
		return 0;
	for (int f = 0; f < BENCH_FIGURES; f++)
		put_figure(m, s, t, (enum bench_figure)f, r);
	return put_proofs(m, s, t, r);
}

static int put_group(const struct bench_made *m, const struct bench_set *s,
		     struct bench_group_doc *g)
{
	static const char *const directions[] = {
		[BENCH_SEND] = "send", [BENCH_RECEIVE] = "receive", [BENCH_BOTH] = "both"
	};
	int err = 0;

	*g = (struct bench_group_doc){
		.workload = bench_workload_words[s->g.workload],
		.direction = directions[s->g.direction],
		.tls = s->g.suite.version == KTLS_1_3 ? "TLSv1.3" : "TLSv1.2",
		.suite = arena_strdup(m->a, s->g.suite.name),
		.cipher = s->g.cipher ? s->g.cipher->word : "",
		.message_bytes = s->g.size,
		.connections = s->g.connections,
	};
	g->results = arena_alloc(m->a, (s->n_tallies + 1) * sizeof(*g->results));
	if (!g->suite || !g->results)
		return -ENOMEM;
	for (size_t i = 0; i < s->n_tallies; i++)
		derive(s, s->tallies[i], bench_ceiling_of(m->d, s));
	for (size_t i = 0; i < s->n_tallies && !err; i++)
		err = put_result(m, s, s->tallies[i], &g->results[g->n_results++]);
	return err;
}

static void widest_spread(struct bench_doc *d)
{
	for (size_t i = 0; i < d->n_groups; i++) {
		const struct bench_result_doc *r = bench_result(&d->groups[i],
								bench_openssl.name);
		const struct bench_figure_doc *f = r ? bench_figure(r, BENCH_THROUGHPUT)
						     : NULL;
		uint64_t spread;

		if (!f || !f->value)
			continue;
		spread = (f->high - f->low) * 500 / f->value;
		if (spread > d->noise.spread_permille)
			d->noise.spread_permille = spread;
	}
}

static const char *path_of(const struct bench_made *m)
{
	const struct bench_options *o = m->w->o;
	char at[ADDRESS_TEXT];

	if (o->netns)
		return arena_printf(m->a, "netns %s", o->netns);
	if (!o->peer)
		return "loopback";
	address_text(&o->peer->at, at);
	return arena_printf(m->a, "peer %s", at);
}

int bench_make(const struct bench_made *m)
{
	struct bench_doc *d = m->d;
	int err = bench_host(&d->host, m->a);

	d->path = path_of(m);
	d->groups = arena_alloc(m->a, (m->n_sets + 1) * sizeof(*d->groups));
	if (err || !d->path || !d->groups)
		return -ENOMEM;
	err = bench_ceilings(m);
	for (size_t i = 0; i < m->n_sets && !err; i++)
		err = put_group(m, &m->sets[i], &d->groups[d->n_groups++]);
	if (err)
		return err;
	bench_ceilings_derive(d);
	widest_spread(d);
	bench_harness(&d->harness);
	if (bench_noise_say(&d->noise, m->a))
		return -ENOMEM;
	return bench_advise(d, m->a);
}
