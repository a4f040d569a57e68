/* SPDX-License-Identifier: MIT */
/*
 * What the counters of kTLS mean: those of the kernel by name, and those of NIC drivers
 * brought to common names, because each driver counts in words of its own.
 */
#ifndef KTLSCTL_COUNTERS_H
#define KTLSCTL_COUNTERS_H

#include "facts.h"

/* A gauge goes up and down. UNKNOWN: a name not known here, passed on as it is. */
enum counter_kind { COUNTER_TOTAL, COUNTER_GAUGE, COUNTER_UNKNOWN };

struct counter_meaning {
	const char *name;
	enum counter_kind kind;
	bool bad; /* it should not rise */
	const char *meaning;
};

/* Of /proc/net/tls_stat; NULL for one not known here. */
const struct counter_meaning *tls_counter_meaning(const char *name);

/* The common names of what drivers count, one by one; NULL behind the last. */
const struct counter_meaning *nic_common_meaning(size_t i);

/* A counter under its common name, summed up from what the driver has. */
struct nic_common {
	const struct counter_meaning *what;
	const char *from; /* the driver's names, blank-separated */
	uint64_t value;
};
enum { NIC_COMMON_MAX = 20 };
struct nic_counters {
	struct nic_common common[NIC_COMMON_MAX];
	size_t n_common;
	struct counter *other; /* of the arena: what has no common name */
	size_t n_other;
};
/* 0 or -ENOMEM */
int nic_counters_of(const struct nic_stats *s, struct arena *a, struct nic_counters *out);

#endif
