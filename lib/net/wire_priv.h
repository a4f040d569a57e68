/* SPDX-License-Identifier: MIT */
/* Between the two engines and what they have in common. */
#ifndef KTLSCTL_NET_WIRE_PRIV_H
#define KTLSCTL_NET_WIRE_PRIV_H

#include "wire.h"

struct wire_slot {
	struct wire_op op;
	bool busy;
	ssize_t result;
	struct wire_times *times; /* NULL: nobody wants to know */
	bool asking;              /* whether something has come: io_uring alone */
};

struct wire_engine_ops {
	enum wire_engine engine;
	/* *why as in wire_open() on failure. */
	int (*open)(void **state, const char **why);
	void (*close)(void *state);
	int (*take)(void *state, int fd);
	void (*start)(void *state, struct wire_slot *s, enum wire_side side);
	/* Until one that was busy is not, the time is over, or for no reason. */
	int (*wait)(void *state, struct wire_slot s[WIRE_SIDES], int64_t left_ns);
	void (*cancel)(void *state, struct wire_slot s[WIRE_SIDES]);
};

extern const struct wire_engine_ops wire_uring, wire_epoll;

#endif
