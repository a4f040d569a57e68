/* SPDX-License-Identifier: MIT */
/* What an apply does not do of its plan, and whose keys it does not touch at all. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "../host/cleanup.h"
#include "transaction.h"

static const char *copy(struct arena *a, const char *s, int *err)
{
	const char *c = arena_strdup(a, s ? s : "");

	if (!c)
		*err = -ENOMEM;
	return c;
}

static int add(struct tune_result *r, const struct tune_item *item)
{
	struct tune_left *v = arena_grow(r->arena, r->left, r->n_left, sizeof(*v));
	int err = 0;

	if (!v)
		return -ENOMEM;
	r->left = v;
	v[r->n_left++] = (struct tune_left){
		.key = copy(r->arena, item->key, &err),
		.tunable = copy(r->arena, item->tunable->id, &err),
		.state = item->state,
		.now = copy(r->arena, item->now, &err),
		.wanted = copy(r->arena, item->wanted, &err),
		.why = copy(r->arena, item->why, &err),
	};
	return err;
}

int result_leave(struct tune_result *r, const struct tune_plan *p)
{
	int err = 0;

	for (size_t i = 0; i < p->n_items && !err; i++)
		if (p->items[i].state != TUNE_CHANGE && p->items[i].state != TUNE_RIGHT)
			err = add(r, &p->items[i]);
	return err;
}

/* "KEY (why), KEY (why)"; NULL: none is refused, or no memory. */
static char *refused(const struct tune_plan *p)
{
	char *text = NULL;
	size_t len, n = 0;
	FILE *f = open_memstream(&text, &len);

	for (size_t i = 0; f && i < p->n_items; i++) {
		const struct tune_item *item = &p->items[i];

		if (item->state == TUNE_REFUSED)
			fprintf(f, "%s%s (%s)", n++ ? ", " : "", item->key, item->why);
	}
	if (f && !fclose(f) && n)
		return text;
	free(text);
	return NULL;
}

int result_refuse(struct tune_result *r, const struct tune_plan *p)
{
	bool any = false;
	cleanup_free char *keys = NULL;

	for (size_t i = 0; i < p->n_items; i++)
		any |= p->items[i].state == TUNE_REFUSED;
	if (!any)
		return 0;
	keys = refused(p);
	if (!keys)
		return -ENOMEM;
	return result_fail(r,
			   "nothing was changed, because of %s; --skip leaves a key out, "
			   "--force sets it all the same",
			   keys);
}
