/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "html.h"
#include "utf8.h"

/* lib/out/page.css, a line each. */
static const char style[] =
#include <page_css.inc>
	;

/* Were the text ever to become markup: nothing is loaded and nothing runs. */
#define POLICY                                                                           \
	"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "               \
	"form-action 'none'"

/* The code point of a valid sequence of n bytes. */
static unsigned long code_of(const char *s, size_t n)
{
	unsigned long code = (unsigned char)s[0] & (n == 1 ? 0x7fU : 0xffU >> (n + 1));

	for (size_t i = 1; i < n; i++)
		code = code << 6 | ((unsigned char)s[i] & 0x3f);
	return code;
}

/* Marks that make a name look like another one, and what XML does not allow. */
static bool is_hidden(unsigned long code)
{
	return (code >= 0x200b && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
	       (code >= 0x2060 && code <= 0x206f) || code == 0xfeff || code == 0x061c ||
	       (code & 0xfffe) == 0xfffe || (code >= 0xfdd0 && code <= 0xfdef);
}

static void put_character(FILE *f, const char *s, size_t n)
{
	static const char special[] = "&<>\"'";
	static const char *const names[] = { "&amp;", "&lt;", "&gt;", "&quot;", "&#39;" };
	const char *at = n == 1 ? strchr(special, *s) : NULL;
	unsigned long code = code_of(s, n);

	if (at)
		fputs(names[at - special], f);
	else if (is_hidden(code))
		fprintf(f, "\\u{%lx}", code);
	else
		fwrite(s, 1, n, f);
}

void html_text(struct html *h, const char *s)
{
	char *clean = utf8_clean(s ? s : "");

	for (const char *p = clean; p && *p;) {
		size_t n = utf8_len(p);

		put_character(h->f, p, n);
		p += n;
	}
	free(clean);
}

void html_element(struct html *h, const char *tag, const char *s)
{
	fprintf(h->f, "<%s>", tag);
	html_text(h, s);
	fprintf(h->f, "</%.*s>\n", (int)strcspn(tag, " "), tag);
}

void html_section(struct html *h, const char *title)
{
	fputs("<section>\n", h->f);
	html_element(h, "h2", title);
}

static void put_head(struct html *h, const struct html_head *head)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
	      "<meta charset=\"utf-8\"/>\n"
	      "<meta http-equiv=\"Content-Security-Policy\" content=\"" POLICY "\"/>\n"
	      "<meta name=\"viewport\" "
	      "content=\"width=device-width, initial-scale=1\"/>\n"
	      "<meta name=\"color-scheme\" content=\"light dark\"/>\n"
	      "<meta name=\"referrer\" content=\"no-referrer\"/>\n"
	      "<title>",
	      h->f);
	html_text(h, head->title);
	if (head->host && *head->host) {
		fputs(" – ", h->f);
		html_text(h, head->host);
	}
	fprintf(h->f, "</title>\n<style>\n%s</style>\n</head>\n", style);
}

static void put_part(struct html *h, const char *what, const char *s)
{
	if (!s || !*s)
		return;
	fprintf(h->f, "<span class=\"part\">%s", what);
	html_element(h, "b", s);
	fputs("</span>\n", h->f);
}

int html_open(struct html *h, const struct html_head *head)
{
	*h = (struct html){ 0 };
	h->f = open_memstream(&h->data, &h->len);
	if (!h->f)
		return -ENOMEM;
	put_head(h, head);
	fputs("<body>\n<header>\n<p class=\"kind\">", h->f);
	fprintf(h->f, "ktlsctl · kernel TLS %s</p>\n<h1>", head->kind);
	html_text(h, head->title);
	fputs("</h1>\n<p class=\"parts\">\n", h->f);
	put_part(h, "", head->host);
	put_part(h, "", head->time);
	fputs("</p>\n</header>\n<main>\n", h->f);
	return 0;
}

char *html_close(struct html *h, const struct html_head *head)
{
	bool bad;

	fputs("</main>\n<footer>\n<p>", h->f);
	fprintf(h->f, "Found out by ktlsctl ");
	html_text(h, head->tool_version);
	fputs(". This file is complete in itself: no script, nothing loaded from "
	      "elsewhere.</p>\n</footer>\n</body>\n</html>\n",
	      h->f);
	bad = ferror(h->f);
	bad |= fclose(h->f) != 0;
	if (!bad)
		return h->data;
	free(h->data);
	return NULL;
}

void html_says(struct html *h, enum verdict v, const char *word)
{
	static const char *const symbols[VERDICT_COUNT] = {
		[VERDICT_OK] = "✓",   [VERDICT_INFO] = "i",    [VERDICT_WARN] = "!",
		[VERDICT_FAIL] = "✗", [VERDICT_UNKNOWN] = "?", [VERDICT_SKIP] = "–",
	};

	fprintf(h->f, "<span class=\"verdict %s\"><span aria-hidden=\"true\">%s</span> ",
		verdict_words[v], symbols[v]);
	html_text(h, word);
	fputs("</span>", h->f);
}

void html_verdict(struct html *h, enum verdict v)
{
	html_says(h, v, verdict_words[v]);
}

static void put_command(struct html *h, const char *command)
{
	fputs("<pre><code>", h->f);
	html_text(h, command);
	fputs("</code></pre>\n", h->f);
}

void html_remedy(struct html *h, const struct remedy *m, const char *tune_id)
{
	char line[128];

	fputs("<div class=\"remedy\">\n<p>", h->f);
	html_text(h, m->action);
	fputs(m->needs_root ? " <span class=\"tag\">root</span>" : "", h->f);
	fputs(m->needs_reboot ? " <span class=\"tag\">reboot</span>" : "", h->f);
	fputs("</p>\n", h->f);
	if (m->command)
		put_command(h, m->command);
	if (m->n_tunables && tune_id) {
		snprintf(line, sizeof(line), "ktlsctl tune --fix=%s", tune_id);
		put_command(h, line);
	}
	if (m->risk) {
		fputs("<p class=\"note\">Risk: ", h->f);
		html_text(h, m->risk);
		fputs("</p>\n", h->f);
	}
	fputs("</div>\n", h->f);
}

void html_table_begin(struct html *h, const char *label)
{
	fputs("<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"", h->f);
	html_text(h, label);
	fputs("\">\n<table>\n", h->f);
}

void html_table_end(struct html *h)
{
	fputs("</table>\n</div>\n", h->f);
}
