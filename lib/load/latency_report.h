/* SPDX-License-Identifier: MIT */
/* What latency measured, as its document has it. */
#ifndef KTLSCTL_LOAD_LATENCY_REPORT_H
#define KTLSCTL_LOAD_LATENCY_REPORT_H

#include "../out/latency.h"
#include "latency.h"

/* What the document borrows. */
struct latency_report {
	struct latency_way_doc ways[LATENCY_WAYS];
	struct latency_stage_doc stages[LATENCY_WAYS][LATENCY_STAGES];
	char answer[256];
};

/* Fills ways, answer, ended, engine and cost of the document; l, o and r outlive it. */
void latency_report(const struct latency *l, const struct latency_options *o,
		    struct latency_report *r, struct latency_doc *d);

#endif
