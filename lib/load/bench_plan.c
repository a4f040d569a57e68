// SPDX-License-Identifier: MIT
/* What is measured: workloads, directions, suites, sizes. */
#include <errno.h>
#include <string.h>

#include "../host/cleanup.h"
#include "bench_run.h"

const char *const bench_workload_words[] = { "bulk", "rpc", "websocket", "close", NULL };

struct row {
	enum bench_workload workload;
	unsigned direction;
	size_t connections;
	uint64_t sizes[BENCH_SIZES_MAX], quick[BENCH_SIZES_MAX]; /* 0 ends them */
};

static const struct row rows[] = {
	{ BENCH_BULK,
	  BENCH_SEND,
	  1,
	  { 64, 1024, 4096, 16384, 65536, 1 << 20 },
	  { 16384, 1 << 20 } },
	{ BENCH_BULK, BENCH_RECEIVE, 1, { 1024, 16384, 1 << 20 }, { 16384 } },
	{ BENCH_RPC, BENCH_BOTH, 1, { 128, 1024, 16384 }, { 1024 } },
	{ BENCH_WEBSOCKET, BENCH_BOTH, 16, { 256, 4096 }, { 256 } },
	{ BENCH_CLOSE, BENCH_BOTH, 1, { 4096, 65536 }, { 4096 } },
};

static const struct bench_suite usual = { KTLS_1_3, "TLS_AES_128_GCM_SHA256" };

static const struct ktls_cipher *cipher_of(const struct bench_suite *s)
{
	for (const struct ktls_cipher *c = ktls_ciphers; c->word; c++) {
		const char *suite = s->version == KTLS_1_3 ? c->suite13 : c->suite12;

		if (suite && !strcmp(suite, s->name))
			return c;
	}
	return NULL;
}

static int add(const struct bench_options *o, const struct row *r,
	       const struct bench_suite *suite, struct bench_set *sets, size_t *n)
{
	const uint64_t *sizes = o->n_sizes ? o->sizes : o->quick ? r->quick : r->sizes;
	const size_t most = o->n_sizes ? o->n_sizes : (size_t)BENCH_SIZES_MAX;

	for (size_t i = 0; i < most && sizes[i]; i++) {
		if (*n == BENCH_GROUPS_MAX)
			return -E2BIG;
		sets[(*n)++].g = (struct bench_group){
			.workload = r->workload,
			.direction = r->direction,
			.suite = *suite,
			.cipher = cipher_of(suite),
			.size = sizes[i],
			.connections = o->connections ? o->connections : r->connections,
		};
	}
	return 0;
}

int bench_plan(const struct bench_options *o, struct bench_set *sets)
{
	const struct bench_suite *suites = o->n_suites ? o->suites : &usual;
	const size_t n_suites = o->n_suites ? o->n_suites : 1;
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (o->workloads && !(o->workloads & 1U << rows[i].workload))
			continue;
		if (o->send_only && rows[i].direction == BENCH_RECEIVE)
			continue;
		for (size_t k = 0; k < n_suites; k++)
			if (add(o, &rows[i], &suites[k], sets, &n))
				return -E2BIG;
	}
	return (int)n;
}
