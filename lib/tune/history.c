/* SPDX-License-Identifier: MIT */
/* What was applied so far, and whether something of it wants to be looked after. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../host/cleanup.h"
#include "transaction.h"

static bool has_files(const struct journal *j)
{
	for (size_t i = 0; i < j->n_places; i++)
		if (j->places[i].file ||
		    mechanism_lasts(mechanism_of(j->places[i].tunable)))
			return true;
	return false;
}

static enum apply_state state_of(struct journal *j)
{
	if (j->over)
		return j->undone ? APPLY_UNDONE : APPLY_REVERTED;
	if (!j->applied)
		return APPLY_INTERRUPTED;
	if (!journal_same_boot(j) && !has_files(j))
		return APPLY_REBOOTED;
	if (j->confirmed)
		return APPLY_IN_FORCE;
	return watch_alive(j) == 0 ? APPLY_ABANDONED : APPLY_WAITING;
}

static uint64_t seconds_left(const struct journal *j)
{
	uint64_t now = watch_clock_ms();

	return now < j->head.deadline_ms ? (j->head.deadline_ms - now) / 1000 : 0;
}

static int add(struct history *out, struct arena *a, struct journal *j)
{
	struct history_row *v = arena_grow(a, out->applies, out->n_applies, sizeof(*v));

	if (!v)
		return -ENOMEM;
	out->applies = v;
	v += out->n_applies++;
	*v = (struct history_row){
		.id = arena_strdup(a, j->id),
		.profile = arena_strdup(a, j->head.profile),
		.state = state_of(j),
		.time_ms = j->head.time_ms,
		.keys = j->head.n_items,
		.persist = j->head.persist,
	};
	if (v->state == APPLY_WAITING)
		v->seconds_left = seconds_left(j);
	return v->id && v->profile ? 0 : -ENOMEM;
}

int tune_history(struct host *h, struct arena *a, struct history *out)
{
	const char **ids;
	size_t n;
	int err = journal_list(h, a, &ids, &n);

	*out = (struct history){ 0 };
	for (size_t i = 0; !err && i < n; i++) {
		cleanup_journal struct journal *j = NULL;

		err = journal_open(h, ids[i], &j);
		if (!err)
			err = add(out, a, j);
		else if (err == -ENODATA)
			err = 0;
	}
	if (!err || err == -ENOMEM)
		return err;
	out->failure = arena_printf(a, "the journal in %s cannot be read: %s", TUNE_STATE,
				    strerror(-err));
	return out->failure ? 0 : -ENOMEM;
}

int tune_standing(struct host *h, struct arena *a, const char **says)
{
	struct history all;
	int err = tune_history(h, a, &all);

	*says = "";
	for (size_t i = all.n_applies; !err && i-- > 0;) {
		const struct history_row *r = &all.applies[i];

		if (r->state == APPLY_INTERRUPTED)
			*says = arena_printf(a,
					     "apply %s was interrupted; undo it: ktlsctl "
					     "tune revert %s",
					     r->id, r->id);
		else if (r->state == APPLY_ABANDONED)
			*says = arena_printf(a,
					     "apply %s is not confirmed, and nobody is "
					     "left to take it back: ktlsctl tune revert "
					     "%s, or ktlsctl tune confirm %s",
					     r->id, r->id, r->id);
		else if (r->state == APPLY_WAITING)
			*says = arena_printf(a,
					     "apply %s waits to be confirmed: ktlsctl "
					     "tune confirm %s",
					     r->id, r->id);
		if (!*says || **says)
			return *says ? 0 : -ENOMEM;
	}
	return err;
}
