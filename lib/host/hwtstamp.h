/* SPDX-License-Identifier: MIT */
/* The setting of a NIC that makes it stamp what it receives, changed for a while. */
#ifndef KTLSCTL_HWTSTAMP_H
#define KTLSCTL_HWTSTAMP_H

#include "host.h"

struct hwtstamp {
	char device[64], clock[32]; /* "/dev/ptp0"; "" */
	int fd;                     /* the clock's; -1 */
	int was_filter, was_tx;     /* of struct hwtstamp_config */
	bool changed;               /* and has to be restored */
};

/* "" or in words why the NIC does not stamp, and then nothing has changed. Constant. */
const char *hwtstamp_begin(struct host *h, const char *device, struct hwtstamp *t);
/* Restores what was; may be called again. 0 or -errno. */
int hwtstamp_end(struct hwtstamp *t);
/* How much the NIC's clock is before CLOCK_REALTIME now, and what that may be wrong by:
 * half the time that reading both took. -errno. */
int hwtstamp_offset(const struct hwtstamp *t, int64_t *offset_ns, uint64_t *error_ns);

#endif
