/* SPDX-License-Identifier: MIT */
#include "../host/cleanup.h"
#include "fleet_diff.h"

const char *const fleet_change_words[] = { "same", "changed", "better", "worse", NULL };

#define OPTIONAL(kind_, type_, member_, help_)                                           \
	{                                                                                \
		.name = #member_, .kind = (kind_), .off = offsetof(type_, member_),      \
		.optional = true, .help = (help_)                                        \
	}

static const struct field finding_rows[] = {
	FIELD(FIELD_STR, struct finding_diff, check, "check id"),
	OPTIONAL(FIELD_STR, struct finding_diff, subject,
		 "when it is not the host; a process without its number"),
	FIELD_WORD(struct finding_diff, change, fleet_change_words,
		   "changed: also what was or is unknown"),
	FIELD(FIELD_STR_OR_NULL, struct finding_diff, before,
	      "verdict, the worst there was; null: ok, or it does not apply"),
	FIELD(FIELD_STR_OR_NULL, struct finding_diff, after, "likewise"),
	OPTIONAL(FIELD_STR_OR_NULL, struct finding_diff, before_reason,
		 "slug of the answer"),
	OPTIONAL(FIELD_STR_OR_NULL, struct finding_diff, after_reason, "likewise"),
};
FIELDS(finding_fields, struct finding_diff, finding_rows, "One check on one subject.");

static const struct field host_rows[] = {
	FIELD(FIELD_STR, struct host_diff, host, "its name"),
	FIELD_WORD(struct host_diff, change, fleet_change_words,
		   "by its status, then by its cause and findings: worse before better"),
	FIELD_WORD(struct host_diff, before, status_words, "its status"),
	FIELD_WORD(struct host_diff, after, status_words, "its status"),
	FIELD(FIELD_STR_OR_NULL, struct host_diff, before_cause, "null: none"),
	FIELD(FIELD_STR_OR_NULL, struct host_diff, after_cause, "null: none"),
	FIELD(FIELD_STR, struct host_diff, before_kernel, "uname -r"),
	FIELD(FIELD_STR, struct host_diff, after_kernel, "uname -r"),
	FIELD(FIELD_STR, struct host_diff, before_openssl, "version"),
	FIELD(FIELD_STR, struct host_diff, after_openssl, "version"),
	FIELD_ARRAY(FIELD_LIST, struct host_diff, findings, &finding_fields,
		    "those that are not the same, worse first"),
};
FIELDS(host_fields, struct host_diff, host_rows, "A host that is not the same.");

static const struct field move_rows[] = {
	FIELD(FIELD_STR, struct fleet_move, before, "what it was; empty: none"),
	FIELD(FIELD_STR, struct fleet_move, after, "what it is; empty: none"),
	FIELD(FIELD_U64, struct fleet_move, hosts, "that went this way"),
	FIELD(FIELD_U64, struct fleet_move, worse, "of these hosts, on the whole"),
	FIELD(FIELD_U64, struct fleet_move, better, "of these hosts, on the whole"),
};
FIELDS(move_fields, struct fleet_move, move_rows, NULL);

static const struct field moves_rows[] = {
	FIELD_ARRAY(
		FIELD_LIST, struct fleet_moves, moves, &move_fields,
		"most worse hosts first; at the end those that stayed what they were"),
	FIELD(FIELD_U64, struct fleet_moves, left_out, "beyond --top"),
};
FIELDS(moves_fields, struct fleet_moves, moves_rows, NULL);

static const struct field check_rows[] = {
	FIELD(FIELD_STR, struct check_diff, check, "check id"),
	FIELD(FIELD_U64, struct check_diff, worse, "hosts"),
	FIELD(FIELD_U64, struct check_diff, better, "hosts"),
	FIELD(FIELD_U64, struct check_diff, changed, "hosts, otherwise"),
};
FIELDS(check_fields, struct check_diff, check_rows, NULL);

static const struct field counter_rows[] = {
	FIELD(FIELD_STR, struct counter_diff, where, "kernel, or an interface"),
	FIELD(FIELD_STR, struct counter_diff, name, "as in ktlsctl.stat/1"),
	FIELD(FIELD_U64, struct counter_diff, before, "then"),
	FIELD(FIELD_U64, struct counter_diff, after, "now"),
	FIELD(FIELD_U64, struct counter_diff, rise,
	      "by how much; where it was restarted: since then"),
	FIELD(FIELD_BOOL, struct counter_diff, restarted,
	      "it went back: the module, the driver or the host was started again"),
	FIELD(FIELD_BOOL, struct counter_diff, bad, "it should not rise"),
};
FIELDS(counter_fields, struct counter_diff, counter_rows, NULL);

static const struct field side_rows[] = {
	FIELD(FIELD_STR, struct fleet_side, name, "of the file or folder"),
	FIELD(FIELD_BOOL, struct fleet_side, snapshot, "a folder, diagnosed just now"),
	FIELD(FIELD_U64, struct fleet_side, hosts, "with a name"),
	FIELD_SUB(FIELD_OBJ, struct fleet_side, input, &fleet_input_fields,
		  "what it was made of"),
};
FIELDS(side_fields, struct fleet_side, side_rows, NULL);

static const struct field rows[] = {
	FIELD(FIELD_STR, struct fleet_diff_doc, tool_version, "ktlsctl that made it"),
	FIELD(FIELD_BOOL, struct fleet_diff_doc, complete,
	      "both were read to their end, with room for all names, and every host has "
	      "one"),
	FIELD(FIELD_BOOL, struct fleet_diff_doc, swapped,
	      "the newest document of after is older than the oldest of before"),
	FIELD_SUB(FIELD_OBJ, struct fleet_diff_doc, before, &side_fields, "then"),
	FIELD_SUB(FIELD_OBJ, struct fleet_diff_doc, after, &side_fields, "now"),
	FIELD(FIELD_U64, struct fleet_diff_doc, hosts,
	      "in both, by their names; where each has one only, whatever it is called"),
	FIELD(FIELD_U64, struct fleet_diff_doc, worse, "of the hosts in both"),
	FIELD(FIELD_U64, struct fleet_diff_doc, better, "of the hosts in both"),
	FIELD(FIELD_U64, struct fleet_diff_doc, changed,
	      "of the hosts in both: neither better nor worse, or unknown"),
	FIELD(FIELD_U64, struct fleet_diff_doc, same,
	      "of the hosts in both, whatever kernel and OpenSSL they have"),
	FIELD(FIELD_U64, struct fleet_diff_doc, gone, "hosts in before only"),
	FIELD(FIELD_U64, struct fleet_diff_doc, added, "hosts in after only"),
	FIELD_SUB(FIELD_OBJ, struct fleet_diff_doc, statuses, &moves_fields, "of hosts"),
	FIELD_SUB(FIELD_OBJ, struct fleet_diff_doc, causes, &moves_fields, "root causes"),
	FIELD_SUB(FIELD_OBJ, struct fleet_diff_doc, kernels, &moves_fields, "uname -r"),
	FIELD_SUB(FIELD_OBJ, struct fleet_diff_doc, openssl, &moves_fields, "versions"),
	FIELD_ARRAY(FIELD_LIST, struct fleet_diff_doc, checks, &check_fields,
		    "that are not the same everywhere, most worse first"),
	FIELD(FIELD_U64, struct fleet_diff_doc, checks_left_out, "beyond --top"),
	FIELD_ARRAY(FIELD_LIST, struct fleet_diff_doc, host_diffs, &host_fields,
		    "those that are not the same, worse first"),
	FIELD(FIELD_U64, struct fleet_diff_doc, hosts_left_out, "beyond --top"),
	FIELD_ARRAY(FIELD_STRS, struct fleet_diff_doc, gone_hosts, NULL,
		    "names, as many as --top"),
	FIELD_ARRAY(FIELD_STRS, struct fleet_diff_doc, added_hosts, NULL,
		    "names, as many as --top"),
	FIELD_ARRAY(FIELD_LIST, struct fleet_diff_doc, counters, &counter_fields,
		    "of two snapshots: totals that are not the same"),
};

const struct fields fleet_diff_fields = {
	.name = "ktlsctl.fleet_diff/1",
	.help = "What changed between two looks at hosts, by ktlsctl fleet diff.",
	.size = sizeof(struct fleet_diff_doc),
	.f = rows,
	.n = ARRAY_SIZE(rows)
};
