/* SPDX-License-Identifier: MIT */
/* What ktlsctl export looks at beyond a diagnosis: sockets, and what tune has set. */
#ifndef KTLSCTL_EXPORT_LOOK_H
#define KTLSCTL_EXPORT_LOOK_H

#include "../lib/out/export.h"

struct host;

/* Owns what the parts of an export_input point to. */
struct export_look {
	struct host *h;
	const struct facts *f;
	struct arena *arena;
	bool may_load; /* ask sock_diag also where that loads a module */
	struct survey survey;
	struct tally tally;
	struct sums_doc sums;
	struct export_use *uses; /* of the services that are expected to use kTLS */
	size_t n_uses;
	uint64_t unseen; /* sockets of processes that could not be seen */
	struct drift_report drift;
};

/* Fills the parts of *in that are no facts; what cannot be had is left out, with its
 * reason. 0 or -ENOMEM; export_forget() in any case. */
int export_look(struct export_look *l, struct export_input *in);
void export_forget(struct export_look *l);

#endif
