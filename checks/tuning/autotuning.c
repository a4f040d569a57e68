/* SPDX-License-Identifier: MIT */
#include "check.h"

static void say_key(const struct facts *f, struct report *r, enum sysctl_key key,
		    const char *reason, const char *effect)
{
	const struct sysctl_value *v = sysctl_numbers(f, r, key, 1);
	struct finding *fi;

	if (!v)
		return;
	if (v->v[0]) {
		say(r, VERDICT_OK, "%s is on", sysctl_name(key));
	} else {
		fi = say(r, VERDICT_WARN, "%s is off: %s", sysctl_name(key), effect);
		because(fi, reason);
		evidence(fi, sysctl_name(key), "1", "0");
		remedy(fi, "switch it on; lasting: sysctl.d",
		       text(r, "sysctl -w %s=1", sysctl_name(key)), REMEDY_ROOT, NULL);
		mended_by(fi, "%s=1", sysctl_name(key));
	}
}

static void run(const struct facts *f, struct report *r)
{
	say_key(f, r, SYSCTL_TCP_MODERATE_RCVBUF, "rcvbuf-autotuning-off",
		"receive buffers stay at their initial size");
	say_key(f, r, SYSCTL_TCP_WINDOW_SCALING, "window-scaling-off",
		"no connection has more than 64 KiB in flight");
}

static const struct outcome outcomes[] = {
	{ VERDICT_OK, NULL, "on", NULL },
	{ VERDICT_WARN, "rcvbuf-autotuning-off", "tcp_moderate_rcvbuf=0",
	  "switch it on" },
	{ VERDICT_WARN, "window-scaling-off", "tcp_window_scaling=0", "switch it on" },
	{ VERDICT_UNKNOWN, NULL, "the switch cannot be read", NULL },
	{ 0 },
};

const struct check check_tcp_autotuning = {
	.id = "tcp-autotuning",
	.category = "tuning",
	.title = "TCP autotuning switched on",
	.why = "A buffer that does not grow, or a window that cannot, makes every long "
	       "path slow. Both are on by default; old guides switch them off.",
	.outcomes = outcomes,
	.refs = "https://docs.kernel.org/networking/ip-sysctl.html",
	.needs = FACT_SYSCTL,
	.run = run,
};
