/* SPDX-License-Identifier: MIT */
/* Many hosts at once, as ktlsctl fleet tells it. Strings are borrowed. */
#ifndef KTLSCTL_OUT_FLEET_H
#define KTLSCTL_OUT_FLEET_H

#include "render.h"

/* Hosts by their status, in the order of enum status. */
struct fleet_statuses {
	uint64_t used, works, should_work, cannot_work, unknown;
};

/* Hosts that have something in common. */
struct fleet_group {
	const char *name;  /* "": none, or not known */
	const char *check; /* of a cause: whose finding it is; else "" */
	uint64_t hosts;
	uint64_t limited; /* it works there, or should, and still there is a cause */
	struct fleet_statuses statuses;
	const char *cause; /* the most frequent one among them; "" */
	uint64_t cause_hosts;
	const char **examples; /* names of hosts, the worst first */
	size_t n_examples;
};

struct fleet_finding {
	const char *check, *reason;
	enum verdict verdict;
	uint64_t hosts;
	uint64_t waived; /* hosts where all of it is */
};

/* Groups, the worst first, and how many there was no room for. */
struct fleet_groups {
	struct fleet_group *groups;
	size_t n_groups;
	uint64_t left_out;
};

/* What was passed over. */
struct fleet_problem {
	const char *where; /* "FILE:LINE" or "FILE" */
	const char *why;
};

/* Where the documents came from. */
struct fleet_input {
	uint64_t files, unreadable, bytes;
	uint64_t rollups, reports;
	uint64_t superseded;                   /* there is a newer one of the same host */
	uint64_t malformed, foreign, too_long; /* passed over */
	bool crowded;                          /* more names than there is room for */
	uint64_t unmatched;             /* hosts without a name, or beyond the limit */
	const char *oldest, *newest;    /* of the documents; "" */
	struct fleet_problem *problems; /* the first few */
	size_t n_problems;
};

struct fleet_doc {
	const char *tool_version;
	bool complete; /* every file was read to its end, and there was room for all */
	uint64_t hosts, limited; /* likewise */
	struct fleet_statuses statuses;
	struct fleet_groups causes, kernels, openssl, nics;
	struct fleet_finding *findings;
	size_t n_findings;
	uint64_t findings_left_out;
	struct fleet_input input;
};

extern const struct fields fleet_fields;       /* ktlsctl.fleet/1 */
extern const struct fields fleet_input_fields; /* a part of documents */

/* free(3), NULL without memory */
char *fleet_text(const struct fleet_doc *d, const struct text_style *style);
struct text;
/* What was read and what was passed over, as text. */
void fleet_put_input(struct text *t, const struct fleet_input *in);

#endif
