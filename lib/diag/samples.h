/* SPDX-License-Identifier: MIT */
/* What sockets had sent and received when they were last looked at, for rates. Those that
 * were not seen in a round are forgotten with the next. */
#ifndef KTLSCTL_SAMPLES_H
#define KTLSCTL_SAMPLES_H

#include "diag.h"

struct sample_rates {
	uint64_t first_seen_ms; /* ago; 0: now, and the rates are not known yet */
	uint64_t sent_per_s, received_per_s; /* bytes, acknowledged ones */
};

struct samples;
struct samples *samples_new(void); /* NULL: no memory */
void samples_free(struct samples *s);
/* A round at this time, CLOCK_MONOTONIC. 0 or -ENOMEM. */
int samples_begin(struct samples *s, uint64_t now_ns);
/* netns: tells namespaces apart, whose cookies may be the same. 0 or -ENOMEM. */
int samples_add(struct samples *s, uint64_t netns, const struct diag_socket *d,
		struct sample_rates *out);

#endif
