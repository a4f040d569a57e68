/* SPDX-License-Identifier: MIT */
/* What applying, confirming and reverting share. Only lib/tune. */
#ifndef KTLSCTL_TRANSACTION_H
#define KTLSCTL_TRANSACTION_H

#include "journal.h"
#include "mech.h"

/* --- results (result.c) --- */
int result_new(const char *action, struct tune_result **out);
/* The one sentence, once: a later one is left out. Returns 0, or -ENOMEM. */
int result_fail(struct tune_result *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Copies the strings. */
int result_add(struct tune_result *r, const struct tune_outcome *o);
/* The keys of a plan that are neither to be changed nor right (left.c). */
int result_leave(struct tune_result *r, const struct tune_plan *p);
/* Fails it where the plan has keys that somebody else keeps. */
int result_refuse(struct tune_result *r, const struct tune_plan *p);

/* --- places (place.c) --- */
struct mech_key place_key(const struct journal_place *p);
/* *now NULL: no such line in its file. 0 or -errno. */
int place_read(struct journal *j, const struct journal_place *p, const char **now);
/* The same value, whatever the kernel made of blanks, case or zeros. */
bool place_equal(const struct journal_place *p, const char *a, const char *b);
int place_write(struct journal *j, const struct journal_place *p, const char *value);
/* Writes `to` there for the first time, in the journal before and after. What the kernel
 * made of it is in p->now. 0 or -errno. */
int place_begin(struct journal *j, const struct journal_line *l,
		struct journal_place **out);

/* Takes back the places from the first-th on, last first, as far as they are still ours;
 * what became of them goes to r. 0 or -ENOMEM. */
int places_restore(struct journal *j, size_t first, struct tune_result *r);

/* --- files for the next boot, and what lasts by itself (commit.c) --- */
/* The next boot sets it to value already. */
bool mech_filed(struct host *h, const struct mech_key *key, const char *value);
int transaction_commit(struct journal *j, bool persist, struct tune_result *r);

/* --- the watcher (watch.c) --- */
/* Starts a process that reverts j at its deadline; lock is closed in it. 0 or -errno. */
int watch_start(struct journal *j, int lock);
/* 1: it is there, 0: it is not; -errno. */
int watch_alive(struct journal *j);
uint64_t watch_clock_ms(void);
/* As tune_revert(), but only if nobody confirmed or reverted it; waits for the lock. */
int transaction_expire(struct host *h, const char *id);

#endif
