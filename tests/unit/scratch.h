/* SPDX-License-Identifier: MIT */
/* A folder that is tuned as if it were a machine, and that fails on demand. */
#ifndef KTLSCTL_SCRATCH_H
#define KTLSCTL_SCRATCH_H

#include "../../lib/host/host.h"
#include "../../lib/tune/tune.h"
#include "unit.h"

struct scratch {
	struct temp_dir t;
	struct host *h;
	/* The faults; 0 or NULL: none. */
	unsigned steps;          /* changes so far */
	unsigned kill_at;        /* the process ends before the change of that number */
	const char *what, *path; /* of a change that fails: both, path a part of it */
	unsigned after;          /* as many of these go well before */
	int err;
	bool once;         /* and all behind the one that fails go well again */
	unsigned round;    /* the kernel rounds numbers up to a multiple of it */
	const char *stuck; /* a part of a path that takes no other value */
};

void scratch_make(struct scratch *s);
void scratch_remove(struct scratch *s);
/* Another look at the same folder, without faults, as after a restart of the program. */
void scratch_reopen(struct scratch *s);
/* All of /proc/sys and /etc with contents; free(3). */
char *scratch_tree(const struct scratch *s);

struct scratch_wish {
	const char *key, *value;
};
/* A plan made by hand; its now is what stands in the folder. */
struct tune_plan *scratch_plan(const struct scratch *s, const struct scratch_wish *w,
			       size_t n);

#endif
