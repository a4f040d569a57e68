/* SPDX-License-Identifier: MIT */
#include "check.h"

static void run(const struct facts *f, struct report *r)
{
	const struct sysctl_value *cc = &f->sysctl.value[SYSCTL_TCP_CONGESTION_CONTROL];
	const struct sysctl_value *qdisc = &f->sysctl.value[SYSCTL_DEFAULT_QDISC];
	struct finding *fi;

	if (cc->err || !*cc->text) {
		fi = say(r, VERDICT_UNKNOWN, "the congestion control cannot be read");
		evidence(fi, sysctl_name(SYSCTL_TCP_CONGESTION_CONTROL), "a name", "%s",
			 strerror(-cc->err));
		return;
	}
	fi = say(r, VERDICT_OK, "new connections use %s%s%s", cc->text,
		 *qdisc->text ? ", new devices get " : "", qdisc->text);
	evidence(fi, sysctl_name(SYSCTL_TCP_CONGESTION_CONTROL), NULL, "%s", cc->text);
	evidence(fi, sysctl_name(SYSCTL_DEFAULT_QDISC), NULL, "%s",
		 qdisc->err ? strerror(-qdisc->err) : qdisc->text);
}

static const struct outcome outcomes[] = {
	{ VERDICT_OK, NULL, "what it is, as evidence; no choice is right everywhere",
	  NULL },
	{ VERDICT_UNKNOWN, NULL, "it cannot be read", NULL },
	{ 0 },
};

const struct check check_congestion_control = {
	.id = "congestion-control",
	.category = "tuning",
	.title = "congestion control and queueing discipline",
	.why = "Which one is best depends on the paths, not on TLS. It is here because "
	       "it is the first thing to compare when two hosts differ. Accepted "
	       "connections take the one of the listening socket; default_qdisc holds "
	       "for devices made after it was set.",
	.outcomes = outcomes,
	.refs = "https://docs.kernel.org/networking/ip-sysctl.html",
	.needs = FACT_SYSCTL,
	.run = run,
};
