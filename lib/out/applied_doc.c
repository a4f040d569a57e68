/* SPDX-License-Identifier: MIT */
#include "../host/cleanup.h"
#include "applied.h"

const char *const drift_words[] = { "same", "differs", "gone", "unknown", NULL };
const char *const apply_words[] = { "interrupted", "waiting", "abandoned", "in-force",
				    "rebooted",    "undone",  "reverted",  NULL };

static const struct field drift_rows[] = {
	FIELD(FIELD_STR, struct drift_row, id, "of the apply"),
	FIELD(FIELD_STR, struct drift_row, key, "the key, with its device"),
	FIELD(FIELD_STR_OR_NULL, struct drift_row, file,
	      "the file for the next boot; null: where it is in force"),
	FIELD_WORD(struct drift_row, state, drift_words, "whether it still holds"),
	FIELD(FIELD_STR, struct drift_row, wanted, "what was written"),
	FIELD(FIELD_STR, struct drift_row, now,
	      "what is there; empty: not known, or none"),
	FIELD(FIELD_STR, struct drift_row, who, "who sets it, as far as can be told"),
	FIELD(FIELD_STR, struct drift_row, why, "why it could not be read"),
};
FIELDS(drift_row_fields, struct drift_row, drift_rows, "A place of a key.");

static const struct field report_rows[] = {
	FIELD(FIELD_BOOL, struct drift_report, drifted, "something differs"),
	FIELD(FIELD_STR_OR_NULL, struct drift_report, failure, "null: none"),
	FIELD_ARRAY(FIELD_LIST, struct drift_report, rows, &drift_row_fields,
		    "all that is applied"),
};

const struct fields drift_fields = {
	.name = "ktlsctl.drift/1",
	.help = "Whether what was applied still holds.",
	.size = sizeof(struct drift_report),
	.f = report_rows,
	.n = ARRAY_SIZE(report_rows),
};

static const struct field apply_rows[] = {
	FIELD(FIELD_STR, struct history_row, id, "its number"),
	FIELD(FIELD_STR, struct history_row, profile, "the profile"),
	FIELD_WORD(struct history_row, state, apply_words, "what has become of it"),
	FIELD(FIELD_U64, struct history_row, time_ms, "since the epoch"),
	FIELD(FIELD_U64, struct history_row, seconds_left, "until it is taken back"),
	FIELD(FIELD_U64, struct history_row, keys, "how many"),
	FIELD(FIELD_BOOL, struct history_row, persist, "files for the next boot too"),
};
FIELDS(apply_fields, struct history_row, apply_rows, "An apply.");

static const struct field history_rows[] = {
	FIELD_ARRAY(FIELD_LIST, struct history, applies, &apply_fields, "oldest first"),
	FIELD(FIELD_STR_OR_NULL, struct history, failure, "null: none"),
};

const struct fields history_fields = {
	.name = "ktlsctl.history/1",
	.help = "All applies of this host.",
	.size = sizeof(struct history),
	.f = history_rows,
	.n = ARRAY_SIZE(history_rows),
};

char *drift_json(const struct drift_report *r)
{
	return doc_to_json(&drift_fields, r, true);
}

char *history_json(const struct history *h)
{
	return doc_to_json(&history_fields, h, true);
}
