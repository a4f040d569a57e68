/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "../host/arena.h"
#include "report.h"

const char *const verdict_words[] = { "ok",      "info", "warn", "fail",
				      "unknown", "skip", NULL };
const char *const status_words[] = { "used",        "works",   "should_work",
				     "cannot_work", "unknown", NULL };
const char *const subject_words[] = { "host", "nic", "process", "connection", NULL };

struct report *report_new(void)
{
	struct report *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->subject.name = "";
	r->arena = arena_new();
	if (!r->arena) {
		free(r);
		return NULL;
	}
	return r;
}

void report_free(struct report *r)
{
	if (!r)
		return;
	arena_free(r->arena);
	free(r);
}

int verdict_rank(enum verdict v)
{
	static const int rank[VERDICT_COUNT] = {
		[VERDICT_SKIP] = 0,    [VERDICT_OK] = 1,   [VERDICT_INFO] = 2,
		[VERDICT_UNKNOWN] = 3, [VERDICT_WARN] = 4, [VERDICT_FAIL] = 5,
	};

	return rank[v];
}

int finding_rank(const struct finding *f)
{
	int rank = verdict_rank(f->verdict), info = verdict_rank(VERDICT_INFO);

	return f->waived && rank > info ? info : rank;
}

bool report_is_unknown(const struct report *r)
{
	return r->status == STATUS_UNKNOWN && !(r->cause && r->cause->waived);
}

void report_sort(struct report *r)
{
	/* Insertion sort: stable, and there are a few dozen. */
	for (size_t i = 1; i < r->n_findings; i++) {
		struct finding f = r->findings[i];
		size_t at = i;

		while (at && finding_rank(&r->findings[at - 1]) < finding_rank(&f)) {
			r->findings[at] = r->findings[at - 1];
			at--;
		}
		r->findings[at] = f;
	}
}

static void count(struct counts *c, const struct finding *f)
{
	uint64_t *const slots[VERDICT_COUNT] = { &c->ok,   &c->info,    &c->warn,
						 &c->fail, &c->unknown, &c->skip };

	++*(f->waived ? &c->waived : slots[f->verdict]);
}

void report_filter(struct report *r, bool (*keep)(void *arg, const struct finding *f),
		   void *arg)
{
	size_t n = 0;

	r->counts = (struct counts){ 0 };
	for (size_t i = 0; i < r->n_findings; i++) {
		if (keep && !keep(arg, &r->findings[i]))
			continue;
		r->findings[n++] = r->findings[i];
		count(&r->counts, &r->findings[n - 1]);
	}
	r->n_findings = n;
}
