/* SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "check.h"

static void say_problem(struct report *r, const struct policy_problem *p)
{
	struct finding *fi;

	fi = say(r, VERDICT_WARN, "%s:%" PRIu64 ": %s", p->file, p->line, p->text);
	because(fi, "policy-malformed");
	evidence(fi, text(r, "%s:%" PRIu64, p->file, p->line),
		 "a line that is understood", "%s", p->text);
	remedy(fi,
	       text(r, "mend line %" PRIu64 " of %s; it has no effect", p->line, p->file),
	       NULL, REMEDY_ROOT, NULL);
}

static void say_expired(struct report *r, const struct waiver *w)
{
	struct finding *fi;

	fi = say(r, VERDICT_WARN, "the waiver of %s has expired (%s)", w->id, w->expires);
	because(fi, "waiver-expired");
	evidence(fi, text(r, "%s:%" PRIu64, w->file, w->line), "a day to come", "%s",
		 w->expires);
	remedy(fi,
	       text(r,
		    "mend what it waived, or take another day to line %" PRIu64 " of %s",
		    w->line, w->file),
	       NULL, REMEDY_ROOT, NULL);
}

/* "covers nothing" is worse than it sounds: somebody believes that it does. */
static void say_nothing(struct report *r, const struct waiver *w)
{
	struct finding *fi;

	fi = say(r, VERDICT_WARN,
		 "the waiver of '%s' covers nothing: no check has that id", w->id);
	because(fi, "waiver-of-nothing");
	evidence(fi, text(r, "%s:%" PRIu64, w->file, w->line),
		 "an id of ktlsctl explain --list, or of one of its answers", "%s",
		 w->id);
	remedy(fi, text(r, "mend line %" PRIu64 " of %s", w->line, w->file), NULL,
	       REMEDY_ROOT, NULL);
}

static void judge(const struct facts *f, struct report *r, const struct waiver *w)
{
	if (!check_by_word(w->id))
		say_nothing(r, w);
	else if (w->expires_time && w->expires_time <= f->time)
		say_expired(r, w);
}

static void run(const struct facts *f, struct report *r)
{
	const struct policy_facts *p = &f->policy;
	size_t before = r->n_findings;
	struct finding *fi;

	for (size_t i = 0; i < p->n_problems; i++)
		say_problem(r, &p->problems[i]);
	for (size_t i = 0; i < p->n_waivers; i++)
		judge(f, r, &p->waivers[i]);
	if (r->n_findings > before)
		return;
	if (!p->n_waivers && !p->n_expectations) {
		say(r, VERDICT_SKIP, "no waiver and no expectation is configured");
		return;
	}
	fi = say(r, VERDICT_OK, "waivers in force: %zu; expectations: %zu", p->n_waivers,
		 p->n_expectations);
	evidence(fi, p->src.where, NULL, "every line understood");
}

static const struct outcome outcomes[] = {
	{ VERDICT_OK, NULL, "every line was understood, no waiver has expired", NULL },
	{ VERDICT_WARN, "policy-malformed", "a line that was not understood: no effect",
	  "mend it" },
	{ VERDICT_WARN, "waiver-expired", "the finding counts again",
	  "mend it, or renew the waiver" },
	{ VERDICT_WARN, "waiver-of-nothing", "no check and no answer has the id it names",
	  "mend it" },
	{ VERDICT_SKIP, NULL, "nothing is configured", NULL },
	{ 0 },
};

const struct check check_policy = {
	.id = "policy",
	.category = "use",
	.title = "waivers and expectations",
	.why = "A waiver that nobody looks at again, or a line with a slip of the pen, "
	       "hides what it should not, or nothing at all. Both are said instead of "
	       "being passed over.",
	.outcomes = outcomes,
	.refs = NULL,
	.needs = FACT_POLICY,
	.run = run,
};
