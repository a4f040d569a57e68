/* SPDX-License-Identifier: MIT */
/* Many times that were measured, in a few numbers: a part of documents. */
#ifndef KTLSCTL_OUT_DISTRIBUTION_H
#define KTLSCTL_OUT_DISTRIBUTION_H

#include <stdint.h>

struct fields;

struct distribution {
	uint64_t count; /* 0: the others mean nothing */
	uint64_t mean_ns, min_ns, p50_ns, p99_ns, p999_ns, max_ns;
};

extern const struct fields distribution_fields;

#endif
