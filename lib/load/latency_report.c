// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <string.h>

#include "latency_report.h"

_Static_assert((int)STAGES == (int)LATENCY_STAGES, "a title for each stage");

static const char *const words[] = { "ktls", "user" };
static const char *const titles[] = { "kTLS", "user space" };

static const char *why_not(const struct latency_result *r, enum stage s)
{
	if (s == STAGE_NIC && r->needs != STAGES_NIC)
		return r->why_nic;
	if (s == STAGE_WAKE && r->needs == STAGES_USER)
		return r->why_kernel;
	return "";
}

static void fill_stages(const struct latency_result *r, struct latency_stage_doc *out,
			struct latency_way_doc *w)
{
	w->stages = out;
	w->n_stages = STAGES;
	for (int i = 0; i < STAGES; i++) {
		out[i].stage = latency_stage_words[i];
		out[i].title = latency_stage_titles[i];
		out[i].why = why_not(r, (enum stage)i);
		out[i].available = !*out[i].why;
		histogram_sum_up(&r->stages->of[i], &out[i].time);
		out[i].share_permille = stages_share_permille(r->stages, (enum stage)i);
		if (r->stages->total.count)
			w->sum_ns += r->stages->of[i].sum;
	}
}

static uint64_t apart(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

/* Of sums, before they are divided: rounding is not the stamps' error. */
static void fill_sum(const struct latency_result *r, struct latency_way_doc *w)
{
	const struct histogram *total = &r->stages->total;

	histogram_sum_up(total, &w->total);
	if (!total->count)
		return;
	w->difference_ns = apart(w->sum_ns, total->sum) / total->count;
	w->sum_ns /= total->count;
}

static void fill_way(const struct latency *l, enum latency_way way,
		     struct latency_stage_doc *stages, struct latency_way_doc *w)
{
	static const char *const begins[] = { "wake", "kernel", "nic" };
	const struct latency_result *r = &l->ways[way];

	*w = (struct latency_way_doc){ .way = words[way],
				       .title = titles[way],
				       .measured = r->measured,
				       .why = r->why,
				       .address = r->link.address,
				       .tls = r->link.version ? r->link.version : "",
				       .suite = r->link.suite,
				       .cipher = r->link.cipher,
				       .receives = "",
				       .begins = begins[r->needs],
				       .warm = r->warm,
				       .early = r->early,
				       .connections = r->connections,
				       .message_bytes = r->bytes,
				       .error_ns = l->cost.clock_ns + r->nic_error_ns };
	if (!r->measured)
		return;
	w->receives = ktls_where_text(r->link.rx.where);
	w->awake = r->stages->awake;
	w->implausible = r->stages->implausible;
	w->unmatched = r->stages->unmatched;
	fill_stages(r, stages, w);
	fill_sum(r, w);
	histogram_sum_up(r->apart, &w->stamps_apart);
}

/* "12.34 us" of the median. */
static int put_median(char *buf, size_t size, const struct latency_way_doc *w)
{
	return snprintf(buf, size, "%.1f us %s", (double)w->total.p50_ns / 1000,
			*w->way == 'k' ? "with kTLS" : "in user space");
}

static void fill_answer(const struct latency_doc *d, char *buf, size_t size)
{
	static const char from[] =
		"From the %s to the application's end a message takes ";
	const struct latency_way_doc *seen = NULL;
	size_t n = 0;

	for (size_t i = 0; i < d->n_ways; i++) {
		const struct latency_way_doc *w = &d->ways[i];

		if (!w->total.count)
			continue;
		if (!seen)
			n = (size_t)snprintf(buf, size, from,
					     !strcmp(w->begins, "wake")  ? "wake-up"
					     : !strcmp(w->begins, "nic") ? "NIC"
									 : "kernel");
		else
			n += (size_t)snprintf(buf + n, size - n, ", ");
		n += (size_t)put_median(buf + n, size - n, w);
		seen = w;
	}
	if (seen)
		snprintf(buf + n, size - n, ", at the median");
	else
		snprintf(buf, size, "No message was measured");
}

void latency_report(const struct latency *l, const struct latency_options *o,
		    struct latency_report *r, struct latency_doc *d)
{
	memset(r, 0, sizeof(*r));
	d->ways = r->ways;
	d->n_ways = 0;
	for (int i = 0; i < LATENCY_WAYS; i++)
		if (o->ways[i])
			fill_way(l, (enum latency_way)i, r->stages[i],
				 &r->ways[d->n_ways++]);
	fill_answer(d, r->answer, sizeof(r->answer));
	d->answer = r->answer;
	d->ask = latency_ask_words[o->ask];
	d->ended = latency_end_words[l->end];
	d->engine = wire_engine_words[l->engine];
	d->engine_why = l->engine_why;
	d->cost = (struct latency_cost_doc){ l->cost.clock_ns, l->cost.message_ns };
}
