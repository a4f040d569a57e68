/* SPDX-License-Identifier: MIT */
/* The documents of the journal: its snapshot, and one line of it. */
#include "../host/cleanup.h"
#include "journal.h"

const char *const tune_step_words[] = { "write",   "wrote",     "again",  "folder",
					"restore", "restored",  "kept",   "failed",
					"applied", "confirmed", "undone", "reverted",
					NULL };

#define MAYBE(type_, member_, help_)                                                     \
	{                                                                                \
		.name = #member_, .kind = FIELD_STR_OR_NULL,                             \
		.off = offsetof(type_, member_), .optional = true, .help = (help_)       \
	}

static const struct field item_rows[] = {
	FIELD(FIELD_STR, struct journal_item, key, "the key, with its device"),
	FIELD(FIELD_STR, struct journal_item, tunable, "its id"),
	MAYBE(struct journal_item, device, "the interface"),
	FIELD(FIELD_STR, struct journal_item, from, "what it was"),
	FIELD(FIELD_STR, struct journal_item, wanted, "what it is to be"),
	FIELD(FIELD_STR, struct journal_item, because, "why"),
	FIELD(FIELD_STR, struct journal_item, source, "where the profile says so"),
	FIELD(FIELD_BOOL, struct journal_item, write, "not only to be made to last"),
};
FIELDS(item_fields, struct journal_item, item_rows, "A key of the plan.");

static const struct field head_rows[] = {
	FIELD(FIELD_STR, struct journal_head, tool_version, "of ktlsctl"),
	FIELD(FIELD_STR, struct journal_head, kernel, "uname -r"),
	FIELD(FIELD_STR, struct journal_head, boot_id, "of the boot it was done in"),
	FIELD(FIELD_STR, struct journal_head, profile, "the profile"),
	FIELD(FIELD_U64, struct journal_head, time_ms, "since the epoch"),
	FIELD(FIELD_BOOL, struct journal_head, persist, "files for the next boot too"),
	FIELD(FIELD_U64, struct journal_head, netns, "inode of the network namespace"),
	FIELD(FIELD_U64, struct journal_head, deadline_ms,
	      "of the boot's clock, when it is taken back unless confirmed; 0: never"),
	FIELD_ARRAY(FIELD_LIST, struct journal_head, items, &item_fields,
		    "in the order of writing"),
};

const struct fields journal_head_fields = {
	.name = "ktlsctl.journal/1",
	.help = "What a host was before an apply.",
	.size = sizeof(struct journal_head),
	.f = head_rows,
	.n = ARRAY_SIZE(head_rows),
};

static const struct field line_rows[] = {
	FIELD(FIELD_U64, struct journal_line, time_ms, "since the epoch"),
	FIELD(FIELD_STR, struct journal_line, boot_id, "of the boot it was done in"),
	FIELD_WORD(struct journal_line, step, tune_step_words, "what is done"),
	MAYBE(struct journal_line, key, "to which key"),
	MAYBE(struct journal_line, file, "in which file; none: where it is in force"),
	MAYBE(struct journal_line, from, "what was there; none: no such line"),
	MAYBE(struct journal_line, to, "what is written"),
	MAYBE(struct journal_line, now, "what was read"),
	FIELD_NAMED("error", FIELD_INT, struct journal_line, err, "0 or a negated errno"),
};

const struct fields journal_line_fields = {
	.help = "A step.",
	.size = sizeof(struct journal_line),
	.f = line_rows,
	.n = ARRAY_SIZE(line_rows),
};
