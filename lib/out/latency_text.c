// SPDX-License-Identifier: MIT
/* Where a message's microseconds go, for people. */
#include <inttypes.h>
#include <string.h>

#include "latency.h"
#include "text.h"

enum { LABEL = 14, NAME = 24 };

/* Microseconds, with as many places as fit their column. */
static void put_time(struct text *t, uint64_t ns)
{
	if (ns < 1000000)
		fprintf(t->f, " %8.2f", (double)ns / 1000);
	else if (ns < 100000000)
		fprintf(t->f, " %8.1f", (double)ns / 1000);
	else
		fprintf(t->f, " %8.0f", (double)ns / 1000);
}

static void put_times(struct text *t, const struct distribution *d)
{
	put_time(t, d->mean_ns);
	put_time(t, d->p50_ns);
	put_time(t, d->p99_ns);
	put_time(t, d->p999_ns);
	put_time(t, d->max_ns);
}

static void put_name(struct text *t, const char *name)
{
	fputs("    ", t->f);
	text_word(t, NAME - 4, name);
}

static void put_stage(struct text *t, const struct latency_way_doc *w, size_t i)
{
	const struct latency_stage_doc *s = &w->stages[i];

	put_name(t, w->title);
	if (!s->available) {
		fputs("  unavailable\n", t->f);
		return;
	}
	put_times(t, &s->time);
	fprintf(t->f, " %4" PRIu64 ".%" PRIu64 " %%\n", s->share_permille / 10,
		s->share_permille % 10);
}

static void put_total(struct text *t, const struct latency_doc *d)
{
	fputs("  total\n", t->f);
	for (size_t i = 0; i < d->n_ways; i++) {
		const struct latency_way_doc *w = &d->ways[i];

		if (!w->total.count)
			continue;
		put_name(t, w->title);
		put_times(t, &w->total);
		fputc('\n', t->f);
	}
}

static void put_table(struct text *t, const struct latency_doc *d)
{
	fprintf(t->f, "\n  %-*s %8s %8s %8s %8s %8s  SHARE\n", NAME - 2, "microseconds",
		"MEAN", "P50", "P99", "P99.9", "MAX");
	for (size_t i = 0; i < LATENCY_STAGES; i++) {
		fprintf(t->f, "  %zu %s\n", i + 1, latency_stage_titles[i]);
		for (size_t k = 0; k < d->n_ways; k++)
			if (d->ways[k].n_stages)
				put_stage(t, &d->ways[k], i);
	}
	put_total(t, d);
}

/* Each reason once, with the stages that it keeps away. */
static void put_unavailable(struct text *t, const struct latency_way_doc *w)
{
	for (size_t i = 0; i < w->n_stages; i++) {
		char words[512];

		if (w->stages[i].available)
			continue;
		snprintf(words, sizeof(words), "stage %zu is unavailable: %s", i + 1,
			 w->stages[i].why);
		text_label_mark(t, LABEL, i ? "" : w->title, VERDICT_SKIP, words);
	}
}

static void put_left_out(struct text *t, const struct latency_way_doc *w)
{
	char words[512];
	int n = snprintf(words, sizeof(words),
			 "%" PRIu64 " messages of %" PRIu64 " bytes, and %" PRIu64
			 " before them to warm up; over %" PRIu64 " connection%s",
			 w->total.count, w->message_bytes, w->warm, w->connections,
			 w->connections == 1 ? "" : "s");

	if (w->awake)
		n += snprintf(words + n, sizeof(words) - (size_t)n,
			      "; %" PRIu64 " needed no wake-up", w->awake);
	if (w->early)
		n += snprintf(words + n, sizeof(words) - (size_t)n,
			      "; left out: %" PRIu64
			      " that came while it was the other's "
			      "turn",
			      w->early);
	if (w->implausible || w->unmatched)
		snprintf(words + n, sizeof(words) - (size_t)n,
			 "; left out: %" PRIu64 " whose packet was not found, %" PRIu64
			 " with stamps that contradict each other",
			 w->unmatched, w->implausible);
	text_label(t, LABEL, "", words);
}

static void put_sum(struct text *t, const struct latency_way_doc *w)
{
	char words[256];

	if (!w->total.count)
		return;
	snprintf(words, sizeof(words),
		 "the stages add up to %.2f us, the total is %.2f us: %" PRIu64
		 " ns apart, where a stamp may be wrong by %" PRIu64 " ns",
		 (double)w->sum_ns / 1000, (double)w->total.mean_ns / 1000,
		 w->difference_ns, w->error_ns);
	text_label(t, LABEL, "", words);
	if (!w->stamps_apart.count)
		return;
	snprintf(words, sizeof(words),
		 "%" PRIu64
		 " packets found by their number have stamps %.2f us from those "
		 "that recvmsg tells (median; at most %.2f us)",
		 w->stamps_apart.count, (double)w->stamps_apart.p50_ns / 1000,
		 (double)w->stamps_apart.max_ns / 1000);
	text_label(t, LABEL, "", words);
}

static void put_way(struct text *t, const struct latency_way_doc *w)
{
	char words[512];

	if (!w->measured) {
		text_label_mark(t, LABEL, w->title, VERDICT_SKIP, w->why);
		return;
	}
	snprintf(words, sizeof(words), "%s, %s, %s; received by: %s", w->address, w->tls,
		 w->suite, w->receives);
	text_label(t, LABEL, w->title, words);
	put_left_out(t, w);
	if (*w->why)
		text_label_mark(t, LABEL, "", VERDICT_WARN, w->why);
	put_sum(t, w);
}

static void put_notes(struct text *t, const struct latency_doc *d)
{
	char words[512];

	snprintf(words, sizeof(words),
		 "%" PRIu64 " ns a message, clocks and histograms; reading the clock "
		 "once, which is in stages 2 to 6: %" PRIu64 " ns",
		 d->cost.message_ns, d->cost.clock_ns);
	text_label(t, LABEL, "measuring", words);
	snprintf(words, sizeof(words), "%s%s%s%s", d->engine, *d->engine_why ? " (" : "",
		 d->engine_why, *d->engine_why ? ")" : "");
	text_label(t, LABEL, "engine", words);
	if (d->pin.cpu >= 0) {
		snprintf(words, sizeof(words), "processor %d", d->pin.cpu);
		text_label(t, LABEL, "pinned to", words);
	}
	if (*d->pin.why)
		text_label_mark(t, LABEL, "--numa", VERDICT_UNKNOWN, d->pin.why);
	if (d->pin.node >= 0) {
		snprintf(words, sizeof(words), "node %d, as %s", d->pin.node,
			 d->pin.device);
		text_label(t, LABEL, "ran on", words);
	}
	if (!d->hwtstamp.set)
		return;
	snprintf(words, sizeof(words),
		 "%s stamped what it received, by %s; its setting is as it was",
		 d->hwtstamp.device, d->hwtstamp.clock);
	text_label(t, LABEL, "--hwtstamp", words);
}

static bool any_messages(const struct latency_doc *d)
{
	for (size_t i = 0; i < d->n_ways; i++)
		if (d->ways[i].total.count)
			return true;
	return false;
}

char *latency_text(const struct latency_doc *d, const struct text_style *style)
{
	struct text t;

	if (text_open_answer(&t, style, d->answer))
		return NULL;
	if (any_messages(d))
		put_table(&t, d);
	fputc('\n', t.f);
	for (size_t i = 0; i < d->n_ways; i++) {
		put_way(&t, &d->ways[i]);
		if (d->ways[i].measured)
			put_unavailable(&t, &d->ways[i]);
	}
	if (any_messages(d))
		put_notes(&t, d);
	fprintf(t.f, "\nNext: ktlsctl %s\n",
		any_messages(d) ? "latency --help" : "diagnose");
	return text_close(&t);
}
