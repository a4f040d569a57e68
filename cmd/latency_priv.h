/* SPDX-License-Identifier: MIT */
/* Between the files of latency. */
#ifndef KTLSCTL_CMD_LATENCY_PRIV_H
#define KTLSCTL_CMD_LATENCY_PRIV_H

#include "../lib/host/hwtstamp.h"
#include "../lib/load/place.h"
#include "../lib/net/url.h"
#include "options.h"

struct latency_place {
	struct place place;
	const char *why_node; /* --numa could not be had; "" */
	struct hwtstamp nic;  /* to be ended */
	bool stamps;
	const char *why_nic; /* it does not stamp; "" */
};

/* --cpu: 0 or a reported error. */
int latency_pin(const struct settings *s);
/* --numa and --hwtstamp: what cannot be had is said there. */
void latency_place(const struct settings *s, struct host *h, const struct url *u,
		   struct latency_place *out);

#endif
