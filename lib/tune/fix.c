/* SPDX-License-Identifier: MIT */
/* What diagnose found, as wishes: the remedies that name a tunable. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../check/report.h"
#include "tune_priv.h"

static bool is_named(const struct finding *f, const char *const *ids, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(ids[i], f->id) || !strcmp(ids[i], f->category))
			return true;
	return false;
}

/* Unless it is named, what is a matter of taste stays, and what somebody lives with. */
static bool is_meant(const struct finding *f, const char *const *ids, size_t n)
{
	if (!f->remedy || !f->remedy->n_tunables)
		return false;
	if (n)
		return is_named(f, ids, n);
	return !f->waived && (f->verdict == VERDICT_WARN || f->verdict == VERDICT_FAIL);
}

/* A value that is out of bounds here is none that tune can do. */
static int put(struct tune_profile *p, const struct finding *f, const char *text)
{
	const char *equals = strchr(text, '=');
	struct tune_setting s = { 0 };
	struct tune_error e = { 0 };
	const char *key;

	if (!equals)
		return 0;
	key = arena_strndup(p->arena, text, (size_t)(equals - text));
	if (!key)
		return -ENOMEM;
	if (!tune_key(key, p->arena, &s.tunable, &s.device) ||
	    tune_value(&s, equals + 1, p->arena, &e))
		return e.err == -ENOMEM ? -ENOMEM : 0;
	/* What a path would take is more than a small host has. */
	if (s.rule && s.tunable->kind == TUNE_NUMBERS)
		s.max = "ram/64";
	s.because = arena_strdup(p->arena, f->summary);
	s.risk = arena_strdup(p->arena, f->remedy->risk ? f->remedy->risk : "");
	s.source = arena_printf(p->arena, "check %s", f->id);
	return s.because && s.risk && s.source ? tune_profile_put(p, &s) : -ENOMEM;
}

int tune_profile_of(const struct report *r, const char *const *ids, size_t n,
		    struct tune_profile **out)
{
	struct tune_profile *p = tune_profile_new("--fix");
	int err = p ? 0 : -ENOMEM;

	for (size_t i = 0; i < r->n_findings && !err; i++) {
		const struct finding *f = &r->findings[i];

		for (size_t k = 0;
		     is_meant(f, ids, n) && k < f->remedy->n_tunables && !err; k++)
			err = put(p, f, f->remedy->tunables[k]);
	}
	if (err) {
		tune_profile_free(p);
		p = NULL;
	}
	*out = p;
	return err;
}
