/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

#include "transaction.h"

int result_new(const char *action, struct tune_result **out)
{
	struct arena *a = arena_new();
	struct tune_result *r = a ? arena_alloc(a, sizeof(*r)) : NULL;

	*out = r;
	if (!r) {
		arena_free(a);
		return -ENOMEM;
	}
	r->arena = a;
	r->action = action;
	return 0;
}

void tune_result_free(struct tune_result *r)
{
	if (r)
		arena_free(r->arena);
}

int result_fail(struct tune_result *r, const char *fmt, ...)
{
	va_list ap;

	if (r->failure)
		return 0;
	va_start(ap, fmt);
	r->failure = arena_vprintf(r->arena, fmt, ap);
	va_end(ap);
	return r->failure ? 0 : -ENOMEM;
}

static const char *copy(struct arena *a, const char *s, int *err)
{
	const char *c = s ? arena_strdup(a, s) : NULL;

	if (s && !c)
		*err = -ENOMEM;
	return c;
}

int tune_result_measured(struct tune_result *r, const struct tune_gain *g)
{
	struct tune_gain *own = arena_alloc(r->arena, sizeof(*own));
	int err = own ? 0 : -ENOMEM;

	if (err)
		return err;
	*own = *g;
	own->workload = copy(r->arena, g->workload, &err);
	own->mode = copy(r->arena, g->mode, &err);
	own->unit = copy(r->arena, g->unit, &err);
	own->text = copy(r->arena, g->text, &err);
	r->measured = own;
	return err;
}

int result_add(struct tune_result *r, const struct tune_outcome *o)
{
	struct tune_outcome *v = arena_grow(r->arena, r->outcomes, r->n_outcomes,
					    sizeof(*v));
	int err = 0;

	if (!v)
		return -ENOMEM;
	r->outcomes = v;
	v[r->n_outcomes++] = (struct tune_outcome){
		.key = copy(r->arena, o->key, &err),
		.file = copy(r->arena, o->file, &err),
		.done = o->done,
		.from = copy(r->arena, o->from, &err),
		.to = copy(r->arena, o->to, &err),
		.now = copy(r->arena, o->now, &err),
		.err = o->err,
		.note = copy(r->arena, o->note ? o->note : "", &err),
	};
	return err;
}
