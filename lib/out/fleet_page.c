/* SPDX-License-Identifier: MIT */
/* Several hosts in one page: side by side first, then each by itself. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../host/arena.h"
#include "../host/cleanup.h"
#include "fleet_bench.h"
#include "html.h"

/* What a line of the comparison says of a host; false: that is not known. */
typedef bool (*say_fn)(struct html *h, const struct page_host *p);

static enum verdict verdict_of(enum status s)
{
	static const enum verdict verdicts[] = {
		[STATUS_USED] = VERDICT_OK,          [STATUS_WORKS] = VERDICT_OK,
		[STATUS_SHOULD_WORK] = VERDICT_INFO, [STATUS_CANNOT_WORK] = VERDICT_FAIL,
		[STATUS_UNKNOWN] = VERDICT_UNKNOWN,
	};

	return verdicts[s];
}

static bool status_of(const struct page_host *p, enum status *out)
{
	if (p->report)
		*out = p->report->status;
	else if (p->facts)
		*out = p->facts->status;
	return p->report || p->facts;
}

static bool say_status(struct html *h, const struct page_host *p)
{
	enum status s;
	char word[32];

	if (!status_of(p, &s))
		return false;
	snprintf(word, sizeof(word), "%s", status_words[s]);
	for (char *c = word; *c; c++)
		*c = *c == '_' ? ' ' : *c;
	html_says(h, verdict_of(s), word);
	return true;
}

/* One of the strings, the first that is there. */
static bool put_first(struct html *h, const char *a, const char *b, const char *c)
{
	const char *s = a && *a ? a : b && *b ? b : c;

	if (!s || !*s)
		return false;
	html_text(h, s);
	return true;
}

#define FROM(p_, part_, member_) ((p_)->part_ ? (p_)->part_->member_ : NULL)

static bool say_answer(struct html *h, const struct page_host *p)
{
	return put_first(h, FROM(p, report, headline), FROM(p, facts, headline), NULL);
}

static bool say_cause(struct html *h, const struct page_host *p)
{
	const struct cause *c = FROM(p, report, cause);
	const struct export_cause *e = FROM(p, facts, cause);

	if (!p->report && !p->facts)
		return false;
	if (!c && !e)
		return put_first(h, "none", NULL, NULL);
	fputs("<code>", h->f);
	html_text(h, c ? c->id : e->cause);
	fputs("</code>", h->f);
	return true;
}

static bool say_kernel(struct html *h, const struct page_host *p)
{
	return put_first(h, FROM(p, report, host.kernel), FROM(p, facts, kernel),
			 FROM(p, bench, host.kernel)) ||
	       put_first(h, FROM(p, probe, kernel), FROM(p, latency, kernel), NULL);
}

static bool say_os(struct html *h, const struct page_host *p)
{
	return put_first(h, FROM(p, report, host.os), FROM(p, facts, os), NULL);
}

static bool say_openssl(struct html *h, const struct page_host *p)
{
	return put_first(h, FROM(p, report, host.openssl), FROM(p, facts, openssl),
			 FROM(p, bench, host.openssl)) ||
	       put_first(h, FROM(p, probe, openssl), FROM(p, latency, openssl), NULL);
}

static bool say_cpu(struct html *h, const struct page_host *p)
{
	return put_first(h, FROM(p, bench, host.cpu), NULL, NULL);
}

static void put_nic(struct html *h, const char *name, const char *driver, bool first)
{
	fputs(first ? "" : ", ", h->f);
	html_text(h, name);
	fputs(" (", h->f);
	html_text(h, driver);
	fputs(")", h->f);
}

static bool say_nics(struct html *h, const struct page_host *p)
{
	const struct report *r = p->report;
	const struct export_doc *e = p->facts;

	for (size_t i = 0; r && i < r->host.n_nics; i++)
		put_nic(h, r->host.nics[i].name, r->host.nics[i].driver, !i);
	for (size_t i = 0; !r && e && i < e->n_nics; i++)
		put_nic(h, e->nics[i].device, e->nics[i].driver, !i);
	if ((r && !r->host.n_nics) || (!r && e && !e->n_nics))
		fputs("none with a driver", h->f);
	return r || e;
}

static bool say_probe(struct html *h, const struct page_host *p)
{
	return put_first(h, FROM(p, probe, headline), NULL, NULL);
}

static bool say_bench(struct html *h, const struct page_host *p)
{
	return put_first(h, FROM(p, bench, answer), NULL, NULL);
}

static bool say_latency(struct html *h, const struct page_host *p)
{
	return put_first(h, FROM(p, latency, answer), NULL, NULL);
}

static bool say_time(struct html *h, const struct page_host *p)
{
	return put_first(h, FROM(p, report, time), FROM(p, facts, time), NULL);
}

/* Of which documents a line is: without one of them on any host it is left out. */
enum { REPORT = 1, FACTS = 2, PROBE = 4, BENCH = 8, LATENCY = 16 };

static const struct line {
	const char *title;
	say_fn say;
	unsigned of;
} lines[] = {
	{ "status", say_status, REPORT | FACTS },
	{ "answer", say_answer, REPORT | FACTS },
	{ "cause", say_cause, REPORT | FACTS },
	{ "kernel", say_kernel, REPORT | FACTS | PROBE | BENCH | LATENCY },
	{ "system", say_os, REPORT | FACTS },
	{ "OpenSSL", say_openssl, REPORT | FACTS | PROBE | BENCH | LATENCY },
	{ "processor", say_cpu, BENCH },
	{ "network cards", say_nics, REPORT | FACTS },
	{ "tried", say_probe, PROBE },
	{ "measured", say_bench, BENCH },
	{ "latency", say_latency, LATENCY },
	{ "looked at", say_time, REPORT | FACTS },
};

static unsigned documents_of(const struct page_host *p)
{
	return (p->report ? REPORT : 0) | (p->facts ? FACTS : 0) |
	       (p->probe ? PROBE : 0) | (p->bench ? BENCH : 0) |
	       (p->latency ? LATENCY : 0);
}

static void put_names(struct html *h, const struct fleet_page *p, const char *first)
{
	fprintf(h->f, "<thead><tr><th scope=\"col\">%s</th>", first);
	for (size_t i = 0; i < p->n_hosts; i++)
		html_element(h, "th scope=\"col\" class=\"host\"", p->hosts[i].name);
	fputs("</tr></thead>\n<tbody>\n", h->f);
}

static void put_line(struct html *h, const struct fleet_page *p, const struct line *l)
{
	fprintf(h->f, "<tr><th scope=\"row\">%s</th>", l->title);
	for (size_t i = 0; i < p->n_hosts; i++) {
		fputs("<td>", h->f);
		if (!l->say(h, &p->hosts[i]))
			fputs("<span class=\"note\">no document</span>", h->f);
		fputs("</td>", h->f);
	}
	fputs("</tr>\n", h->f);
}

static void put_side_by_side(struct html *h, const struct fleet_page *p)
{
	unsigned have = 0;

	for (size_t i = 0; i < p->n_hosts; i++)
		have |= documents_of(&p->hosts[i]);
	html_section(h, p->n_hosts == 1 ? "In short" : "Side by side");
	fputs("<div class=\"hosts\">\n", h->f);
	html_table_begin(h, "The hosts side by side");
	put_names(h, p, "");
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		if (lines[i].of & have)
			put_line(h, p, &lines[i]);
	fputs("</tbody>\n", h->f);
	html_table_end(h);
	fputs("</div>\n</section>\n", h->f);
}

/* The worst that a host says of a check; VERDICT_COUNT: nothing. */
static enum verdict worst_of(const struct page_host *p, const char *id)
{
	enum verdict worst = VERDICT_COUNT;

	for (size_t i = 0; p->report && i < p->report->n_findings; i++) {
		const struct finding *f = &p->report->findings[i];

		if (!strcmp(f->id, id) &&
		    (worst == VERDICT_COUNT ||
		     verdict_rank(f->verdict) > verdict_rank(worst)))
			worst = f->verdict;
	}
	for (size_t i = 0; !p->report && p->facts && i < p->facts->n_checks; i++)
		if (!strcmp(p->facts->checks[i].check, id))
			worst = p->facts->checks[i].level;
	return worst;
}

static bool is_bad(enum verdict v)
{
	return v == VERDICT_FAIL || v == VERDICT_WARN || v == VERDICT_UNKNOWN;
}

/* Checks that are not ok somewhere, each once, in the order in which they came. */
struct ids {
	const char **ids;
	size_t n;
};

static int add_id(struct ids *x, const char *id, enum verdict v, struct arena *a)
{
	if (!is_bad(v))
		return 0;
	for (size_t i = 0; i < x->n; i++)
		if (!strcmp(x->ids[i], id))
			return 0;
	x->ids = arena_grow(a, x->ids, x->n, sizeof(char *));
	if (!x->ids)
		return -ENOMEM;
	x->ids[x->n++] = id;
	return 0;
}

static int find_ids(const struct fleet_page *p, struct ids *x, struct arena *a)
{
	int err = 0;

	for (size_t i = 0; i < p->n_hosts; i++) {
		const struct report *r = p->hosts[i].report;
		const struct export_doc *e = p->hosts[i].facts;

		for (size_t k = 0; r && k < r->n_findings && !err; k++)
			err = add_id(x, r->findings[k].id, r->findings[k].verdict, a);
		for (size_t k = 0; !r && e && k < e->n_checks && !err; k++)
			err = add_id(x, e->checks[k].check, e->checks[k].level, a);
	}
	return err;
}

static void put_check(struct html *h, const struct fleet_page *p, const char *id)
{
	fputs("<tr><th scope=\"row\"><code>", h->f);
	html_text(h, id);
	fputs("</code></th>", h->f);
	for (size_t i = 0; i < p->n_hosts; i++) {
		const struct page_host *host = &p->hosts[i];
		const enum verdict v = worst_of(host, id);

		fputs("<td>", h->f);
		if (v != VERDICT_COUNT)
			html_verdict(h, v);
		else if (!host->report && !host->facts)
			fputs("<span class=\"note\">no document</span>", h->f);
		else
			fputs("<span class=\"note\">not among what is wrong</span>",
			      h->f);
		fputs("</td>", h->f);
	}
	fputs("</tr>\n", h->f);
}

static int put_checks(struct html *h, const struct fleet_page *p, struct arena *a)
{
	struct ids x = { 0 };

	if (find_ids(p, &x, a))
		return -ENOMEM;
	if (!x.n)
		return 0;
	html_section(h, "Checks that are not ok somewhere");
	fputs("<div class=\"hosts\">\n", h->f);
	html_table_begin(h, "Checks that are not ok somewhere");
	put_names(h, p, "check");
	for (size_t i = 0; i < x.n; i++)
		put_check(h, p, x.ids[i]);
	fputs("</tbody>\n", h->f);
	html_table_end(h);
	fputs("</div>\n</section>\n", h->f);
	return 0;
}

/* The only one is open at once. */
static void begin_host(struct html *h, const char *name, const char *what, bool only)
{
	fprintf(h->f, "<details class=\"host\"%s>\n<summary>",
		only ? " open=\"open\"" : "");
	html_text(h, name);
	fprintf(h->f, ": %s</summary>\n", what);
}

static int put_host(struct html *h, const struct page_host *p, bool only)
{
	int err = 0;

	if (p->report) {
		begin_host(h, p->name, "diagnosis", only);
		report_page(h, p->report);
		fputs("</details>\n", h->f);
	}
	if (p->probe) {
		begin_host(h, p->name, "probe", only);
		probe_page(h, p->probe);
		fputs("</details>\n", h->f);
	}
	if (p->bench) {
		begin_host(h, p->name, "bench", only);
		err = bench_page(h, p->bench);
		fputs("</details>\n", h->f);
	}
	if (p->latency) {
		begin_host(h, p->name, "latency", only);
		latency_page(h, p->latency);
		fputs("</details>\n", h->f);
	}
	if (p->facts) {
		begin_host(h, p->name, "facts", only);
		html_part(h, &export_fields, p->facts, "sessions");
		html_part(h, &export_fields, p->facts, "services");
		html_part(h, &export_fields, p->facts, "unknown");
		fputs("</details>\n", h->f);
	}
	return err;
}

/* The answer of the only host. */
static const char *only_answer(const struct page_host *p)
{
	return p->report    ? p->report->headline
	       : p->facts   ? p->facts->headline
	       : p->bench   ? p->bench->answer
	       : p->latency ? p->latency->answer
	       : p->probe   ? p->probe->headline
			    : "";
}

/* "3 hosts side by side: 2 works, 1 cannot work" */
static void make_title(const struct fleet_page *p, char *out, size_t size)
{
	size_t len = (size_t)snprintf(out, size, "%zu hosts side by side", p->n_hosts);
	const char *before = ": ";

	for (int s = STATUS_USED; s <= STATUS_UNKNOWN; s++) {
		size_t n = 0;
		enum status is;

		for (size_t i = 0; i < p->n_hosts; i++)
			n += status_of(&p->hosts[i], &is) && (int)is == s;
		if (!n || len >= size)
			continue;
		len += (size_t)snprintf(out + len, size - len, "%s%zu %s", before, n,
					status_words[s]);
		before = ", ";
	}
	for (char *c = out; *c; c++)
		*c = *c == '_' ? ' ' : *c;
}

static int put_all(struct html *h, const struct fleet_page *p, struct arena *a)
{
	int err;

	put_side_by_side(h, p);
	err = put_checks(h, p, a);
	err = err ? err : fleet_bench(h, p, a);
	html_section(h, p->n_hosts == 1 ? "In full" : "Each by itself");
	for (size_t i = 0; i < p->n_hosts && !err; i++)
		err = put_host(h, &p->hosts[i], p->n_hosts == 1);
	fputs("</section>\n", h->f);
	return err;
}

char *fleet_html(const struct fleet_page *p, struct arena *a)
{
	char title[256];
	struct html_head head = { title, "hosts", "", "", p->tool_version };
	struct html h;
	char *page;
	int err;

	make_title(p, title, sizeof(title));
	if (p->n_hosts == 1) {
		head.title = only_answer(&p->hosts[0]);
		head.kind = "host";
		head.host = p->hosts[0].name;
	}
	if (html_open(&h, &head))
		return NULL;
	err = put_all(&h, p, a);
	page = html_close(&h, &head);
	if (!err)
		return page;
	free(page);
	return NULL;
}
