/* SPDX-License-Identifier: MIT */
#include "check.h"

static void say_refused(const struct facts *f, struct report *r)
{
	const struct caller_facts *c = &f->caller;
	bool container = f->container.kind && *f->container.kind;
	struct finding *fi;

	if (!c->initial_userns) {
		fi = say(r, VERDICT_FAIL,
			 "the tls module is not loaded, and a process in a user "
			 "namespace cannot make the kernel load it");
		because(fi, "autoload-user-namespace");
	} else if (container) {
		fi = say(r, VERDICT_FAIL,
			 "the tls module is not loaded, and this container may not "
			 "make the kernel load it");
		because(fi, "autoload-container");
	} else {
		fi = say(r, VERDICT_FAIL,
			 "the tls module is not loaded, and this user may not make "
			 "the kernel load it");
		because(fi, "autoload-unprivileged");
	}
	evidence(fi, "/proc/self/status", "CAP_NET_ADMIN in the initial user namespace",
		 "uid %llu, CAP_NET_ADMIN %s, %s user namespace",
		 (unsigned long long)c->uid, c->net_admin ? "yes" : "no",
		 c->initial_userns ? "initial" : "own");
	remedy_distro(fi, f, FIX_LOAD);
	if (fi->remedy && (container || !c->initial_userns))
		fi->remedy->action = "load it on the host, now and at every boot";
}

static void run(const struct facts *f, struct report *r)
{
	struct finding *fi;

	if (kernel_lacks_tls(f)) {
		say(r, VERDICT_SKIP,
		    "there is nothing to load for a kernel without CONFIG_TLS");
	} else if (facts_ulp_proven(f)) {
		say(r, VERDICT_OK, "loaded already: any user can attach it");
	} else if (f->module.builtin == TRI_YES || f->kconfig.opt[KOPT_TLS] == KOPT_Y) {
		say(r, VERDICT_OK, "built in: nothing has to be loaded");
	} else if (!facts_ulp_absent(f)) {
		fi = say(r, VERDICT_UNKNOWN,
			 "whether the tls module is loaded could not be found out");
		evidence(fi, f->ulp.src.where, "readable", "%s",
			 strerror(-f->ulp.src.err));
	} else if (module_barred(f)) {
		say(r, VERDICT_SKIP,
		    "nobody can load the module now, which tls-module is about");
	} else if (!f->caller.net_admin || !f->caller.initial_userns) {
		say_refused(f, r);
	} else {
		fi = say(r, VERDICT_OK,
			 "this caller may make the kernel load the tls module");
		evidence(fi, "/proc/self/status", NULL,
			 "CAP_NET_ADMIN in the initial user namespace");
	}
}

static const struct outcome outcomes[] = {
	{ VERDICT_OK, NULL,
	  "loaded or built in already, or this caller may make the kernel load it",
	  NULL },
	{ VERDICT_FAIL, "autoload-user-namespace",
	  "not loaded, and the caller is in a user namespace of its own",
	  "modprobe tls on the host" },
	{ VERDICT_FAIL, "autoload-container",
	  "not loaded, and the container has no CAP_NET_ADMIN",
	  "modprobe tls on the host" },
	{ VERDICT_FAIL, "autoload-unprivileged",
	  "not loaded, and the caller has no CAP_NET_ADMIN", "modprobe tls as root" },
	{ VERDICT_UNKNOWN, NULL, "nothing tells whether the module is loaded already",
	  NULL },
	{ VERDICT_SKIP, NULL,
	  "the kernel was built without CONFIG_TLS, or the module cannot be loaded",
	  NULL },
	{ 0 },
};

const struct check check_tls_autoload = {
	.id = "tls-autoload",
	.category = "kernel",
	.title = "caller may autoload the module",
	.why = "The kernel loads tls on demand only for CAP_NET_ADMIN in the initial "
	       "user namespace: not for the worker processes of a web server, not for "
	       "root in a rootless or default container. They get ENOENT. Once the "
	       "module is loaded, everybody may use it.",
	.outcomes = outcomes,
	.refs = "https://docs.kernel.org/networking/tls.html",
	.needs = FACT_CALLER,
	.uses = FACT_KCONFIG | FACT_MODULE | FACT_ULP | FACT_TLS_STAT | FACT_CONTAINER |
		FACT_OS | FACT_MODPROBE | FACT_KERNEL,
	.run = run,
};
