/* SPDX-License-Identifier: MIT */
#include "check.h"

/* The line of modprobe.d that does it, as evidence. NULL: not found in a file. */
static const struct modprobe_line *line_of(const struct facts *f, const char *verb)
{
	for (size_t i = 0; i < f->modprobe.n_lines; i++)
		if (!strcmp(f->modprobe.lines[i].verb, verb))
			return &f->modprobe.lines[i];
	return NULL;
}

static void say_line(struct finding *fi, const struct modprobe_line *l)
{
	struct report *r = fi->report;

	evidence(fi, text(r, "%s:%u", l->file, l->line), "no such line", "%s %s%s%s",
		 l->verb, l->name, *l->value ? " " : "", l->value);
	remedy(fi, text(r, "take the line out of %s and load the module", l->file),
	       text(r, "sed -i '%us/^/#/' -- %s && modprobe tls", l->line,
		    shell_quoted(r, l->file)),
	       REMEDY_ROOT, "somebody forbade it on purpose: ask first");
}

static void say_blacklisted(const struct facts *f, struct report *r)
{
	const struct modprobe_line *l = line_of(f, "blacklist");
	struct finding *fi = say(r, VERDICT_FAIL, "the tls module is blacklisted");

	because(fi, "module-blacklisted");
	if (l) {
		say_line(fi, l);
		return;
	}
	evidence(fi, "kernel command line (libkmod)", "no modprobe.blacklist=tls",
		 "blacklisted, and by no line of modprobe.d");
	remedy(fi, "take modprobe.blacklist=tls off the kernel's command line", NULL,
	       REMEDY_ROOT | REMEDY_REBOOT, "somebody forbade it on purpose: ask first");
}

static void say_overridden(const struct facts *f, struct report *r)
{
	const struct modprobe_line *l = line_of(f, "install");
	struct finding *fi;

	if (!l)
		l = line_of(f, "alias");
	fi = say(r, VERDICT_FAIL,
		 "modprobe runs a command instead of loading the tls module");
	because(fi, "module-install-overridden");
	if (l)
		say_line(fi, l);
	else
		evidence(fi, "libkmod", "no install line", "an install line for tls");
}

/* None at all: not an upgrade, but a kernel that came without its modules. */
static void say_no_folder(const struct facts *f, struct report *r)
{
	struct finding *fi = say(r, VERDICT_FAIL,
				 "this kernel's modules are not on this host");

	because(fi, "modules-folder-absent");
	evidence(fi, "/lib/modules", f->kernel.release, "no folder at all");
	remedy_distro(fi, f, FIX_MODULES);
}

static void say_folder_gone(const struct facts *f, struct report *r)
{
	const struct module_facts *m = &f->module;
	struct finding *fi;

	if (!m->n_trees) {
		say_no_folder(f, r);
		return;
	}
	fi = say(r, VERDICT_FAIL,
		 "the module folder of the running kernel is gone: /lib/modules/%s",
		 f->kernel.release ? f->kernel.release : "?");
	because(fi, "modules-folder-gone");
	evidence(fi, "/lib/modules", f->kernel.release, "%s%s", m->trees[m->n_trees - 1],
		 m->n_trees > 1 ? " and others" : "");
	remedy(fi, "the kernel was upgraded without a reboot: reboot", "reboot",
	       REMEDY_ROOT | REMEDY_REBOOT, "ends everything that runs on this host");
}

static void say_not_found(const struct facts *f, struct report *r)
{
	struct finding *fi;

	if (line_of(f, "alias")) {
		say_overridden(f, r);
	} else if (f->module.ko) {
		fi = say(r, VERDICT_FAIL,
			 "modprobe does not know the tls module that is there");
		because(fi, "module-index-stale");
		evidence(fi, "modules.alias", "tcp-ulp-tls", "no such alias; %s is there",
			 f->module.ko);
		remedy(fi, "write the index anew", "depmod -a && modprobe tls",
		       REMEDY_ROOT, NULL);
	} else {
		fi = say(r, VERDICT_FAIL,
			 "the tls module is not among this kernel's modules");
		because(fi, "module-missing");
		evidence(fi,
			 text(r, "/lib/modules/%s",
			      f->kernel.release ? f->kernel.release : "?"),
			 "kernel/net/tls/tls.ko", "no such file");
		remedy_distro(fi, f, FIX_MODULES);
	}
}

static bool signature_refused(const struct facts *f)
{
	const char *l = f->module.lockdown;
	bool enforced = f->module.sig_enforce == TRI_YES || (l && strcmp(l, "none"));

	return enforced && f->modprobe.signature && !strcmp(f->modprobe.signature, "no");
}

static void say_signature(const struct facts *f, struct report *r)
{
	struct finding *fi =
		say(r, VERDICT_FAIL,
		    "the tls module is not signed, and this kernel wants that");

	because(fi, "module-signature");
	evidence(fi, f->modprobe.path, "a signature", "none");
	evidence(fi, "/sys/module/module/parameters/sig_enforce, lockdown", "off",
		 "%s, %s", f->module.sig_enforce == TRI_YES ? "Y" : "N",
		 f->module.lockdown ? f->module.lockdown : "?");
	remedy_distro(fi, f, FIX_MODULES);
}

static void say_modprobe(const struct facts *f, struct report *r)
{
	bool empty = !*f->module.modprobe;
	struct finding *fi;

	fi = empty ? say(r, VERDICT_FAIL,
			 "kernel.modprobe is empty: no module loads by itself")
		   : say(r, VERDICT_FAIL,
			 "kernel.modprobe names a program that is not there: %s",
			 f->module.modprobe);
	because(fi, empty ? "modprobe-empty" : "modprobe-missing");
	evidence(fi, "/proc/sys/kernel/modprobe", "/sbin/modprobe", "%s",
		 empty ? "(empty)" : f->module.modprobe);
	remedy_distro(fi, f, FIX_LOAD);
}

static void say_disabled(struct report *r, const struct facts *f)
{
	struct finding *fi =
		say(r, VERDICT_FAIL,
		    "kernel.modules_disabled=1: nothing can be loaded until the next "
		    "boot");

	because(fi, "modules-disabled");
	evidence(fi, "/proc/sys/kernel/modules_disabled", "0", "1");
	remedy_distro(fi, f, FIX_BOOT);
	if (fi->remedy)
		fi->remedy->needs_reboot = true;
}

/* A container does not see the modules of its host, whose kernel does the loading. */
static void say_not_visible(const struct facts *f, struct report *r)
{
	bool may_load = f->caller.net_admin && f->caller.initial_userns;
	struct finding *fi;

	fi = say(r, may_load ? VERDICT_UNKNOWN : VERDICT_SKIP,
		 "the host's modules cannot be seen from inside this container");
	because(fi, "module-not-visible");
	evidence(fi, "/lib/modules", NULL, "not there");
	if (may_load)
		remedy(fi, "run it on the host", "ktlsctl", REMEDY_ROOT, NULL);
}

static void say_no_libkmod(const struct facts *f, struct report *r)
{
	const char *why = !f->modprobe.src.where ? "nobody asked"
			  : f->modprobe.src.err == -ENOSYS
				  ? "this build has no libkmod"
				  : strerror(-f->modprobe.src.err);
	struct finding *fi;

	fi = say(r, VERDICT_UNKNOWN,
		 "whether the tls module may be loaded cannot be judged: %s", why);
	because(fi, "module-not-judged");
	evidence(fi, "libkmod", NULL, "%s", why);
	remedy(fi, "ask modprobe, which loads nothing with -n",
	       "modprobe -nv tcp-ulp-tls", 0, NULL);
}

static void say_unreadable(const struct facts *f, struct report *r)
{
	struct finding *fi = say(r, VERDICT_UNKNOWN, "/lib/modules cannot be read: %s",
				 strerror(-f->module.tree_err));

	because(fi, "module-tree-unreadable");
	evidence(fi, "/lib/modules", NULL, "%s", strerror(-f->module.tree_err));
	if (f->module.tree_err == -EACCES || f->module.tree_err == -EPERM)
		remedy(fi, "run it as root", "sudo ktlsctl", REMEDY_ROOT, NULL);
}

/* The module is neither loaded nor built in: could it be loaded? */
static void say_loadable(const struct facts *f, struct report *r)
{
	const struct module_facts *m = &f->module;
	const struct modprobe_facts *p = &f->modprobe;
	struct finding *fi;

	if (m->tree_err)
		say_unreadable(f, r);
	else if (!m->tree_present && in_container(f))
		say_not_visible(f, r);
	else if (!m->tree_present)
		say_folder_gone(f, r);
	else if (p->src.err || !p->src.where)
		say_no_libkmod(f, r);
	else if (!p->resolves)
		say_not_found(f, r);
	else if (p->overridden)
		say_overridden(f, r);
	else if (p->blacklisted)
		say_blacklisted(f, r);
	else if (signature_refused(f))
		say_signature(f, r);
	else if (m->modprobe &&
		 (!*m->modprobe || (m->modprobe_exists == TRI_NO && !in_container(f))))
		say_modprobe(f, r);
	else {
		fi = say(r, VERDICT_OK, "the tls module is there and may be loaded");
		evidence(fi, p->path, NULL, "found, not blacklisted");
	}
}

static void run(const struct facts *f, struct report *r)
{
	struct finding *fi;

	if (facts_ulp_proven(f)) {
		fi = say(r, VERDICT_OK,
			 f->module.loaded ? "the tls module is loaded"
					  : "tls is part of the running kernel");
		evidence(fi, f->module.src.where, NULL, "tls");
	} else if (kernel_lacks_tls(f)) {
		say(r, VERDICT_SKIP,
		    "there is no tls module for a kernel without CONFIG_TLS");
	} else if (f->module.builtin == TRI_YES || f->kconfig.opt[KOPT_TLS] == KOPT_Y) {
		fi = say(r, VERDICT_OK, "tls is built into this kernel");
		evidence(fi, "modules.builtin", NULL, "kernel/net/tls/tls.ko");
	} else if (f->module.disabled == TRI_YES) {
		say_disabled(r, f);
	} else {
		say_loadable(f, r);
	}
}

static const struct outcome outcomes[] = {
	{ VERDICT_OK, NULL, "loaded, built in, or present and allowed to load", NULL },
	{ VERDICT_FAIL, "module-blacklisted",
	  "a blacklist line or modprobe.blacklist= forbids it", "take the line out" },
	{ VERDICT_FAIL, "module-install-overridden",
	  "an install or alias line does something else instead", "take the line out" },
	{ VERDICT_FAIL, "modules-folder-gone",
	  "/lib/modules has no folder for the running kernel: upgraded without a reboot",
	  "reboot" },
	{ VERDICT_FAIL, "modules-folder-absent",
	  "/lib/modules has no folder at all: a kernel that came without its modules",
	  "install the kernel's modules" },
	{ VERDICT_FAIL, "module-missing", "the folder is there and has no tls.ko",
	  "install the kernel's modules" },
	{ VERDICT_FAIL, "module-index-stale",
	  "tls.ko is there, but modprobe's index does not know it", "depmod -a" },
	{ VERDICT_FAIL, "module-signature",
	  "unsigned, and the kernel enforces signatures or is locked down",
	  "install the distribution's module" },
	{ VERDICT_FAIL, "modules-disabled",
	  "kernel.modules_disabled=1 until the next boot",
	  "load it at boot, before the lock" },
	{ VERDICT_FAIL, "modprobe-empty",
	  "kernel.modprobe is empty, so the kernel loads nothing by itself",
	  "modprobe tls, now and at boot" },
	{ VERDICT_FAIL, "modprobe-missing",
	  "kernel.modprobe names a program that does not exist",
	  "modprobe tls, now and at boot" },
	{ VERDICT_UNKNOWN, "module-not-visible",
	  "inside a container that may load modules but does not see them",
	  "run it on the host" },
	{ VERDICT_UNKNOWN, "module-not-judged",
	  "libkmod is missing from this build or failed", "modprobe -nv tcp-ulp-tls" },
	{ VERDICT_UNKNOWN, "module-tree-unreadable", "/lib/modules cannot be read",
	  "run it as root" },
	{ VERDICT_SKIP, NULL, "the kernel was built without CONFIG_TLS", NULL },
	{ VERDICT_SKIP, "module-not-visible",
	  "inside a container that could not load it anyway", NULL },
	{ 0 },
};

const struct check check_tls_module = {
	.id = "tls-module",
	.category = "kernel",
	.title = "tls module loaded or loadable",
	.why = "Most kernels carry kTLS as a module that is loaded when the first "
	       "program asks for it. A blacklist, an install line, a module folder "
	       "that an upgrade took away or a locked kernel stops that, and all a "
	       "program sees is ENOENT, which TLS libraries ignore.",
	.outcomes = outcomes,
	.refs = "https://docs.kernel.org/networking/tls.html "
		"https://man7.org/linux/man-pages/man5/modprobe.d.5.html",
	.needs = FACT_MODULE,
	.uses = FACT_KERNEL | FACT_KCONFIG | FACT_MODPROBE | FACT_ULP | FACT_TLS_STAT |
		FACT_CALLER | FACT_CONTAINER | FACT_OS,
	.run = run,
};
