/* SPDX-License-Identifier: MIT */
/*
 * One version, cipher and direction: one side seals, the bytes on the wire are kept, the
 * other side opens them. One of both is the kernel, the other libcrypto where it can.
 */
#include <errno.h>

#include "probe_priv.h"

static void seal_by_kernel(struct bench *b, const struct ktls_keys *k, struct outcome *o)
{
	cleanup_pair struct pair p;

	o->stage = STAGE_CONNECT;
	o->err = pair_open(&p);
	if (o->err || install(p.fd[0], KTLS_TX, k, o))
		return;
	/* The messages one by one: each ends with a record. */
	for (size_t i = 0, from = 0; !o->err && i < b->n_ends; from = b->ends[i++])
		o->err = stream_send(b, &p, (struct sender){ put_plain, NULL }, from,
				     b->ends[i]);
	if (!o->err)
		o->err = stream_finish(b, &p);
}

static void seal_by_witness(struct bench *b, const struct ktls_keys *k, struct outcome *o)
{
	cleanup_ktls_keys struct ktls_keys count = *k;

	o->stage = STAGE_DATA;
	o->err = witness_seal(b, &count, 0, bench_len(b));
}

/* Where the last record begins; 0 when there is only one, or they are none. */
static size_t last_record(const struct bench *b)
{
	size_t at = 0, last = 0;

	while (at + KTLS_HEADER <= b->on_wire) {
		last = at;
		at += KTLS_HEADER + ((size_t)b->wire[at + 3] << 8 | b->wire[at + 4]);
	}
	return at == b->on_wire ? last : 0;
}

/* The last message, with one bit of it changed where that is allowed. */
static void open_last(struct bench *b, const struct pair *p, size_t last,
		      struct outcome *o)
{
	const struct part part = { last, b->on_wire, bench_len(b) - BENCH_TAIL,
				   bench_len(b) };
	uint8_t *bit = b->wire + last + (b->on_wire - last) / 2;

	*bit ^= b->negative << 2;
	o->err = stream_receive(b, p, take_plain, NULL, &part);
	*bit ^= b->negative << 2;
	if (!b->negative)
		return;
	if (o->err == -EBADMSG) {
		o->err = 0;
	} else if (!o->err || o->err == -EILSEQ) {
		o->err = -EILSEQ;
		o->differed = "a changed bit was not noticed";
	}
}

static void open_by_kernel(struct bench *b, const struct cell_job *job, struct outcome *o)
{
	const size_t last = last_record(b);
	const struct part part = { 0, last, 0, bench_len(b) - BENCH_TAIL };
	cleanup_pair struct pair p;

	o->stage = STAGE_CONNECT;
	o->err = pair_open(&p);
	if (o->err || install(p.fd[1], KTLS_RX, &job->open, o))
		return;
	if (!last) {
		o->err = -EILSEQ;
		o->differed = "the records";
		return;
	}
	o->err = stream_receive(b, &p, take_plain, NULL, &part);
	if (!o->err)
		open_last(b, &p, last, o);
}

void cell_run(struct bench *b, const struct cell_job *job, struct outcome *o)
{
	*o = (struct outcome){ 0 };
	if (!job->sealed)
		b->on_wire = 0;
	if (job->kernel_seals)
		seal_by_kernel(b, &job->seal, o);
	else if (!job->sealed)
		seal_by_witness(b, &job->seal, o);
	if (o->err)
		return;
	if (job->kernel_opens)
		open_by_kernel(b, job, o);
	else
		o->err = witness_open(b, &job->open, bench_len(b), &o->differed);
}
