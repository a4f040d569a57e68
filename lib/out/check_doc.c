/* SPDX-License-Identifier: MIT */
/* The checks themselves, for `ktlsctl explain`. */
#include <stdlib.h>

#include "../host/cleanup.h"
#include "text.h"

static void put_outcomes(struct text *t, const struct check *c)
{
	for (const struct outcome *o = c->outcomes; o->meaning; o++) {
		fputs("  ", t->f);
		text_symbol(t, o->verdict);
		fprintf(t->f, " %-8s", verdict_words[o->verdict]);
		if (o->reason)
			fprintf(t->f, "%s: ", o->reason);
		text_wrap(t, 12 + (o->reason ? (unsigned)strlen(o->reason) + 2 : 0), 12,
			  o->meaning);
		if (o->remedy) {
			fprintf(t->f, "%*s-> ", 12, "");
			text_wrap(t, 15, 15, o->remedy);
		}
	}
	fputs("  ", t->f);
	text_symbol(t, VERDICT_UNKNOWN);
	fprintf(t->f, " %-8s", verdict_words[VERDICT_UNKNOWN]);
	text_wrap(t, 12, 12, "what it has to look at could not be read");
}

char *check_text(const struct check *c, const struct text_style *style)
{
	struct text t;

	if (text_open(&t, style))
		return NULL;
	text_bold(&t, c->id);
	fprintf(t.f, " (%s): %s\n\n", c->category, c->title);
	text_wrap(&t, 0, 0, c->why);
	fputs("\nAnswers:\n", t.f);
	put_outcomes(&t, c);
	if (c->refs) {
		fputs("\nMore:\n", t.f);
		for (const char *p = c->refs; *p;
		     p += strcspn(p, " ") + !!p[strcspn(p, " ")])
			fprintf(t.f, "  %.*s\n", (int)strcspn(p, " "), p);
	}
	return text_close(&t);
}

char *check_list_text(const struct check *const *table)
{
	const struct text_style plain = { 0 };
	struct text t;

	if (text_open(&t, &plain))
		return NULL;
	for (size_t i = 0; table[i]; i++)
		fprintf(t.f, "%-22s %-8s %s\n", table[i]->id, table[i]->category,
			table[i]->title);
	return text_close(&t);
}

static const struct field outcome_rows[] = {
	FIELD_WORD(struct outcome, verdict, verdict_words, "the verdict"),
	FIELD(FIELD_STR_OR_NULL, struct outcome, reason,
	      "its slug; null: the check's id"),
	FIELD(FIELD_STR, struct outcome, meaning, "when it is given"),
	FIELD(FIELD_STR_OR_NULL, struct outcome, remedy, "what to do, in words"),
};
FIELDS(outcome_fields, struct outcome, outcome_rows, "An answer a check can give.");

struct check_doc {
	const char *id, *category, *title, *why, *refs;
	const struct outcome *outcomes;
	size_t n_outcomes;
};

static const struct field check_rows[] = {
	FIELD(FIELD_STR, struct check_doc, id, "permanent slug"),
	FIELD(FIELD_STR, struct check_doc, category, "its folder"),
	FIELD(FIELD_STR, struct check_doc, title, "what is checked"),
	FIELD(FIELD_STR, struct check_doc, why, "why it matters"),
	FIELD_ARRAY(FIELD_LIST, struct check_doc, outcomes, &outcome_fields,
		    "its answers"),
	FIELD(FIELD_STR_OR_NULL, struct check_doc, refs, "addresses, blank-separated"),
};
FIELDS(check_fields, struct check_doc, check_rows, "A check.");

struct checks_doc {
	struct check_doc *checks;
	size_t n_checks;
};

static const struct field checks_rows[] = {
	FIELD_ARRAY(FIELD_LIST, struct checks_doc, checks, &check_fields,
		    "in reading order"),
};

const struct fields checks_fields = {
	.name = "ktlsctl.checks/1",
	.help = "The checks this program has.",
	.size = sizeof(struct checks_doc),
	.f = checks_rows,
	.n = ARRAY_SIZE(checks_rows),
};

char *check_list_json(const struct check *const *table, const struct check *only)
{
	struct checks_doc doc = { 0 };
	size_t n = 0;
	char *json;

	while (table[n])
		n++;
	doc.checks = calloc(n + 1, sizeof(*doc.checks));
	if (!doc.checks)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		const struct check *c = table[i];
		struct check_doc *d = &doc.checks[doc.n_checks];

		if (only && c != only)
			continue;
		doc.n_checks++;
		*d = (struct check_doc){ c->id,   c->category, c->title, c->why,
					 c->refs, c->outcomes, 0 };
		while (d->outcomes[d->n_outcomes].meaning)
			d->n_outcomes++;
	}
	json = doc_to_json(&checks_fields, &doc, true);
	free(doc.checks);
	return json;
}
