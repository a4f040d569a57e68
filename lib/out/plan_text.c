/* SPDX-License-Identifier: MIT */
/* A plan for people: how much would change, each change with its reason, the rest. */
#include <stdlib.h>
#include <string.h>

#include "../host/cleanup.h"
#include "plan.h"
#include "text.h"

enum { KEY = 24, LABEL = 10, BODY = 6 + LABEL };

static size_t count(const struct plan_report *r, enum tune_state state)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n_items; i++)
		n += r->items[i].state == state;
	return n;
}

/* How a number of them is called. */
static const struct {
	const char *one, *several;
} tallies[TUNE_STATE_COUNT] = {
	[TUNE_CHANGE] = { "change", "changes" },
	[TUNE_RIGHT] = { "already right", "already right" },
	[TUNE_NOT_APPLICABLE] = { "does not apply", "do not apply" },
	[TUNE_UNKNOWN] = { "unknown", "unknown" },
	[TUNE_REFUSED] = { "refused", "refused" },
	[TUNE_SKIPPED] = { "left out", "left out" },
};

static void put_headline(struct text *t, const struct plan_report *r)
{
	char line[512];
	int len = snprintf(line, sizeof(line), "Plan for %s%.80s, %s %.120s:",
			   r->snapshot ? "the snapshot " : "this host",
			   r->snapshot ? r->host : "",
			   r->profile[0] == '-' ? "by" : "profile", r->profile);

	for (int s = 0; s < TUNE_STATE_COUNT; s++) {
		size_t n = count(r, s);

		if (n || s == TUNE_CHANGE)
			len += snprintf(line + len, sizeof(line) - (size_t)len,
					"%s %zu %s", s == TUNE_CHANGE ? "" : ",", n,
					n == 1 ? tallies[s].one : tallies[s].several);
	}
	snprintf(line + len, sizeof(line) - (size_t)len, ". Nothing was changed.");
	text_wrap(t, 0, 0, line);
}

static void labelled(struct text *t, const char *label, const char *s)
{
	if (!*s)
		return;
	fprintf(t->f, "%*s%-*s", BODY - LABEL, "", LABEL, label);
	text_wrap(t, BODY, BODY, s);
}

static void labelled_two(struct text *t, const char *label, const char *a, const char *b)
{
	cleanup_free char *line = NULL;

	if (*a && *b && asprintf(&line, "%s (%s)", a, b) < 0)
		line = NULL;
	labelled(t, label, line ? line : a);
}

/* The same for the next processor, the next queue. */
static bool is_same(const struct plan_row *a, const struct plan_row *b)
{
	return !strcmp(a->tunable, b->tunable) && a->state == b->state && a->device &&
	       b->device && !strcmp(a->now, b->now) && !strcmp(a->wanted, b->wanted) &&
	       !strcmp(a->why, b->why) && !strcmp(a->warning, b->warning);
}

static size_t same_as(const struct plan_report *r, size_t i)
{
	size_t n = 1;

	while (i + n < r->n_items && is_same(&r->items[i], &r->items[i + n]))
		n++;
	return n;
}

static const char *or_unknown(const char *value)
{
	return *value ? value : "?";
}

static void put_key(struct text *t, const struct plan_row *row, size_t n)
{
	text_bold(t, row->key);
	if (n > 1)
		fprintf(t->f, " and %zu more like it", n - 1);
}

static void put_values(struct text *t, const struct plan_row *row, size_t n)
{
	cleanup_free char *line = NULL;
	const unsigned col = 2 + (unsigned)strlen(row->key);

	fputs("\n  ", t->f);
	put_key(t, row, n);
	if (asprintf(&line, "%s  ->  %s", or_unknown(row->now), row->wanted) < 0)
		return;
	if (n > 1 || col + 2 + strlen(line) > TEXT_WIDTH)
		fprintf(t->f, "\n%*s", BODY, "");
	else
		fprintf(t->f, "%*s", col < KEY + 2 ? (int)(KEY + 2 - col) : 2, "");
	text_line(t, 0, line);
}

static void put_change(struct text *t, const struct plan_row *row, size_t n)
{
	put_values(t, row, n);
	labelled_two(t, "because", row->because, t->style.verbose ? row->source : "");
	labelled(t, "risk", row->risk);
	labelled(t, "owner", row->owner);
	labelled(t, "at boot", row->boot);
	labelled(t, "warning", row->warning);
}

static void put_changes(struct text *t, const struct plan_report *r)
{
	for (size_t i = 0, n; i < r->n_items; i += n) {
		n = same_as(r, i);
		if (r->items[i].state == TUNE_CHANGE)
			put_change(t, &r->items[i], n);
	}
}

static enum verdict symbol_of(enum tune_state state)
{
	switch (state) {
	case TUNE_RIGHT:
		return VERDICT_OK;
	case TUNE_UNKNOWN:
		return VERDICT_UNKNOWN;
	case TUNE_REFUSED:
		return VERDICT_WARN;
	default:
		return VERDICT_SKIP;
	}
}

/* "? net.ipv4.tcp_rmem: it cannot be read" */
static void put_other(struct text *t, const struct plan_row *row, size_t n)
{
	const char *what = *row->why ? row->why : or_unknown(row->now);
	cleanup_free char *line = NULL;
	char more[40] = "";

	if (n > 1)
		snprintf(more, sizeof(more), " and %zu more like it", n - 1);
	fputs("  ", t->f);
	text_symbol(t, symbol_of(row->state));
	fputc(' ', t->f);
	if (asprintf(&line, "%s%s: %s", row->key, more, what) >= 0)
		text_wrap(t, 4, 6, line);
}

static void put_others(struct text *t, const struct plan_report *r, enum tune_state state)
{
	for (size_t i = 0, n; i < r->n_items; i += n) {
		n = same_as(r, i);
		if (r->items[i].state == state)
			put_other(t, &r->items[i], n);
	}
}

/* What is right is a line of names, unless somebody wants to see it all. */
static void put_right(struct text *t, const struct plan_report *r)
{
	FILE *f;
	char *names = NULL;
	size_t len;

	if (t->style.verbose) {
		put_others(t, r, TUNE_RIGHT);
		return;
	}
	f = count(r, TUNE_RIGHT) ? open_memstream(&names, &len) : NULL;
	if (!f)
		return;
	fputs("already right:", f);
	for (size_t i = 0, n, any = 0; i < r->n_items; i += n) {
		n = same_as(r, i);
		if (r->items[i].state != TUNE_RIGHT)
			continue;
		fprintf(f, "%s %s", any++ ? "," : "", r->items[i].key);
		if (n > 1)
			fprintf(f, " and %zu more", n - 1);
	}
	fclose(f);
	fputs("  ", t->f);
	text_symbol(t, VERDICT_OK);
	fputc(' ', t->f);
	text_wrap(t, 4, 6, names);
	free(names);
}

static void put_notes(struct text *t, const struct plan_report *r)
{
	if (r->n_notes)
		fputc('\n', t->f);
	for (size_t i = 0; i < r->n_notes; i++) {
		fputs("  note ", t->f);
		text_wrap(t, 7, 7, r->notes[i]);
	}
}

/* Whole lines, to be copied. */
static void put_by_hand(struct text *t, const struct plan_lines *b)
{
	cleanup_free char *head = NULL, *then = NULL;

	if (asprintf(&head, "%s is not edited; for %s:", b->program, b->where) < 0 ||
	    asprintf(&then, "then: %s", b->then) < 0)
		return;
	fputs("\n  ", t->f);
	text_wrap(t, 2, 2, head);
	for (size_t i = 0; i < b->n_lines; i++)
		text_line(t, 6, b->lines[i]);
	fputs("  ", t->f);
	text_wrap(t, 2, 8, then);
}

static void put_next(struct text *t, const struct plan_report *r)
{
	fputc('\n', t->f);
	if (!count(r, TUNE_CHANGE)) {
		fputs("Next: ktlsctl diagnose\n", t->f);
	} else if (r->snapshot) {
		fputs("A snapshot cannot be changed; on the host itself: ", t->f);
		text_line(t, 0, r->command);
	} else {
		fprintf(t->f, "Apply: %s --apply", r->command);
		fputs(strlen(r->command) < 34 ? "    undo later: " : "\nUndo later: ",
		      t->f);
		fputs("ktlsctl tune revert\n", t->f);
	}
}

char *plan_text(const struct plan_report *r, const struct text_style *style)
{
	struct text t;

	if (text_open(&t, style))
		return NULL;
	put_headline(&t, r);
	put_changes(&t, r);
	if (count(r, TUNE_CHANGE) < r->n_items)
		fputc('\n', t.f);
	put_others(&t, r, TUNE_REFUSED);
	put_others(&t, r, TUNE_UNKNOWN);
	put_right(&t, r);
	put_others(&t, r, TUNE_NOT_APPLICABLE);
	if (t.style.verbose)
		put_others(&t, r, TUNE_SKIPPED);
	put_notes(&t, r);
	for (size_t i = 0; i < r->n_by_hand; i++)
		put_by_hand(&t, &r->by_hand[i]);
	put_next(&t, r);
	return text_close(&t);
}

char *profiles_text(const struct profiles_doc *d, const struct text_style *style)
{
	struct text t;

	if (text_open(&t, style))
		return NULL;
	for (size_t i = 0; i < d->n_profiles; i++) {
		text_word(&t, 12, d->profiles[i].name);
		fputc(' ', t.f);
		text_wrap(&t, 13, 13, d->profiles[i].summary);
	}
	fputs("\nNext: ktlsctl tune show ", t.f);
	text_line(&t, 0, d->n_profiles ? d->profiles[0].name : "PROFILE");
	return text_close(&t);
}

static void put_setting(struct text *t, const struct profile_row *s)
{
	fputs("\n  ", t->f);
	text_bold(t, s->key);
	fprintf(t->f, " = ");
	text_line(t, 0, s->value ? s->value : s->rule);
	labelled(t, "at least", s->min ? s->min : "");
	labelled(t, "at most", s->max ? s->max : "");
	labelled(t, "when", s->when ? s->when : "");
	labelled_two(t, "because", s->because, t->style.verbose ? s->source : "");
	labelled(t, "risk", s->risk);
}

char *profile_text(const struct profile_doc *d, const struct text_style *style)
{
	struct text t;

	if (text_open(&t, style))
		return NULL;
	text_bold(&t, d->name);
	fprintf(t.f, ": %s (", d->summary);
	text_word(&t, 0, d->where);
	fputs(")\n", t.f);
	if (*d->about)
		text_wrap(&t, 0, 0, d->about);
	for (size_t i = 0; i < d->n_settings; i++)
		put_setting(&t, &d->settings[i]);
	if (*d->servers)
		fprintf(t.f, "\n  A plan tells also what %s should say.\n", d->servers);
	fputs("\nNext: ktlsctl tune --profile ", t.f);
	text_line(&t, 0, d->name);
	return text_close(&t);
}
