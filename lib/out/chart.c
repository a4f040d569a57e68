/* SPDX-License-Identifier: MIT */
/* What all pictures have: the frame, signs, gaps, and the table of the numbers. */
#include <math.h>

#include "chart_priv.h"

bool chart_is_known(const struct chart_point *p)
{
	return !p->why && isfinite(p->x) && isfinite(p->y);
}

static void put_caption(struct html *h, const char *title, const char *note)
{
	fputs("<figure>\n<figcaption><b>", h->f);
	html_text(h, title);
	fputs("</b>", h->f);
	if (note && *note) {
		fputs(" <span class=\"note\">", h->f);
		html_text(h, note);
		fputs("</span>", h->f);
	}
	fputs("</figcaption>\n", h->f);
}

void chart_nothing(struct html *h, const char *title, const char *note)
{
	put_caption(h, title, note);
	fputs("<p class=\"nothing\">There is nothing to draw.</p>\n", h->f);
}

void chart_begin(struct html *h, const char *title, const char *note, int height)
{
	const unsigned id = ++h->charts;

	put_caption(h, title, note);
	fprintf(h->f,
		"<svg viewBox=\"0 0 %d %d\" role=\"img\" "
		"aria-labelledby=\"t%u d%u\">\n<title id=\"t%u\">",
		CHART_WIDTH, height, id, id, id);
	html_text(h, title);
	fprintf(h->f, "</title>\n<desc id=\"d%u\">", id);
}

void chart_drawing(struct html *h)
{
	fputs("</desc>\n", h->f);
}

void chart_marker(FILE *f, int color, double x, double y)
{
	fprintf(f, "<path class=\"m c%d\" d=\"M%.1f %.1f", color, x, y);
	switch (color % 4) {
	case 1: /* a disc */
		fputs("m-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z\"/>", f);
		break;
	case 2: /* a square */
		fputs("m-3.6 -3.6h7.2v7.2h-7.2z\"/>", f);
		break;
	case 3: /* a triangle */
		fputs("m0 -4.8l4.6 8.2h-9.2z\"/>", f);
		break;
	default: /* a diamond */
		fputs("m0 -5l5 5l-5 5l-5 -5z\"/>", f);
		break;
	}
}

void chart_legend_entry(struct html *h, enum chart_sign sign, int color, const char *name)
{
	fputs("<li><svg class=\"sign\" viewBox=\"0 0 30 14\" aria-hidden=\"true\">",
	      h->f);
	if (sign == CHART_BOX) {
		fprintf(h->f,
			"<rect class=\"b c%d\" x=\"1\" y=\"1\" width=\"28\" "
			"height=\"12\"/>",
			color);
	} else {
		fprintf(h->f, "<path class=\"l c%d\" d=\"M0 7H30\"/>", color);
		chart_marker(h->f, color, 15, 7);
	}
	fputs("</svg> ", h->f);
	html_text(h, name);
	fputs("</li>\n", h->f);
}

void chart_gap(struct html *h, const char *name, const char *where, const char *why)
{
	fputs("<li><b>", h->f);
	html_text(h, name);
	fputs("</b>", h->f);
	if (where) {
		fputs(", ", h->f);
		html_text(h, where);
	}
	fputs(": ", h->f);
	html_text(h, why && *why ? why : "not known why");
	fputs("</li>\n", h->f);
}

void chart_numbers_begin(struct html *h, const char *title)
{
	fputs("<details class=\"numbers\">\n<summary>The numbers</summary>\n", h->f);
	html_table_begin(h, title);
}

void chart_numbers_end(struct html *h)
{
	html_table_end(h);
	fputs("</details>\n", h->f);
}

void chart_cell(struct html *h, const struct chart_point *p, const struct chart_scale *s)
{
	char value[48], low[48], high[48];

	if (!p || !chart_is_known(p)) {
		fputs("<td class=\"number\">–</td>", h->f);
		return;
	}
	chart_number(value, sizeof(value), p->y / s->divisor);
	fprintf(h->f, "<td class=\"number\">%s", value);
	if (p->low != p->high) {
		chart_number(low, sizeof(low), p->low / s->divisor);
		chart_number(high, sizeof(high), p->high / s->divisor);
		fprintf(h->f, " <span class=\"note\">%s–%s</span>", low, high);
	}
	fputs("</td>", h->f);
}
