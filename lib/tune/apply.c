/* SPDX-License-Identifier: MIT */
/* Applying a plan: all of it, or nothing. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../host/cleanup.h"
#include "transaction.h"

struct apply {
	struct host *h;
	const struct tune_plan *plan;
	const struct tune_apply_options *o;
	struct tune_result *r;
	struct journal *j;
	int lock;
};

/* Whether an earlier apply stands in the way. */
static int look_at_last(struct apply *x)
{
	cleanup_journal struct journal *last = NULL;
	int err = journal_open_last(x->h, &last);

	if (err == -ENOENT)
		return 0;
	if (err)
		return err == -ENOMEM ? err
				      : result_fail(x->r,
						    "the journal of earlier changes "
						    "in %s cannot be read: %s",
						    TUNE_STATE, strerror(-err));
	if (!last->applied)
		return result_fail(x->r,
				   "apply %s was interrupted; undo it first: "
				   "ktlsctl tune revert %s",
				   last->id, last->id);
	if (!last->confirmed)
		return result_fail(x->r,
				   "apply %s is not confirmed yet: ktlsctl tune "
				   "confirm %s, or ktlsctl tune revert %s",
				   last->id, last->id, last->id);
	return 0;
}

/* A key that is right because of an earlier apply of this boot, which wrote no file. */
static int is_held(struct apply *x, const char *key, bool *held)
{
	cleanup_arena struct arena *a = arena_new();
	const char **ids;
	size_t n;
	int err = a ? journal_list(x->h, a, &ids, &n) : -ENOMEM;

	*held = false;
	for (size_t i = 0; !err && i < n && !*held; i++) {
		cleanup_journal struct journal *j = NULL;

		err = journal_open(x->h, ids[i], &j);
		if (!err && !j->over && journal_same_boot(j))
			*held = journal_item(j, key);
		if (err != -ENOMEM)
			err = 0;
	}
	return err;
}

static int wants_item(struct apply *x, const struct tune_item *item, bool *wants)
{
	const struct mech_key k = { item->tunable, item->key, item->device, NULL };
	int err;

	*wants = item->state == TUNE_CHANGE;
	if (item->state != TUNE_RIGHT || !x->o->persist)
		return 0;
	*wants = item->fleeting;
	err = *wants ? 0 : is_held(x, item->key, wants);
	*wants &= err || !mech_filed(x->h, &k, item->wanted);
	if (err || !*wants || !item->contested)
		return err;
	return result_fail(x->r,
			   "nothing was changed, because of %s (%s); --skip leaves a key "
			   "out, --force sets it all the same",
			   item->key, item->contested);
}

/* The rows of the snapshot, in the arena of the result. */
static int choose(struct apply *x, struct journal_head *head)
{
	for (size_t i = 0; i < x->plan->n_items; i++) {
		const struct tune_item *item = &x->plan->items[i];
		struct journal_item *v;
		bool wants;
		int err = wants_item(x, item, &wants);

		if (err)
			return err;
		if (!wants)
			continue;
		v = arena_grow(x->r->arena, head->items, head->n_items, sizeof(*v));
		if (!v)
			return -ENOMEM;
		head->items = v;
		v[head->n_items++] = (struct journal_item){
			item->key,
			item->tunable->id,
			item->device,
			item->now,
			item->wanted,
			item->because ? item->because : "",
			item->source ? item->source : "",
			item->state == TUNE_CHANGE,
		};
	}
	return 0;
}

/* The lock was not held when the plan was made. */
static int look_again(struct apply *x, const struct journal_head *head)
{
	for (size_t i = 0; i < head->n_items; i++) {
		const struct journal_item *item = &head->items[i];
		const struct mech_key k = { tunable_find(item->tunable), item->key,
					    item->device, NULL };
		const char *now = NULL;
		int err = mechanism_of(k.tunable) ? tune_read(x->h, &k, x->r->arena, &now)
						  : -ENOTSUP;

		if (err)
			return err == -ENOMEM ? err
					      : result_fail(x->r, "%s cannot be read: %s",
							    item->key, strerror(-err));
		if (!tune_equal(k.tunable, now, item->from))
			return result_fail(x->r,
					   "%s has changed since the plan was made: it "
					   "is %s, and was %s",
					   item->key, now, item->from);
	}
	return 0;
}

static int write_item(struct apply *x, const struct journal_item *item)
{
	const struct journal_line l = { .key = item->key,
					.from = item->from,
					.to = item->wanted };
	struct journal_place *p;
	int err = place_begin(x->j, &l, &p);
	bool other;

	if (err == -ENOMEM)
		return err;
	if (err && p && p->now)
		return result_fail(x->r, "%s does not take %s: it is %s", item->key,
				   item->wanted, p->now);
	if (err)
		return result_fail(x->r, "%s cannot be set to %s: %s", item->key,
				   item->wanted, strerror(-err));
	other = !place_equal(p, p->now, p->to);
	return result_add(x->r, &(struct tune_outcome){
					.key = p->key,
					.done = TUNE_WRITTEN,
					.from = p->from,
					.to = p->to,
					.now = p->now,
					.note = other ? "the kernel made another value "
							"of it"
						      : "" });
}

static int write_all(struct apply *x)
{
	int err = 0;

	for (size_t i = 0; i < x->j->head.n_items && !err && !x->r->failure; i++) {
		const struct journal_item *item = &x->j->head.items[i];

		if (item->write &&
		    !mechanism_lasts(mechanism_of(tunable_find(item->tunable))))
			err = write_item(x, item);
	}
	return err;
}

static int settle(struct apply *x)
{
	int err = journal_add(x->j, &(struct journal_line){ .step = STEP_APPLIED });

	if (!err && !x->o->confirm_within_ms)
		err = transaction_commit(x->j, x->o->persist, x->r);
	if (err && err != -ENOMEM)
		return result_fail(x->r, "the journal cannot be written: %s",
				   strerror(-err));
	return err;
}

/* Back to where it was, after a failure. */
static int undo(struct apply *x)
{
	size_t before = x->r->n_outcomes;
	int err = places_restore(x->j, 0, x->r);

	if (err)
		return err;
	x->r->undone = true;
	for (size_t i = before; i < x->r->n_outcomes; i++)
		if (x->r->outcomes[i].done != TUNE_RESTORED &&
		    x->r->outcomes[i].done != TUNE_GONE)
			x->r->undone = false;
	x->r->changed = !x->r->undone;
	x->r->reboot_required = false;
	err = x->r->undone
		      ? journal_add(x->j, &(struct journal_line){ .step = STEP_UNDONE })
		      : 0;
	return err == -ENOMEM ? err : 0;
}

static int carry_out(struct apply *x)
{
	int err = x->o->confirm_within_ms ? watch_start(x->j, x->lock) : 0;

	if (err) {
		journal_add(x->j, &(struct journal_line){ .step = STEP_UNDONE });
		return result_fail(x->r,
				   "nothing was changed: nobody would watch over "
				   "it: %s",
				   strerror(-err));
	}
	err = write_all(x);
	if (!err && !x->r->failure)
		err = settle(x);
	x->r->changed = x->j->n_places > 0;
	return err || !x->r->failure ? err : undo(x);
}

static uint64_t netns_of(struct host *h)
{
	struct host_id id;

	return host_identify(h, "/proc/self/ns/net", &id) ? 0 : id.ino;
}

static int begin(struct apply *x)
{
	char release[128] = "";
	struct journal_head head = {
		.tool_version = KTLSCTL_VERSION,
		.kernel = release,
		.profile = x->plan->profile ? x->plan->profile : "",
		.persist = x->o->persist,
		.netns = netns_of(x->h),
		.deadline_ms = x->o->confirm_within_ms
				       ? watch_clock_ms() + x->o->confirm_within_ms
				       : 0,
	};
	int err = choose(x, &head);

	host_read_line(x->h, "/proc/sys/kernel/osrelease", release, sizeof(release));
	if (!err)
		err = look_again(x, &head);
	if (err || x->r->failure || !head.n_items)
		return err;
	err = journal_begin(x->h, &head, &x->j);
	if (err)
		return err == -ENOMEM ? err
				      : result_fail(x->r,
						    "nothing was changed: %s cannot be "
						    "written: %s",
						    TUNE_STATE, strerror(-err));
	snprintf(x->r->id, sizeof(x->r->id), "%s", x->j->id);
	x->r->confirm_within_ms = x->o->confirm_within_ms;
	return carry_out(x);
}

int tune_apply(struct host *h, const struct tune_plan *p,
	       const struct tune_apply_options *o, struct tune_result **out)
{
	cleanup_close int lock = -1;
	struct apply x = { .h = h, .plan = p, .o = o };
	int err = result_new("apply", out);

	if (err)
		return err;
	x.r = *out;
	err = result_leave(x.r, p);
	if (!err)
		err = result_refuse(x.r, p);
	if (err || x.r->failure)
		return err;
	lock = x.lock = journal_lock(h, false);
	if (lock == -EWOULDBLOCK)
		return result_fail(x.r, "another ktlsctl tune is at work");
	if (lock < 0)
		return result_fail(x.r, "nothing was changed: %s cannot be written: %s",
				   TUNE_STATE, strerror(-lock));
	err = look_at_last(&x);
	if (!err && !x.r->failure)
		err = begin(&x);
	journal_close(x.j);
	return err;
}
