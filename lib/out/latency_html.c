/* SPDX-License-Identifier: MIT */
/* Where the time of a message goes, as a page. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../host/cleanup.h"
#include "chart.h"
#include "latency.h"

/* More than there are: a document may be anybody's. */
enum { WAYS = 8 };

static size_t ways_of(const struct latency_doc *d)
{
	return d->n_ways < WAYS ? d->n_ways : WAYS;
}

/* Titles are for people, and not in the document. */
static const char *title_of(const struct latency_way_doc *w)
{
	if (w->title)
		return w->title;
	return !strcmp(w->way, "ktls")   ? "kTLS"
	       : !strcmp(w->way, "user") ? "user space"
					 : w->way;
}

static const char *stage_title(const struct latency_stage_doc *s)
{
	for (size_t i = 0; i < LATENCY_STAGES; i++)
		if (!strcmp(latency_stage_words[i], s->stage))
			return latency_stage_titles[i];
	return s->stage;
}

static const char *why_not(const struct latency_way_doc *w)
{
	if (w->total.count)
		return NULL;
	return *w->why ? w->why : "not measured";
}

/* The same way has the same colour as in a bench. */
static int color_of(const struct latency_way_doc *w)
{
	return !strcmp(w->way, "ktls") ? 1 : !strcmp(w->way, "user") ? 2 : 3;
}

static void put_notices(struct html *h, const struct latency_doc *d)
{
	if (strcmp(d->ended, "complete")) {
		fputs("<p class=\"notice\">It ended before all messages had come: ",
		      h->f);
		html_text(h, d->ended);
		fputs("</p>\n", h->f);
	}
	if (*d->engine_why) {
		fputs("<p class=\"notice\">Not by io_uring: ", h->f);
		html_text(h, d->engine_why);
		fputs("</p>\n", h->f);
	}
	if (*d->hwtstamp.why) {
		fputs("<p class=\"notice\">No stamps of the NIC: ", h->f);
		html_text(h, d->hwtstamp.why);
		fputs("</p>\n", h->f);
	}
}

/* The mean of each stage, one behind the other. */
static void put_stages(struct html *h, const struct latency_doc *d)
{
	double parts[WAYS][LATENCY_STAGES];
	struct chart_bar bars[WAYS] = { 0 };
	const struct chart_stack c = { .title = "Stages of a message, mean",
				       .note = "from where the first stamp was taken to "
					       "the end of the callback",
				       .value = { "time", CHART_NS, "", 0, NULL },
				       .names = latency_stage_titles,
				       .n_names = LATENCY_STAGES,
				       .bars = bars,
				       .n = ways_of(d) };

	for (size_t i = 0; i < c.n; i++) {
		const struct latency_way_doc *w = &d->ways[i];

		for (size_t k = 0; k < LATENCY_STAGES; k++)
			parts[i][k] = k < w->n_stages && w->stages[k].available
					      ? (double)w->stages[k].time.mean_ns
					      : NAN;
		bars[i] = (struct chart_bar){ .name = title_of(w),
					      .why = why_not(w),
					      .parts = parts[i] };
	}
	chart_stacked(h, &c);
}

static void put_percentiles(struct html *h, const struct latency_doc *d)
{
	enum { N = 4 };
	static const char *const labels[] = { "p50", "p99", "p99.9", "max", NULL };
	struct chart_point points[WAYS][N];
	struct chart_series series[WAYS] = { 0 };
	const struct chart c = { .title = "The whole way, percentiles",
				 .note = "less is better",
				 .x = { "percentile", CHART_COUNT, "", 0, labels },
				 .y = { "time", CHART_NS, "", 10, NULL },
				 .series = series,
				 .n = ways_of(d) };

	for (size_t i = 0; i < c.n; i++) {
		const struct latency_way_doc *w = &d->ways[i];
		const uint64_t values[N] = { w->total.p50_ns, w->total.p99_ns,
					     w->total.p999_ns, w->total.max_ns };

		for (size_t k = 0; k < N; k++)
			points[i][k] = (struct chart_point){ .x = (double)k,
							     .y = (double)values[k] };
		series[i] = (struct chart_series){ title_of(w), color_of(w), why_not(w),
						   points[i], w->total.count ? N : 0 };
	}
	chart_lines(h, &c);
}

static void put_times(struct html *h, const struct distribution *d)
{
	const uint64_t times[] = { d->mean_ns, d->p50_ns, d->p99_ns, d->p999_ns,
				   d->max_ns };
	char text[64];

	for (size_t i = 0; i < ARRAY_SIZE(times); i++) {
		chart_value(text, sizeof(text), (double)times[i], CHART_NS);
		fprintf(h->f, "<td class=\"number\">%s</td>", text);
	}
}

static void put_stage(struct html *h, const struct latency_stage_doc *s)
{
	fputs("<tr>", h->f);
	html_element(h, "th scope=\"row\"", stage_title(s));
	if (s->available) {
		put_times(h, &s->time);
		fprintf(h->f, "<td class=\"number\">%.1f %%</td>",
			(double)s->share_permille / 10);
	} else {
		html_element(h, "td colspan=\"6\" class=\"note\"", s->why);
	}
	fputs("</tr>\n", h->f);
}

static void put_way(struct html *h, const struct latency_way_doc *w)
{
	html_element(h, "h3", title_of(w));
	if (*w->why)
		html_element(h, "p class=\"note\"", w->why);
	if (!w->total.count)
		return;
	html_table_begin(h, title_of(w));
	fputs("<thead><tr><th scope=\"col\">stage</th>"
	      "<th scope=\"col\" class=\"number\">mean</th>"
	      "<th scope=\"col\" class=\"number\">p50</th>"
	      "<th scope=\"col\" class=\"number\">p99</th>"
	      "<th scope=\"col\" class=\"number\">p99.9</th>"
	      "<th scope=\"col\" class=\"number\">max</th>"
	      "<th scope=\"col\" class=\"number\">share</th></tr></thead>\n<tbody>\n",
	      h->f);
	for (size_t i = 0; i < w->n_stages && i < LATENCY_STAGES; i++)
		put_stage(h, &w->stages[i]);
	fputs("<tr><th scope=\"row\">all of it</th>", h->f);
	put_times(h, &w->total);
	fputs("<td></td></tr>\n</tbody>\n", h->f);
	html_table_end(h);
	fprintf(h->f, "<p class=\"note\">%" PRIu64 " messages", w->total.count);
	fputs("</p>\n", h->f);
}

void latency_page(struct html *h, const struct latency_doc *d)
{
	put_notices(h, d);
	html_section(h, "Where the time goes");
	fputs("<div class=\"charts\">\n", h->f);
	put_stages(h, d);
	put_percentiles(h, d);
	fputs("</div>\n</section>\n", h->f);
	html_section(h, "Each stage");
	for (size_t i = 0; i < ways_of(d); i++)
		put_way(h, &d->ways[i]);
	fputs("</section>\n", h->f);
	html_section(h, "How it was measured");
	html_part(h, &latency_fields, d, "ways");
	html_part(h, &latency_fields, d, "pin");
	html_part(h, &latency_fields, d, "hwtstamp");
	html_part(h, &latency_fields, d, "cost");
	fputs("</section>\n", h->f);
}

char *latency_html(const struct latency_doc *d)
{
	char where[1024];
	const bool named = d->host && *d->host;
	const struct html_head head = { d->answer, "latency", where, d->kernel,
					d->tool_version };
	struct html h;

	snprintf(where, sizeof(where), "%s%s%s", named ? d->host : "",
		 named ? " to " : "", d->url);
	if (html_open(&h, &head))
		return NULL;
	latency_page(&h, d);
	return html_close(&h, &head);
}
