// SPDX-License-Identifier: MIT
/* The runs that a peer has. */
#include <stdlib.h>

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

bool bench_hosts_payload(struct bench_hosts *h)
{
	if (h->payload)
		return true;
	h->payload = malloc(BENCH_SIZE_MAX);
	if (h->payload)
		bench_payload_fill(h->payload, BENCH_SIZE_MAX);
	return h->payload;
}
