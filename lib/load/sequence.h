/* SPDX-License-Identifier: MIT */
/*
 * Which packet made byte N of a TCP stream readable, and when it came: the receiving half
 * of TCP once more, over packets that somebody else saw. What comes early waits for what
 * is missing, what comes twice counts once, and numbers go round at 2^32. Pure.
 */
#ifndef KTLSCTL_LOAD_SEQUENCE_H
#define KTLSCTL_LOAD_SEQUENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SEQUENCE_EARLY = 32, SEQUENCE_STEPS = 256 };

/* A packet with data. */
struct sequence_packet {
	uint32_t seq, len;
	int64_t kernel_ns, nic_ns; /* when it came; nic_ns 0: not stamped */
};

/* The stream can be read up to edge since then. */
struct sequence_step {
	uint64_t edge;
	int64_t kernel_ns, nic_ns;
};

struct sequence {
	bool anchored;
	uint32_t at; /* the number of the byte behind edge */
	bool seen;   /* there was a packet, and it or another ended before high */
	uint32_t high;
	uint64_t edge; /* bytes of the stream before it */
	struct {
		uint64_t from, to;
	} early[SEQUENCE_EARLY];
	size_t n_early;
	struct sequence_step steps[SEQUENCE_STEPS]; /* the last ones, in a ring */
	size_t n_steps;                             /* that there were */
	uint64_t again;                             /* bytes that came twice */
	uint64_t lost;                              /* packets beyond its memory */
};

/* Every packet in the order in which it came. */
void sequence_add(struct sequence *s, const struct sequence_packet *p);
/*
 * TCP itself says that position bytes have come, and nothing is on its way: the first
 * time that is what the numbers are counted from, and after it a proof. False: the
 * packets say something else, so some were not seen; it is counted anew from there.
 */
bool sequence_anchor(struct sequence *s, uint64_t position);
/* Since when the stream could be read up to position; false: not known (any more). */
bool sequence_find(const struct sequence *s, uint64_t position,
		   struct sequence_step *out);

#endif
