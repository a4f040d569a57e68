/* SPDX-License-Identifier: MIT */
/* What can be set, as a document and as text. */
#include "../host/cleanup.h"
#include "plan.h"
#include "text.h"

static const struct field tunable_rows[] = {
	FIELD(FIELD_STR, struct tunable_row, id, "the key"),
	FIELD(FIELD_STR, struct tunable_row, help, "one sentence"),
	FIELD(FIELD_STR_OR_NULL, struct tunable_row, device,
	      "what stands before it and a slash, where there are several"),
	FIELD(FIELD_STR, struct tunable_row, values, "what it takes, in words"),
	FIELD(FIELD_STR_OR_NULL, struct tunable_row, file,
	      "what --persist writes; null: it lasts by itself"),
	FIELD(FIELD_STR_OR_NULL, struct tunable_row, irreversible,
	      "what a revert does not take back"),
	FIELD(FIELD_BOOL, struct tunable_row, netns,
	      "each network namespace has its own"),
	FIELD(FIELD_BOOL, struct tunable_row, needs_reboot,
	      "it has its effect on what is made at the next boot only"),
};
FIELDS(tunable_fields, struct tunable_row, tunable_rows, "A key of ktlsctl tune.");

static const struct field tunables_rows[] = {
	FIELD_ARRAY(FIELD_LIST, struct tunables_doc, tunables, &tunable_fields,
		    "in the order of writing"),
};

const struct fields tunables_fields = {
	.name = "ktlsctl.tunables/1",
	.help = "What ktlsctl tune can set.",
	.size = sizeof(struct tunables_doc),
	.f = tunables_rows,
	.n = ARRAY_SIZE(tunables_rows),
};

char *tunables_text(const struct tunables_doc *d, const struct text_style *style)
{
	struct text t;

	if (text_open(&t, style))
		return NULL;
	for (size_t i = 0; i < d->n_tunables; i++) {
		const struct tunable_row *r = &d->tunables[i];

		fprintf(t.f, "%s%s", r->device ? r->device : "", r->device ? "/" : "");
		text_bold(&t, r->id);
		fputs("\n    ", t.f);
		text_wrap(&t, 4, 4, r->help);
		fputs("    ", t.f);
		text_wrap(&t, 4, 4, r->values);
	}
	fputs("\nNext: ktlsctl tune --set KEY=VALUE\n", t.f);
	return text_close(&t);
}
