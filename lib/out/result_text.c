/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../host/cleanup.h"
#include "result.h"
#include "text.h"

static size_t count(const struct tune_result *r, enum tune_done done)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n_outcomes; i++)
		n += r->outcomes[i].done == done;
	return n;
}

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

static void put_restored(FILE *f, const struct tune_result *r)
{
	const size_t restored = count(r, TUNE_RESTORED), foreign = count(r, TUNE_FOREIGN);
	const size_t failed = count(r, TUNE_FAILED), busy = count(r, TUNE_BUSY);
	const size_t gone = count(r, TUNE_GONE);

	fprintf(f, "%zu value%s restored", restored, plural(restored));
	if (foreign)
		fprintf(f, ", %zu kept (changed by somebody else)", foreign);
	if (busy)
		fprintf(f, ", %zu in use", busy);
	if (gone)
		fprintf(f, ", %zu gone", gone);
	if (failed)
		fprintf(f, ", %zu not restored", failed);
}

static void put_applied(FILE *f, const struct tune_result *r)
{
	const size_t n = count(r, TUNE_WRITTEN);

	fprintf(f, "Apply %s: %zu value%s written and read back", r->id, n, plural(n));
	if (r->confirm_within_ms)
		fprintf(f, "; taken back in %" PRIu64 " s unless confirmed",
			r->confirm_within_ms / 1000);
	if (r->reboot_required)
		fputs("; a reboot is needed for all of it", f);
}

static size_t left(const struct tune_result *r, enum tune_state state)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n_left; i++)
		n += r->left[i].state == state;
	return n;
}

/* What was not done is a part of the answer. */
static void put_left_count(FILE *f, const struct tune_result *r)
{
	const size_t unknown = left(r, TUNE_UNKNOWN);
	const size_t none = left(r, TUNE_NOT_APPLICABLE);

	if (unknown)
		fprintf(f, "; %zu key%s could not be read and %s left out", unknown,
			plural(unknown), unknown == 1 ? "is" : "are");
	if (none)
		fprintf(f, "; %zu do%s not apply here", none, none == 1 ? "es" : "");
}

/* The answer, without its full stop. */
static void put_headline(FILE *f, const struct tune_result *r)
{
	if (r->failure && r->undone) {
		fprintf(f, "%s; ", r->failure);
		fputs("all was undone", f);
	} else if (r->failure && r->n_outcomes) {
		fprintf(f, "%s; ", r->failure);
		put_restored(f, r);
	} else if (r->failure) {
		fputs(r->failure, f);
	} else if (!strcmp(r->action, "revert") && *r->id) {
		fprintf(f, "Apply %s is taken back: ", r->id);
		put_restored(f, r);
	} else if (!strcmp(r->action, "revert")) {
		fputs("There is nothing to take back", f);
	} else if (!*r->id) {
		fputs("Nothing had to be changed", f);
		put_left_count(f, r);
	} else if (!strcmp(r->action, "confirm")) {
		fprintf(f, "Apply %s is confirmed", r->id);
	} else {
		put_applied(f, r);
		put_left_count(f, r);
	}
}

static void put_value(struct text *t, const char *s)
{
	text_word(t, 0, s ? s : "(none)");
}

static enum verdict symbol_of(enum tune_done done)
{
	switch (done) {
	case TUNE_WRITTEN:
	case TUNE_RESTORED:
		return VERDICT_OK;
	case TUNE_FAILED:
		return VERDICT_FAIL;
	case TUNE_GONE:
		return VERDICT_SKIP;
	default:
		return VERDICT_WARN;
	}
}

static void put_outcome(struct text *t, const struct tune_outcome *o)
{
	fputs("  ", t->f);
	text_symbol(t, symbol_of(o->done));
	fprintf(t->f, " %-8s ", tune_done_words[o->done]);
	text_word(t, 0, o->key);
	fputs("  ", t->f);
	if (o->done == TUNE_WRITTEN || o->done == TUNE_RESTORED) {
		put_value(t, o->from);
		fputs(" -> ", t->f);
		put_value(t, o->to);
	} else {
		fputs("is ", t->f);
		put_value(t, o->now);
		fputs(", was ", t->f);
		put_value(t, o->to);
	}
	fputc('\n', t->f);
	if (o->file)
		text_line(t, 13, o->file);
	if (o->err) {
		fprintf(t->f, "%13s", "");
		text_wrap(t, 13, 13, strerror(-o->err));
	}
	if (*o->note) {
		fprintf(t->f, "%13s", "");
		text_wrap(t, 13, 13, o->note);
	}
}

static enum verdict symbol_left(enum tune_state state)
{
	return state == TUNE_UNKNOWN   ? VERDICT_UNKNOWN
	       : state == TUNE_REFUSED ? VERDICT_WARN
				       : VERDICT_SKIP;
}

/* The next queue, the next processor. */
static bool is_alike(const struct tune_left *a, const struct tune_left *b)
{
	return !strcmp(a->tunable, b->tunable) && a->state == b->state &&
	       !strcmp(a->why, b->why);
}

static void put_left(struct text *t, const struct tune_left *l, size_t n)
{
	cleanup_free char *line = NULL;
	char more[40] = "";

	if (n > 1)
		snprintf(more, sizeof(more), " and %zu more like it", n - 1);
	fputs("  ", t->f);
	text_symbol(t, symbol_left(l->state));
	fputs(" left out ", t->f);
	if (asprintf(&line, "%s%s: %s", l->key, more, l->why) >= 0)
		text_wrap(t, 13, 15, line);
}

/* What somebody left out himself, he knows. */
static void put_all_left(struct text *t, const struct tune_result *r)
{
	bool any = r->n_outcomes;

	for (size_t i = 0, n; i < r->n_left; i += n) {
		for (n = 1; i + n < r->n_left && is_alike(&r->left[i], &r->left[i + n]);)
			n++;
		if (r->left[i].state == TUNE_SKIPPED && !t->style.verbose)
			continue;
		if (!any)
			fputc('\n', t->f);
		any = true;
		put_left(t, &r->left[i], n);
	}
}

static void put_next(struct text *t, const struct tune_result *r)
{
	if (r->undone)
		fputs("\nOnce more without a key: --skip KEY\n", t->f);
	if (!*r->id || r->undone)
		return;
	if (!strcmp(r->action, "apply") && !r->failure && r->confirm_within_ms)
		fprintf(t->f, "\nKeep it: ktlsctl tune confirm %s\n", r->id);
	if (strcmp(r->action, "revert") && !r->failure)
		fprintf(t->f, "\nUndo: ktlsctl tune revert %s\n", r->id);
	else if (count(r, TUNE_FAILED) || count(r, TUNE_BUSY))
		fprintf(t->f, "\nOnce more: ktlsctl tune revert %s\n", r->id);
}

char *result_text(const struct tune_result *r, const struct text_style *style)
{
	cleanup_free char *line = NULL;
	size_t len;
	struct text t;
	FILE *f = open_memstream(&line, &len);

	if (!f)
		return NULL;
	put_headline(f, r);
	fputc('.', f);
	if (fclose(f) || text_open(&t, style))
		return NULL;
	text_wrap(&t, 0, 0, line);
	if (r->measured)
		text_wrap(&t, 0, 0, r->measured->text);
	if (r->n_outcomes)
		fputc('\n', t.f);
	for (size_t i = 0; i < r->n_outcomes; i++)
		put_outcome(&t, &r->outcomes[i]);
	if (!r->failure)
		put_all_left(&t, r);
	put_next(&t, r);
	return text_close(&t);
}
