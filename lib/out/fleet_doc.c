/* SPDX-License-Identifier: MIT */
#include "../host/cleanup.h"
#include "fleet.h"

static const struct field statuses_rows[] = {
	FIELD(FIELD_U64, struct fleet_statuses, used, "hosts"),
	FIELD(FIELD_U64, struct fleet_statuses, works, "hosts"),
	FIELD(FIELD_U64, struct fleet_statuses, should_work, "hosts"),
	FIELD(FIELD_U64, struct fleet_statuses, cannot_work, "hosts"),
	FIELD(FIELD_U64, struct fleet_statuses, unknown, "hosts"),
};
FIELDS(statuses_fields, struct fleet_statuses, statuses_rows, "Hosts of each status.");

#define OPTIONAL(kind_, type_, member_, help_)                                           \
	{                                                                                \
		.name = #member_, .kind = (kind_), .off = offsetof(type_, member_),      \
		.optional = true, .help = (help_)                                        \
	}

static const struct field group_rows[] = {
	FIELD(FIELD_STR, struct fleet_group, name,
	      "what they have in common; empty: none, or not known; (other): what there "
	      "was no room for"),
	OPTIONAL(FIELD_STR, struct fleet_group, check, "of a cause: its check id"),
	FIELD(FIELD_U64, struct fleet_group, hosts, "how many"),
	FIELD(FIELD_U64, struct fleet_group, limited,
	      "of these: it works or should, and there is a cause that limits it"),
	FIELD_SUB(FIELD_OBJ, struct fleet_group, statuses, &statuses_fields,
		  "of these hosts"),
	OPTIONAL(FIELD_STR, struct fleet_group, cause,
		 "the most frequent cause among them; not of causes"),
	OPTIONAL(FIELD_U64, struct fleet_group, cause_hosts, "with that cause"),
	FIELD_ARRAY(FIELD_STRS, struct fleet_group, examples, NULL,
		    "names of some of them, the worst first"),
};
FIELDS(group_fields, struct fleet_group, group_rows, "Hosts that have it in common.");

static const struct field groups_rows[] = {
	FIELD_ARRAY(
		FIELD_LIST, struct fleet_groups, groups, &group_fields,
		"worst first: most hosts where it cannot work, then unknown, limited, "
		"and most hosts"),
	FIELD(FIELD_U64, struct fleet_groups, left_out, "groups beyond --top"),
};
FIELDS(groups_fields, struct fleet_groups, groups_rows, NULL);

static const struct field finding_rows[] = {
	FIELD(FIELD_STR, struct fleet_finding, check, "check id"),
	FIELD(FIELD_STR, struct fleet_finding, reason, "slug of the answer"),
	FIELD_WORD(struct fleet_finding, verdict, verdict_words, "the answer"),
	FIELD(FIELD_U64, struct fleet_finding, hosts, "with it"),
	OPTIONAL(FIELD_U64, struct fleet_finding, waived,
		 "of these hosts: those that waive all of it"),
};
FIELDS(finding_fields, struct fleet_finding, finding_rows, NULL);

static const struct field problem_rows[] = {
	FIELD(FIELD_STR, struct fleet_problem, where, "FILE:LINE, or FILE"),
	FIELD(FIELD_STR, struct fleet_problem, why, "in a clause"),
};
FIELDS(problem_fields, struct fleet_problem, problem_rows, NULL);

static const struct field input_rows[] = {
	FIELD(FIELD_U64, struct fleet_input, files, "named, standard input being one"),
	FIELD(FIELD_U64, struct fleet_input, unreadable,
	      "of these: could not be read, or not to their end"),
	FIELD(FIELD_U64, struct fleet_input, bytes, "read"),
	FIELD(FIELD_U64, struct fleet_input, rollups, "ktlsctl.rollup/1 documents"),
	FIELD(FIELD_U64, struct fleet_input, reports, "ktlsctl.report/1 documents"),
	FIELD(FIELD_U64, struct fleet_input, superseded,
	      "documents of which there is a newer one of the same host"),
	FIELD(FIELD_U64, struct fleet_input, malformed, "passed over: no such document"),
	FIELD(FIELD_U64, struct fleet_input, foreign,
	      "passed over: of another schema or version, or on one process"),
	FIELD(FIELD_U64, struct fleet_input, too_long, "passed over: beyond 8 MiB"),
	FIELD(FIELD_U64, struct fleet_input, unmatched,
	      "documents that no older one could be looked for of: no host name, or more "
	      "than 1048576 hosts"),
	FIELD(FIELD_BOOL, struct fleet_input, crowded,
	      "there were more names (of kernels, checks, ...) than 65536; some hosts "
	      "stand under (other)"),
	FIELD(FIELD_STR, struct fleet_input, oldest, "time of a document; empty: none"),
	FIELD(FIELD_STR, struct fleet_input, newest, "time of a document; empty: none"),
	FIELD_ARRAY(FIELD_LIST, struct fleet_input, problems, &problem_fields,
		    "the first ones of what was not readable or passed over"),
};
const struct fields fleet_input_fields = { .help = "What was read.",
					   .size = sizeof(struct fleet_input),
					   .f = input_rows,
					   .n = ARRAY_SIZE(input_rows) };

static const struct field rows[] = {
	FIELD(FIELD_STR, struct fleet_doc, tool_version, "ktlsctl that made it"),
	FIELD(FIELD_BOOL, struct fleet_doc, complete,
	      "every file was read to its end, with room for all names; what was "
	      "passed over is in input"),
	FIELD(FIELD_U64, struct fleet_doc, hosts, "of which there is a document"),
	FIELD(FIELD_U64, struct fleet_doc, limited,
	      "of these: it works or should, and there is a cause that limits it"),
	FIELD_SUB(FIELD_OBJ, struct fleet_doc, statuses, &statuses_fields, "of them"),
	FIELD_SUB(FIELD_OBJ, struct fleet_doc, causes, &groups_fields, "by root cause"),
	FIELD_SUB(FIELD_OBJ, struct fleet_doc, kernels, &groups_fields, "by uname -r"),
	FIELD_SUB(FIELD_OBJ, struct fleet_doc, openssl, &groups_fields,
		  "by the version of OpenSSL"),
	FIELD_SUB(FIELD_OBJ, struct fleet_doc, nics, &groups_fields,
		  "by driver of a NIC; a host stands in each of its own"),
	FIELD_ARRAY(FIELD_LIST, struct fleet_doc, findings, &finding_fields,
		    "by verdict, then by hosts; a host counts once"),
	FIELD(FIELD_U64, struct fleet_doc, findings_left_out, "beyond --top"),
	FIELD_SUB(FIELD_OBJ, struct fleet_doc, input, &fleet_input_fields,
		  "what it was made of"),
};

const struct fields fleet_fields = { .name = "ktlsctl.fleet/1",
				     .help = "Many hosts, by ktlsctl fleet summary.",
				     .size = sizeof(struct fleet_doc),
				     .f = rows,
				     .n = ARRAY_SIZE(rows) };
