/* SPDX-License-Identifier: MIT */
/* The pictures of a bench: over the size of messages, or the modes beside each other. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "../host/arena.h"
#include "../host/cleanup.h"
#include "bench_html.h"

/* The same mode has the same colour in every picture. */
static int color_of(const char *mode, size_t i)
{
	static const struct {
		const char *mode;
		int color;
	} known[] = { { "ktls", 1 },          { "openssl", 2 },    { "ktls-sendfile", 3 },
		      { "ktls-zerocopy", 4 }, { "ktls-uring", 6 }, { "plain", 8 } };

	for (size_t k = 0; k < ARRAY_SIZE(known); k++)
		if (!strcmp(known[k].mode, mode))
			return known[k].color;
	return i % 2 ? 5 : 7;
}

struct bench_shown bench_shown(const char *unit)
{
	static const struct {
		const char *unit;
		struct bench_shown shown;
	} known[] = {
		{ "bytes_per_second", { CHART_BYTES_PER_SECOND, 1, "" } },
		{ "per_second", { CHART_COUNT, 1, "/s" } },
		{ "ns_per_gib", { CHART_NS, 1, "/GiB" } },
		{ "ns", { CHART_NS, 1, "" } },
		{ "per_gib", { CHART_COUNT, 1 / 1024.0, "/MiB" } },
		{ "bytes_per_gib", { CHART_BYTES, 1 / 1024.0, "/MiB" } },
		{ "ns_per_operation", { CHART_NS, 1, "/op" } },
		{ "bytes_per_operation", { CHART_BYTES, 1, "/op" } },
		{ "per_1000_operations", { CHART_COUNT, 1 / 1000.0, "/op" } },
		{ "permille", { CHART_PERMILLE, 1, "" } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (!strcmp(known[i].unit, unit))
			return known[i].shown;
	return (struct bench_shown){ CHART_COUNT, 1, "" };
}

static bool is_valued(const struct bench_figure_doc *f)
{
	return f && f->source != BENCH_UNAVAILABLE;
}

bool bench_is_present(const struct bench_family *f, const char *mode)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct bench_result_doc *r = bench_result(f->groups[i], mode);

		if (r && r->present)
			return true;
	}
	return false;
}

static bool has_mode(const struct bench_modes *m, const char *mode)
{
	for (size_t i = 0; i < m->n; i++)
		if (!strcmp(m->modes[i], mode))
			return true;
	return false;
}

int bench_family_modes(const struct bench_family *f, struct arena *a,
		       struct bench_modes *out)
{
	*out = (struct bench_modes){ 0 };
	for (size_t i = 0; i < f->n; i++) {
		for (size_t k = 0; k < f->groups[i]->n_results; k++) {
			const struct bench_result_doc *r = &f->groups[i]->results[k];

			if (has_mode(out, r->mode))
				continue;
			out->modes = arena_grow(a, out->modes, out->n, sizeof(char *));
			out->titles = arena_grow(a, out->titles, out->n, sizeof(char *));
			if (!out->modes || !out->titles)
				return -ENOMEM;
			out->modes[out->n] = r->mode;
			out->titles[out->n++] = r->title;
		}
	}
	return 0;
}

/* Of a family all that pictures are made of. */
struct album {
	const struct bench_family *f;
	struct bench_modes modes;
	struct arena *a;
	struct html *h;
};

/* A figure of a mode that was measured has its place; why: it has no value. */
static struct chart_point point_of(const struct bench_group_doc *g, const char *mode,
				   enum bench_figure kind)
{
	const struct bench_result_doc *r = bench_result(g, mode);
	const struct bench_figure_doc *f = r ? bench_figure(r, kind) : NULL;
	struct chart_point p = { .x = (double)g->message_bytes };
	double factor;

	if (!is_valued(f)) {
		p.why = f            ? f->why
			: !r         ? "not measured at this size"
			: *r->reason ? r->reason
				     : "not measured";
		return p;
	}
	factor = bench_shown(f->unit).factor;
	p.y = (double)f->value * factor;
	p.low = (double)f->low * factor;
	p.high = (double)f->high * factor;
	return p;
}

/* The unit that a figure has in this family; NULL: it has no value anywhere. */
static const char *unit_of(const struct album *al, enum bench_figure kind)
{
	for (size_t i = 0; i < al->f->n; i++) {
		for (size_t k = 0; k < al->f->groups[i]->n_results; k++) {
			const struct bench_figure_doc *f =
				bench_figure(&al->f->groups[i]->results[k], kind);

			if (is_valued(f))
				return f->unit;
		}
	}
	return NULL;
}

/* Logarithmic where a small message costs a hundred times as much. */
static struct chart_axis axis_of(const struct album *al, enum bench_figure kind,
				 bool over_sizes)
{
	const char *unit = unit_of(al, kind);
	const struct bench_shown s = bench_shown(unit ? unit : bench_kinds[kind].unit);

	return (struct chart_axis){ bench_kinds[kind].title, s.unit, s.per,
				    over_sizes && s.unit == CHART_NS ? 10 : 0, NULL };
}

/* "throughput" begins a line. */
static const char *capital(struct arena *a, const char *s)
{
	char *out = arena_strdup(a, s);

	if (out && *out >= 'a' && *out <= 'z')
		*out = (char)(*out - 'a' + 'A');
	return out;
}

/* Over the size of messages. */
static int chart_sizes(struct album *al, enum bench_figure kind, const char *note)
{
	struct chart_series *series = arena_alloc(al->a,
						  (al->modes.n + 1) * sizeof(*series));
	struct chart c = { .title = capital(al->a, bench_kinds[kind].title),
			   .note = note,
			   .x = { "message size", CHART_BYTES, "", 2, NULL },
			   .y = axis_of(al, kind, true),
			   .series = series };

	if (!series || !c.title)
		return -ENOMEM;
	for (size_t i = 0; i < al->modes.n; i++) {
		struct chart_point *points = arena_alloc(al->a,
							 al->f->n * sizeof(*points));

		if (!points)
			return -ENOMEM;
		if (!bench_is_present(al->f, al->modes.modes[i]))
			continue;
		for (size_t k = 0; k < al->f->n; k++)
			points[k] = point_of(al->f->groups[k], al->modes.modes[i], kind);
		series[c.n++] = (struct chart_series){
			.name = al->modes.titles[i],
			.color = color_of(al->modes.modes[i], i),
			.points = points,
			.n = al->f->n,
		};
	}
	chart_lines(al->h, &c);
	return 0;
}

/* The modes one below the other. */
static int chart_modes(struct album *al, enum bench_figure kind, const char *note)
{
	const char *const names[] = { bench_kinds[kind].title };
	struct chart_bar *bars = arena_alloc(al->a, (al->modes.n + 1) * sizeof(*bars));
	double *values = arena_alloc(al->a, (al->modes.n + 1) * sizeof(*values));
	struct chart_stack c = { .title = capital(al->a, bench_kinds[kind].title),
				 .note = note,
				 .value = axis_of(al, kind, false),
				 .names = names,
				 .n_names = 1,
				 .bars = bars };

	if (!bars || !values || !c.title)
		return -ENOMEM;
	for (size_t i = 0; i < al->modes.n; i++) {
		const struct chart_point p = point_of(al->f->groups[0],
						      al->modes.modes[i], kind);

		if (!bench_is_present(al->f, al->modes.modes[i]))
			continue;
		values[c.n] = p.y;
		bars[c.n] = (struct chart_bar){ al->modes.titles[i],
						p.why,
						&values[c.n],
						p.low,
						p.high,
						color_of(al->modes.modes[i], i) };
		c.n++;
	}
	chart_stacked(al->h, &c);
	return 0;
}

static int chart_kind(struct album *al, enum bench_figure kind, const char *note)
{
	if (!unit_of(al, kind))
		return 0;
	return al->f->n > 1 ? chart_sizes(al, kind, note) : chart_modes(al, kind, note);
}

/* The group whose messages are nearest to a full record. */
static const struct bench_group_doc *typical(const struct bench_family *f)
{
	const struct bench_group_doc *best = f->groups[0];

	for (size_t i = 1; i < f->n; i++)
		if (fabs(log((double)f->groups[i]->message_bytes / 16384)) <
		    fabs(log((double)best->message_bytes / 16384)))
			best = f->groups[i];
	return best;
}

static int chart_percentiles(struct album *al, const struct bench_group_doc *g,
			     const char *note)
{
	static const enum bench_figure kinds[] = { BENCH_LATENCY_P50, BENCH_LATENCY_P99,
						   BENCH_LATENCY_P999 };
	static const char *const labels[] = { "p50", "p99", "p99.9", NULL };
	const size_t n = ARRAY_SIZE(kinds);
	struct chart_series *series = arena_alloc(al->a,
						  (al->modes.n + 1) * sizeof(*series));
	struct chart c = { .title = "Latency percentiles",
			   .note = note,
			   .x = { "percentile", CHART_COUNT, "", 0, labels },
			   .y = { "latency", CHART_NS, "", 10, NULL },
			   .series = series };

	if (!series)
		return -ENOMEM;
	for (size_t i = 0; i < al->modes.n; i++) {
		struct chart_point *points = arena_alloc(al->a, n * sizeof(*points));

		if (!points)
			return -ENOMEM;
		if (!bench_is_present(al->f, al->modes.modes[i]))
			continue;
		for (size_t k = 0; k < n; k++) {
			points[k] = point_of(g, al->modes.modes[i], kinds[k]);
			points[k].x = (double)k;
		}
		series[c.n++] = (struct chart_series){ al->modes.titles[i],
						       color_of(al->modes.modes[i], i),
						       NULL, points, n };
	}
	chart_lines(al->h, &c);
	return 0;
}

/* Where the time goes. */
struct parts {
	const char *title;
	enum bench_figure kinds[4];
	size_t n;
};

/* Not softirq: it is the whole host's, and most kernels charge the two ends with it. */
static const struct parts cpu = {
	"Where the CPU time goes",
	{ BENCH_SENDER_USER, BENCH_SENDER_SYSTEM, BENCH_RECEIVER_USER,
	  BENCH_RECEIVER_SYSTEM },
	4,
};
static const struct parts opening = {
	"What a connection begins with",
	{ BENCH_CONNECT, BENCH_HANDSHAKE, BENCH_ATTACH },
	3,
};

static int chart_parts(struct album *al, const struct parts *p,
		       const struct bench_group_doc *g, const char *note)
{
	const char *names[4];
	struct chart_bar *bars = arena_alloc(al->a, (al->modes.n + 1) * sizeof(*bars));
	struct chart_stack c = { .title = p->title,
				 .note = note,
				 .value = axis_of(al, p->kinds[0], false),
				 .names = names,
				 .n_names = p->n,
				 .bars = bars };

	for (size_t k = 0; k < p->n; k++)
		names[k] = bench_kinds[p->kinds[k]].title;
	for (size_t i = 0; bars && i < al->modes.n; i++) {
		double *parts = arena_alloc(al->a, p->n * sizeof(*parts));
		const char *why = NULL;
		bool any = false;

		if (!parts)
			return -ENOMEM;
		if (!bench_is_present(al->f, al->modes.modes[i]))
			continue;
		for (size_t k = 0; k < p->n; k++) {
			const struct chart_point q = point_of(g, al->modes.modes[i],
							      p->kinds[k]);

			parts[k] = q.why ? NAN : q.y;
			any |= !q.why;
			why = q.why ? q.why : why;
		}
		bars[c.n++] = (struct chart_bar){ .name = al->modes.titles[i],
						  .why = any ? NULL : why,
						  .parts = parts };
	}
	if (!bars)
		return -ENOMEM;
	chart_stacked(al->h, &c);
	return 0;
}

static int put_all(struct album *al)
{
	static const enum bench_figure over[] = { BENCH_THROUGHPUT, BENCH_RATE,
						  BENCH_SENDER_CPU, BENCH_RECEIVER_CPU,
						  BENCH_LATENCY_P99 };
	const struct bench_group_doc *g = typical(al->f);
	const bool asks = strcmp(g->workload, "bulk") != 0;
	char size[32];
	const char *at;
	int err = 0;

	chart_value(size, sizeof(size), (double)g->message_bytes, CHART_BYTES);
	at = arena_printf(al->a, "messages of %s", size);
	if (!at)
		return -ENOMEM;
	for (size_t i = 0; i < ARRAY_SIZE(over) && !err; i++)
		if (over[i] != (asks ? BENCH_THROUGHPUT : BENCH_RATE))
			err = chart_kind(al, over[i],
					 bench_kinds[over[i]].more_is_better
						 ? "more is better"
						 : "less is better");
	if (!err && unit_of(al, BENCH_LATENCY_P50))
		err = chart_percentiles(al, g, at);
	if (!err && unit_of(al, BENCH_SENDER_SYSTEM))
		err = chart_parts(al, &cpu, g, at);
	if (!err && unit_of(al, BENCH_HANDSHAKE))
		err = chart_parts(al, &opening, g, at);
	return err;
}

int bench_charts(struct html *h, const struct bench_family *f, struct arena *a)
{
	struct album al = { .f = f, .a = a, .h = h };
	int err = bench_family_modes(f, a, &al.modes);

	if (err)
		return err;
	fputs("<div class=\"charts\">\n", h->f);
	err = put_all(&al);
	fputs("</div>\n", h->f);
	return err;
}
