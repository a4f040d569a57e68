/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "fleet.h"
#include "text.h"

static const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

/* ": most often module-blacklisted (510 hosts)"; hosts: of the worst status there is. */
static void add_cause(const struct fleet_doc *d, uint64_t hosts, char *line, size_t size)
{
	const struct fleet_group *g = d->causes.groups;
	size_t len = strlen(line);

	if (d->causes.n_groups && *g->name && hosts)
		snprintf(line + len, size - len, "; most often %s (%" PRIu64 " host%s)",
			 g->name, hosts, plural(hosts));
}

static void put_answer(struct text *t, const struct fleet_doc *d)
{
	const struct fleet_statuses *s = &d->statuses;
	const struct fleet_group none = { 0 }, *worst = &none;
	char line[512];

	if (d->causes.n_groups)
		worst = d->causes.groups;
	if (!d->hosts) {
		snprintf(line, sizeof(line), "There is no host in what was read");
	} else if (s->cannot_work) {
		snprintf(line, sizeof(line),
			 "%" PRIu64 " of %" PRIu64 " host%s cannot use kTLS",
			 s->cannot_work, d->hosts, plural(d->hosts));
		add_cause(d, worst->statuses.cannot_work, line, sizeof(line));
	} else if (s->unknown) {
		snprintf(line, sizeof(line),
			 "Of %" PRIu64 " of %" PRIu64
			 " host%s it is not known whether kTLS can be used",
			 s->unknown, d->hosts, plural(d->hosts));
		add_cause(d, worst->statuses.unknown, line, sizeof(line));
	} else if (d->limited) {
		snprintf(line, sizeof(line),
			 "%" PRIu64
			 " host%s can use kTLS, or should; something limits it "
			 "on %" PRIu64,
			 d->hosts, plural(d->hosts), d->limited);
		add_cause(d, worst->limited, line, sizeof(line));
	} else {
		snprintf(line, sizeof(line),
			 "kTLS works on %" PRIu64
			 " host%s, or should, and nothing limits it",
			 d->hosts, plural(d->hosts));
	}
	strncat(line, ".", sizeof(line) - strlen(line) - 1);
	text_wrap(t, 0, 0, line);
}

static void put_statuses(struct text *t, const struct fleet_statuses *s)
{
	fprintf(t->f,
		"\n  used %" PRIu64 ", works %" PRIu64 ", should work %" PRIu64
		", cannot work %" PRIu64 ", unknown %" PRIu64 "\n",
		s->used, s->works, s->should_work, s->cannot_work, s->unknown);
}

static enum verdict worst_of(const struct fleet_group *g)
{
	return g->statuses.cannot_work ? VERDICT_FAIL
	       : g->statuses.unknown   ? VERDICT_UNKNOWN
	       : g->limited            ? VERDICT_WARN
				       : VERDICT_OK;
}

enum { NAME = 27, MORE = 4 + NAME + 1 + 8 + 2 }; /* columns */

static void put_count(FILE *f, bool *begun, uint64_t n, const char *what)
{
	if (n)
		fprintf(f, "%s%" PRIu64 " %s", *begun ? ", " : "", n, what);
	*begun |= n != 0;
}

/* "8 cannot, 5 limited; most often module-blacklisted (3)", or names of hosts. */
static void put_more(struct text *t, const struct fleet_group *g)
{
	const uint64_t bad = g->statuses.cannot_work + g->statuses.unknown + g->limited;
	struct text more;
	bool begun = false;
	char *line;

	if (text_open(&more, &t->style))
		return;
	put_count(more.f, &begun, g->statuses.cannot_work, "cannot");
	put_count(more.f, &begun, g->statuses.unknown, "unknown");
	put_count(more.f, &begun, g->limited, "limited");
	if (*g->cause && g->cause_hosts == bad)
		fprintf(more.f, ": %s", g->cause);
	else if (*g->cause)
		fprintf(more.f, "; most often %s (%" PRIu64 ")", g->cause,
			g->cause_hosts);
	for (size_t i = 0; i < g->n_examples && bad && !*g->cause; i++)
		fprintf(more.f, "%s%s", i ? ", " : ": ", g->examples[i]);
	if (bad && !*g->cause && g->hosts > g->n_examples)
		fputs(", ...", more.f);
	line = text_close(&more);
	if (line && *line) {
		fputs("  ", t->f);
		text_wrap(t, MORE, MORE, line);
	} else {
		fputc('\n', t->f);
	}
	free(line);
}

static void put_group(struct text *t, const struct fleet_group *g, const char *nameless)
{
	fputs("  ", t->f);
	text_symbol(t, worst_of(g));
	fputc(' ', t->f);
	text_word(t, NAME, *g->name ? g->name : nameless);
	fprintf(t->f, " %8" PRIu64, g->hosts);
	put_more(t, g);
}

static void put_groups(struct text *t, const char *title, const struct fleet_groups *g,
		       const char *nameless)
{
	if (!g->n_groups)
		return;
	fprintf(t->f, "\n    %-*s %8s\n", NAME, title, "HOSTS");
	for (size_t i = 0; i < g->n_groups; i++)
		put_group(t, &g->groups[i], nameless);
	if (g->left_out)
		fprintf(t->f, "    %" PRIu64 " more (--top)\n", g->left_out);
}

static bool is_shown(const struct text *t, const struct fleet_finding *f)
{
	return t->style.verbose || (f->verdict != VERDICT_INFO && f->hosts > f->waived);
}

static void put_findings(struct text *t, const struct fleet_doc *d)
{
	bool begun = false;

	for (size_t i = 0; i < d->n_findings; i++) {
		const struct fleet_finding *f = &d->findings[i];

		if (!is_shown(t, f))
			continue;
		if (!begun)
			fprintf(t->f, "\n    %-*s %8s  %s\n", NAME, "CHECK", "HOSTS",
				"ANSWER");
		begun = true;
		fputs("  ", t->f);
		text_symbol(t, f->verdict);
		fputc(' ', t->f);
		text_word(t, NAME, f->check);
		fprintf(t->f, " %8" PRIu64 "  ", f->hosts);
		text_word(t, 0, f->reason);
		if (f->waived)
			fprintf(t->f, " (%" PRIu64 " waived)", f->waived);
		fputc('\n', t->f);
	}
	if (begun && d->findings_left_out)
		fprintf(t->f, "    %" PRIu64 " more, hints among them (--top, -v)\n",
			d->findings_left_out);
}

static void put_problems(struct text *t, const struct fleet_input *in)
{
	const uint64_t all = in->malformed + in->foreign + in->too_long + in->unreadable;

	for (size_t i = 0; i < in->n_problems; i++) {
		fputs("    ", t->f);
		text_word(t, 0, in->problems[i].where);
		fputs(": ", t->f);
		text_line(t, 0, in->problems[i].why);
	}
	if (all > in->n_problems)
		fprintf(t->f, "    and %" PRIu64 " more\n", all - in->n_problems);
}

static void put_some(struct text *t, uint64_t n, const char *what)
{
	if (n)
		fprintf(t->f, "  %" PRIu64 " %s\n", n, what);
}

void fleet_put_input(struct text *t, const struct fleet_input *in)
{
	const uint64_t n = in->rollups + in->reports;
	char line[512];

	snprintf(line, sizeof(line),
		 "%" PRIu64 " document%s (%" PRIu64 " full) in %" PRIu64
		 " file%s%s%.10s%s%.10s",
		 n, plural(n), in->reports, in->files, plural(in->files), n ? ", " : "",
		 in->oldest, n ? " to " : "", in->newest);
	fputs("\n  ", t->f);
	text_wrap(t, 2, 2, line);
	put_some(t, in->superseded, "of them older than another of the same host");
	put_some(t, in->unmatched, "of them without a host name, or beyond the limit");
	put_some(t, in->malformed, "passed over: no such document");
	put_some(t, in->foreign, "passed over: another schema or version, or a process");
	put_some(t, in->too_long, "passed over: longer than 8 MiB");
	put_some(t, in->unreadable, "files not read, or not to the end");
	if (in->crowded)
		fputs("  more names than there is room for: see (other)\n", t->f);
	put_problems(t, in);
}

/* The cause of most harm, if this ktlsctl knows its check. */
static const char *what_next(const struct fleet_doc *d)
{
	for (size_t i = 0; i < d->causes.n_groups; i++)
		if (check_find(d->causes.groups[i].check))
			return d->causes.groups[i].check;
	return NULL;
}

char *fleet_text(const struct fleet_doc *d, const struct text_style *style)
{
	const char *next = what_next(d);
	struct text t;

	if (text_open(&t, style))
		return NULL;
	put_answer(&t, d);
	if (!d->complete)
		text_wrap(&t, 0, 0, "This is not all: see the end.");
	if (d->hosts)
		put_statuses(&t, &d->statuses);
	put_groups(&t, "CAUSE", &d->causes, "(no cause)");
	put_groups(&t, "KERNEL", &d->kernels, "(not known)");
	put_groups(&t, "OPENSSL", &d->openssl, "(not known)");
	put_groups(&t, "NIC", &d->nics, "(no NIC)");
	put_findings(&t, d);
	fleet_put_input(&t, &d->input);
	fprintf(t.f, "\nNext: ktlsctl %s%s\n", next ? "explain " : "fleet summary --help",
		next ? next : "");
	return text_close(&t);
}
