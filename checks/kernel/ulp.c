/* SPDX-License-Identifier: MIT */
#include "check.h"

static void say_absent(const struct facts *f, struct report *r)
{
	struct finding *fi;

	if (f->module.loaded) {
		fi = say(r, VERDICT_FAIL,
			 "the tls module is there, but registered no ULP");
		because(fi, "ulp-not-offered");
	} else {
		fi = say(r, VERDICT_WARN,
			 "the tls module is not loaded; unprivileged programs cannot "
			 "load it");
		because(fi, "ulp-not-registered");
	}
	evidence(fi, f->ulp.src.where, "tls", "%s",
		 *f->ulp.text ? f->ulp.text : "(empty)");
	remedy_distro(fi, f, FIX_LOAD);
}

static void run(const struct facts *f, struct report *r)
{
	const struct source *s = &f->ulp.src;
	struct finding *fi;

	if (kernel_lacks_tls(f)) {
		say(r, VERDICT_SKIP, "a kernel without CONFIG_TLS has no tls ULP");
	} else if ((s->err || !s->where) && facts_ulp_proven(f)) {
		fi = say(r, VERDICT_OK,
			 "the tls module is loaded, so its ULP is registered");
		evidence(fi, s->where, NULL, "%s", strerror(-s->err));
	} else if (s->err || !s->where) {
		fi = say(r, VERDICT_UNKNOWN, "the list of ULPs cannot be read: %s",
			 strerror(-s->err));
		because(fi, "ulp-unknown");
		evidence(fi, s->where, "tls", "%s", strerror(-s->err));
		remedy(fi, "look at it as root, outside of any container",
		       "cat /proc/sys/net/ipv4/tcp_available_ulp", REMEDY_ROOT, NULL);
	} else if (module_barred(f)) {
		fi = say(r, VERDICT_SKIP,
			 "it comes with the tls module, which tls-module is about");
		evidence(fi, s->where, NULL, "%s", f->ulp.text);
	} else if (f->ulp.tls) {
		fi = say(r, VERDICT_OK, "the tls ULP is registered");
		evidence(fi, s->where, NULL, "%s", f->ulp.text);
	} else {
		say_absent(f, r);
	}
}

static const struct outcome outcomes[] = {
	{ VERDICT_OK, NULL,
	  "the word tls stands in tcp_available_ulp, or the module is loaded", NULL },
	{ VERDICT_WARN, "ulp-not-registered",
	  "the module is not loaded: only CAP_NET_ADMIN can bring it in",
	  "modprobe tls, now and at boot" },
	{ VERDICT_FAIL, "ulp-not-offered",
	  "the module is loaded and the ULP is not there", "unload and load it" },
	{ VERDICT_UNKNOWN, "ulp-unknown", "the list of ULPs cannot be read",
	  "look at it as root on the host" },
	{ VERDICT_SKIP, NULL,
	  "the kernel was built without CONFIG_TLS, or the module cannot be loaded",
	  NULL },
	{ 0 },
};

const struct check check_tls_ulp = {
	.id = "tls-ulp",
	.category = "kernel",
	.title = "tls ULP registered",
	.why = "Only what stands in tcp_available_ulp can be attached by anybody at "
	       "any time. The file says mptcp on every kernel; the word tls is what "
	       "counts. While it is missing, a worker without CAP_NET_ADMIN gets "
	       "ENOENT and stays in user space without a word.",
	.outcomes = outcomes,
	.refs = "https://docs.kernel.org/networking/tls.html",
	.uses = FACT_ULP | FACT_KCONFIG | FACT_MODULE | FACT_MODPROBE | FACT_TLS_STAT |
		FACT_OS | FACT_CONTAINER | FACT_CALLER,
	.run = run,
};
