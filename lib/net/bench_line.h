/* SPDX-License-Identifier: MIT */
/*
 * What is said between `ktlsctl bench --peer` and the peer that `ktlsctl serve` is,
 * within TLS or, of a run that is plain TCP, without it. A connection for control:
 *
 *	bench/1 run 0 0 0               bench/1 ok ID
 *	bench/1 start 0 0 0             bench/1 ok 0
 *	bench/1 end 0 0 0               bench/1 report IN OUT ... (struct bench_report)
 *
 * and, between run and start, those that the run is of:
 *
 *	bench/1 sink ID SIZE 0          bench/1 ok 0, then BENCH_CHECKED bytes come,
 *	                                bench/1 ok 0, then bytes without end
 *	bench/1 source ID SIZE MS       bench/1 ok 0, BENCH_CHECKED bytes; after
 *	bench/1 start 0 0 0             writes of SIZE for so long
 *	bench/1 rpc ID SIZE 0           bench/1 ok 0, then SIZE bytes, and as many back
 *	bench/1 websocket ID SIZE 0     the same with masked frames, and their echo
 *	bench/1 close ID SIZE 0         SIZE bytes at once; the line has BENCH_REQUEST
 *
 * Instead of each ok there may be "bench/1 no WORDS". What is before the start is not
 * counted, but hashed: the first bytes of a sink, the first message.
 */
#ifndef KTLSCTL_NET_BENCH_LINE_H
#define KTLSCTL_NET_BENCH_LINE_H

#include "../facts/lines.h"

enum {
	BENCH_LINE = 256,          /* the longest, with its newline */
	BENCH_REQUEST = 64,        /* bytes that ask for an answer, of `close` */
	BENCH_CHECKED = 256 << 10, /* bytes that are compared before the clock runs */
	BENCH_HASH = 32,           /* SHA-256 */
};

enum bench_ask_kind {
	BENCH_ASK_RUN,
	BENCH_ASK_START,
	BENCH_ASK_END,
	BENCH_ASK_SINK,
	BENCH_ASK_SOURCE,
	BENCH_ASK_RPC,
	BENCH_ASK_WEBSOCKET,
	BENCH_ASK_CLOSE,
	BENCH_ASKS
};

struct bench_ask {
	enum bench_ask_kind kind;
	uint64_t id, size, ms;
};

/* What the peer says of a run, since its start. */
struct bench_report {
	uint64_t in, out; /* bytes of payload */
	uint64_t operations;
	uint64_t user_ns, system_ns; /* of the thread that serves */
	uint64_t others;             /* it served others as well meanwhile: 1 */
	uint64_t hashed;             /* how many bytes hash is of; 0: none */
	uint8_t hash[BENCH_HASH];
};

/* "bench/1 ok 7"; no: why not, printable. */
struct bench_reply {
	uint64_t n;
	char no[96];
};

/* All with their newline; the length. */
size_t bench_ask_print(const struct bench_ask *a, char line[BENCH_LINE]);
size_t bench_reply_print(const struct bench_reply *r, char line[BENCH_LINE]);
size_t bench_report_print(const struct bench_report *r, char line[BENCH_LINE]);

/*
 * A line without its newline.
 *
 *	-EPROTONOSUPPORT  of another version
 *	-EBADMSG          something else
 */
int bench_ask_parse(struct span line, struct bench_ask *out);
int bench_reply_parse(struct span line, struct bench_reply *out);
int bench_report_parse(struct span line, struct bench_report *out);

#endif
