// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "latency_priv.h"

const char *const latency_ask_words[] = { "get", "ping", "echo", "publish", NULL };
const char *const latency_end_words[] = { "complete", "interrupted", "time", "failed",
					  NULL };

enum { COST_BATCHES = 50, COST_ROUNDS = 100, STEP_NS = 100000000 };

/* As it is done for a message, of which nothing goes anywhere. */
static void one_message(struct stages *s)
{
	struct stamps t = { .sent_ns = wire_stamp_ns() };

	t.kernel_ns = t.woken_ns = wire_stamp_ns();
	t.called_ns = wire_stamp_ns();
	t.plain_ns = wire_stamp_ns();
	t.parsed_ns = wire_stamp_ns();
	t.done_ns = wire_stamp_ns();
	stages_add(s, &t, STAGES_KERNEL);
}

static uint64_t less(uint64_t so_far, int64_t begin)
{
	const uint64_t now = (uint64_t)(wire_now_ns() - begin) / COST_ROUNDS;

	return !so_far || now < so_far ? now : so_far;
}

/* The batch that nobody interrupted. */
static void measure_cost(struct latency_cost *out)
{
	struct stages *s = calloc(1, sizeof(*s));

	*out = (struct latency_cost){ 0 };
	for (int batch = 0; s && batch < COST_BATCHES; batch++) {
		int64_t begin = wire_now_ns();

		for (int i = 0; i < COST_ROUNDS; i++)
			wire_stamp_ns();
		out->clock_ns = less(out->clock_ns, begin);
		begin = wire_now_ns();
		for (int i = 0; i < COST_ROUNDS; i++)
			one_message(s);
		out->message_ns = less(out->message_ns, begin);
	}
	free(s);
}

struct run {
	const struct latency_options *o;
	struct latency *out;
	struct line lines[LATENCY_WAYS];
	bool ended[LATENCY_WAYS];
	uint64_t counted[LATENCY_WAYS];
	int64_t end_ns, next_ns;
};

/* In steps, so that an end is noticed. */
static void pause_until(const struct run *r)
{
	int64_t left;

	while (!r->o->stop() && (left = r->next_ns - wire_now_ns()) > 0) {
		const struct timespec t = { 0, left < STEP_NS ? left : STEP_NS };

		clock_nanosleep(CLOCK_MONOTONIC, 0, &t, NULL);
	}
}

static bool over(const struct run *r)
{
	return r->o->stop() || wire_now_ns() >= r->end_ns;
}

/* The NIC's clock goes at its own pace: what it was off since the last turn is added to
 * what comparing them may be wrong by. */
static void compare_clocks(const struct run *r, struct line *l)
{
	const int64_t before = l->offset_ns;
	uint64_t error;

	if (!r->o->nic || hwtstamp_offset(r->o->nic, &l->offset_ns, &error))
		return;
	if (before)
		error += (uint64_t)llabs(l->offset_ns - before);
	if (error > l->r->nic_error_ns)
		l->r->nic_error_ns = error;
}

/* Some messages over one connection, and then it is the other's turn. */
static void take_turn(struct run *r, enum latency_way way)
{
	r->lines[way].turn_ns = wire_stamp_ns();
	compare_clocks(r, &r->lines[way]);
	for (int i = 0; i < LATENCY_ROUND && !r->ended[way] && !over(r); i++) {
		int n;

		if (r->o->gap_ns)
			pause_until(r);
		r->next_ns = wire_now_ns() + r->o->gap_ns;
		n = line_message(&r->lines[way], wire_now_ns() + r->o->timeout_ns);
		if (n < 0) {
			r->ended[way] = true;
			return;
		}
		r->counted[way] += (uint64_t)n;
		if (r->o->count && r->counted[way] >= r->o->count)
			r->ended[way] = true;
	}
}

static bool all_ended(const struct run *r)
{
	return r->ended[LATENCY_KTLS] && r->ended[LATENCY_USER];
}

/* Whoever is first in one round is last in the next. */
static void go(struct run *r)
{
	for (unsigned round = 0; !all_ended(r) && !over(r); round++) {
		take_turn(r, (enum latency_way)(round % 2));
		take_turn(r, (enum latency_way)(1 - round % 2));
	}
}

static enum latency_end end_of(const struct run *r)
{
	bool any = false, failed = false;

	if (r->o->stop())
		return LATENCY_STOPPED;
	for (int i = 0; i < LATENCY_WAYS; i++) {
		any |= r->o->ways[i] && !r->out->ways[i].failed;
		failed |= r->out->ways[i].failed;
	}
	if (failed || !any)
		return LATENCY_FAILED;
	return wire_now_ns() < r->end_ns ? LATENCY_COMPLETE : LATENCY_TIME;
}

static int prepare(struct run *r, char why[256])
{
	int err = 0;

	for (int i = 0; !err && i < LATENCY_WAYS; i++) {
		struct line *l = &r->lines[i];

		r->ended[i] = !r->o->ways[i];
		l->o = r->o;
		l->r = &r->out->ways[i];
		l->enough_ns = r->end_ns;
		l->wants = r->o->wants;
		l->wants.tls.ktls = i == LATENCY_KTLS ? KTLS_BOTH : 0;
		l->wants.require &= i == LATENCY_KTLS;
		err = line_new(l, why);
	}
	return err;
}

int latency_run(const struct latency_options *o, struct latency *out, char why[256])
{
	struct run *r = calloc(1, sizeof(*r));
	int err = r ? 0 : -ENOMEM;

	why[0] = '\0';
	if (err)
		return err;
	r->o = o;
	r->out = out;
	r->end_ns = o->duration_ns ? wire_now_ns() + o->duration_ns : INT64_MAX;
	measure_cost(&out->cost);
	err = prepare(r, why);
	if (!err) {
		out->engine = client_engine(r->lines[0].client);
		out->engine_why = client_engine_why(r->lines[0].client);
		go(r);
		out->end = end_of(r);
	}
	for (int i = 0; i < LATENCY_WAYS; i++)
		line_free(&r->lines[i]);
	free(r);
	return err;
}

void latency_free(struct latency *l)
{
	for (int i = 0; i < LATENCY_WAYS; i++) {
		free(l->ways[i].stages);
		free(l->ways[i].apart);
	}
}
