/* SPDX-License-Identifier: MIT */
/* Two fleets, host by host. */
#ifndef KTLSCTL_FLEET_DIFF_H
#define KTLSCTL_FLEET_DIFF_H

#include "../out/fleet_diff.h"
#include "fleet.h"

struct arena;
struct stat_doc;

/* What was read before and after. */
struct fleet_pair {
	struct fleet before, after;
};

/*
 * Fills d, but for what only the caller knows (tool_version, names of the sides,
 * counters); it lives as long as the pair and the arena. top: how many of each. 0 or
 * -ENOMEM.
 */
int fleet_diff(struct fleet_pair *p, size_t top, struct arena *a,
	       struct fleet_diff_doc *d);

/* The same for one host, and without its name; f->findings is in the arena. */
int host_compare(const struct fleet_pair *p, const struct store_host *before,
		 const struct store_host *after, struct arena *a, struct host_diff *d);

/* Totals of two looks at one host that are not the same. 0 or -ENOMEM */
int fleet_diff_counters(const struct stat_doc *before, const struct stat_doc *after,
			struct arena *a, struct fleet_diff_doc *d);

#endif
