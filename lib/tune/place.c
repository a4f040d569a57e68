/* SPDX-License-Identifier: MIT */
/*
 * One value in one place: written with the journal ahead of it, and taken back as long as
 * it is still ours.
 */
#include <errno.h>
#include <string.h>

#include "../host/cleanup.h"
#include "transaction.h"

struct mech_key place_key(const struct journal_place *p)
{
	return (struct mech_key){ p->tunable, p->key, p->device, p->file };
}

bool place_equal(const struct journal_place *p, const char *a, const char *b)
{
	if (!a || !b)
		return a == b;
	return tune_equal(p->tunable, a, b);
}

int place_read(struct journal *j, const struct journal_place *p, const char **now)
{
	const struct mech_key k = place_key(p);
	int err;

	if (!p->file)
		return tune_read(j->h, &k, j->arena, now);
	err = mechanism_of(p->tunable)->filed(j->h, &k, j->arena, now);
	return err == -ENOENT ? 0 : err;
}

int place_write(struct journal *j, const struct journal_place *p, const char *value)
{
	const struct mechanism *m = mechanism_of(p->tunable);
	const struct mech_key k = place_key(p);

	return p->file ? m->put(j->h, &k, value) : m->write(j->h, &k, value);
}

/* The kernel may make another number of one (a ring is rounded up); nothing else may
 * become something else, and to stay as it was is a refusal. */
static int judge(const struct journal_place *p)
{
	if (place_equal(p, p->now, p->to))
		return 0;
	if (p->file || p->tunable->kind != TUNE_NUMBERS ||
	    place_equal(p, p->now, p->from))
		return -EINVAL;
	return 0;
}

int place_begin(struct journal *j, const struct journal_line *line,
		struct journal_place **out)
{
	struct journal_line l = *line;
	struct journal_place *p;
	size_t n = j->n_places;
	const char *now;
	int err;

	*out = NULL;
	l.step = STEP_WRITE;
	err = journal_add(j, &l);
	if (err)
		return err;
	if (j->n_places == n)
		return -EINVAL;
	*out = p = &j->places[n];
	err = p->tunable ? place_write(j, p, p->to) : -EINVAL;
	if (!err)
		err = place_read(j, p, &now);
	if (err)
		return err;
	l = (struct journal_line){
		.step = STEP_WROTE, .key = p->key, .file = p->file, .now = now
	};
	err = journal_add(j, &l);
	return err ? err : judge(p);
}

/* --- taking back ------------------------------------------------------------------ */

struct restore {
	struct journal *j;
	struct journal_place *p;
	struct tune_result *r;
	const char *now;
};

static int add(struct restore *x, enum step step, const char *to, int error)
{
	const struct journal_line l = { .step = step,
					.key = x->p->key,
					.file = x->p->file,
					.to = to,
					.now = x->now,
					.err = error };

	return journal_add(x->j, &l);
}

static int tell(struct restore *x, enum tune_done done, int error, const char *note)
{
	return result_add(x->r, &(struct tune_outcome){ .key = x->p->key,
							.file = x->p->file,
							.done = done,
							.from = x->p->to,
							.to = x->p->from,
							.now = x->now,
							.err = error,
							.note = note });
}

/* In the journal and in the result. A journal that cannot be written to (the disk is
 * full) hinders no restoring: the next revert finds the value as it should be. */
static int finish(struct restore *x, enum step step, enum tune_done done,
		  const char *note)
{
	int err = add(x, step, NULL, 0);

	return err == -ENOMEM ? err : tell(x, done, 0, note);
}

static int give_up(struct restore *x, int error)
{
	const bool busy = error == -EBUSY;
	int err = add(x, STEP_FAILED, NULL, error);

	if (err == -ENOMEM)
		return err;
	return tell(x, busy ? TUNE_BUSY : TUNE_FAILED, error,
		    busy ? "it is in use and stays; once nobody uses it, revert again"
			 : "");
}

/*
 * Killed between writing and writing down what the kernel made of it, with a value there
 * that is neither the old nor the one that was written: either the kernel changes it on
 * write, or somebody has set another. The kernel is asked: what becomes of the same
 * written again? Where it is not what stood there, that is put back.
 */
static int is_made_of_it(struct restore *x, bool *ours)
{
	const char *there = x->p->again ? x->p->again : x->now, *again;
	int err;

	x->now = there;
	err = add(x, STEP_AGAIN, x->p->to, 0);
	if (!err)
		err = place_write(x->j, x->p, x->p->to);
	if (!err)
		err = place_read(x->j, x->p, &again);
	if (err)
		return err;
	*ours = place_equal(x->p, again, there);
	return *ours ? 0 : place_write(x->j, x->p, there);
}

static int is_ours(struct restore *x, bool *ours)
{
	const struct journal_place *p = x->p;

	*ours = place_equal(p, x->now, p->now ? p->now : p->to);
	if (*ours || p->now || p->file)
		return 0;
	return is_made_of_it(x, ours);
}

static int write_back(struct restore *x)
{
	int err = add(x, STEP_RESTORE, x->p->from, 0);

	if (err == -ENOMEM)
		return err;
	err = place_write(x->j, x->p, x->p->from);
	if (!err)
		err = place_read(x->j, x->p, &x->now);
	if (err)
		return give_up(x, err);
	if (!place_equal(x->p, x->now, x->p->from))
		return give_up(x, -EINVAL);
	return finish(x, STEP_RESTORED, TUNE_RESTORED, "");
}

/* What an interrupted writing left goes too. */
static int is_as_before(struct restore *x)
{
	const struct mechanism *m = mechanism_of(x->p->tunable);
	const struct mech_key k = place_key(x->p);
	int err = m->tidy ? m->tidy(x->j->h, &k) : 0;

	return err ? give_up(x, err) : finish(x, STEP_RESTORED, TUNE_RESTORED, "");
}

/* A file for it was written, so that a reboot has set it again. */
static bool has_file(const struct journal *j, const char *key)
{
	for (size_t i = 0; i < j->n_places; i++)
		if (j->places[i].file && !strcmp(j->places[i].key, key))
			return true;
	return false;
}

static bool is_gone_with_boot(const struct restore *x)
{
	return !x->p->file && !journal_same_boot(x->j) &&
	       !mechanism_lasts(mechanism_of(x->p->tunable)) &&
	       !has_file(x->j, x->p->key);
}

static int restore(struct restore *x)
{
	bool ours;
	int err;

	if (!mechanism_of(x->p->tunable))
		return give_up(x, -ENOTSUP);
	if (is_gone_with_boot(x))
		return finish(x, STEP_RESTORED, TUNE_RESTORED, "the reboot took it back");
	err = place_read(x->j, x->p, &x->now);
	if ((err == -ENOENT || err == -ENODEV) && !x->p->file)
		return finish(x, STEP_RESTORED, TUNE_GONE, "it is no longer there");
	if (err)
		return give_up(x, err);
	if (place_equal(x->p, x->now, x->p->from))
		return is_as_before(x);
	err = is_ours(x, &ours);
	if (err)
		return err == -ENOMEM ? err : give_up(x, err);
	if (!ours)
		return finish(x, STEP_KEPT, TUNE_FOREIGN,
			      "somebody has changed it since: kept");
	return write_back(x);
}

/* Only those that were made; what somebody else has put there since keeps them. */
static void remove_folders(struct journal *j)
{
	for (size_t i = j->n_folders; i-- > 0;)
		host_rmdir(j->h, j->folders[i]);
}

int places_restore(struct journal *j, size_t first, struct tune_result *r)
{
	int err = 0;

	for (size_t i = j->n_places; i-- > first && !err;) {
		struct restore x = { j, &j->places[i], r, NULL };

		if (!x.p->restored)
			err = restore(&x);
	}
	if (!err)
		remove_folders(j);
	return err;
}
