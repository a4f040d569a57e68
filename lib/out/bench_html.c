/* SPDX-License-Identifier: MIT */
/* A bench as a page: the answer, what to do, pictures, then every figure. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../host/arena.h"
#include "../host/cleanup.h"
#include "bench_html.h"

/* More than the program measures: a document may be anybody's. */
enum { GROUPS_MAX = 256 };

static void put_notices(struct html *h, const struct bench_doc *d)
{
	if (*d->host.label)
		html_element(h, "p class=\"notice\"", d->host.label);
	if (!d->noise.quiet) {
		fputs("<p class=\"notice\">Noise: ", h->f);
		html_text(h, d->noise.text);
		fputs("</p>\n", h->f);
	}
	if (!d->complete) {
		fputs("<p class=\"notice\">Not all of it was measured (", h->f);
		html_text(h, d->ended);
		fputs(").</p>\n", h->f);
	}
}

static enum verdict verdict_of(const char *advice)
{
	if (!strcmp(advice, "on"))
		return VERDICT_OK;
	if (!strcmp(advice, "off"))
		return VERDICT_WARN;
	if (!strcmp(advice, "no_difference") || !strcmp(advice, "depends"))
		return VERDICT_INFO;
	return VERDICT_UNKNOWN;
}

static void put_advice(struct html *h, const struct bench_doc *d)
{
	if (!d->n_advice)
		return;
	html_section(h, "What to do");
	fputs("<div class=\"advice\">\n", h->f);
	for (size_t i = 0; i < d->n_advice; i++) {
		const struct bench_advice_doc *a = &d->advice[i];
		char word[64], of[128];

		if (!bench_advised(d, i, of, sizeof(of)))
			continue;
		snprintf(word, sizeof(word), "kTLS: %s", a->advice);
		for (char *p = word; *p; p++)
			*p = *p == '_' ? ' ' : *p;
		fprintf(h->f, "<article class=\"finding %s\">\n<h3>",
			verdict_words[verdict_of(a->advice)]);
		html_text(h, of);
		fputc(' ', h->f);
		html_says(h, verdict_of(a->advice), word);
		fputs("</h3>\n", h->f);
		html_element(h, "p", a->text);
		fputs("</article>\n", h->f);
	}
	fputs("</div>\n</section>\n", h->f);
}

static bool is_kin(const struct bench_group_doc *a, const struct bench_group_doc *b)
{
	return !strcmp(a->workload, b->workload) && !strcmp(a->direction, b->direction) &&
	       !strcmp(a->tls, b->tls) && !strcmp(a->suite, b->suite) &&
	       a->connections == b->connections;
}

static int by_size(const void *x, const void *y)
{
	const struct bench_group_doc *const *a = x, *const *b = y;

	return ((*a)->message_bytes > (*b)->message_bytes) -
	       ((*a)->message_bytes < (*b)->message_bytes);
}

/* The family that group i begins; n 0: it is one of an earlier family. */
static void family_of(const struct bench_doc *d, size_t i, struct bench_family *f)
{
	f->n = 0;
	for (size_t k = 0; k < i; k++)
		if (is_kin(&d->groups[k], &d->groups[i]))
			return;
	for (size_t k = i; k < d->n_groups && k < GROUPS_MAX; k++)
		if (is_kin(&d->groups[k], &d->groups[i]))
			f->groups[f->n++] = &d->groups[k];
	qsort(f->groups, f->n, sizeof(*f->groups), by_size);
}

/* "bulk, send: TLSv1.3, TLS_AES_128_GCM_SHA256, 1 connection" */
static void put_title(struct html *h, const struct bench_group_doc *g)
{
	fputs("<h2>", h->f);
	html_text(h, g->workload);
	if (strcmp(g->direction, "both")) {
		fputs(", ", h->f);
		html_text(h, g->direction);
	}
	fputs("</h2>\n<p class=\"id\">", h->f);
	html_text(h, g->tls);
	fputs(" <code>", h->f);
	html_text(h, g->suite);
	fprintf(h->f, "</code>, %" PRIu64 " connection%s at a time</p>\n", g->connections,
		g->connections == 1 ? "" : "s");
}

static const char *reason_of(const struct bench_family *f, const char *mode)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct bench_result_doc *r = bench_result(f->groups[i], mode);

		if (r && *r->reason)
			return r->reason;
	}
	return "not known why";
}

/* Modes that no group of the family has, each with its reason. */
static int put_absent(struct html *h, const struct bench_family *f, struct arena *a)
{
	struct bench_modes m;
	bool any = false;

	if (bench_family_modes(f, a, &m))
		return -ENOMEM;
	for (size_t i = 0; i < m.n; i++) {
		if (bench_is_present(f, m.modes[i]))
			continue;
		fputs(any ? "" : "<h3>Not measured here</h3>\n<ul class=\"gaps\">\n",
		      h->f);
		any = true;
		fputs("<li><b>", h->f);
		html_text(h, m.titles[i]);
		fputs("</b>: ", h->f);
		html_text(h, reason_of(f, m.modes[i]));
		fputs("</li>\n", h->f);
	}
	fputs(any ? "</ul>\n" : "", h->f);
	return 0;
}

static int put_family(struct html *h, const struct bench_family *f, struct arena *a)
{
	int err;

	fputs("<section>\n", h->f);
	put_title(h, f->groups[0]);
	err = bench_charts(h, f, a);
	err = err ? err : put_absent(h, f, a);
	for (size_t i = 0; i < f->n; i++)
		bench_figures(h, f->groups[i]);
	fputs("</section>\n", h->f);
	return err;
}

static int put_families(struct html *h, const struct bench_doc *d)
{
	cleanup_arena struct arena *a = arena_new();
	struct bench_family f = { 0 };
	int err = 0;

	if (a)
		f.groups = arena_alloc(a, GROUPS_MAX * sizeof(*f.groups));
	if (!f.groups)
		return -ENOMEM;
	for (size_t i = 0; i < d->n_groups && i < GROUPS_MAX && !err; i++) {
		family_of(d, i, &f);
		if (f.n)
			err = put_family(h, &f, a);
	}
	if (d->n_groups > GROUPS_MAX)
		fprintf(h->f,
			"<p class=\"notice\">Only the first %d of %zu groups.</p>\n",
			GROUPS_MAX, d->n_groups);
	return err;
}

static void put_circumstances(struct html *h, const struct bench_doc *d)
{
	bench_ceiling_table(h, d);
	html_section(h, "Where it was measured");
	html_part(h, &bench_fields, d, "host");
	fputs("</section>\n", h->f);
	html_section(h, "What disturbed it, and what the harness costs");
	html_part(h, &bench_fields, d, "noise");
	html_part(h, &bench_fields, d, "harness");
	fputs("<p class=\"note\">Every figure is the median over the rounds, with an "
	      "interval of at least 95 %; the modes took turns in every round. ≈ is "
	      "derived, not measured.</p>\n</section>\n",
	      h->f);
}

/* "2026-11-21T11:39:51Z" */
static void time_text(uint64_t ms, char *out, size_t size)
{
	const time_t t = (time_t)(ms / 1000);
	struct tm tm;

	if (!gmtime_r(&t, &tm) || !strftime(out, size, "%Y-%m-%dT%H:%M:%SZ", &tm))
		*out = '\0';
}

int bench_page(struct html *h, const struct bench_doc *d)
{
	int err;

	put_notices(h, d);
	put_advice(h, d);
	err = put_families(h, d);
	put_circumstances(h, d);
	return err;
}

char *bench_html(const struct bench_doc *d)
{
	char when[64];
	const bool named = d->host.name && *d->host.name;
	const struct html_head head = { d->answer, "bench",
					named ? d->host.name : d->host.kernel, when,
					d->tool_version };
	struct html h;
	char *page;
	int err;

	time_text(d->time_ms, when, sizeof(when));
	if (html_open(&h, &head))
		return NULL;
	err = bench_page(&h, d);
	page = html_close(&h, &head);
	if (!err)
		return page;
	free(page);
	return NULL;
}
