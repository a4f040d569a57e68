/* SPDX-License-Identifier: MIT */
/* What was applied: whether it still holds, and the list of it. Strings are borrowed. */
#ifndef KTLSCTL_APPLIED_H
#define KTLSCTL_APPLIED_H

#include <stdint.h>

#include "render.h"

enum drift {
	DRIFT_SAME,    /* as it was written */
	DRIFT_DIFFERS, /* somebody has changed it since */
	DRIFT_GONE,    /* the device is no longer there */
	DRIFT_UNKNOWN, /* could not be read */
};
extern const char *const drift_words[];

struct drift_row {
	const char *id; /* of the apply */
	const char *key;
	const char *file; /* for the next boot; NULL: where it is in force */
	enum drift state;
	const char *wanted, *now; /* now "" when not known, or not in the file */
	const char *who;          /* sets it, as far as that can be told; "" */
	const char *why;          /* it could not be read; "" */
};

struct drift_report {
	bool drifted;        /* something differs */
	const char *failure; /* NULL */
	struct drift_row *rows;
	size_t n_rows;
};
extern const struct fields drift_fields; /* ktlsctl.drift/1 */
char *drift_json(const struct drift_report *r);
char *drift_text(const struct drift_report *r, const struct text_style *style);

enum apply_state {
	APPLY_INTERRUPTED, /* ktlsctl or the machine ended in the middle of it */
	APPLY_WAITING,     /* for a confirmation */
	APPLY_ABANDONED,   /* the same, but nobody watches over it any more */
	APPLY_IN_FORCE,
	APPLY_REBOOTED, /* was in force until the reboot, and wrote no file */
	APPLY_UNDONE,   /* by a failure */
	APPLY_REVERTED,
};
extern const char *const apply_words[];

struct history_row {
	const char *id, *profile;
	enum apply_state state;
	uint64_t time_ms;      /* since the epoch */
	uint64_t seconds_left; /* of APPLY_WAITING */
	uint64_t keys;
	bool persist;
};

struct history {
	struct history_row *applies;
	size_t n_applies;
	const char *failure; /* NULL */
};
extern const struct fields history_fields; /* ktlsctl.history/1 */
char *history_json(const struct history *h);
char *history_text(const struct history *h, const struct text_style *style);

#endif
