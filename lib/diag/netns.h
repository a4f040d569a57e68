/* SPDX-License-Identifier: MIT */
/* Network namespaces, entered one after the other by the calling thread. */
#ifndef KTLSCTL_NETNS_H
#define KTLSCTL_NETNS_H

#include <stdint.h>

struct netns {
	/* "": the one we are in; "edge": /run/netns/edge; "pid/812": one without a name
	 * that this process is in. */
	const char *name;
	uint64_t id; /* its inode */
};

/* Called inside of the namespace; other than 0 ends the walk. */
typedef int (*netns_fn)(const struct netns *n, void *arg);

/*
 * name NULL: ours alone; "all": ours, those with a name, and those of processes; else
 * that one. 0, what fn returned, or -ENOENT (no such name), -EPERM (may not enter) and
 * the like. One that vanishes before it can be entered is left out. *left_out: those of
 * "all" that could not be entered.
 */
int netns_each(const char *name, netns_fn fn, void *arg, uint64_t *left_out);

#endif
