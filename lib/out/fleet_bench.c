/* SPDX-License-Identifier: MIT */
/* The benches of several hosts: what kTLS does on each, and against OpenSSL there. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../host/arena.h"
#include "fleet_bench.h"

/* Lines of one picture; there are so many colours. */
enum { LINES = 8 };

/* A question that one host at least was asked: a group without its size. */
static bool same_question(const struct bench_group_doc *a,
			  const struct bench_group_doc *b)
{
	return !strcmp(a->workload, b->workload) && !strcmp(a->direction, b->direction) &&
	       !strcmp(a->tls, b->tls) && !strcmp(a->suite, b->suite);
}

/* Throughput of kTLS, or beside the baseline of the same host. */
static struct chart_point point_of(const struct bench_group_doc *g, bool ratio)
{
	const bool asks = strcmp(g->workload, "bulk") != 0;
	const struct bench_result_doc *r = bench_result(g, "ktls");
	const struct bench_figure_doc *f =
		r ? bench_figure(r, asks ? BENCH_RATE : BENCH_THROUGHPUT) : NULL;
	struct chart_point p = { .x = (double)g->message_bytes };

	if (!f || f->source == BENCH_UNAVAILABLE) {
		p.why = f && *f->why      ? f->why
			: r && *r->reason ? r->reason
					  : "not measured";
	} else if (ratio && !f->ratio_permille) {
		p.why = "there is no baseline";
	} else if (ratio) {
		p.y = (double)f->ratio_permille;
		p.low = (double)f->ratio_low_permille;
		p.high = (double)f->ratio_high_permille;
	} else {
		p.y = (double)f->value;
		p.low = (double)f->low;
		p.high = (double)f->high;
	}
	return p;
}

static int by_x(const void *a, const void *b)
{
	const struct chart_point *p = a, *q = b;

	return (p->x > q->x) - (p->x < q->x);
}

static int series_of(const struct bench_doc *d, const struct bench_group_doc *question,
		     bool ratio, struct arena *a, struct chart_series *out)
{
	struct chart_point *points = NULL;
	size_t n = 0;

	for (size_t i = 0; i < d->n_groups; i++) {
		if (!same_question(&d->groups[i], question))
			continue;
		points = arena_grow(a, points, n, sizeof(*points));
		if (!points)
			return -ENOMEM;
		points[n++] = point_of(&d->groups[i], ratio);
	}
	if (n)
		qsort(points, n, sizeof(*points), by_x);
	else
		out->why = "not measured";
	out->points = points;
	out->n = n;
	return 0;
}

/* What is asked, and how it is to be drawn. */
struct view {
	const struct bench_group_doc *question;
	const char *note; /* which question that is */
	bool ratio;
};

static int put_chart(struct html *h, const struct fleet_page *p, const struct view *v,
		     struct arena *a)
{
	const bool asks = strcmp(v->question->workload, "bulk") != 0;
	struct chart_series series[LINES] = { 0 };
	struct chart c = {
		.title = v->ratio ? "kTLS in % of OpenSSL on the same host"
			 : asks   ? "kTLS: operations"
				  : "kTLS: throughput",
		.note = v->note,
		.x = { "message size", CHART_BYTES, "", 2, NULL },
		.y = { "", CHART_BYTES_PER_SECOND, "", 0, NULL },
		.series = series,
	};

	if (v->ratio)
		c.y.unit = CHART_PERMILLE;
	else if (asks)
		c.y = (struct chart_axis){ "", CHART_COUNT, "/s", 0, NULL };
	for (size_t i = 0; i < p->n_hosts && c.n < LINES; i++) {
		struct chart_series *s = &series[c.n];

		if (!p->hosts[i].bench)
			continue;
		s->name = p->hosts[i].name;
		s->color = (int)c.n++ + 1;
		if (series_of(p->hosts[i].bench, v->question, v->ratio, a, s))
			return -ENOMEM;
	}
	chart_lines(h, &c);
	return 0;
}

static int put_question(struct html *h, const struct fleet_page *p,
			const struct bench_group_doc *g, struct arena *a)
{
	struct view v = { .question = g,
			  .note = arena_printf(a, "%s%s%s, %s, %s", g->workload,
					       strcmp(g->direction, "both") ? ", " : "",
					       strcmp(g->direction, "both") ? g->direction
									    : "",
					       g->tls, g->suite) };
	int err = v.note ? put_chart(h, p, &v, a) : -ENOMEM;

	v.ratio = true;
	return err ? err : put_chart(h, p, &v, a);
}

/* Groups of the first bench, each question once; other hosts may have asked more. */
static int put_questions(struct html *h, const struct fleet_page *p,
			 const struct bench_doc *first, struct arena *a)
{
	enum { MOST = 32 };
	size_t asked = 0;
	int err = 0;

	for (size_t i = 0; i < first->n_groups && asked < MOST && !err; i++) {
		bool before = false;

		for (size_t k = 0; k < i && !before; k++)
			before = same_question(&first->groups[k], &first->groups[i]);
		if (before)
			continue;
		err = put_question(h, p, &first->groups[i], a);
		asked++;
	}
	return err;
}

int fleet_bench(struct html *h, const struct fleet_page *p, struct arena *a)
{
	const struct bench_doc *first = NULL;
	size_t n = 0;
	int err;

	for (size_t i = 0; i < p->n_hosts; i++) {
		n += p->hosts[i].bench != NULL;
		first = first ? first : p->hosts[i].bench;
	}
	if (n < 2)
		return 0;
	html_section(h, "What kTLS gains on each");
	if (n > LINES)
		fprintf(h->f, "<p class=\"notice\">Only the first %d of %zu hosts.</p>\n",
			LINES, n);
	fputs("<div class=\"charts\">\n", h->f);
	err = put_questions(h, p, first, a);
	fputs("</div>\n</section>\n", h->f);
	return err;
}
