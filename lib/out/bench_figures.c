/* SPDX-License-Identifier: MIT */
/* All figures of a group as a table: a row a figure, a column a mode. */
#include <inttypes.h>
#include <string.h>

#include "../host/cleanup.h"
#include "bench_html.h"

/* "1.25 GB/s" */
static void value_text(char *out, size_t size, const struct bench_figure_doc *f,
		       uint64_t v)
{
	const struct bench_shown s = bench_shown(f->unit);
	char value[64];

	chart_value(value, sizeof(value), (double)v * s.factor, s.unit);
	snprintf(out, size, "%s%s", value, s.per);
}

/* "12 % more than the baseline", and whether that is good. */
static void put_change(struct html *h, const struct bench_figure_doc *f)
{
	static const struct {
		enum verdict verdict;
		const char *word;
	} words[] = {
		[BENCH_BETTER] = { VERDICT_OK, "better" },
		[BENCH_WORSE] = { VERDICT_WARN, "worse" },
		[BENCH_NO_DIFFERENCE] = { VERDICT_INFO, "no difference" },
		[BENCH_TOO_NOISY] = { VERDICT_UNKNOWN, "too noisy" },
	};

	if (f->change == BENCH_NO_BASELINE)
		return;
	fputs("<span class=\"change\">", h->f);
	html_says(h, words[f->change].verdict, words[f->change].word);
	if (f->ratio_permille)
		fprintf(h->f, " <span class=\"note\">× %.3g (%.3g–%.3g)</span>",
			(double)f->ratio_permille / 1000,
			(double)f->ratio_low_permille / 1000,
			(double)f->ratio_high_permille / 1000);
	fputs("</span>", h->f);
}

static void put_interval(struct html *h, const struct bench_figure_doc *f)
{
	char low[96], high[96];

	if (f->low == f->high)
		return;
	value_text(low, sizeof(low), f, f->low);
	value_text(high, sizeof(high), f, f->high);
	fprintf(h->f, " <span class=\"note\">%s – %s</span>", low, high);
}

/* A figure that is derived never looks like one that was measured. */
static void put_cell(struct html *h, const struct bench_figure_doc *f)
{
	char value[96];

	fputs("<td>", h->f);
	if (f && f->source == BENCH_UNAVAILABLE) {
		fputs("– ", h->f);
	} else if (f) {
		value_text(value, sizeof(value), f, f->value);
		fputs(f->source == BENCH_DERIVED ? "≈ " : "", h->f);
		html_element(h, "b", value);
		put_interval(h, f);
		put_change(h, f);
	}
	if (f && f->source != BENCH_MEASURED) {
		fprintf(h->f, "<span class=\"note\">%s: ", bench_source_words[f->source]);
		html_text(h, f->why);
		fputs("</span>", h->f);
	}
	fputs("</td>", h->f);
}

static const struct bench_figure_doc *figure_named(const struct bench_result_doc *r,
						   const char *name)
{
	for (size_t i = 0; i < r->n_figures; i++)
		if (!strcmp(r->figures[i].name, name))
			return &r->figures[i];
	return NULL;
}

static bool anybody_has(const struct bench_group_doc *g, const char *name)
{
	for (size_t i = 0; i < g->n_results; i++)
		if (g->results[i].present && figure_named(&g->results[i], name))
			return true;
	return false;
}

static void put_row(struct html *h, const struct bench_group_doc *g,
		    const struct bench_kind *k)
{
	if (!anybody_has(g, k->name))
		return;
	fputs("<tr>", h->f);
	html_element(h, "th scope=\"row\"", k->title);
	for (size_t i = 0; i < g->n_results; i++)
		if (g->results[i].present)
			put_cell(h, figure_named(&g->results[i], k->name));
	fputs("</tr>\n", h->f);
}

static void put_proofs(struct html *h, const struct bench_group_doc *g)
{
	fputs("<tr><th scope=\"row\">who says so</th>", h->f);
	for (size_t i = 0; i < g->n_results; i++) {
		const struct bench_result_doc *r = &g->results[i];

		if (!r->present)
			continue;
		fputs("<td>", h->f);
		for (size_t k = 0; k < r->n_proofs; k++) {
			html_says(h, r->proofs[k].right ? VERDICT_OK : VERDICT_FAIL,
				  r->proofs[k].witness);
			html_element(h, "span class=\"note\"", r->proofs[k].saw);
		}
		fputs("</td>", h->f);
	}
	fputs("</tr>\n", h->f);
}

static void put_head(struct html *h, const struct bench_group_doc *g)
{
	fputs("<thead><tr><th scope=\"col\">figure</th>", h->f);
	for (size_t i = 0; i < g->n_results; i++) {
		const struct bench_result_doc *r = &g->results[i];

		if (!r->present)
			continue;
		fputs("<th scope=\"col\">", h->f);
		html_text(h, r->title);
		fputs(r->baseline ? " <span class=\"tag\">baseline</span>" : "", h->f);
		fprintf(h->f, "<span class=\"note\">%" PRIu64 " rounds</span></th>",
			r->rounds);
	}
	fputs("</tr></thead>\n", h->f);
}

void bench_figures(struct html *h, const struct bench_group_doc *g)
{
	char size[64];

	chart_value(size, sizeof(size), (double)g->message_bytes, CHART_BYTES);
	fprintf(h->f, "<details>\n<summary>All figures: messages of %s</summary>\n",
		size);
	html_table_begin(h, "All figures");
	put_head(h, g);
	fputs("<tbody>\n", h->f);
	for (const struct bench_kind *k = bench_kinds; k->name; k++)
		put_row(h, g, k);
	put_proofs(h, g);
	fputs("</tbody>\n", h->f);
	html_table_end(h);
	fputs("</details>\n", h->f);
}

/* ---- what one core can encrypt ---- */

/* mark: before a value; why: behind it, or instead of it. */
static void put_ceiling(struct html *h, uint64_t rate, const char *mark, const char *why)
{
	const struct bench_shown s = bench_shown("bytes_per_second");
	char value[64];

	fputs("<td>", h->f);
	if (rate) {
		chart_value(value, sizeof(value), (double)rate * s.factor, s.unit);
		fputs(mark, h->f);
		html_element(h, "b", value);
	} else {
		fputs("– ", h->f);
	}
	fputs("<span class=\"note\">", h->f);
	html_text(h, why);
	fputs("</span></td>", h->f);
}

void bench_ceiling_table(struct html *h, const struct bench_doc *d)
{
	static const char what[] = "What one core can encrypt";

	html_section(h, what);
	html_table_begin(h, what);
	fputs("<thead><tr><th scope=\"col\">cipher</th><th scope=\"col\">libcrypto</th>"
	      "<th scope=\"col\">the kernel</th><th scope=\"col\">the kernel, by its "
	      "modes</th></tr></thead>\n<tbody>\n",
	      h->f);
	for (size_t i = 0; i < d->n_ceilings; i++) {
		const struct bench_ceiling_doc *c = &d->ceilings[i];
		const bool alg = c->af_alg_bytes_per_second;

		fputs("<tr>", h->f);
		html_element(h, "th scope=\"row\"", c->cipher);
		put_ceiling(h, c->libcrypto_bytes_per_second, "",
			    c->libcrypto_bytes_per_second ? "" : "does not have it");
		put_ceiling(h, c->af_alg_bytes_per_second, "≥ ",
			    alg                ? "measured over AF_ALG, whose calls and "
						 "copies are part of it"
			    : c->af_alg_reason ? c->af_alg_reason
					       : "not known");
		put_ceiling(h, c->kernel_bytes_per_second, "≈ ", c->kernel_source);
		fputs("</tr>\n", h->f);
	}
	fputs("</tbody>\n", h->f);
	html_table_end(h);
	fputs("</section>\n", h->f);
}
