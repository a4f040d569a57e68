/* SPDX-License-Identifier: MIT */
/* The diagnosis for people: the answer, the cause, what is wrong, what to do next. */
#include <inttypes.h>
#include <stdlib.h>

#include "text.h"

enum { LABEL = 10, NAME = 22, BODY = 5 + NAME };

static void label(struct text *t, const char *word)
{
	fprintf(t->f, "  %-*s", LABEL - 2, word);
}

/* What tune can do, by the check that found it. */
static void put_tune(struct text *t, unsigned indent, const struct remedy *m,
		     const char *id)
{
	char line[128];

	if (!m->n_tunables)
		return;
	snprintf(line, sizeof(line), "ktlsctl tune --fix=%s", id);
	text_line(t, indent + 4, line);
}

static void put_remedy(struct text *t, unsigned indent, const struct remedy *m)
{
	char *line = NULL;

	if (m->needs_root || m->needs_reboot) {
		if (asprintf(&line, "%s [%s%s%s]", m->action, m->needs_root ? "root" : "",
			     m->needs_root && m->needs_reboot ? ", " : "",
			     m->needs_reboot ? "reboot" : "") < 0)
			line = NULL;
	}
	text_wrap(t, indent, indent, line ? line : m->action);
	free(line);
	if (m->command)
		text_line(t, indent + 4, m->command);
	if (m->risk && asprintf(&line, "risk: %s", m->risk) >= 0) {
		fprintf(t->f, "%*s", (int)indent, "");
		text_wrap(t, indent, indent + 6, line);
		free(line);
	}
}

static void put_evidence(struct text *t, unsigned indent, const struct evidence *e)
{
	char *line;
	int n = e->wanted ? asprintf(&line, "%s (%s; wanted: %s)", e->saw, e->where,
				     e->wanted)
			  : asprintf(&line, "%s (%s)", e->saw, e->where);

	if (n < 0)
		return;
	text_wrap(t, indent, indent, line);
	free(line);
}

static bool is_bad(enum verdict v)
{
	return v == VERDICT_FAIL || v == VERDICT_WARN || v == VERDICT_UNKNOWN;
}

static bool is_cause(const struct report *r, const struct finding *f)
{
	return r->cause && !strcmp(f->id, r->cause->check) &&
	       !strcmp(f->reason, r->cause->id) &&
	       f->subject.kind == r->cause->subject.kind;
}

static const struct finding *cause_finding(const struct report *r)
{
	for (size_t i = 0; i < r->n_findings; i++)
		if (is_cause(r, &r->findings[i]))
			return &r->findings[i];
	return NULL;
}

/* The cause in full: what was seen, why it matters, what to do. */
static void put_cause(struct text *t, const struct report *r)
{
	const struct cause *c = r->cause;
	const struct finding *f = cause_finding(r);

	fputc('\n', t->f);
	label(t, c->verdict == VERDICT_WARN ? "limit" : "cause");
	text_bold(t, c->id);
	if (strstr(r->headline, c->summary)) {
		fputc('\n', t->f); /* said in the first line */
	} else {
		fputs("  ", t->f);
		text_wrap(t, LABEL + (unsigned)strlen(c->id) + 2, LABEL, c->summary);
	}
	for (size_t i = 0; f && i < f->n_evidence; i++) {
		label(t, i ? "" : "saw");
		put_evidence(t, LABEL, &f->evidence[i]);
	}
	if (f && *f->why) {
		label(t, "why");
		text_wrap(t, LABEL, LABEL, f->why);
	}
	if (c->remedy) {
		label(t, "remedy");
		put_remedy(t, LABEL, c->remedy);
		put_tune(t, LABEL, c->remedy, c->check);
	}
}

/* What mends the cause need not be said again. */
static bool is_same(const struct remedy *a, const struct remedy *b)
{
	return b && a->command && b->command && !strcmp(a->command, b->command);
}

static void put_waived(struct text *t, const struct waived *w)
{
	char *line;

	if (asprintf(&line, "waived%s%s: %s (%s)", *w->expires ? " until " : "",
		     w->expires, w->reason, w->where) < 0)
		return;
	fprintf(t->f, "%*s", BODY, "");
	text_wrap(t, BODY, BODY, line);
	free(line);
}

static void put_finding(struct text *t, const struct report *r, const struct finding *f)
{
	size_t name = strlen(f->id);

	fputs("  ", t->f);
	text_symbol(t, f->verdict);
	fputc(' ', t->f);
	text_word(t, NAME, f->id);
	fputc(' ', t->f);
	text_wrap(t, 5 + (unsigned)(name > NAME ? name : NAME), BODY, f->summary);
	if (f->waived)
		put_waived(t, f->waived);
	if (f->waived && !t->style.verbose)
		return;
	if (is_cause(r, f) || (!is_bad(f->verdict) && !t->style.verbose))
		return;
	for (size_t i = 0; i < f->n_evidence; i++) {
		fprintf(t->f, "%*s", BODY, "");
		if (i == 3 && !t->style.verbose && f->n_evidence > 4) {
			fprintf(t->f, "and %zu more (-v)\n", f->n_evidence - i);
			break;
		}
		put_evidence(t, BODY, &f->evidence[i]);
	}
	if (t->style.verbose && verdict_rank(f->verdict) > verdict_rank(VERDICT_OK)) {
		fprintf(t->f, "%*swhy: ", BODY, "");
		text_wrap(t, BODY + 5, BODY, f->why);
	}
	if (f->remedy && !is_same(f->remedy, r->cause ? r->cause->remedy : NULL)) {
		fprintf(t->f, "%*s-> ", BODY, "");
		put_remedy(t, BODY + 3, f->remedy);
		put_tune(t, BODY + 3, f->remedy, f->id);
	}
}

static void put_counts(struct text *t, const struct counts *c)
{
	fprintf(t->f, "  %" PRIu64 " ok, %" PRIu64 " info, %" PRIu64 " skipped", c->ok,
		c->info, c->skip);
	if (c->waived)
		fprintf(t->f, ", %" PRIu64 " waived", c->waived);
	fputs(t->style.verbose ? "\n" : " (-v shows them)\n", t->f);
}

/* What is not ok; of the process of --pid everything. */
static bool is_shown(const struct text *t, const struct report *r,
		     const struct finding *f)
{
	return is_bad(f->verdict) || t->style.verbose ||
	       (r->subject.kind == SUBJECT_PROCESS && f->subject.kind == SUBJECT_PROCESS);
}

static void put_findings(struct text *t, const struct report *r)
{
	bool any = false;

	for (size_t i = 0; i < r->n_findings; i++) {
		if (!is_shown(t, r, &r->findings[i]))
			continue;
		if (!any)
			fputc('\n', t->f);
		any = true;
		put_finding(t, r, &r->findings[i]);
	}
	if (!any)
		fputc('\n', t->f);
	put_counts(t, &r->counts);
}

/* What to type next: always something that answers the question the text leaves open. */
static void put_next(struct text *t, const struct report *r)
{
	fputs("\nNext: ktlsctl ", t->f);
	if (r->cause) {
		fputs("explain ", t->f);
		text_word(t, 0, r->cause->check);
		fputc('\n', t->f);
	} else if (r->status == STATUS_SHOULD_WORK) {
		fputs("explain openssl-option\n", t->f);
	} else {
		fputs(t->style.verbose ? "explain --list\n" : "-v\n", t->f);
	}
}

char *report_text(const struct report *r, const struct text_style *style)
{
	struct text t;
	char *line;

	if (text_open(&t, style))
		return NULL;
	if (asprintf(&line, "%s.", r->headline) >= 0) {
		text_wrap(&t, 0, 0, line);
		free(line);
	}
	if (r->cause)
		put_cause(&t, r);
	put_findings(&t, r);
	put_next(&t, r);
	return text_close(&t);
}
