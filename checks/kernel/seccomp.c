/* SPDX-License-Identifier: MIT */
#include "check.h"

static const char status_file[] = "/proc/self/status";

static void say_denied(const struct caller_facts *c, struct report *r)
{
	const bool kills = c->seccomp_answer == -EOWNERDEAD;
	const char *saw = kills ? "killed" : strerror(-c->seccomp_answer);
	struct finding *fi;

	fi = say(r, VERDICT_FAIL,
		 "a seccomp filter denies this caller setsockopt(2) for kTLS: %s", saw);
	because(fi, "seccomp-denied");
	evidence(fi, status_file, "Seccomp: 0", "Seccomp: 2");
	evidence(fi, "setsockopt(TCP_ULP)", "past the filter", "%s", saw);
	remedy(fi,
	       "let setsockopt(2) pass: a unit has SystemCallFilter=, a container its "
	       "seccomp profile",
	       NULL, REMEDY_ROOT, "whoever wrote the filter may have meant it");
}

static void run(const struct facts *f, struct report *r)
{
	const struct caller_facts *c = &f->caller;
	struct finding *fi;

	if (c->seccomp < 0) {
		say(r, VERDICT_SKIP, "this kernel says nothing of seccomp");
	} else if (!c->seccomp) {
		say(r, VERDICT_OK, "no seccomp filter on this caller");
	} else if (c->seccomp_passes == TRI_YES) {
		fi = say(r, VERDICT_OK, "a seccomp filter is active, and lets kTLS pass");
		evidence(fi, status_file, NULL, "Seccomp: %d", c->seccomp);
	} else if (c->seccomp_passes == TRI_NO) {
		say_denied(c, r);
	} else {
		fi = say(r, VERDICT_UNKNOWN,
			 "a seccomp filter is active; whether it lets kTLS pass is not "
			 "known");
		because(fi, "seccomp-unclear");
		evidence(fi, status_file, "Seccomp: 0", "Seccomp: %d", c->seccomp);
		remedy(fi, "try it from inside", "ktlsctl probe", 0, NULL);
	}
}

static const struct outcome outcomes[] = {
	{ VERDICT_OK, NULL, "no filter, or one that lets kTLS pass", NULL },
	{ VERDICT_FAIL, "seccomp-denied",
	  "the filter denies setsockopt(TCP_ULP) or the keys",
	  "let setsockopt(2) pass in it" },
	{ VERDICT_UNKNOWN, "seccomp-unclear",
	  "a filter is active, and asking it led to nothing", "ktlsctl probe" },
	{ VERDICT_SKIP, NULL, "the kernel was built without seccomp", NULL },
	{ 0 },
};

const struct check check_tls_seccomp = {
	.id = "tls-seccomp",
	.category = "kernel",
	.title = "seccomp lets kTLS pass",
	.why = "A filter of system calls answers in the kernel's place, and a library "
	       "that gets EPERM from setsockopt(2) stays in user space without a word. "
	       "The filter is asked with a descriptor that is none, so nothing is "
	       "changed. It is ktlsctl's own: a service can have another, so ask from "
	       "inside of it.",
	.outcomes = outcomes,
	.refs = "https://docs.kernel.org/userspace-api/seccomp_filter.html",
	.needs = FACT_CALLER,
	.run = run,
};
