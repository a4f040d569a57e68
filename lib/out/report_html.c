/* SPDX-License-Identifier: MIT */
/* The diagnosis as a page: the answer, the cause, what is wrong, then all the rest. */
#include <inttypes.h>
#include <string.h>

#include "html.h"

static bool is_bad(const struct finding *f)
{
	return !f->waived && (f->verdict == VERDICT_FAIL || f->verdict == VERDICT_WARN ||
			      f->verdict == VERDICT_UNKNOWN);
}

static bool is_cause(const struct report *r, const struct finding *f)
{
	return r->cause && !strcmp(f->id, r->cause->check) &&
	       !strcmp(f->reason, r->cause->id) &&
	       f->subject.kind == r->cause->subject.kind;
}

static void put_evidence(struct html *h, const struct finding *f)
{
	if (!f->n_evidence)
		return;
	html_table_begin(h, "What was seen");
	fputs("<thead><tr><th scope=\"col\">seen</th><th scope=\"col\">where</th>"
	      "<th scope=\"col\">wanted</th></tr></thead>\n<tbody>\n",
	      h->f);
	for (size_t i = 0; i < f->n_evidence; i++) {
		const struct evidence *e = &f->evidence[i];

		fputs("<tr>", h->f);
		html_element(h, "td", e->saw);
		html_element(h, "td class=\"where\"", e->where);
		html_element(h, "td", e->wanted ? e->wanted : "");
		fputs("</tr>\n", h->f);
	}
	fputs("</tbody>\n", h->f);
	html_table_end(h);
}

/* Only what is plainly the address of a page becomes a link: a report may be anybody's.
 */
static bool is_address(const char *s)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789-._~/#?=&%+:@";

	return !strncmp(s, "https://", 8) && !s[strspn(s, letters)];
}

static void put_refs(struct html *h, const struct finding *f)
{
	if (!f->n_refs)
		return;
	fputs("<p class=\"note\">See ", h->f);
	for (size_t i = 0; i < f->n_refs; i++) {
		const bool link = is_address(f->refs[i]);

		fputs(i ? ", " : "", h->f);
		if (link) {
			fputs("<a rel=\"noreferrer\" href=\"", h->f);
			html_text(h, f->refs[i]);
			fputs("\">", h->f);
		}
		html_text(h, f->refs[i]);
		fputs(link ? "</a>" : "", h->f);
	}
	fputs("</p>\n", h->f);
}

static void put_waived(struct html *h, const struct waived *w)
{
	fputs("<p class=\"note\">Waived", h->f);
	if (*w->expires) {
		fputs(" until ", h->f);
		html_text(h, w->expires);
	}
	fputs(": ", h->f);
	html_text(h, w->reason);
	fputs(" (", h->f);
	html_text(h, w->where);
	fputs(")</p>\n", h->f);
}

static void put_subject(struct html *h, const struct subject *s)
{
	if (!*s->name)
		return;
	fprintf(h->f, " <span class=\"tag\">%s ", subject_words[s->kind]);
	html_text(h, s->name);
	fputs("</span>", h->f);
}

/* Evidence, the reason and what to do. */
static void put_body(struct html *h, const struct finding *f)
{
	put_evidence(h, f);
	if (f->why && *f->why)
		html_element(h, "p", f->why);
	if (f->waived)
		put_waived(h, f->waived);
	if (f->remedy)
		html_remedy(h, f->remedy, f->id);
	put_refs(h, f);
}

static void put_finding(struct html *h, const struct finding *f)
{
	fprintf(h->f, "<article class=\"finding %s\">\n<h3>", verdict_words[f->verdict]);
	html_verdict(h, f->verdict);
	fputc(' ', h->f);
	html_text(h, f->summary);
	fputs("</h3>\n<p class=\"id\"><code>", h->f);
	html_text(h, f->id);
	fputs("</code>", h->f);
	put_subject(h, &f->subject);
	fputs("</p>\n", h->f);
	put_body(h, f);
	fputs("</article>\n", h->f);
}

static const struct finding *cause_finding(const struct report *r)
{
	for (size_t i = 0; i < r->n_findings; i++)
		if (is_cause(r, &r->findings[i]))
			return &r->findings[i];
	return NULL;
}

static void put_cause(struct html *h, const struct report *r)
{
	const struct cause *c = r->cause;
	const struct finding *f = cause_finding(r);

	if (!c)
		return;
	fprintf(h->f, "<section class=\"cause %s\">\n", verdict_words[c->verdict]);
	html_element(h, "h2",
		     c->verdict == VERDICT_WARN ? "What limits it" : "The cause");
	fputs("<p class=\"lead\">", h->f);
	html_verdict(h, c->verdict);
	fputc(' ', h->f);
	html_text(h, c->summary);
	fputs("</p>\n<p class=\"id\"><code>", h->f);
	html_text(h, c->id);
	fputs("</code>, of the check <code>", h->f);
	html_text(h, c->check);
	fputs("</code>", h->f);
	put_subject(h, &c->subject);
	fputs("</p>\n", h->f);
	if (f)
		put_body(h, f);
	else if (c->remedy)
		html_remedy(h, c->remedy, c->check);
	fputs("</section>\n", h->f);
}

/* How many of each verdict there are. */
static void put_counts(struct html *h, const struct counts *c)
{
	const struct {
		enum verdict verdict;
		uint64_t n;
	} all[] = { { VERDICT_FAIL, c->fail },       { VERDICT_WARN, c->warn },
		    { VERDICT_UNKNOWN, c->unknown }, { VERDICT_INFO, c->info },
		    { VERDICT_OK, c->ok },           { VERDICT_SKIP, c->skip } };

	fputs("<ul class=\"counts\">\n", h->f);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (!all[i].n)
			continue;
		fprintf(h->f, "<li><b>%" PRIu64 "</b> ", all[i].n);
		html_verdict(h, all[i].verdict);
		fputs("</li>\n", h->f);
	}
	if (c->waived)
		fprintf(h->f, "<li><b>%" PRIu64 "</b> waived</li>\n", c->waived);
	fputs("</ul>\n", h->f);
}

static void put_bad(struct html *h, const struct report *r)
{
	bool any = false;

	html_section(h, r->cause ? "Everything that is not ok" : "What was found");
	put_counts(h, &r->counts);
	for (size_t i = 0; i < r->n_findings; i++) {
		const struct finding *f = &r->findings[i];

		if (!is_bad(f) || is_cause(r, f))
			continue;
		put_finding(h, f);
		any = true;
	}
	if (!any)
		fprintf(h->f, "<p>Nothing%s.</p>\n", r->cause ? " else" : " is wrong");
	fputs("</section>\n", h->f);
}

static void put_short(struct html *h, const struct finding *f)
{
	fputs("<tr><td>", h->f);
	html_verdict(h, f->verdict);
	fputs("</td><td><code>", h->f);
	html_text(h, f->id);
	fputs("</code>", h->f);
	put_subject(h, &f->subject);
	fputs("</td><td>", h->f);
	html_text(h, f->summary);
	if (f->waived)
		put_waived(h, f->waived);
	fputs("</td></tr>\n", h->f);
}

static void put_rest(struct html *h, const struct report *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n_findings; i++)
		n += !is_bad(&r->findings[i]);
	if (!n)
		return;
	html_section(h, "What is ok, or does not apply");
	fprintf(h->f, "<details class=\"numbers\">\n<summary>%zu answers</summary>\n", n);
	html_table_begin(h, "Checks that are ok, or do not apply");
	fputs("<thead><tr><th scope=\"col\">answer</th><th scope=\"col\">check</th>"
	      "<th scope=\"col\">what it says</th></tr></thead>\n<tbody>\n",
	      h->f);
	for (size_t i = 0; i < r->n_findings; i++)
		if (!is_bad(&r->findings[i]))
			put_short(h, &r->findings[i]);
	fputs("</tbody>\n", h->f);
	html_table_end(h);
	fputs("</details>\n</section>\n", h->f);
}

static void put_host(struct html *h, const struct report *r)
{
	html_section(h, "The host");
	html_part(h, &report_fields, r, "host");
	if (r->usage) {
		html_element(h, "h3", "kTLS sockets now");
		html_part(h, &report_fields, r, "usage");
	}
	fputs("</section>\n", h->f);
}

void report_page(struct html *h, const struct report *r)
{
	put_cause(h, r);
	put_bad(h, r);
	put_rest(h, r);
	put_host(h, r);
}

char *report_html(const struct report *r)
{
	const struct html_head head = { r->headline, "diagnosis", r->host.name, r->time,
					r->tool_version };
	struct html h;

	if (html_open(&h, &head))
		return NULL;
	report_page(&h, r);
	return html_close(&h, &head);
}
