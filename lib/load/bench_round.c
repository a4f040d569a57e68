// SPDX-License-Identifier: MIT
/* One run of one mode: the threads, the gate that they start at, the sample. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "../host/cleanup.h"
#include "../host/host.h"
#include "bench_priv.h"

static const double gib = 1 << 30;

/* ---- the gate ---- */

/* False: somebody has failed, and nobody begins. */
static bool arrive(struct bench_run *r, int err)
{
	bool go;

	pthread_mutex_lock(&r->lock);
	r->ready++;
	r->failed |= err != 0;
	pthread_cond_broadcast(&r->changed);
	while (!r->open)
		pthread_cond_wait(&r->changed, &r->lock);
	go = !r->failed;
	pthread_mutex_unlock(&r->lock);
	return go;
}

/* When all are there. False: one has failed; of the peer with why. */
static bool open_gate(struct bench_run *r, size_t threads, char why[160])
{
	bool go;

	pthread_mutex_lock(&r->lock);
	while (r->ready < threads)
		pthread_cond_wait(&r->changed, &r->lock);
	if (r->w->o->peer && !r->failed)
		r->failed = bench_control_start(r, why);
	r->open = true;
	go = !r->failed;
	pthread_cond_broadcast(&r->changed);
	pthread_mutex_unlock(&r->lock);
	return go;
}

/* Closed with something unread (tickets), TCP would take back what is on its way. */
static void drain(struct bench_side *s)
{
	for (size_t i = 0; i < s->n_ends; i++) {
		ssize_t n = s->ends[i].fd < 0 ? 0 : 1;

		while (n > 0)
			n = read(s->ends[i].fd, s->room, BENCH_CHECKED);
	}
}

static void *thread(void *arg)
{
	struct bench_side *s = arg;

	s->err = bench_prepare(s);
	if (s->err)
		bench_give_up(s);
	if (arrive(s->run, s->err))
		s->err = bench_work(s);
	if (!s->err && s->operations && s->run->g->workload != BENCH_CLOSE) {
		drain(s);
		/* A peer ends it when all has come. */
		if (s->run->w->o->peer && s->run->g->direction == BENCH_SEND)
			s->used.end_ns = bench_now_ns();
	}
	/* libssl's words may be this thread's. */
	if (s->err && s->why == s->text)
		; /* that is all there is to say */
	else if (s->err == -EOPNOTSUPP || s->err == -EILSEQ)
		snprintf(s->text, sizeof(s->text), "%s", s->why);
	else if (s->err)
		snprintf(s->text, sizeof(s->text), "%s: %s",
			 s->why ? s->why : "it failed", strerror(-s->err));
	for (size_t i = 0; i < s->n_ends; i++)
		bench_end_close(&s->ends[i]);
	return NULL;
}

/* ---- making and ending it ---- */

static int make_side(struct bench_side *s, size_t n_ends, bool latency)
{
	const size_t size = s->run->g->size;

	s->n_ends = n_ends;
	s->ends = calloc(n_ends, sizeof(*s->ends));
	s->room = malloc((size > BENCH_CHECKED ? size : (size_t)BENCH_CHECKED) + 64);
	if (latency)
		s->latency = calloc(1, sizeof(*s->latency));
	if (!s->ends || !s->room || (latency && !s->latency))
		return -ENOMEM;
	for (size_t i = 0; i < n_ends; i++)
		s->ends[i].fd = s->ends[i].file = -1;
	return 0;
}

static int make_lane(struct bench_run *r, struct bench_lane *l)
{
	const bool asks = r->g->direction == BENCH_BOTH;
	const int asker = r->w->o->peer ? BENCH_A : BENCH_B;
	const size_t n_ends = r->g->workload == BENCH_WEBSOCKET ? r->g->connections : 1;
	int err = 0;

	l->listener = -1;
	for (int i = 0; i < 2 && !err; i++) {
		l->side[i] = (struct bench_side){ .run = r, .lane = l, .which = i };
		err = make_side(&l->side[i], n_ends, asks && i == asker);
	}
	return err || r->w->o->peer ? err : bench_listen(r->w, l);
}

static void free_lane(struct bench_lane *l)
{
	for (int i = 0; i < 2; i++) {
		free(l->side[i].ends);
		free(l->side[i].room);
		free(l->side[i].latency);
	}
	if (l->listener >= 0)
		close(l->listener);
}

/* Of a peer's end nothing is here. */
static int start_lane(struct bench_lane *l)
{
	const int n = l->side[BENCH_A].run->w->o->peer ? 1 : 2;

	for (int i = 0; i < n; i++) {
		struct bench_side *s = &l->side[i];
		int err = pthread_create(&s->thread, NULL, thread, s);

		if (err)
			atomic_store(&l->asked_all, true);
		if (err)
			return -err;
		s->started = true;
	}
	return 0;
}

static size_t started(const struct bench_run *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n_lanes; i++)
		n += (size_t)r->lanes[i].side[0].started + r->lanes[i].side[1].started;
	return n;
}

static void join(struct bench_run *r)
{
	for (size_t i = 0; i < r->n_lanes; i++)
		for (int k = 0; k < 2; k++)
			if (r->lanes[i].side[k].started)
				pthread_join(r->lanes[i].side[k].thread, NULL);
}

/* True: somebody wants it to end before its time. */
static bool sleep_through(struct bench_run *r)
{
	struct pollfd p = { r->w->o->stop, POLLIN, 0 };
	const uint64_t end = bench_now_ns() + r->run_ms * 1000000;

	for (;;) {
		const uint64_t now = bench_now_ns();
		int n;

		if (now >= end)
			return false;
		n = poll(&p, 1, (int)((end - now + 999999) / 1000000));
		if (n > 0)
			return true;
	}
}

/* ---- the sample ---- */

struct sums {
	struct bench_usage used[2];
	uint64_t calls[2], bytes, operations, begin_ns, end_ns;
	uint64_t opened[2], connect_ns, handshake_ns, attach_ns;
};

static void add_usage(struct bench_usage *to, const struct bench_usage *u)
{
	to->cpu_ns += u->cpu_ns;
	to->user_ns += u->user_ns;
	to->system_ns += u->system_ns;
	to->io_reads += u->io_reads;
	to->io_writes += u->io_writes;
	to->calls += u->calls;
	to->instructions += u->instructions;
	to->misses += u->misses;
	to->io &= u->io;
	to->traced &= u->traced;
	to->perf &= u->perf;
}

/* Who sends in bulk, else the end with the mode: A, unless it receives. */
static int first_of(const struct bench_run *r)
{
	return r->g->direction == BENCH_RECEIVE ? BENCH_B : BENCH_A;
}

/* What a peer said of its end, in the place of a thread. */
static void take_told(struct bench_run *r)
{
	struct bench_side *b = &r->lanes[0].side[BENCH_B];
	const struct bench_side *a = &r->lanes[0].side[BENCH_A];

	b->used = a->used;
	b->used.user_ns = r->told.user_ns;
	b->used.system_ns = r->told.system_ns;
	b->used.cpu_ns = r->told.user_ns + r->told.system_ns;
	b->operations = r->told.operations;
	for (size_t i = 0; i < r->n_lanes; i++)
		r->lanes[i].side[BENCH_B].bytes = r->lanes[i].side[BENCH_A].bytes;
}

/* By its first end. */
static struct sums sum_up(const struct bench_run *r)
{
	struct sums t = { .begin_ns = UINT64_MAX };
	const int first = first_of(r);

	for (int k = 0; k < 2; k++)
		t.used[k].io = t.used[k].traced = t.used[k].perf = true;
	for (size_t i = 0; i < r->n_lanes; i++) {
		const struct bench_lane *l = &r->lanes[i];
		const struct bench_side *b = &l->side[BENCH_B], *a = &l->side[BENCH_A];

		for (int k = 0; k < 2; k++) {
			const struct bench_side *s = &l->side[k];

			add_usage(&t.used[k != first], &s->used);
			t.calls[k != first] += s->calls;
			if (s->used.end_ns && s->used.begin_ns < t.begin_ns)
				t.begin_ns = s->used.begin_ns;
			if (s->used.end_ns > t.end_ns)
				t.end_ns = s->used.end_ns;
			t.opened[k] += s->opened;
		}
		t.bytes += a->bytes < b->bytes ? a->bytes : b->bytes;
		t.operations += l->side[first].operations;
		t.connect_ns += a->started && !b->started ? a->connect_ns : b->connect_ns;
		t.handshake_ns += a->started && !b->started ? a->handshake_ns
							    : b->handshake_ns;
		t.attach_ns += a->attach_ns;
	}
	return t;
}

/* Every byte that was sent has to have come. */
static bool complete(const struct bench_run *r)
{
	for (size_t i = 0; i < r->n_lanes; i++)
		if (r->lanes[i].side[0].bytes != r->lanes[i].side[1].bytes)
			return false;
	return true;
}

/* The calls of one end as the kernel counts them; -1: it does not. */
static double counted_calls(const struct bench_usage *u, const struct bench_mode *m)
{
	if (u->traced)
		return (double)u->calls;
	if (!u->io || m->counted == BENCH_IO_NONE)
		return -1;
	return (double)(m->counted == BENCH_IO_ALL ? u->io_reads + u->io_writes
						   : u->io_writes);
}

static void put_calls(const struct bench_run *r, const struct sums *t, double per,
		      struct bench_sample *out)
{
	const bool receives = r->g->direction == BENCH_RECEIVE;
	const bool closes = r->g->workload == BENCH_CLOSE;
	const struct bench_mode *theirs = r->mode->tls ? &bench_openssl : r->mode;

	for (int k = 0; k < 2; k++) {
		const struct bench_mode *m = (k == 1) == receives ? r->mode : theirs;
		double n = counted_calls(&t->used[k], m);

		/* The calls of connecting are no reads and no writes. */
		if (closes && !t->used[k].traced)
			n = -1;
		out->calls_measured[k] = n >= 0;
		if (n < 0)
			n = (double)t->calls[k];
		out->v[k ? BENCH_RECEIVER_CALLS : BENCH_SENDER_CALLS] = n / per;
	}
}

static void put_usage(const struct sums *t, double per, struct bench_sample *out)
{
	static const enum bench_figure rows[2][3] = {
		{ BENCH_SENDER_CPU, BENCH_SENDER_USER, BENCH_SENDER_SYSTEM },
		{ BENCH_RECEIVER_CPU, BENCH_RECEIVER_USER, BENCH_RECEIVER_SYSTEM },
	};

	for (int k = 0; k < 2; k++) {
		const struct bench_usage *u = &t->used[k];

		out->v[rows[k][0]] = (double)u->cpu_ns / per;
		out->v[rows[k][1]] = (double)u->user_ns / per;
		out->v[rows[k][2]] = (double)u->system_ns / per;
	}
	if (t->used[0].perf) {
		out->v[BENCH_INSTRUCTIONS] = (double)t->used[0].instructions / per;
		out->v[BENCH_MEMORY] = (double)(t->used[0].misses + t->used[1].misses) *
				       64 / per;
	}
}

static void put_latency(const struct bench_run *r, struct histogram *all,
			struct bench_sample *out)
{
	const int asker = r->w->o->peer ? BENCH_A : BENCH_B;
	struct histogram *h = r->lanes[0].side[asker].latency;

	if (!h)
		return;
	for (size_t i = 1; i < r->n_lanes; i++)
		histogram_merge(h, r->lanes[i].side[asker].latency);
	if (!h->count)
		return;
	out->v[BENCH_LATENCY_MEAN] = (double)h->sum / (double)h->count;
	out->v[BENCH_LATENCY_P50] = (double)histogram_at(h, 50000);
	out->v[BENCH_LATENCY_P99] = (double)histogram_at(h, 99000);
	if (all)
		histogram_merge(all, h);
}

/* What nobody knows of a peer's end: calls, misses; and its CPU, when it served others as
 * well. */
static void forget_theirs(const struct bench_run *r, struct bench_sample *out)
{
	const bool sends = first_of(r) == BENCH_B;

	out->v[sends ? BENCH_SENDER_CALLS : BENCH_RECEIVER_CALLS] = -1;
	out->v[BENCH_MEMORY] = -1;
	if (sends)
		out->v[BENCH_INSTRUCTIONS] = -1;
	for (int i = 0; r->told.others && i < 3; i++)
		out->v[(sends ? BENCH_SENDER_CPU : BENCH_RECEIVER_CPU) + i] = -1;
}

static void put_sample(const struct bench_run *r, struct histogram *all,
		       struct bench_sample *out)
{
	const struct sums t = sum_up(r);
	const double seconds = (double)(t.end_ns - t.begin_ns) / 1e9;
	const double per = r->g->direction == BENCH_BOTH ? (double)t.operations
							 : (double)t.bytes / gib;
	const uint64_t opened = t.opened[r->w->o->peer ? BENCH_A : BENCH_B];

	out->operations = t.operations;
	out->bytes = t.bytes;
	if (!t.operations || !t.bytes || seconds <= 0)
		return;
	out->v[BENCH_THROUGHPUT] = (double)t.bytes / seconds;
	out->v[BENCH_RATE] = (double)t.operations / seconds;
	put_usage(&t, per, out);
	put_calls(r, &t, per, out);
	put_latency(r, all, out);
	if (r->w->o->peer)
		forget_theirs(r, out);
	if (opened)
		out->v[BENCH_CONNECT] = (double)t.connect_ns / (double)opened;
	if (opened && r->mode->tls)
		out->v[BENCH_HANDSHAKE] = (double)t.handshake_ns / (double)opened;
	if (t.opened[BENCH_A] && r->mode->kernel)
		out->v[BENCH_ATTACH] = (double)t.attach_ns / (double)t.opened[BENCH_A];
}

/* The first failure: that of the end with the mode, where both speak. */
static void take_failure(const struct bench_run *r, struct bench_sample *out)
{
	for (size_t i = 0; i < r->n_lanes && !out->err; i++) {
		const struct bench_lane *l = &r->lanes[i];

		for (int k = 0; k < 2 && !out->err; k++) {
			const struct bench_side *s = &l->side[k];

			/* It waited for the other one, who knows more. */
			if (s->err == -ECANCELED && l->side[!k].err)
				s = &l->side[!k];
			out->err = s->err;
			snprintf(out->why, sizeof(out->why), "%s", s->text);
		}
	}
	if (!out->err && !r->w->o->peer && !complete(r)) {
		out->err = -EILSEQ;
		snprintf(out->why, sizeof(out->why), "bytes were lost");
	}
}

static void take_proofs(const struct bench_run *r, struct bench_sample *out)
{
	for (int i = 0; i < BENCH_WITNESSES; i++)
		for (int k = 0; k < 2; k++)
			if (*r->lanes[0].side[k].proof[i].saw)
				out->proof[i] = r->lanes[0].side[k].proof[i];
}

static void ask_peer(struct bench_run *r, struct bench_sample *out)
{
	out->err = bench_control_end(r, &r->told, out->why);
	if (!out->err)
		out->err = bench_peer_prove(r, &r->told, out);
	if (!out->err)
		take_told(r);
}

static void go(struct bench_run *r, const struct bench_turn *turn,
	       struct bench_sample *out)
{
	const uint64_t begun = bench_now_ns();
	int err = 0;

	for (size_t i = 0; i < r->n_lanes && !err; i++)
		err = make_lane(r, &r->lanes[i]);
	if (!err && r->w->o->peer)
		err = bench_control_open(r, out->why);
	for (size_t i = 0; i < r->n_lanes && !err; i++)
		err = start_lane(&r->lanes[i]);
	pthread_mutex_lock(&r->lock);
	r->failed |= err != 0;
	pthread_mutex_unlock(&r->lock);
	if (open_gate(r, started(r), out->why)) {
		out->setup_ns = bench_now_ns() - begun;
		out->interrupted = sleep_through(r);
	}
	atomic_store(&r->stop, true);
	join(r);
	out->err = err ? err : *out->why ? -EPROTO : 0;
	if (err && !*out->why)
		snprintf(out->why, sizeof(out->why), "%s", strerror(-err));
	take_failure(r, out);
	take_proofs(r, out);
	if (!out->err && r->w->o->peer)
		ask_peer(r, out);
	if (!out->err)
		put_sample(r, turn->latency, out);
}

void bench_run_once(struct bench_world *w, const struct bench_turn *t,
		    struct bench_sample *out)
{
	const size_t n = t->g->workload == BENCH_WEBSOCKET ? 1 : t->g->connections;
	struct bench_run r = { .w = w,
			       .g = t->g,
			       .mode = t->mode,
			       .look = t->look,
			       .run_ms = t->run_ms,
			       .n_lanes = n,
			       .control = { .fd = -1, .file = -1 } };

	*out = (struct bench_sample){ 0 };
	for (size_t i = 0; i < BENCH_FIGURES; i++)
		out->v[i] = -1;
	r.lanes = calloc(n, sizeof(*r.lanes));
	if (!r.lanes) {
		out->err = -ENOMEM;
		return;
	}
	for (size_t i = 0; i < n; i++)
		r.lanes[i].listener = -1;
	pthread_mutex_init(&r.lock, NULL);
	pthread_cond_init(&r.changed, NULL);
	go(&r, t, out);
	for (size_t i = 0; i < n; i++)
		free_lane(&r.lanes[i]);
	if (r.control.fd >= 0)
		bench_peer_bye(&r.control);
	bench_end_close(&r.control);
	pthread_cond_destroy(&r.changed);
	pthread_mutex_destroy(&r.lock);
	free(r.lanes);
}
