/* SPDX-License-Identifier: MIT */
/*
 * The peer's end of `ktlsctl bench --peer` (lib/net/bench_line.h): runs that clients have
 * begun, which several connections share. One thread; for all of a peer.
 */
#ifndef KTLSCTL_LOAD_BENCH_SERVE_H
#define KTLSCTL_LOAD_BENCH_SERVE_H

#include "../net/bench_line.h"

enum {
	BENCH_SERVE_RUNS = 8,   /* at a time */
	BENCH_SERVE_MS = 10000, /* that a source sends for, at most */
};

struct bench_hosted {
	uint64_t id;   /* 0: nobody's */
	uint64_t open; /* connections of it, but the one for control */
	bool started;
	struct bench_report r; /* its times: those of the start, until it ends */
};

struct bench_hosts {
	size_t connections; /* of the peer, all of them */
	uint8_t *payload;   /* NULL until one is asked for */
	struct bench_hosted runs[BENCH_SERVE_RUNS];
};

/* Somebody else is served: what a run used cannot be told from that. but: not of this
 * one; NULL. */
void bench_hosts_disturb(struct bench_hosts *h, const struct bench_hosted *but);
/* NULL: there is no such run; of 0: no free one. */
struct bench_hosted *bench_hosts_find(struct bench_hosts *h, uint64_t id);
/* Makes it when it is needed first. False: no memory. */
bool bench_hosts_payload(struct bench_hosts *h);
/* CPU time of the calling thread, until now. */
void bench_thread_times(uint64_t *user_ns, uint64_t *system_ns);
void bench_hosts_free(struct bench_hosts *h);

/* What both ends send, the same each time. */
void bench_payload_fill(uint8_t *p, size_t len);

/* ---- frames of a WebSocket, all of one size: bench_frame.c ---- */

enum { BENCH_FRAME_HEADER = 14 }; /* RFC 6455, the longest with its mask */

/* mask: NULL, or of a client. The length of the header. */
size_t bench_frame_header(uint8_t *p, size_t len, const uint8_t *mask);
/* to may be from. */
void bench_frame_mask(uint8_t *to, const uint8_t *from, size_t len,
		      const uint8_t mask[4]);
/* A masked frame with its header of n bytes becomes its echo in place, which begins 4
 * bytes later. */
void bench_frame_answer(uint8_t *frame, size_t n, size_t len);

#endif
