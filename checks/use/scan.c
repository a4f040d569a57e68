/* SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "check.h"

static void say_incomplete(const struct facts *f, struct report *r)
{
	const struct programs_facts *p = &f->programs;
	bool time = p->left_out && !p->unreadable && !p->hidepid;
	struct finding *fi;

	fi = say(r, VERDICT_UNKNOWN,
		 "not every process could be looked at: what uses TLS, and how, is "
		 "known of a part only");
	because(fi, time ? "process-scan-time" : "process-scan-denied");
	evidence(fi, p->src.where, "all of them", "%" PRIu64 " looked at", p->scanned);
	if (p->unreadable)
		evidence(fi, p->src.where, "none",
			 "%" PRIu64 " of other users not readable", p->unreadable);
	if (p->hidepid)
		evidence(fi, p->src.where, "every process",
			 "mounted with hidepid: one's own only");
	if (p->left_out)
		evidence(fi, "--max-time", "none", "%" PRIu64 " left out, time was over",
			 p->left_out);
	if (time)
		remedy(fi, "give it more time", "ktlsctl --max-time=10", 0, NULL);
	else if (!f->caller.uid)
		remedy(fi,
		       "root is not enough here: look from the host's own user and pid "
		       "namespaces; a security module may keep processes to itself",
		       NULL, REMEDY_ROOT, NULL);
	else
		remedy(fi, "run it as root", "sudo ktlsctl", REMEDY_ROOT, NULL);
}

static void run(const struct facts *f, struct report *r)
{
	const struct programs_facts *p = &f->programs;
	struct finding *fi;

	if (programs_incomplete(f)) {
		say_incomplete(f, r);
		return;
	}
	fi = say(r, VERDICT_OK,
		 "%" PRIu64 " processes looked at: %zu programs with a TLS library",
		 p->scanned, p->n_programs);
	evidence(fi, p->src.where, NULL, "%" PRIu64 " processes", p->scanned);
}

static const struct outcome outcomes[] = {
	{ VERDICT_OK, NULL, "every process was looked at", NULL },
	{ VERDICT_UNKNOWN, "process-scan-denied",
	  "processes of others are hidden or not readable", "run it as root" },
	{ VERDICT_UNKNOWN, "process-scan-time", "the time was over before the last one",
	  "a longer --max-time" },
	{ 0 },
};

const struct check check_process_scan = {
	.id = "process-scan",
	.category = "use",
	.title = "processes that were looked at",
	.why = "Which library a process has mapped is told to its owner and to root "
	       "only. A program that is not in the list may be one that could not be "
	       "looked at; all that is said of programs holds for those that were.",
	.outcomes = outcomes,
	.refs = "https://man7.org/linux/man-pages/man5/proc.5.html",
	.needs = FACT_PROGRAMS,
	.uses = FACT_CALLER,
	.run = run,
};
