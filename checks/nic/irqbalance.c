/* SPDX-License-Identifier: MIT */
#include "check.h"

/* With one queue there is nothing that could be pinned to advantage. What cannot be read
 * may have many. */
static bool one_queue(const struct nic_settings *s)
{
	return s && !s->err && s->combined < 2 && s->rx_channels < 2;
}

static const struct nic *with_queues(const struct facts *f)
{
	for (size_t i = 0; i < f->nics.n_nics; i++) {
		const struct nic *nic = &f->nics.nics[i];

		if (nic->chosen && nic_is_own(nic) && !one_queue(nic_settings(f, nic)))
			return nic;
	}
	return NULL;
}

static void run(const struct facts *f, struct report *r)
{
	const struct nic *nic = with_queues(f);
	struct finding *fi;

	if (!f->tuners.irqbalance) {
		say(r, VERDICT_OK,
		    "irqbalance does not run: interrupts stay where the "
		    "kernel or somebody put them");
		return;
	}
	if (!nic) {
		say(r, VERDICT_OK, "irqbalance runs, and no NIC has several queues");
		return;
	}
	fi = say(r, VERDICT_INFO,
		 "irqbalance runs and moves the interrupts of NICs with several queues "
		 "(%s), also those pinned by hand",
		 nic->name);
	because(fi, "irqbalance-runs");
	evidence(fi, "/run/irqbalance", NULL, "there");
}

static const struct outcome outcomes[] = {
	{ VERDICT_OK, NULL, "it does not run, or there is nothing it could disturb",
	  NULL },
	{ VERDICT_INFO, "irqbalance-runs",
	  "it moves interrupts: well where nothing is pinned by hand", NULL },
	{ 0 },
};

const struct check check_nic_irqbalance = {
	.id = "nic-irqbalance",
	.category = "nic",
	.title = "irqbalance moves interrupts",
	.why = "irqbalance spreads interrupts over processors and respects NUMA nodes: "
	       "good enough for most hosts. Where queues, processors and workers were "
	       "matched by hand it undoes that within seconds. It is the first "
	       "question when a pinning does not last.",
	.outcomes = outcomes,
	.refs = "https://github.com/Irqbalance/irqbalance",
	.needs = FACT_NICS | FACT_TUNERS,
	.uses = FACT_ETHTOOL,
	.run = run,
};
