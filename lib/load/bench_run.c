// SPDX-License-Identifier: MIT
/*
 * All of it: every mode once for warmth, and to learn which there are; then rounds, each
 * with one run of every mode of every group, the other way round every other time. So it
 * can end after any round, with as many of all.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "../host/cleanup.h"
#include "bench_run.h"
#include "bench_serve.h"
#include "load.h"

enum {
	TOTAL_MS = 120000,
	QUICK_MS = 30000,
	LATE_MS = 40000,
	WARM_MS = 5,
	RUN_MIN_MS = 5,
	RUN_MAX_MS = 1000,
	ROUNDS = 11,
	ROUNDS_QUICK = 9,
};

struct session {
	const struct bench_options *o;
	struct bench_world w;
	struct bench_set *sets;
	size_t n_sets;
	uint64_t begun_ns, end_ns;
	uint64_t run_ms, rounds; /* rounds: wanted */
	uint64_t done, total;    /* runs */
	bool interrupted;
	struct bench_noise_doc noise;
};

static bool asked_to_stop(const struct session *s)
{
	struct pollfd p = { s->o->stop, POLLIN, 0 };

	return poll(&p, 1, 0) > 0;
}

/* A quarter more than it should take, or LATE_MS: what is not measured by then is not. */
static bool is_late(const struct session *s)
{
	const uint64_t wanted = s->end_ns - s->begun_ns;
	const uint64_t least = LATE_MS * 1000000ULL;
	const uint64_t most = wanted * 5 / 4 > least ? wanted * 5 / 4 : least;

	return !s->o->rounds && bench_now_ns() > s->begun_ns + most;
}

static void tell(struct session *s, const struct bench_set *set)
{
	const uint64_t now = bench_now_ns();
	const struct bench_progress p = {
		.done = s->done,
		.total = s->total,
		.left_ms = s->end_ns > now ? (s->end_ns - now) / 1000000 : 0,
		.what = bench_workload_words[set->g.workload],
	};

	if (s->o->progress)
		s->o->progress(s->o->arg, &p);
}

/* ---- one run, and what is kept of it ---- */

static void keep(struct bench_tally *t, const struct bench_sample *x, size_t round)
{
	for (size_t f = 0; f < BENCH_FIGURES; f++)
		t->v[f][round] = x->v[f];
	t->n = round + 1;
	if (x->err)
		return;
	t->operations += x->operations;
	t->bytes += x->bytes;
	for (int k = 0; k < 2; k++)
		t->calls_measured[k] &= x->calls_measured[k];
}

static void run(struct session *s, struct bench_set *set, struct bench_tally *t,
		struct bench_sample *x)
{
	const bool warm = !t->runs;
	const struct bench_turn turn = { .g = &set->g,
					 .mode = t->mode,
					 .run_ms = warm ? WARM_MS : s->run_ms,
					 .latency = warm ? NULL : t->latency,
					 .look = warm };
	struct bench_times before, after;
	uint64_t tx[2], rx[2];

	tell(s, set);
	bench_tls_stat(&tx[0], &rx[0]);
	bench_times_read(&before);
	bench_run_once(&s->w, &turn, x);
	bench_times_read(&after);
	t->counted = bench_tls_stat(&tx[1], &rx[1]);
	t->opened_tx += tx[1] - tx[0];
	t->opened_rx += rx[1] - rx[0];
	t->irq_ns += warm ? 0 : (after.irq - before.irq) * bench_tick_ns();
	t->runs++;
	s->done++;
	s->interrupted |= x->interrupted;
}

/* The first one stays. */
static void say_reason(struct bench_tally *t, const struct bench_sample *x)
{
	if (!*t->reason)
		snprintf(t->reason, sizeof(t->reason), "%s",
			 *x->why ? x->why : strerror(-x->err));
}

/* A round that failed has its place, and no figures. */
static void fail(struct bench_tally *t, struct bench_sample *x)
{
	say_reason(t, x);
	t->failed++;
	for (size_t f = 0; f < BENCH_FIGURES; f++)
		x->v[f] = -1;
}

/* ---- for warmth ---- */

static void warm(struct session *s, struct bench_set *set, struct bench_tally *t)
{
	const uint64_t begun = bench_now_ns();
	struct bench_sample x;

	if (!(t->mode->directions & set->g.direction)) {
		snprintf(t->reason, sizeof(t->reason), "%s",
			 set->g.direction == BENCH_RECEIVE ? "it is a way of sending"
							   : t->mode->lacks);
		return;
	}
	run(s, set, t, &x);
	t->present = !x.err;
	if (x.err)
		say_reason(t, &x);
	memcpy(t->proof, x.proof, sizeof(t->proof));
	t->setup_ns = bench_now_ns() - begun;
	t->calls_measured[0] = t->calls_measured[1] = true;
}

static int make_tallies(struct session *s, struct bench_set *set)
{
	const struct bench_mode *const *modes = s->o->modes ? s->o->modes : bench_modes;

	for (; *modes && set->n_tallies < BENCH_MODES_MAX; modes++) {
		struct bench_tally *t = calloc(1, sizeof(*t));

		if (!t)
			return -ENOMEM;
		set->tallies[set->n_tallies++] = t;
		t->mode = *modes;
		if (set->g.direction == BENCH_BOTH)
			t->latency = calloc(1, sizeof(*t->latency));
		if (set->g.direction == BENCH_BOTH && !t->latency)
			return -ENOMEM;
	}
	return 0;
}

static int warm_up(struct session *s)
{
	for (size_t i = 0; i < s->n_sets; i++) {
		struct bench_set *set = &s->sets[i];
		int err = make_tallies(s, set);

		if (err)
			return err;
		if (bench_world_suite(&s->w, &set->g.suite)) {
			set->absent = "this libssl has no such suite";
			continue;
		}
		for (size_t k = 0; k < set->n_tallies; k++) {
			s->interrupted |= asked_to_stop(s);
			if (s->interrupted)
				set->absent = "interrupted before it was tried";
			else if (is_late(s))
				snprintf(set->tallies[k]->reason,
					 sizeof(set->tallies[k]->reason),
					 "there was no time to try it");
			else
				warm(s, set, set->tallies[k]);
		}
	}
	return 0;
}

/* ---- rounds ---- */

/* How long a run may be, so that all rounds fit; they say how many. */
static void share_out(struct session *s)
{
	uint64_t runs = 0, setup = 0, now = bench_now_ns(), left;

	for (size_t i = 0; i < s->n_sets; i++) {
		for (size_t k = 0; k < s->sets[i].n_tallies; k++) {
			const struct bench_tally *t = s->sets[i].tallies[k];

			runs += t->present;
			setup += t->present ? t->setup_ns : 0;
		}
	}
	left = s->end_ns > now ? s->end_ns - now : 0;
	s->done = 0;
	s->rounds = s->o->rounds ? s->o->rounds : s->o->quick ? ROUNDS_QUICK : ROUNDS;
	if (!runs)
		return;
	left /= s->rounds;
	s->run_ms = (left > setup ? left - setup : 0) / runs / 1000000;
	if (s->run_ms < RUN_MIN_MS)
		s->run_ms = RUN_MIN_MS;
	if (s->run_ms > RUN_MAX_MS)
		s->run_ms = RUN_MAX_MS;
	s->total = runs * s->rounds;
}

static void one_round(struct session *s, struct bench_set *set, size_t round)
{
	const bool back = round & 1;
	struct bench_sample x;

	for (size_t i = 0; i < set->n_tallies && !s->interrupted && !is_late(s); i++) {
		struct bench_tally *t = set->tallies[back ? set->n_tallies - 1 - i : i];

		if (!t->present)
			continue;
		run(s, set, t, &x);
		if (s->interrupted)
			return;
		if (x.err)
			fail(t, &x);
		keep(t, &x, round);
	}
}

/* A round that would end too late is not begun. */
static bool in_time(const struct session *s, uint64_t round_ns)
{
	return bench_now_ns() + round_ns < s->end_ns;
}

static size_t go_round(struct session *s)
{
	uint64_t longest = 0;
	size_t round = 0;

	for (; round < s->rounds && !s->interrupted; round++) {
		const uint64_t begun = bench_now_ns();

		if (is_late(s) || (round && !s->o->rounds && !in_time(s, longest)))
			break;
		bench_frequency(&s->noise);
		for (size_t i = 0; i < s->n_sets && !s->interrupted; i++) {
			if (s->sets[i].absent ||
			    bench_world_suite(&s->w, &s->sets[i].g.suite))
				continue;
			one_round(s, &s->sets[i], round);
			s->interrupted |= asked_to_stop(s);
		}
		if (bench_now_ns() - begun > longest)
			longest = bench_now_ns() - begun;
	}
	return round;
}

/* ---- before and after ---- */

static int make_payload(struct bench_world *w)
{
	w->payload = malloc(BENCH_PAYLOAD);
	if (!w->payload)
		return -ENOMEM;
	bench_payload_fill(w->payload, BENCH_PAYLOAD);
	w->file = memfd_create("ktlsctl-bench", MFD_CLOEXEC);
	if (w->file < 0)
		return -errno;
	for (size_t at = 0; at < BENCH_PAYLOAD;) {
		ssize_t n = write(w->file, w->payload + at, BENCH_PAYLOAD - at);

		if (n <= 0)
			return n ? -errno : -EIO;
		at += (size_t)n;
	}
	return 0;
}

static int open_session(struct session *s)
{
	int err = make_payload(&s->w);

	s->w.o = s->o;
	bench_counters_find(&s->w.counters);
	tls_load_config();
	if (!err)
		err = identity_make(&s->w.id);
	if (!err && s->o->netns)
		err = peer_addresses(s->o->netns, s->w.there, &s->w.n_there);
	if (err)
		return err;
	err = bench_plan(s->o, s->sets);
	s->n_sets = err > 0 ? (size_t)err : 0;
	return err < 0 ? err : 0;
}

static void free_session(struct session *s)
{
	for (size_t i = 0; i < s->n_sets; i++) {
		for (size_t k = 0; k < s->sets[i].n_tallies; k++) {
			free(s->sets[i].tallies[k]->latency);
			free(s->sets[i].tallies[k]);
		}
	}
	free(s->sets);
	bench_world_close(&s->w);
}

static int finish(struct session *s, size_t rounds, struct arena *a,
		  struct bench_doc *out)
{
	const struct bench_made m = { &s->w, s->sets, s->n_sets, a, out };

	out->complete = !s->interrupted && rounds == s->rounds;
	out->ended = s->interrupted        ? "interrupted"
		     : rounds == s->rounds ? "complete"
					   : "time";
	out->rounds = rounds;
	out->run_ms = s->run_ms;
	out->total_ms = (bench_now_ns() - s->begun_ns) / 1000000;
	out->noise = s->noise;
	return bench_make(&m);
}

static int measure(struct session *s, struct arena *a, struct bench_doc *out)
{
	struct bench_times from, to;
	size_t rounds = 0;
	int err = open_session(s);

	if (err)
		return err;
	bench_times_read(&from);
	err = warm_up(s);
	share_out(s);
	if (!err && !s->interrupted)
		rounds = go_round(s);
	bench_times_read(&to);
	bench_noise(&from, &to, &s->noise);
	return err ? err : finish(s, rounds, a, out);
}

int bench_run(const struct bench_options *o, struct arena *a, struct bench_doc *out)
{
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct session s = {
		.o = o, .w.file = -1, .begun_ns = bench_now_ns(), .noise.text = ""
	};
	const uint64_t ms = o->total_ms ? o->total_ms : o->quick ? QUICK_MS : TOTAL_MS;
	struct sigaction before;
	struct timespec t;
	int err;

	clock_gettime(CLOCK_REALTIME, &t);
	*out = (struct bench_doc){
		.tool_version = KTLSCTL_VERSION,
		.time_ms = (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000,
		.answer = "",
	};
	s.end_ns = s.begun_ns + ms * 1000000;
	s.sets = calloc(BENCH_GROUPS_MAX, sizeof(*s.sets));
	if (!s.sets)
		return -ENOMEM;
	/* Writing to an end that has gone is an error, not the end of us. */
	sigaction(SIGPIPE, &ignore, &before);
	err = measure(&s, a, out);
	sigaction(SIGPIPE, &before, NULL);
	free_session(&s);
	return err;
}
