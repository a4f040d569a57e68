/* SPDX-License-Identifier: MIT */
/*
 * Where the time of a received message goes, from the moment when its last byte could be
 * had until the application is done with it. Pure: clocks are read elsewhere.
 */
#ifndef KTLSCTL_LOAD_STAGES_H
#define KTLSCTL_LOAD_STAGES_H

#include <stdbool.h>

#include "histogram.h"

enum stage {
	STAGE_NIC,      /* from the NIC to the kernel */
	STAGE_WAKE,     /* from there until epoll or io_uring says so */
	STAGE_CALL,     /* from there until it is received */
	STAGE_DECRYPT,  /* receiving, and decrypting, wherever that is done */
	STAGE_PARSE,    /* taking frames, or the answer of HTTP, apart */
	STAGE_CALLBACK, /* the application's own */
	STAGES
};

/* Of one message, all by CLOCK_REALTIME in ns; 0: not known. */
struct stamps {
	int64_t nic_ns;    /* the NIC had the packet with its last byte */
	int64_t kernel_ns; /* the kernel had it */
	int64_t sent_ns;   /* before its question was sent; 0: it answers none */
	int64_t woken_ns;  /* the last wake-up, of whatever it was */
	int64_t called_ns, plain_ns, parsed_ns, done_ns; /* always known */
};

struct stages {
	struct histogram total, of[STAGES];
	uint64_t awake; /* messages that came while the client was at work already */
	uint64_t implausible; /* left out: stamps that contradict each other */
	uint64_t unmatched;   /* left out: no stamp of the kernel's, or of the NIC's */
	uint64_t excess_ns;   /* what the stages have more than the total: errors of
				 stamps, where the kernel had it before the NIC */
};

/* What every message that counts has to have. */
enum stages_needs { STAGES_USER, STAGES_KERNEL, STAGES_NIC };

/*
 * Counts it. The stages follow one another without gap or overlap: a wake-up that was
 * before the last byte came counts as no time, and is counted in awake.
 */
void stages_add(struct stages *s, const struct stamps *t, enum stages_needs needs);
/* Of its total, in 1/1000; 0 without messages. */
uint64_t stages_share_permille(const struct stages *s, enum stage which);

#endif
