/* SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "check.h"

/* Up to 5.11 a ring's memory counted as locked; 64 KiB was too little for a useful one.
 */
static bool memlock_matters(const struct facts *f)
{
	return f->kernel.major < 5 || (f->kernel.major == 5 && f->kernel.minor < 12);
}

static void say_memlock(const struct facts *f, struct report *r)
{
	const struct caller_facts *c = &f->caller;
	struct finding *fi;

	if (!memlock_matters(f) || c->memlock_unlimited || c->memlock_bytes >= 8 << 20)
		return;
	fi = say(r, VERDICT_INFO,
		 "rings count as locked memory on this kernel, and %" PRIu64
		 " KiB may be locked",
		 c->memlock_bytes >> 10);
	because(fi, "io-uring-memlock");
	evidence(fi, "RLIMIT_MEMLOCK", "8 MiB", "%" PRIu64 " bytes", c->memlock_bytes);
}

static void run(const struct facts *f, struct report *r)
{
	const char *name = sysctl_name(SYSCTL_IO_URING_DISABLED);
	const struct sysctl_value *v = &f->sysctl.value[SYSCTL_IO_URING_DISABLED];
	bool absent = v->err == -ENOENT;
	struct finding *fi;

	if (!absent)
		v = sysctl_numbers(f, r, SYSCTL_IO_URING_DISABLED, 1);
	if (absent || (v && !v->v[0])) {
		fi = say(r, VERDICT_OK, "io_uring is open to everybody");
		evidence(fi, name, NULL, "%s",
			 absent ? "no such switch (before 6.6)" : "0");
	} else if (v) {
		bool group = v->v[0] == 1;

		fi = say(r, VERDICT_INFO,
			 group ? "io_uring is for a group and CAP_SYS_ADMIN only"
			       : "io_uring is switched off");
		because(fi, group ? "io-uring-restricted" : "io-uring-off");
		evidence(fi, name, "0", "%s", v->text);
	}
	say_memlock(f, r);
}

static const struct outcome outcomes[] = {
	{ VERDICT_OK, NULL, "not restricted", NULL },
	{ VERDICT_INFO, "io-uring-restricted", "io_uring_disabled=1", NULL },
	{ VERDICT_INFO, "io-uring-off", "io_uring_disabled=2", NULL },
	{ VERDICT_INFO, "io-uring-memlock", "before 5.12, with little memory to lock",
	  NULL },
	{ VERDICT_UNKNOWN, NULL, "the switch cannot be read", NULL },
	{ 0 },
};

const struct check check_io_uring = {
	.id = "io-uring",
	.category = "tuning",
	.title = "io_uring allowed",
	.why = "Programs that drive kTLS sockets through io_uring fall back to other "
	       "calls, or do not start, where it is switched off. Many hardened hosts "
	       "do that on purpose.",
	.outcomes = outcomes,
	.refs = "https://docs.kernel.org/admin-guide/sysctl/kernel.html",
	.needs = FACT_SYSCTL | FACT_KERNEL | FACT_CALLER,
	.run = run,
};
