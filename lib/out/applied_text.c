/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <time.h>

#include "applied.h"
#include "text.h"

static enum verdict symbol_of(enum drift d)
{
	return d == DRIFT_SAME      ? VERDICT_OK
	       : d == DRIFT_DIFFERS ? VERDICT_WARN
	       : d == DRIFT_GONE    ? VERDICT_SKIP
				    : VERDICT_UNKNOWN;
}

static void put_detail(struct text *t, const char *name, const char *value)
{
	if (!*value)
		return;
	fprintf(t->f, "      %-9s ", name);
	text_wrap(t, 16, 16, value);
}

static void put_drift(struct text *t, const struct drift_row *r)
{
	fputs("  ", t->f);
	text_symbol(t, symbol_of(r->state));
	fputc(' ', t->f);
	text_word(t, 0, r->key);
	fprintf(t->f, "  %s\n", drift_words[r->state]);
	if (r->file)
		put_detail(t, "file", r->file);
	put_detail(t, "wanted", r->wanted);
	if (r->state == DRIFT_SAME)
		return;
	put_detail(t, "now", *r->now || !r->file ? r->now : "(not in the file)");
	put_detail(t, "who", r->who);
	put_detail(t, "why", r->why);
}

static void put_drift_headline(struct text *t, const struct drift_report *r)
{
	size_t n[DRIFT_UNKNOWN + 1] = { 0 };

	if (r->failure) {
		text_wrap(t, 0, 0, r->failure);
		return;
	}
	for (size_t i = 0; i < r->n_rows; i++)
		n[r->rows[i].state]++;
	if (!r->n_rows) {
		fputs("Nothing is applied.\n", t->f);
		return;
	}
	fprintf(t->f, "%zu of %zu values are as they were written", n[DRIFT_SAME],
		r->n_rows);
	if (n[DRIFT_DIFFERS])
		fprintf(t->f, ", %zu differ", n[DRIFT_DIFFERS]);
	if (n[DRIFT_GONE])
		fprintf(t->f, ", %zu are gone with their device", n[DRIFT_GONE]);
	if (n[DRIFT_UNKNOWN])
		fprintf(t->f, ", %zu could not be read", n[DRIFT_UNKNOWN]);
	fputs(".\n", t->f);
}

char *drift_text(const struct drift_report *r, const struct text_style *style)
{
	struct text t;

	if (text_open(&t, style))
		return NULL;
	put_drift_headline(&t, r);
	for (size_t i = 0; i < r->n_rows; i++)
		if (r->rows[i].state != DRIFT_SAME || style->verbose)
			put_drift(&t, &r->rows[i]);
	if (r->n_rows)
		fputs("\nUndo: ktlsctl tune revert\n", t.f);
	return text_close(&t);
}

static void put_apply(struct text *t, const struct history_row *r)
{
	time_t s = (time_t)(r->time_ms / 1000);
	char when[32] = "?";
	struct tm tm;

	if (localtime_r(&s, &tm))
		strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", &tm);
	fprintf(t->f, "%4s  %s  %-11s  %4" PRIu64 "  ", r->id, when,
		apply_words[r->state], r->keys);
	text_word(t, 0, r->profile);
	if (r->persist)
		fputs(" (to last)", t->f);
	if (r->state == APPLY_WAITING)
		fprintf(t->f, " (%" PRIu64 " s left)", r->seconds_left);
	fputc('\n', t->f);
}

char *history_text(const struct history *h, const struct text_style *style)
{
	struct text t;

	if (text_open(&t, style))
		return NULL;
	if (h->failure)
		text_wrap(&t, 0, 0, h->failure);
	else if (!h->n_applies)
		fputs("Nothing was ever applied here.\n", t.f);
	else
		fprintf(t.f, "%4s  %-19s  %-11s  %4s  %s\n", "ID", "TIME", "STATE",
			"KEYS", "PROFILE");
	for (size_t i = 0; i < h->n_applies; i++)
		put_apply(&t, &h->applies[i]);
	return text_close(&t);
}
