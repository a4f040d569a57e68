/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "fleet_diff.h"
#include "text.h"

static const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

static const char *how(enum fleet_change c)
{
	return c == CHANGE_WORSE    ? "got worse"
	       : c == CHANGE_BETTER ? "got better"
				    : "is different, and neither better nor worse";
}

static void put_answer(struct text *t, const struct fleet_diff_doc *d)
{
	char line[512];

	if (!d->hosts)
		snprintf(line, sizeof(line), "No host is in both.");
	else if (d->hosts == 1 && d->n_host_diffs)
		snprintf(line, sizeof(line), "%s %s.", d->host_diffs->host,
			 how(d->host_diffs->change));
	else if (d->same == d->hosts)
		snprintf(line, sizeof(line),
			 "Nothing changed for kTLS on %" PRIu64 " host%s.", d->hosts,
			 plural(d->hosts));
	else
		snprintf(line, sizeof(line),
			 "Of %" PRIu64 " host%s %" PRIu64 " got worse, %" PRIu64
			 " better, %" PRIu64 " otherwise different; %" PRIu64
			 " the same as before.",
			 d->hosts, plural(d->hosts), d->worse, d->better, d->changed,
			 d->same);
	text_wrap(t, 0, 0, line);
	if (!d->complete)
		text_wrap(t, 0, 0, "This is not all: see the end.");
	if (d->swapped)
		text_wrap(t, 0, 0,
			  "What is compared with is older than what it is compared to: "
			  "should the two be swapped?");
}

static enum verdict symbol_of(enum fleet_change c)
{
	static const enum verdict verdicts[] = {
		[CHANGE_SAME] = VERDICT_SKIP,
		[CHANGE_OTHER] = VERDICT_INFO,
		[CHANGE_BETTER] = VERDICT_OK,
		[CHANGE_WORSE] = VERDICT_FAIL,
	};

	return verdicts[c];
}

static void put_change(struct text *t, unsigned indent, enum fleet_change c)
{
	fprintf(t->f, "%*s", (int)indent, "");
	text_symbol(t, symbol_of(c));
	fputc(' ', t->f);
}

/* "a -> b", or the one word where it stayed; nothing is "none". */
static void put_way(struct text *t, unsigned col, const char *before, const char *after)
{
	const char *was = before && *before ? before : "none";
	const char *is = after && *after ? after : "none";
	char line[600];

	if (!strcmp(was, is))
		snprintf(line, sizeof(line), "%s", was);
	else
		snprintf(line, sizeof(line), "%s -> %s", was, is);
	text_wrap(t, col, col, line);
}

static bool stayed(const struct fleet_move *m)
{
	return !strcmp(m->before, m->after);
}

static void put_moves(struct text *t, const char *title, const struct fleet_moves *m)
{
	bool begun = false;

	for (size_t i = 0; i < m->n_moves; i++) {
		const struct fleet_move *v = &m->moves[i];

		if (stayed(v) && !t->style.verbose)
			continue;
		if (!begun)
			fprintf(t->f, "\n    %8s %7s %7s  %s\n", "HOSTS", "WORSE",
				"BETTER", title);
		begun = true;
		put_change(t, 2,
			   v->worse    ? CHANGE_WORSE
			   : v->better ? CHANGE_BETTER
				       : CHANGE_OTHER);
		fprintf(t->f, "%8" PRIu64 " %7" PRIu64 " %7" PRIu64 "  ", v->hosts,
			v->worse, v->better);
		put_way(t, 30, v->before, v->after);
	}
	if (m->left_out && begun)
		fprintf(t->f, "    %" PRIu64 " more (--top)\n", m->left_out);
}

static void put_checks(struct text *t, const struct fleet_diff_doc *d)
{
	if (!d->n_checks)
		return;
	fprintf(t->f, "\n    %8s %7s %7s  CHECK\n", "OTHER", "WORSE", "BETTER");
	for (size_t i = 0; i < d->n_checks; i++) {
		const struct check_diff *c = &d->checks[i];

		put_change(t, 2,
			   c->worse    ? CHANGE_WORSE
			   : c->better ? CHANGE_BETTER
				       : CHANGE_OTHER);
		fprintf(t->f, "%8" PRIu64 " %7" PRIu64 " %7" PRIu64 "  ", c->changed,
			c->worse, c->better);
		text_line(t, 0, c->check);
	}
	if (d->checks_left_out)
		fprintf(t->f, "    %" PRIu64 " more (--top)\n", d->checks_left_out);
}

static void put_finding(struct text *t, const struct finding_diff *f)
{
	const char *was = f->before_reason ? f->before_reason : "";
	const char *is = f->after_reason ? f->after_reason : "";
	char line[1200];

	if (!strcmp(was, is))
		was = "";
	put_change(t, 6, f->change);
	text_word(t, 22, f->check);
	fputc(' ', t->f);
	snprintf(line, sizeof(line), "%s%s%s -> %s%s%s%s%s%s", f->subject,
		 *f->subject ? ": " : "", f->before ? f->before : "none",
		 f->after ? f->after : "none", f->before || f->after ? " (" : "", was,
		 *was && *is ? " -> " : "", is, f->before || f->after ? ")" : "");
	text_wrap(t, 31, 31, line);
}

static void put_host(struct text *t, const struct host_diff *h)
{
	fputc('\n', t->f);
	put_change(t, 2, h->change);
	text_bold(t, h->host);
	fprintf(t->f, " %s\n", how(h->change));
	fputs("      status   ", t->f);
	put_way(t, 15, status_words[h->before], status_words[h->after]);
	if (h->before_cause || h->after_cause) {
		fputs("      cause    ", t->f);
		put_way(t, 15, h->before_cause, h->after_cause);
	}
	if (strcmp(h->before_kernel, h->after_kernel)) {
		fputs("      kernel   ", t->f);
		put_way(t, 15, h->before_kernel, h->after_kernel);
	}
	if (strcmp(h->before_openssl, h->after_openssl)) {
		fputs("      openssl  ", t->f);
		put_way(t, 15, h->before_openssl, h->after_openssl);
	}
	for (size_t i = 0; i < h->n_findings; i++)
		if (h->findings[i].change != CHANGE_OTHER || t->style.verbose ||
		    h->change == CHANGE_OTHER)
			put_finding(t, &h->findings[i]);
}

static void put_names(struct text *t, const char *what, const char **names, size_t n,
		      uint64_t all)
{
	struct text list;
	char *line;

	if (!all || text_open(&list, &t->style))
		return;
	for (size_t i = 0; i < n; i++)
		fprintf(list.f, "%s%s", i ? ", " : "", names[i]);
	if (n < all)
		fputs(", ...", list.f);
	line = text_close(&list);
	fprintf(t->f, "\n  %s %" PRIu64 ": ", what, all);
	text_wrap(t, 20, 4, line ? line : "");
	free(line);
}

static void put_counters(struct text *t, const struct fleet_diff_doc *d)
{
	if (d->n_counters)
		fprintf(t->f, "\n    %-36s %14s  NOW\n", "COUNTER", "ROSE BY");
	for (size_t i = 0; i < d->n_counters; i++) {
		const struct counter_diff *c = &d->counters[i];

		put_change(t, 2, c->bad && c->rise ? CHANGE_WORSE : CHANGE_SAME);
		text_word(t, 10, c->where);
		fputc(' ', t->f);
		text_word(t, 25, c->name);
		fprintf(t->f, " %14" PRIu64 "  %" PRIu64 "%s\n", c->rise, c->after,
			c->restarted ? ", restarted: it was more before" : "");
	}
}

static const char *what_next(const struct fleet_diff_doc *d)
{
	for (size_t i = 0; i < d->n_checks; i++)
		if (d->checks[i].worse && check_find(d->checks[i].check))
			return d->checks[i].check;
	return NULL;
}

static void put_side(struct text *t, const char *what, const struct fleet_side *s)
{
	fprintf(t->f, "\n  %s ", what);
	text_word(t, 0, s->name);
	if (s->snapshot)
		fprintf(t->f, ", a snapshot of %s\n", s->input.newest);
	else
		fleet_put_input(t, &s->input);
}

char *fleet_diff_text(const struct fleet_diff_doc *d, const struct text_style *style)
{
	const char *next = what_next(d);
	struct text t;

	if (text_open(&t, style))
		return NULL;
	put_answer(&t, d);
	put_moves(&t, "STATUS", &d->statuses);
	put_moves(&t, "CAUSE", &d->causes);
	put_moves(&t, "KERNEL", &d->kernels);
	put_moves(&t, "OPENSSL", &d->openssl);
	put_checks(&t, d);
	for (size_t i = 0; i < d->n_host_diffs; i++)
		put_host(&t, &d->host_diffs[i]);
	if (d->hosts_left_out)
		fprintf(t.f, "\n  %" PRIu64 " more hosts (--top)\n", d->hosts_left_out);
	put_names(&t, "only before", d->gone_hosts, d->n_gone_hosts, d->gone);
	put_names(&t, "only after", d->added_hosts, d->n_added_hosts, d->added);
	put_counters(&t, d);
	put_side(&t, "before", &d->before);
	put_side(&t, "after", &d->after);
	fprintf(t.f, "\nNext: ktlsctl %s%s\n", next ? "explain " : "fleet diff --help",
		next ? next : "");
	return text_close(&t);
}
