/* SPDX-License-Identifier: MIT */
/* The settings of latency. */
#ifndef KTLSCTL_CMD_LATENCY_H
#define KTLSCTL_CMD_LATENCY_H

#include <stdbool.h>
#include <stdint.h>

struct latency_settings {
	uint64_t count, duration_ms, size; /* 0: the default */
	int ask;                           /* enum latency_ask; 0: the default */
	uint64_t cpu;                      /* and one more; 0: none */
	bool numa, hwtstamp;
};

#endif
