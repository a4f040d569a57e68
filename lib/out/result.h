/* SPDX-License-Identifier: MIT */
/* What a change of the host has come to, as a document and as text for people. */
#ifndef KTLSCTL_RESULT_H
#define KTLSCTL_RESULT_H

#include "plan.h"

/* What became of one key, in the order of what was done. */
enum tune_done {
	TUNE_WRITTEN,  /* and read back */
	TUNE_RESTORED, /* has its old value again */
	TUNE_FOREIGN,  /* somebody changed it since: kept, now is what it has */
	TUNE_FAILED,   /* err */
	TUNE_BUSY,     /* a module that is in use stays */
	TUNE_GONE,     /* the device it belonged to is no more: nothing to restore */
};
extern const char *const tune_done_words[];

/* One place of one key: where it is in force, or a file for the next boot. */
struct tune_outcome {
	const char *key;
	const char *file; /* NULL: where it is in force */
	enum tune_done done;
	/* from, to and now are NULL where there was no such line in the file. */
	const char *from, *to, *now;
	int err;
	const char *note; /* "" */
};

/* A key of the plan that was not written, though it is not right. */
struct tune_left {
	const char *key, *tunable;
	enum tune_state state;
	const char *now, *wanted, *why; /* "" */
};

/* --if-better: what was measured before and after. */
struct tune_gain {
	const char *workload, *mode, *unit, *text;
	uint64_t before, after; /* medians; 0: not known */
	uint64_t ratio_permille, ratio_low_permille, ratio_high_permille;
	bool kept;
};

enum { TUNE_ID_MAX = 32 };

struct tune_result {
	struct arena *arena;
	const char *action;         /* "apply", "confirm", "revert" */
	char id[TUNE_ID_MAX];       /* of the journal; "" when nothing was begun */
	bool changed;               /* the host is not as it was before */
	bool reboot_required;       /* something that lasts takes effect only then */
	bool undone;                /* a failure undid all of it */
	const char *failure;        /* one sentence; NULL */
	uint64_t confirm_within_ms; /* 0: nobody waits for a confirmation */
	struct tune_outcome *outcomes;
	size_t n_outcomes;
	struct tune_left *left; /* of an apply */
	size_t n_left;
	struct tune_gain *measured; /* NULL: nobody asked */
};

extern const struct fields result_fields; /* ktlsctl.result/1 */
char *result_json(const struct tune_result *r);
char *result_text(const struct tune_result *r, const struct text_style *style);
/* Something was refused, undone or left as somebody else wants it. */
bool result_is_short(const struct tune_result *r);

#endif
