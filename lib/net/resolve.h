/* SPDX-License-Identifier: MIT */
/* The addresses of a name. */
#ifndef KTLSCTL_NET_RESOLVE_H
#define KTLSCTL_NET_RESOLVE_H

#include "address.h"

enum { RESOLVE_MAX = 16 };

struct addresses {
	struct address a[RESOLVE_MAX];
	size_t n;
};

/*
 * At least one, in the order in which they should be tried; more than RESOLVE_MAX are
 *left out. end_ns: CLOCK_MONOTONIC. *why is constant; "" with 0.
 *
 *	-ENOENT     there are none: *why
 *	-ETIMEDOUT  nobody answered in time
 */
int resolve(const char *host, uint16_t port, int64_t end_ns, struct addresses *out,
	    const char **why);

#endif
