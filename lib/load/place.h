/* SPDX-License-Identifier: MIT */
/* Which NIC leads to a server, and where a program that listens to it should run. */
#ifndef KTLSCTL_LOAD_PLACE_H
#define KTLSCTL_LOAD_PLACE_H

#include "../facts/reader.h"
#include "../net/address.h"

struct place {
	char device[64];  /* the packets' interface; "" */
	bool local;       /* the server is on this host */
	int node;         /* of that NIC; -1: not known */
	struct cpus cpus; /* of that node; none: not known */
	const char *why;  /* device or node is not known, in words; "". Constant. */
};

/* By the kernel's routing tables as they are now; only what is known is filled in. */
void place_find(struct host *h, const struct address *to, struct place *out);

#endif
