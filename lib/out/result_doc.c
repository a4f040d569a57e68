/* SPDX-License-Identifier: MIT */
#include "result.h"
#include "../host/cleanup.h"

const char *const tune_done_words[] = { "written", "restored", "foreign", "failed",
					"busy",    "gone",     NULL };

static const struct field outcome_rows[] = {
	FIELD(FIELD_STR, struct tune_outcome, key, "the key, with its device"),
	FIELD(FIELD_STR_OR_NULL, struct tune_outcome, file,
	      "the file for the next boot; null: where it is in force"),
	FIELD_WORD(struct tune_outcome, done, tune_done_words, "what became of it"),
	FIELD(FIELD_STR_OR_NULL, struct tune_outcome, from,
	      "what it was; null: not in the file"),
	FIELD(FIELD_STR_OR_NULL, struct tune_outcome, to,
	      "what was wanted; null: not in the file"),
	FIELD(FIELD_STR_OR_NULL, struct tune_outcome, now,
	      "what was read back; null: not read, or not in the file"),
	FIELD_NAMED("error", FIELD_INT, struct tune_outcome, err, "0 or a negated errno"),
	FIELD(FIELD_STR, struct tune_outcome, note, "for people"),
};
FIELDS(outcome_fields, struct tune_outcome, outcome_rows, "A place of a key.");

static const struct field left_rows[] = {
	FIELD(FIELD_STR, struct tune_left, key, "the key, with its device"),
	FIELD(FIELD_STR, struct tune_left, tunable, "its id"),
	FIELD_WORD(struct tune_left, state, tune_state_words, "why, in a word"),
	FIELD(FIELD_STR, struct tune_left, now, "its value; empty: not known"),
	FIELD(FIELD_STR, struct tune_left, wanted, "the value it should have had"),
	FIELD(FIELD_STR, struct tune_left, why, "why, for people"),
};
FIELDS(left_fields, struct tune_left, left_rows, "A key of the plan that was left out.");

static const struct field gain_rows[] = {
	FIELD(FIELD_STR, struct tune_gain, workload, "of ktlsctl bench"),
	FIELD(FIELD_STR, struct tune_gain, mode, "that was compared: ktls or openssl"),
	FIELD(FIELD_STR, struct tune_gain, unit, "bytes_per_second or per_second"),
	FIELD(FIELD_U64, struct tune_gain, before, "median; 0: not known"),
	FIELD(FIELD_U64, struct tune_gain, after, "likewise"),
	FIELD(FIELD_U64, struct tune_gain, ratio_permille,
	      "of the medians; 1000 is equal; 0: not known"),
	FIELD(FIELD_U64, struct tune_gain, ratio_low_permille,
	      "lower end after by the upper one before, of intervals of 95 %"),
	FIELD(FIELD_U64, struct tune_gain, ratio_high_permille, "the other way round"),
	FIELD(FIELD_BOOL, struct tune_gain, kept, "better for sure; else taken back"),
	FIELD(FIELD_STR, struct tune_gain, text, "in words"),
};
FIELDS(gain_fields, struct tune_gain, gain_rows, "Measured before and after.");

struct result_doc {
	const char *action, *id;
	bool changed, reboot_required, undone;
	const char *failure;
	uint64_t confirm_within_ms;
	struct tune_outcome *outcomes;
	size_t n_outcomes;
	struct tune_left *left_out;
	size_t n_left_out;
	struct tune_gain *measured;
};

static const struct field result_rows[] = {
	FIELD(FIELD_STR, struct result_doc, action, "apply, confirm or revert"),
	FIELD(FIELD_STR, struct result_doc, id, "of the apply; empty: there was none"),
	FIELD(FIELD_BOOL, struct result_doc, changed, "the host is not as it was before"),
	FIELD(FIELD_BOOL, struct result_doc, reboot_required,
	      "something takes effect only after a reboot"),
	FIELD(FIELD_BOOL, struct result_doc, undone, "a failure has undone all of it"),
	FIELD(FIELD_STR_OR_NULL, struct result_doc, failure, "why; null: none"),
	FIELD(FIELD_U64, struct result_doc, confirm_within_ms,
	      "it is taken back then unless confirmed; 0: nobody has to"),
	FIELD_ARRAY(FIELD_LIST, struct result_doc, outcomes, &outcome_fields,
		    "in the order of what was done"),
	FIELD_ARRAY(FIELD_LIST, struct result_doc, left_out, &left_fields,
		    "what the plan names and an apply did not write: unknown, not "
		    "applicable, refused, skipped"),
	{ .name = "measured",
	  .kind = FIELD_PTR,
	  .off = offsetof(struct result_doc, measured),
	  .sub = &gain_fields,
	  .optional = true,
	  .help = "with --if-better: what it brought" },
};

const struct fields result_fields = {
	.name = "ktlsctl.result/1",
	.help = "What applying, confirming or reverting has come to.",
	.size = sizeof(struct result_doc),
	.f = result_rows,
	.n = ARRAY_SIZE(result_rows),
};

bool result_is_short(const struct tune_result *r)
{
	for (size_t i = 0; i < r->n_outcomes; i++)
		if (r->outcomes[i].done != TUNE_WRITTEN &&
		    r->outcomes[i].done != TUNE_RESTORED &&
		    r->outcomes[i].done != TUNE_GONE)
			return true;
	return r->failure;
}

char *result_json(const struct tune_result *r)
{
	const struct result_doc d = {
		r->action,
		r->id,
		r->changed,
		r->reboot_required,
		r->undone,
		r->failure,
		r->confirm_within_ms,
		r->outcomes,
		r->n_outcomes,
		r->left,
		r->n_left,
		r->measured,
	};

	return doc_to_json(&result_fields, &d, true);
}
