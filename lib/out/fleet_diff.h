/* SPDX-License-Identifier: MIT */
/* What changed on many hosts, as ktlsctl fleet diff tells it. Strings are borrowed. */
#ifndef KTLSCTL_OUT_FLEET_DIFF_H
#define KTLSCTL_OUT_FLEET_DIFF_H

#include "fleet.h"

/* What was or is unknown has changed, and is neither better nor worse. */
enum fleet_change { CHANGE_SAME, CHANGE_OTHER, CHANGE_BETTER, CHANGE_WORSE };
extern const char *const fleet_change_words[];

/* One check on one subject of one host; the worst of its findings. */
struct finding_diff {
	const char *check, *subject; /* subject "": the host */
	enum fleet_change change;
	const char *before, *after; /* verdicts; NULL: ok, or it does not apply */
	const char *before_reason, *after_reason; /* NULL with them */
};

struct host_diff {
	const char *host;
	enum fleet_change change;
	enum status before, after;
	const char *before_cause, *after_cause; /* NULL: none */
	const char *before_kernel, *after_kernel, *before_openssl, *after_openssl;
	struct finding_diff *findings; /* without what is the same; worse first */
	size_t n_findings;
};

/* Hosts that went from one to the other. */
struct fleet_move {
	const char *before, *after;
	uint64_t hosts, worse, better;
};

struct fleet_moves {
	struct fleet_move *moves;
	size_t n_moves;
	uint64_t left_out;
};

struct check_diff {
	const char *check;
	uint64_t worse, better, changed; /* hosts, by the worst of its subjects */
};

/* Out of two snapshots. */
struct counter_diff {
	const char *where; /* "kernel", or the interface */
	const char *name;
	uint64_t before, after;
	uint64_t rise;  /* since it was begun anew, where restarted */
	bool restarted; /* it went back: the module, the driver or the host was */
	bool bad;       /* it should not rise */
};

struct fleet_side {
	const char *name; /* of the file or folder */
	bool snapshot;
	uint64_t hosts;
	struct fleet_input input;
};

struct fleet_diff_doc {
	const char *tool_version;
	bool complete; /* as in a summary, of both */
	bool swapped;  /* all of AFTER is older than all of BEFORE */
	struct fleet_side before, after;
	uint64_t hosts; /* in both */
	uint64_t worse, better, changed, same, gone, added;
	struct fleet_moves statuses, causes, kernels, openssl;
	struct check_diff *checks; /* most worse first */
	size_t n_checks;
	uint64_t checks_left_out;
	struct host_diff *host_diffs; /* without what is the same; worse first */
	size_t n_host_diffs;
	uint64_t hosts_left_out;
	const char **gone_hosts, **added_hosts; /* the first ones */
	size_t n_gone_hosts, n_added_hosts;
	struct counter_diff *counters;
	size_t n_counters;
};

extern const struct fields fleet_diff_fields; /* ktlsctl.fleet_diff/1 */

/* free(3), NULL without memory */
char *fleet_diff_text(const struct fleet_diff_doc *d, const struct text_style *style);

#endif
