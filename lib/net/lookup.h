/* SPDX-License-Identifier: MIT */
/* "HOST:PORT" as somebody types it, and the addresses behind a name. */
#ifndef KTLSCTL_NET_LOOKUP_H
#define KTLSCTL_NET_LOOKUP_H

#include "address.h"

enum { LOOKUP_HOST = 256 };

struct target {
	char host[LOOKUP_HOST]; /* without brackets */
	bool numeric;           /* it is an address */
	uint16_t port;
};

/* "example.org:443", "192.0.2.1:443", "[2001:db8::1]:443"; no port 0. */
bool target_parse(const char *text, struct target *out);

/*
 * Its addresses, in the order in which they should be tried. How many, or
 *
 *	-ENOENT     there is no such name
 *	-ETIMEDOUT  nobody answered in time
 *	-EAGAIN, -ENOMEM, -EIO
 */
int target_lookup(const struct target *t, uint64_t timeout_ms, struct address *out,
		  size_t room);

#endif
