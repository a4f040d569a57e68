// SPDX-License-Identifier: MIT
/* The runs that a peer has, and what it used for them. */
#include <stdlib.h>
#include <sys/resource.h>

#include "bench.h"
#include "bench_serve.h"

void bench_hosts_disturb(struct bench_hosts *h, const struct bench_hosted *but)
{
	for (size_t i = 0; i < BENCH_SERVE_RUNS; i++)
		if (&h->runs[i] != but)
			h->runs[i].r.others = 1;
}

void bench_hosts_free(struct bench_hosts *h)
{
	free(h->payload);
	h->payload = NULL;
}

struct bench_hosted *bench_hosts_find(struct bench_hosts *h, uint64_t id)
{
	for (size_t i = 0; i < BENCH_SERVE_RUNS; i++)
		if (h->runs[i].id == id)
			return &h->runs[i];
	return NULL;
}

void bench_hosts_times(uint64_t *user_ns, uint64_t *system_ns)
{
	struct rusage r = { 0 };

	getrusage(RUSAGE_THREAD, &r);
	*user_ns =
		((uint64_t)r.ru_utime.tv_sec * 1000000 + (uint64_t)r.ru_utime.tv_usec) *
		1000;
	*system_ns =
		((uint64_t)r.ru_stime.tv_sec * 1000000 + (uint64_t)r.ru_stime.tv_usec) *
		1000;
}

bool bench_hosts_payload(struct bench_hosts *h)
{
	if (h->payload)
		return true;
	h->payload = malloc(BENCH_SIZE_MAX);
	if (h->payload)
		bench_payload_fill(h->payload, BENCH_SIZE_MAX);
	return h->payload;
}
