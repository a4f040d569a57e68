/* SPDX-License-Identifier: MIT */
#include "check.h"

static void run(const struct facts *f, struct report *r)
{
	const struct sysctl_value *v =
		sysctl_numbers(f, r, SYSCTL_TCP_SLOW_START_AFTER_IDLE, 1);
	const char *name = sysctl_name(SYSCTL_TCP_SLOW_START_AFTER_IDLE);
	struct finding *fi;

	if (!v)
		return;
	if (!v->v[0]) {
		say(r, VERDICT_OK, "a connection keeps its window over a pause");
	} else {
		fi = say(r, VERDICT_INFO,
			 "after a pause a connection starts slowly again (the default)");
		because(fi, "slow-start-after-idle");
		evidence(fi, name, NULL, "1");
		remedy(fi,
		       "for long-lived connections with pauses (WebSocket, keep-alive, "
		       "chunked video) 0 is often better",
		       text(r, "sysctl -w %s=0", name), REMEDY_ROOT,
		       "bursts into a path whose state may have changed");
		mended_by(fi, "%s=0", name);
	}
}

static const struct outcome outcomes[] = {
	{ VERDICT_OK, NULL, "switched off", NULL },
	{ VERDICT_INFO, "slow-start-after-idle", "on, which is the default",
	  "0, for pauses" },
	{ VERDICT_UNKNOWN, NULL, "the switch cannot be read", NULL },
	{ 0 },
};

const struct check check_tcp_idle = {
	.id = "tcp-idle",
	.category = "tuning",
	.title = "slow start after idle",
	.why = "By default a connection that was idle for longer than its "
	       "retransmission timeout begins with a small window again: the first "
	       "large message after a pause takes several round trips.",
	.outcomes = outcomes,
	.refs = "https://docs.kernel.org/networking/ip-sysctl.html",
	.needs = FACT_SYSCTL,
	.run = run,
};
