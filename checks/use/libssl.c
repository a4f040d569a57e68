/* SPDX-License-Identifier: MIT */
#include "check.h"

enum state { NONE, CAPABLE, WITHOUT, TOO_OLD, UNCLEAR };

static const struct program_answer states[] = {
	[CAPABLE] = { VERDICT_OK, NULL, "runs with an OpenSSL that has kTLS",
		      "run with an OpenSSL that has kTLS" },
	[WITHOUT] = { VERDICT_WARN, "process-libssl-without-ktls",
		      "runs with an OpenSSL that was built without kTLS",
		      "run with an OpenSSL that was built without kTLS" },
	[TOO_OLD] = { VERDICT_WARN, "process-libssl-too-old",
		      "runs with an OpenSSL from before kTLS",
		      "run with an OpenSSL from before kTLS" },
	[UNCLEAR] = { VERDICT_UNKNOWN, "process-libssl-unclear",
		      "has a copy of OpenSSL of its own, whose file does not tell "
		      "whether it was built with kTLS",
		      "have a copy of OpenSSL of their own, whose file does not tell "
		      "whether it was built with kTLS" },
};

static enum state state_of(const struct facts *f, const struct program *p)
{
	const struct tls_library *l = program_openssl(f, p);

	if (!l)
		return NONE;
	if (*l->version && version_compare(l->version, "3.0") < 0)
		return TOO_OLD;
	switch (library_ktls(f, p, l)) {
	case TRI_YES:
		return CAPABLE;
	case TRI_NO:
		return WITHOUT;
	case TRI_UNKNOWN:
		break;
	}
	return UNCLEAR;
}

static bool is_state(const struct facts *f, const struct program *p, int what)
{
	return (int)state_of(f, p) == what;
}

static void complete(struct finding *fi, enum state s)
{
	because(fi, states[s].reason);
	if (s == WITHOUT || s == TOO_OLD)
		remedy(fi,
		       "run it with an OpenSSL 3 that was built with enable-ktls: the "
		       "distribution's, as a rule",
		       NULL, REMEDY_ROOT, NULL);
	else if (s == UNCLEAR)
		remedy(fi,
		       "3.0 and 3.1 do not show it in the file: its sockets do, or the "
		       "way it was built",
		       "ss -tie | grep -w tls", REMEDY_ROOT, NULL);
}

static void say_one(const struct facts *f, struct report *r, const struct program *p)
{
	const struct tls_library *l = program_openssl(f, p);
	enum state s = state_of(f, p);
	const char *name = program_name(r, f, p);
	struct finding *fi;

	if (s == NONE)
		return;
	fi = say(r, states[s].verdict, "%s %s%s%s", name, states[s].one,
		 *l->version ? ": " : "", l->version);
	about(fi, SUBJECT_PROCESS, name);
	evidence(fi, *l->path ? l->path : p->exe, "OpenSSL 3 with kTLS", "%s%s (%s)",
		 *l->version ? l->version : "version unknown",
		 *l->path ? "" : ", linked statically", l->evidence);
	complete(fi, s);
}

static void run(const struct facts *f, struct report *r)
{
	const struct program_list all = programs_asked(f);
	size_t before = r->n_findings;

	for (size_t i = 0; i < all.n; i++)
		if (program_prominent(f, &all.v[i]))
			say_one(f, r, &all.v[i]);
	/* Those that are no server known here: one finding for each answer. */
	for (enum state s = CAPABLE; s <= UNCLEAR; s++) {
		struct finding *fi = say_programs(f, r, is_state, (int)s, &states[s]);

		if (fi)
			complete(fi, s);
	}
	if (r->n_findings == before)
		say(r, VERDICT_SKIP, "no program with OpenSSL among those looked at");
}

static const struct outcome outcomes[] = {
	{ VERDICT_OK, NULL, "its OpenSSL has kTLS", NULL },
	{ VERDICT_WARN, "process-libssl-without-ktls",
	  "its OpenSSL was built without enable-ktls", "a build with it" },
	{ VERDICT_WARN, "process-libssl-too-old", "its OpenSSL is older than 3.0",
	  "OpenSSL 3" },
	{ VERDICT_UNKNOWN, "process-libssl-unclear",
	  "a copy of its own, 3.0 or 3.1: nothing in the file tells",
	  "look at its sockets" },
	{ VERDICT_SKIP, NULL, "no program with OpenSSL", NULL },
	{ 0 },
};

const struct check check_process_libssl = {
	.id = "process-libssl",
	.category = "use",
	.title = "OpenSSL of the programs that run",
	.why = "A container, a vendor's package or a bundled build brings a libssl of "
	       "its own, and those are without kTLS unless somebody asked for it. The "
	       "file is read where the process sees it; it is never loaded. What is "
	       "known of the copy ktlsctl runs with counts for the programs with the "
	       "same file.",
	.outcomes = outcomes,
	.refs = NULL,
	.needs = FACT_PROGRAMS,
	.uses = FACT_OPENSSL | FACT_LIBSSL_COPIES,
	.run = run,
};
