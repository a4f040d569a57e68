/* SPDX-License-Identifier: MIT */
/* Waivers: a finding somebody decided to live with stays, is marked, and does not count.
 */
#include <fnmatch.h>
#include <inttypes.h>

#include "../host/arena.h"
#include "check.h"

static bool matches(const char *pattern, const char *name)
{
	return !*pattern || !fnmatch(pattern, name, 0);
}

/* For a finding of this id, reason and subject, on the day the facts were read. */
static bool covers(const struct waiver *w, const struct facts *f,
		   const struct finding *fi)
{
	if (w->expires_time && f->time >= w->expires_time)
		return false;
	return (!strcmp(w->id, fi->id) || !strcmp(w->id, fi->reason)) &&
	       matches(w->host, f->name) && matches(w->subject, fi->subject.name);
}

static void waive(struct report *r, const struct waiver *w, struct finding *fi)
{
	fi->waived = arena_alloc(r->arena, sizeof(*fi->waived));
	if (!fi->waived) {
		r->failed = true;
		return;
	}
	fi->waived->reason = text(r, "%s", w->reason);
	fi->waived->expires = text(r, "%s", w->expires);
	fi->waived->where = text(r, "%s:%" PRIu64, w->file, w->line);
}

static bool is_cause(const struct report *r, const struct finding *fi)
{
	const struct cause *c = r->cause;

	return c && !strcmp(c->check, fi->id) && !strcmp(c->id, fi->reason) &&
	       c->subject.kind == fi->subject.kind &&
	       !strcmp(c->subject.name, fi->subject.name);
}

void report_waive(struct report *r, const struct facts *f)
{
	for (size_t i = 0; i < r->n_findings; i++) {
		struct finding *fi = &r->findings[i];

		if (verdict_rank(fi->verdict) < verdict_rank(VERDICT_INFO))
			continue;
		for (size_t n = 0; n < f->policy.n_waivers && !fi->waived; n++)
			if (covers(&f->policy.waivers[n], f, fi))
				waive(r, &f->policy.waivers[n], fi);
		if (fi->waived && is_cause(r, fi))
			r->cause->waived = true;
	}
}
