/* SPDX-License-Identifier: MIT */
/*
 * bench with one mode more, for the case bench-peer: kTLS with a busy loop in the way of
 * each write. Says of it, a line each: what tls_stat and the socket saw, and how its
 * throughput and its CPU compare with those of kTLS itself, which is the base here.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../../lib/host/cleanup.h"
#include "../../../lib/load/bench_run.h"

enum { WASTED_NS = 60000000, ROUNDS = 12, SIZE = 16384 };

static uint64_t used_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* By the thread's own clock: other work of the machine is no part of it. */
static ssize_t put_slowly(struct bench_end *e, const uint8_t *buf, size_t len)
{
	const uint64_t end = used_ns() + WASTED_NS;

	while (len <= SIZE && used_ns() < end)
		;
	return bench_ktls.put(e, buf, len);
}

static void say_figure(const struct bench_result_doc *r, enum bench_figure which)
{
	const struct bench_figure_doc *f = bench_figure(r, which);

	if (!f)
		exit(1);
	printf("%s %s %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", f->name,
	       bench_change_words[f->change], f->ratio_low_permille, f->ratio_permille,
	       f->ratio_high_permille);
}

/* What is compared with goes by the name of OpenSSL. */
int main(void)
{
	cleanup_arena struct arena *a = arena_new();
	struct bench_mode base = bench_ktls, slow = bench_ktls;
	const struct bench_mode *const modes[] = { &base, &slow, NULL };
	const struct bench_options o = { .workloads = 1U << BENCH_BULK,
					 .sizes = { SIZE },
					 .n_sizes = 1,
					 .rounds = ROUNDS,
					 .total_ms = 1500,
					 .send_only = true,
					 .stop = -1,
					 .modes = modes };
	const struct bench_result_doc *r;
	struct bench_doc d;

	base.name = bench_openssl.name;
	slow.name = "slow";
	slow.put = put_slowly;
	if (!a || bench_run(&o, a, &d))
		return 1;
	r = bench_result(&d.groups[0], slow.name);
	if (!r || !r->present || r->rounds != ROUNDS) {
		fprintf(stderr, "%s: %s\n", slow.name, r ? r->reason : "not there");
		return 1;
	}
	for (size_t i = 0; i < r->n_proofs; i++)
		printf("%s %s %s\n", r->proofs[i].witness,
		       r->proofs[i].right ? "right" : "wrong", r->proofs[i].saw);
	say_figure(r, BENCH_THROUGHPUT);
	say_figure(r, BENCH_SENDER_CPU);
	return 0;
}
