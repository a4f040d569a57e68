/* SPDX-License-Identifier: MIT */
#include "check.h"

static void say_without(const struct facts *f, struct report *r)
{
	enum kopt opt = f->kconfig.opt[KOPT_INET] == KOPT_N ? KOPT_INET : KOPT_TLS;
	struct finding *fi = say(r, VERDICT_FAIL, "this kernel was built without %s",
				 kopt_name(opt));

	because(fi, "kernel-without-tls");
	evidence(fi, f->kconfig.src.where, text(r, "%s=m or =y", kopt_name(KOPT_TLS)),
		 "# %s is not set", kopt_name(opt));
	evidence(fi, "uname", NULL, "%s", f->kernel.release ? f->kernel.release : "?");
	remedy_distro(fi, f, FIX_KERNEL);
}

/* The module tree of this very kernel holds tls: so it was built with it. */
static const char *seen_in_tree(const struct facts *f)
{
	if (f->module.ko)
		return f->module.ko;
	if (f->module.builtin == TRI_YES)
		return "modules.builtin";
	if (!f->modprobe.src.err && f->modprobe.resolves)
		return "libkmod";
	return NULL;
}

static void say_unknown(const struct facts *f, struct report *r)
{
	const struct source *s = &f->kconfig.src;
	struct finding *fi;

	if (f->kernel.major && f->kernel.major * 1000 + f->kernel.minor < 4013) {
		fi = say(r, VERDICT_FAIL, "Linux %s is older than kernel TLS (4.13)",
			 f->kernel.release);
		because(fi, "kernel-too-old");
		evidence(fi, "uname", "4.13 or later", "%s", f->kernel.release);
		remedy_distro(fi, f, FIX_KERNEL);
		return;
	}
	if (s->err == -ENOENT || !s->where)
		fi = say(r, VERDICT_UNKNOWN, "no file tells how this kernel was built");
	else if (s->err)
		fi = say(r, VERDICT_UNKNOWN,
			 "how this kernel was built cannot be read: %s: %s", s->where,
			 strerror(-s->err));
	else
		fi = say(r, VERDICT_UNKNOWN, "%s says nothing of %s", s->where,
			 kopt_name(KOPT_TLS));
	because(fi, "kernel-config-unknown");
	evidence(fi, "/proc/config.gz, /boot/config-*", kopt_name(KOPT_TLS), "%s",
		 s->err ? strerror(-s->err) : "not mentioned");
	remedy(fi, "as root, load the module once: that proves what no file tells",
	       "modprobe tls && ktlsctl", REMEDY_ROOT, NULL);
}

/* How the host's kernel was built is the host's business, if it could load it at all. */
static bool is_hidden(const struct facts *f)
{
	return f->kconfig.src.err == -ENOENT && in_container(f) &&
	       !(f->caller.net_admin && f->caller.initial_userns);
}

static void run(const struct facts *f, struct report *r)
{
	enum kopt_value v = f->kconfig.opt[KOPT_TLS];
	const char *seen = seen_in_tree(f);
	struct finding *fi;

	if (facts_ulp_proven(f)) {
		fi = say(r, VERDICT_OK, "this kernel has the tls ULP");
		evidence(fi, "running kernel", NULL, "it is registered or loaded");
	} else if (kernel_lacks_tls(f)) {
		say_without(f, r);
	} else if (v == KOPT_M || v == KOPT_Y) {
		fi = say(r, VERDICT_OK, "this kernel was built with %s=%s",
			 kopt_name(KOPT_TLS), v == KOPT_M ? "m" : "y");
		evidence(fi, f->kconfig.src.where, NULL, "%s=%s", kopt_name(KOPT_TLS),
			 v == KOPT_M ? "m" : "y");
	} else if (seen) {
		fi = say(r, VERDICT_OK,
			 "this kernel was built with tls: its modules hold it");
		evidence(fi, seen, NULL, "there");
	} else if (is_hidden(f)) {
		fi = say(
			r, VERDICT_SKIP,
			"how the host's kernel was built cannot be seen from inside this "
			"container");
		because(fi, "kernel-config-not-visible");
		evidence(fi, "/proc/config.gz, /boot/config-*", NULL, "not there");
	} else {
		say_unknown(f, r);
	}
}

static const struct outcome outcomes[] = {
	{ VERDICT_OK, NULL,
	  "built with CONFIG_TLS, by its configuration, its modules or the running "
	  "kernel itself",
	  NULL },
	{ VERDICT_FAIL, "kernel-without-tls",
	  "the configuration says that CONFIG_TLS is not set",
	  "boot a kernel built with it" },
	{ VERDICT_FAIL, "kernel-too-old", "older than 4.13, where kernel TLS began",
	  "boot a newer kernel" },
	{ VERDICT_SKIP, "kernel-config-not-visible",
	  "inside a container that could not load the module anyway", NULL },
	{ VERDICT_UNKNOWN, "kernel-config-unknown",
	  "no file tells and nothing else proves it", "load the module once as root" },
	{ 0 },
};

const struct check check_kernel_config = {
	.id = "kernel-config",
	.category = "kernel",
	.title = "kernel built with CONFIG_TLS",
	.why = "Without CONFIG_TLS the kernel has no TLS ULP: setsockopt(TCP_ULP, "
	       "\"tls\") answers ENOENT, TLS libraries take that silently, and every "
	       "byte is encrypted in user space.",
	.outcomes = outcomes,
	.refs = "https://docs.kernel.org/networking/tls.html",
	.uses = FACT_KCONFIG | FACT_KERNEL | FACT_MODULE | FACT_MODPROBE | FACT_ULP |
		FACT_TLS_STAT | FACT_OS | FACT_CONTAINER | FACT_CALLER,
	.run = run,
};
