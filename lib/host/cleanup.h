/* SPDX-License-Identifier: MIT */
/*
 * Scope-bound release of memory and descriptors, so that an early return leaks nothing.
 *
 *	cleanup_free char *name = strdup("x");
 *	cleanup_close int fd = open(...);
 */
#ifndef KTLSCTL_CLEANUP_H
#define KTLSCTL_CLEANUP_H

#include <stdlib.h>
#include <unistd.h>

static inline void cleanup_free_(void *p)
{
	free(*(void **)p);
}

static inline void cleanup_close_(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

#define cleanup_free  __attribute__((cleanup(cleanup_free_)))
#define cleanup_close __attribute__((cleanup(cleanup_close_)))

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#endif
