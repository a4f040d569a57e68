/* SPDX-License-Identifier: MIT */
/* Taking back, and confirming. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../host/cleanup.h"
#include "transaction.h"

/* A host that was never tuned stays without a trace of it. */
static bool is_untouched(struct host *h)
{
	return host_probe(h, TUNE_STATE) == -ENOENT;
}

static int open_one(struct host *h, const char *id, struct tune_result *r,
		    struct journal **j)
{
	int err = id ? journal_open(h, id, j) : journal_open_last(h, j);

	if (!err) {
		snprintf(r->id, sizeof(r->id), "%s", (*j)->id);
		return 0;
	}
	if (err == -ENOMEM || (err == -ENOENT && !id))
		return err == -ENOMEM ? err : 0;
	/* A folder and no snapshot: killed before it did anything. */
	if (err == -ENODATA)
		return 0;
	if (err == -ENOENT)
		return result_fail(r,
				   "there is no apply %s; ktlsctl tune history lists "
				   "them",
				   id);
	return result_fail(r, "the journal in %s cannot be read: %s", TUNE_STATE,
			   strerror(-err));
}

static bool touches_netns(const struct journal *j)
{
	for (size_t i = 0; i < j->n_places; i++)
		if (!j->places[i].restored && !j->places[i].file &&
		    j->places[i].tunable && j->places[i].tunable->netns)
			return true;
	return false;
}

/* net.* keys are those of a network namespace: in another they are other keys. */
static bool is_elsewhere(const struct journal *j)
{
	struct host_id id;

	return j->head.netns && journal_same_boot(j) && touches_netns(j) &&
	       !host_identify(j->h, "/proc/self/ns/net", &id) && id.ino != j->head.netns;
}

static int revert(struct journal *j, struct tune_result *r)
{
	int err;

	if (is_elsewhere(j))
		return result_fail(r,
				   "apply %s was made in another network namespace; "
				   "revert it there",
				   j->id);
	err = places_restore(j, 0, r);
	for (size_t i = 0; i < r->n_outcomes; i++)
		r->changed |= r->outcomes[i].done == TUNE_RESTORED;
	if (!err && !j->over)
		err = journal_add(j, &(struct journal_line){ .step = STEP_REVERTED });
	return err == -ENOMEM ? err : 0;
}

int tune_revert(struct host *h, const char *id, struct tune_result **out)
{
	cleanup_journal struct journal *j = NULL;
	cleanup_close int lock = -1;
	int err = result_new("revert", out);

	if (err)
		return err;
	if (is_untouched(h))
		return id ? result_fail(*out, "there is no apply %s", id) : 0;
	lock = journal_lock(h, false);
	if (lock == -EWOULDBLOCK)
		return result_fail(*out, "another ktlsctl tune is at work");
	if (lock < 0)
		return result_fail(*out, "nothing was changed: %s cannot be written: %s",
				   TUNE_STATE, strerror(-lock));
	err = open_one(h, id, *out, &j);
	return err || !j ? err : revert(j, *out);
}

int transaction_expire(struct host *h, const char *id)
{
	cleanup_journal struct journal *j = NULL;
	cleanup_result struct tune_result *r = NULL;
	cleanup_close int lock = journal_lock(h, true);
	int err = lock < 0 ? lock : result_new("revert", &r);

	if (!err)
		err = journal_open(h, id, &j);
	if (err || j->confirmed || j->over)
		return err;
	return revert(j, r);
}

/* Files that a failed confirmation has written go again; the rest goes on waiting. */
static int confirm(struct journal *j, struct tune_result *r)
{
	size_t first = j->n_places;
	int err;

	if (j->over)
		return result_fail(r, "apply %s is no longer in force", j->id);
	if (!j->applied)
		return result_fail(r,
				   "apply %s was interrupted; undo it: ktlsctl tune "
				   "revert %s",
				   j->id, j->id);
	if (j->confirmed)
		return 0;
	if (!journal_same_boot(j))
		return result_fail(r,
				   "apply %s is gone with the reboot; tidy up: ktlsctl "
				   "tune revert %s",
				   j->id, j->id);
	err = transaction_commit(j, j->head.persist, r);
	r->changed = j->n_places > first;
	if (!err)
		return 0;
	if (err == -ENOMEM ||
	    result_fail(r, "the journal cannot be written: %s", strerror(-err)))
		return -ENOMEM;
	r->reboot_required = false;
	return places_restore(j, first, r);
}

int tune_confirm(struct host *h, const char *id, struct tune_result **out)
{
	cleanup_journal struct journal *j = NULL;
	cleanup_close int lock = -1;
	int err = result_new("confirm", out);

	if (err)
		return err;
	if (is_untouched(h))
		return result_fail(*out, "nothing waits to be confirmed");
	lock = journal_lock(h, false);
	if (lock == -EWOULDBLOCK)
		return result_fail(*out, "another ktlsctl tune is at work");
	if (lock < 0)
		return result_fail(*out, "nothing was changed: %s cannot be written: %s",
				   TUNE_STATE, strerror(-lock));
	err = open_one(h, id, *out, &j);
	if (err || !j)
		return err || (*out)->failure
			       ? err
			       : result_fail(*out, "nothing waits to be confirmed");
	return confirm(j, *out);
}
