/* SPDX-License-Identifier: MIT */
/* Whether what was applied still holds, and if not, who has set what is there. */
#include <errno.h>
#include <string.h>

#include "../host/cleanup.h"
#include "transaction.h"

struct verify {
	struct host *h;
	struct arena *a;
	const struct facts *f;
	struct drift_report *out;
};

/* A later apply has the last word on a key. */
static bool is_known(const struct verify *v, const struct journal_place *p)
{
	for (size_t i = 0; i < v->out->n_rows; i++) {
		const struct drift_row *r = &v->out->rows[i];

		if (!strcmp(r->key, p->key) && !r->file == !p->file)
			return true;
	}
	return false;
}

/* The plan knows who sets a key. */
static int ask_plan(const struct verify *v, const struct journal_place *p,
		    struct drift_row *r)
{
	const char *set = arena_printf(v->a, "%s=%s", p->key, p->to);
	const struct tune_query q = { .sets = &set, .n_sets = 1 };
	struct tune_plan *plan = NULL;
	const char *who = NULL;
	char why[512];
	int err = set ? tune_plan_make(&q, v->f, &plan, why, sizeof(why)) : -ENOMEM;

	for (size_t i = 0; !err && !who && i < plan->n_items; i++)
		if (!strcmp(plan->items[i].key, p->key) && plan->items[i].owner)
			who = arena_strdup(v->a, plan->items[i].owner);
	tune_plan_free(plan);
	if (who)
		r->who = who;
	return err == -ENOMEM ? err : 0;
}

static int judge(const struct verify *v, const struct journal_place *p, int err,
		 const char *now, struct drift_row *r)
{
	if (err == -ENOENT && !p->file) {
		r->state = DRIFT_GONE;
		return 0;
	}
	if (err) {
		r->state = DRIFT_UNKNOWN;
		r->why = arena_strdup(v->a, strerror(-err));
		return r->why ? 0 : -ENOMEM;
	}
	r->now = arena_strdup(v->a, now ? now : "");
	r->state = place_equal(p, now, p->now ? p->now : p->to) ? DRIFT_SAME
								: DRIFT_DIFFERS;
	v->out->drifted |= r->state == DRIFT_DIFFERS;
	if (!r->now)
		return -ENOMEM;
	return r->state == DRIFT_DIFFERS && !p->file ? ask_plan(v, p, r) : 0;
}

static int add(const struct verify *v, struct journal *j, const struct journal_place *p)
{
	struct drift_row *r = arena_grow(v->a, v->out->rows, v->out->n_rows, sizeof(*r));
	const char *now = NULL;
	int err;

	if (!r)
		return -ENOMEM;
	v->out->rows = r;
	r += v->out->n_rows++;
	*r = (struct drift_row){ .id = arena_strdup(v->a, j->id),
				 .key = arena_strdup(v->a, p->key),
				 .file = p->file ? arena_strdup(v->a, p->file) : NULL,
				 .wanted = arena_strdup(v->a, p->now ? p->now : p->to),
				 .now = "",
				 .who = "",
				 .why = "" };
	if (!r->id || !r->key || !r->wanted || !r->file != !p->file)
		return -ENOMEM;
	if (!mechanism_of(p->tunable))
		return judge(v, p, -ENOTSUP, NULL, r);
	if (p->file)
		err = place_read(j, p, &now);
	else
		err = p->tunable->value(v->f, p->tunable, p->device, v->a, &now);
	return err == -ENOMEM ? err : judge(v, p, err, now, r);
}

/* What a reboot has taken away, nobody wants any more. */
static bool holds(const struct journal *j, const struct journal_place *p)
{
	if (p->restored)
		return false;
	if (p->file || journal_same_boot(j) || !mechanism_of(p->tunable) ||
	    mechanism_lasts(mechanism_of(p->tunable)))
		return true;
	for (size_t i = 0; i < j->n_places; i++)
		if (j->places[i].file && !strcmp(j->places[i].key, p->key))
			return true;
	return false;
}

static int add_all(struct verify *v, const char *id)
{
	cleanup_journal struct journal *j = NULL;
	int err = journal_open(v->h, id, &j);

	if (err == -ENODATA || (!err && j->over))
		return 0;
	for (size_t i = 0; !err && i < j->n_places; i++)
		if (holds(j, &j->places[i]) && !is_known(v, &j->places[i]))
			err = add(v, j, &j->places[i]);
	return err;
}

int tune_verify(struct host *h, const struct facts *f, struct arena *a,
		struct drift_report *out)
{
	struct verify v = { h, a, f, out };
	const char **ids;
	size_t n;
	int err = journal_list(h, a, &ids, &n);

	*out = (struct drift_report){ 0 };
	while (!err && n-- > 0)
		err = add_all(&v, ids[n]);
	if (!err || err == -ENOMEM)
		return err;
	out->failure = arena_printf(a, "the journal in %s cannot be read: %s", TUNE_STATE,
				    strerror(-err));
	return out->failure ? 0 : -ENOMEM;
}
