/* SPDX-License-Identifier: MIT */
#include "check.h"

/* What openssl.cnf does for a program whose own configuration is not known here. */
static bool asks(const struct facts *f, const struct program *p, int what)
{
	return !*p->conf.app && program_openssl(f, p) &&
	       (int)program_cnf_asks(f, p) == what;
}

static const char *cnf_file(const struct facts *f)
{
	const struct openssl_cnf_facts *c = &f->programs.target.cnf;

	return c->file ? c->file : c->src.where ? c->src.where : "openssl.cnf";
}

static struct finding *say_unset(struct report *r, const char *who, const char *file)
{
	struct finding *fi;

	fi = say(r, VERDICT_INFO,
		 "%s: openssl.cnf does not switch kTLS on; whether the program does it "
		 "itself is not seen from outside",
		 who);
	because(fi, "process-option-unset");
	evidence(fi, file, "Options = KTLS", "not there");
	remedy(fi,
	       "look at its sockets; if they are not on kTLS, look for a setting that "
	       "passes options to OpenSSL",
	       "ss -tie | grep -w tls", REMEDY_ROOT, NULL);
	return fi;
}

static struct finding *say_off(struct report *r, const char *who, const char *file)
{
	struct finding *fi;

	fi = say(r, VERDICT_WARN,
		 "%s: its openssl.cnf switches kTLS off; only the program itself could "
		 "switch it on again",
		 who);
	because(fi, "process-option-off");
	evidence(fi, file, "no -KTLS", "Options has -KTLS");
	remedy(fi, text(r, "take -KTLS out of %s", file), NULL, REMEDY_ROOT,
	       "somebody switched it off on purpose: ask first");
	return fi;
}

static struct finding *say_unclear(struct report *r, const char *who, const char *file)
{
	struct finding *fi;

	fi = say(r, VERDICT_UNKNOWN, "%s: its openssl.cnf could not be followed", who);
	because(fi, "process-option-unclear");
	evidence(fi, file, "Options = KTLS", "not readable, or not followed to the end");
	remedy(fi, "run it as root", "sudo ktlsctl", REMEDY_ROOT, NULL);
	return fi;
}

static void say_target(const struct facts *f, struct report *r, const struct program *p)
{
	const char *name = program_name(r, f, p), *file = cnf_file(f);
	enum tristate asked = program_cnf_asks(f, p);
	struct finding *fi;

	if (asked == TRI_YES) {
		fi = say(r, VERDICT_OK, "%s: its openssl.cnf switches kTLS on", name);
		evidence(fi, file, NULL, "Options has KTLS");
	} else if (asked == TRI_UNKNOWN) {
		fi = say_unclear(r, name, file);
	} else if (f->programs.target.cnf.ktls == CNF_OFF) {
		fi = say_off(r, name, file);
	} else {
		fi = say_unset(r, name, file);
	}
	about(fi, SUBJECT_PROCESS, name);
}

/* The host's openssl.cnf has its own check; here: whom it concerns. */
static void say_others(const struct facts *f, struct report *r)
{
	static const char *const before[] = {
		[TRI_UNKNOWN] = "what openssl.cnf says is not known of ",
		[TRI_NO] = "openssl.cnf does not switch kTLS on for ",
		[TRI_YES] = "openssl.cnf switches kTLS on for ",
	};
	static const char *const reasons[] = { "process-option-elsewhere",
					       "process-options-unset", NULL };
	const struct program_list all = programs_asked(f);

	for (int t = TRI_UNKNOWN; t <= TRI_YES; t++) {
		struct finding *fi;
		size_t n = 0;

		for (size_t i = 0; i < all.n; i++)
			n += asks(f, &all.v[i], t);
		if (!n)
			continue;
		fi = say(r, t == TRI_YES ? VERDICT_OK : VERDICT_INFO, "%s%zu program%s",
			 before[t], n, n == 1 ? "" : "s");
		because(fi, reasons[t]);
		evidence_programs(fi, f, asks, t);
	}
}

static void run(const struct facts *f, struct report *r)
{
	const struct program_list all = programs_asked(f);
	size_t before = r->n_findings;

	if (!f->programs.target.asked)
		say_others(f, r);
	else if (all.n && !*all.v->conf.app && program_openssl(f, all.v))
		say_target(f, r, all.v);
	if (r->n_findings == before)
		say(r, VERDICT_SKIP,
		    "no program with OpenSSL whose own configuration is not looked at");
}

static const struct outcome outcomes[] = {
	{ VERDICT_OK, NULL, "openssl.cnf switches it on", NULL },
	{ VERDICT_INFO, "process-option-unset",
	  "--pid: openssl.cnf does not; the program may do it itself",
	  "look at its sockets" },
	{ VERDICT_INFO, "process-options-unset",
	  "programs for which openssl.cnf does not; whether they do it themselves is not "
	  "seen from outside",
	  NULL },
	{ VERDICT_INFO, "process-option-elsewhere",
	  "programs in another root, or with a build of their own, or it is not readable",
	  "ask with --pid" },
	{ VERDICT_WARN, "process-option-off", "--pid: its openssl.cnf holds -KTLS",
	  "take it out" },
	{ VERDICT_UNKNOWN, "process-option-unclear",
	  "--pid: its openssl.cnf could not be read to the end", "run it as root" },
	{ VERDICT_SKIP, NULL, "no such program", NULL },
	{ 0 },
};

const struct check check_process_option = {
	.id = "process-option",
	.category = "use",
	.title = "who asks OpenSSL for kTLS",
	.why = "OpenSSL uses kTLS only when the program or its openssl.cnf asks for "
	       "it before the handshake. openssl.cnf is read in the root of the "
	       "process. nginx, HAProxy and lighttpd have checks of their own. A peer "
	       "can take it away: a client that sends max_fragment_length keeps libssl "
	       "in user space for that connection, which no configuration shows; "
	       "ktlsctl probe does.",
	.outcomes = outcomes,
	.refs = "https://docs.openssl.org/3.5/man5/config/",
	.needs = FACT_PROGRAMS,
	.uses = FACT_OPENSSL_CNF | FACT_OPENSSL,
	.run = run,
};
