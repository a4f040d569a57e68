/* SPDX-License-Identifier: MIT */
/* What every group of facts is made of. */
#ifndef KTLSCTL_FACT_H
#define KTLSCTL_FACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where a group was read. where NULL: not asked. err: 0 or -errno (could not find out).
 */
struct source {
	const char *where;
	int err;
};

enum tristate { TRI_UNKNOWN, TRI_NO, TRI_YES };

struct counter {
	const char *name;
	uint64_t value;
};

#endif
