/* SPDX-License-Identifier: MIT */
/* A plan, and profiles, as documents. */
#include "../host/cleanup.h"
#include "plan.h"

const char *const tune_state_words[] = { "change",  "right",   "not_applicable",
					 "unknown", "refused", "skipped",
					 NULL };

#define OPTIONAL(type_, member_, help_)                                                  \
	{                                                                                \
		.name = #member_, .kind = FIELD_STR, .off = offsetof(type_, member_),    \
		.optional = true, .help = (help_)                                        \
	}

static const struct field row_rows[] = {
	FIELD(FIELD_STR, struct plan_row, key, "the tunable; DEVICE/ID where it has one"),
	FIELD(FIELD_STR, struct plan_row, tunable, "its id"),
	OPTIONAL(struct plan_row, device, "a NIC, a queue, an interrupt, a CPU policy"),
	FIELD_WORD(struct plan_row, state, tune_state_words, "what would be done"),
	FIELD(FIELD_STR, struct plan_row, now, "its value; empty: not known"),
	FIELD(FIELD_STR, struct plan_row, wanted, "the value it shall have"),
	OPTIONAL(struct plan_row, why, "of a state that is not change"),
	FIELD(FIELD_STR, struct plan_row, because, "why it is wanted"),
	OPTIONAL(struct plan_row, risk, "what it can cost"),
	FIELD(FIELD_STR, struct plan_row, source, "the line that wants it"),
	OPTIONAL(struct plan_row, owner, "who sets it today"),
	OPTIONAL(struct plan_row, boot, "what the next boot sets it to"),
	OPTIONAL(struct plan_row, warning, "to be read before it is applied"),
	OPTIONAL(struct plan_row, irreversible, "what a revert does not take back"),
	FIELD(FIELD_BOOL, struct plan_row, needs_reboot,
	      "a change that has its effect after a reboot only"),
};
FIELDS(row_fields, struct plan_row, row_rows, "A key of the plan.");

static const struct field lines_rows[] = {
	FIELD(FIELD_STR, struct plan_lines, program, "whose configuration it is"),
	FIELD(FIELD_STR, struct plan_lines, where, "where the lines belong"),
	FIELD_ARRAY(FIELD_STRS, struct plan_lines, lines, NULL, "as they are written"),
	FIELD(FIELD_STR, struct plan_lines, then, "what is to be done behind that"),
};
FIELDS(lines_fields, struct plan_lines, lines_rows,
       "Lines for a configuration that nobody but its owner edits.");

static const struct field plan_rows[] = {
	FIELD(FIELD_STR, struct plan_report, tool_version, "ktlsctl that made it"),
	FIELD(FIELD_STR, struct plan_report, host, "node name, or a snapshot's folder"),
	FIELD(FIELD_BOOL, struct plan_report, snapshot, "not the running host"),
	FIELD(FIELD_STR, struct plan_report, kernel, "uname -r"),
	FIELD(FIELD_STR, struct plan_report, profile, "whose wishes they are"),
	FIELD(FIELD_BOOL, struct plan_report, changed,
	      "the host is not as it was; false: this is a plan"),
	FIELD(FIELD_BOOL, struct plan_report, reboot_required,
	      "a change of the plan has its effect after a reboot only"),
	FIELD_ARRAY(FIELD_LIST, struct plan_report, items, &row_fields, "the keys"),
	FIELD_ARRAY(FIELD_STRS, struct plan_report, notes, NULL,
		    "to be read before it is applied"),
	FIELD_ARRAY(FIELD_LIST, struct plan_report, by_hand, &lines_fields,
		    "what is to be written by hand"),
};

const struct fields plan_fields = {
	.name = "ktlsctl.plan/1",
	.help = "What ktlsctl tune would change, and why.",
	.size = sizeof(struct plan_report),
	.f = plan_rows,
	.n = ARRAY_SIZE(plan_rows),
};

char *plan_json(const struct plan_report *r)
{
	return doc_to_json(&plan_fields, r, true);
}

static const struct field setting_rows[] = {
	FIELD(FIELD_STR, struct profile_row, key, "the tunable"),
	OPTIONAL(struct profile_row, value, "what it shall be"),
	OPTIONAL(struct profile_row, rule, "or how that is worked out"),
	OPTIONAL(struct profile_row, min, "least that a rule may give"),
	OPTIONAL(struct profile_row, max, "most that a rule may give"),
	OPTIONAL(struct profile_row, when, "where it holds"),
	FIELD(FIELD_STR, struct profile_row, because, "why"),
	OPTIONAL(struct profile_row, risk, "what it can cost"),
	FIELD(FIELD_STR, struct profile_row, source, "FILE:LINE"),
	FIELD(FIELD_BOOL, struct profile_row, may_lower,
	      "also a higher value is brought to it"),
};
FIELDS(setting_fields, struct profile_row, setting_rows, "A wish.");

static const struct field profile_rows[] = {
	FIELD(FIELD_STR, struct profile_doc, name, "name"),
	FIELD(FIELD_STR, struct profile_doc, summary, "one line"),
	FIELD(FIELD_STR, struct profile_doc, about, "a paragraph"),
	FIELD(FIELD_STR, struct profile_doc, where, "its file"),
	OPTIONAL(struct profile_doc, servers, "whose lines a plan tells too"),
	FIELD_ARRAY(FIELD_LIST, struct profile_doc, settings, &setting_fields,
		    "also of those it includes"),
};
FIELDS(profile_fields, struct profile_doc, profile_rows, "A profile.");

static const struct field profiles_rows[] = {
	FIELD_ARRAY(FIELD_LIST, struct profiles_doc, profiles, &profile_fields,
		    "by name"),
};

const struct fields profiles_fields = {
	.name = "ktlsctl.profiles/1",
	.help = "The profiles of ktlsctl tune.",
	.size = sizeof(struct profiles_doc),
	.f = profiles_rows,
	.n = ARRAY_SIZE(profiles_rows),
};
