/* SPDX-License-Identifier: MIT */
/* What owners.c (the walk) and owners_find.c (looking up) share. */
#ifndef KTLSCTL_OWNERS_PRIV_H
#define KTLSCTL_OWNERS_PRIV_H

#include "../host/arena.h"
#include "owners.h"

struct owners {
	int proc; /* /proc */
	struct owners_seen seen;
	struct owner_ref *refs; /* sorted by inode */
	size_t n_refs;
	struct owner *owners; /* those that hold a socket */
	size_t n_owners;
	struct arena *arena; /* strings of the owners */
};

/* Sorts what the walk found and gives each process that holds a socket its struct; the
 * refs name processes by their number in pids. 0 or -ENOMEM. */
int owners_index(struct owners *o, const uint32_t *pids, size_t n_pids);

#endif
