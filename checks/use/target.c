/* SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "check.h"

static struct finding *say_target(const struct facts *f, struct report *r, enum verdict v,
				  const char *summary)
{
	const struct program *p = &f->programs.target.program;
	const char *name = program_name(r, f, p);
	struct finding *fi = say(r, v, "%s: %s", name, summary);

	about(fi, SUBJECT_PROCESS, name);
	return fi;
}

static const char *proc(struct report *r, const struct target_facts *t, const char *file)
{
	return text(r, "/proc/%" PRIu64 "/%s", t->pid, file);
}

/* The kernel loads it for those with CAP_NET_ADMIN in the initial user namespace. */
static enum tristate may_load(const struct facts *f, const struct target_facts *t)
{
	bool seen = f->caller.src.where && !f->caller.src.err;

	if (!t->net_admin)
		return TRI_NO;
	if (!seen || t->program.same_userns == TRI_UNKNOWN)
		return TRI_UNKNOWN;
	if (f->caller.initial_userns)
		return t->program.same_userns;
	return t->program.same_userns == TRI_YES ? TRI_NO : TRI_UNKNOWN;
}

static void say_module(const struct facts *f, struct report *r)
{
	const struct target_facts *t = &f->programs.target;
	enum tristate may = facts_ulp_absent(f) ? may_load(f, t) : TRI_YES;
	struct finding *fi;

	if (may == TRI_YES)
		return;
	fi = may == TRI_NO ? say_target(f, r, VERDICT_WARN,
					"the tls module is not loaded, and this process "
					"cannot make the kernel load it")
			   : say_target(f, r, VERDICT_UNKNOWN,
					"the tls module is not loaded; whether this "
					"process may load it is not known");
	because(fi, may == TRI_NO ? "target-cannot-load" : "target-rights-unknown");
	evidence(fi, proc(r, t, "status"), "CAP_NET_ADMIN", "%s",
		 t->net_admin ? "yes" : "no");
	evidence(fi, proc(r, t, "ns/user"), "the initial one", "%s",
		 t->program.same_userns == TRI_YES  ? "the same as ktlsctl's"
		 : t->program.same_userns == TRI_NO ? "another than ktlsctl's"
						    : "not readable");
	remedy_distro(fi, f, FIX_LOAD);
}

static void say_surroundings(const struct facts *f, struct report *r)
{
	const struct target_facts *t = &f->programs.target;
	struct finding *fi;

	if (t->program.same_netns == TRI_NO) {
		fi = say_target(f, r, VERDICT_INFO,
				"lives in another network namespace: counters, NICs and "
				"TCP settings shown here are not its own");
		because(fi, "target-network-namespace");
		evidence(fi, proc(r, t, "ns/net"), "ktlsctl's", "another");
		remedy(fi, "look from inside of it",
		       text(r, "nsenter -t %" PRIu64 " -n ktlsctl", t->pid), REMEDY_ROOT,
		       NULL);
	}
	if (t->seccomp > 0) {
		fi = say_target(f, r, VERDICT_INFO,
				"runs under seccomp; whether setsockopt(TCP_ULP) passes "
				"only a real attempt can tell");
		because(fi, "target-seccomp");
		evidence(fi, proc(r, t, "status"), "0", "Seccomp: %d", t->seccomp);
	}
}

static void say_unreadable(const struct facts *f, struct report *r)
{
	const struct target_facts *t = &f->programs.target;
	struct finding *fi = say(r, VERDICT_UNKNOWN, "process %" PRIu64 ": %s", t->pid,
				 strerror(-t->err));

	about(fi, SUBJECT_PROCESS, target_name(r, f));
	because(fi, "target-unreadable");
	evidence(fi, text(r, "/proc/%" PRIu64, t->pid), "readable", "%s",
		 strerror(-t->err));
	remedy(fi, "run it as root",
	       text(r, "sudo ktlsctl diagnose --pid=%" PRIu64, t->pid), REMEDY_ROOT,
	       NULL);
}

static void run(const struct facts *f, struct report *r)
{
	const struct target_facts *t = &f->programs.target;
	size_t before = r->n_findings;

	if (!t->asked) {
		say(r, VERDICT_SKIP, "no process was asked about (--pid)");
		return;
	}
	if (t->err) {
		say_unreadable(f, r);
		return;
	}
	say_module(f, r);
	say_surroundings(f, r);
	if (r->n_findings == before)
		say_target(f, r, VERDICT_OK,
			   "its namespaces and rights are not in the way");
}

static const struct outcome outcomes[] = {
	{ VERDICT_OK, NULL, "namespaces and rights are not in the way", NULL },
	{ VERDICT_WARN, "target-cannot-load",
	  "the module is not loaded and the process may not load it",
	  "load it on the host, at every boot" },
	{ VERDICT_INFO, "target-network-namespace",
	  "another network namespace, with counters and settings of its own",
	  "nsenter -n" },
	{ VERDICT_INFO, "target-seccomp", "a seccomp filter is active", NULL },
	{ VERDICT_UNKNOWN, "target-rights-unknown",
	  "the module is not loaded and the rights of the process are not known",
	  "load it on the host" },
	{ VERDICT_UNKNOWN, "target-unreadable", "the process could not be looked at",
	  "run it as root" },
	{ VERDICT_SKIP, NULL, "no --pid", NULL },
	{ 0 },
};

const struct check check_process_target = {
	.id = "process-target",
	.category = "use",
	.title = "the process of --pid",
	.why = "The kernel loads the tls module on demand only for a process with "
	       "CAP_NET_ADMIN in the initial user namespace: for no worker of a web "
	       "server, and for nothing in an ordinary container. They get ENOENT and "
	       "go on in user space.",
	.outcomes = outcomes,
	.refs = "https://man7.org/linux/man-pages/man7/namespaces.7.html",
	.needs = FACT_PROGRAMS,
	.uses = FACT_MODULE | FACT_ULP | FACT_TLS_STAT | FACT_CALLER | FACT_OS |
		FACT_KERNEL | FACT_CONTAINER,
	.run = run,
};
