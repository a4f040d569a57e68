/* SPDX-License-Identifier: MIT */
/* Bars of parts, one below the other, on one axis. */
#include <float.h>
#include <math.h>

#include "chart_priv.h"

/* A bar has its name above it: so there is room for it on a telephone as well. */
enum { ROW = 42, TOP = 6, BAR = 17, FOOT = 44, TICKS = 6 };

struct stack {
	const struct chart_stack *c;
	struct html *h;
	double max; /* the axis' */
	struct chart_scale scale;
};

/* The colour of part i. */
static int color_of(const struct chart_bar *b, size_t i)
{
	return b->color > 0 && b->color <= 8 ? b->color : (int)(i % 8) + 1;
}

static bool has_interval(const struct chart_bar *b)
{
	return isfinite(b->low) && isfinite(b->high) && b->low < b->high && b->low >= 0;
}

static double sum(const struct chart_stack *c, const struct chart_bar *b)
{
	double all = 0;

	for (size_t i = 0; !b->why && i < c->n_names; i++)
		if (isfinite(b->parts[i]) && b->parts[i] > 0)
			all += b->parts[i];
	return all;
}

static double width_of(const struct stack *s, double v)
{
	return v / s->max * (CHART_WIDTH - 2 * CHART_RIGHT);
}

/* Over the bar's end, in the colour of text: it lies on the bar and beside it. */
static void put_interval(const struct stack *s, const struct chart_bar *b, double y)
{
	const double from = CHART_RIGHT + width_of(s, b->low);
	const double to = CHART_RIGHT + width_of(s, b->high);

	fprintf(s->h->f,
		"<path class=\"w\" d=\"M%.1f %.1fv8M%.1f %.1fH%.1fM%.1f %.1fv8\"/>", from,
		y - 4, from, y, to, to, y - 4);
}

static void put_bar(const struct stack *s, const struct chart_bar *b, double y)
{
	double x = CHART_RIGHT;
	char total[64];

	fprintf(s->h->f, "<text class=\"name\" x=\"%d\" y=\"%.1f\">", CHART_RIGHT,
		y + 13);
	html_text(s->h, b->name);
	chart_value(total, sizeof(total), sum(s->c, b), s->c->value.unit);
	fprintf(s->h->f, " <tspan class=\"soft\">%s%s</tspan></text>\n", total,
		s->c->value.per);
	for (size_t i = 0; i < s->c->n_names; i++) {
		const double w = isfinite(b->parts[i]) && b->parts[i] > 0
					 ? width_of(s, b->parts[i])
					 : 0;

		if (w > 0)
			fprintf(s->h->f,
				"<rect class=\"b c%d\" x=\"%.1f\" y=\"%.1f\" "
				"width=\"%.1f\" height=\"%d\"/>",
				color_of(b, i), x, y + 19, w, BAR);
		x += w;
	}
	if (has_interval(b))
		put_interval(s, b, y + 19 + BAR / 2.0);
	fputc('\n', s->h->f);
}

static void put_axis(const struct stack *s, double y)
{
	double ticks[CHART_TICKS];
	const double d = s->scale.divisor;
	const size_t n = chart_ticks(0, s->max / d, TICKS, ticks);
	FILE *f = s->h->f;

	fprintf(f, "<path class=\"tick\" d=\"M%d %.1fH%d\"/>\n", CHART_RIGHT, y,
		CHART_WIDTH - CHART_RIGHT);
	for (size_t i = 0; i < n; i++) {
		const double x = CHART_RIGHT + width_of(s, ticks[i] * d);

		fprintf(f,
			"<path class=\"tick\" d=\"M%.1f %.1fv5\"/><text class=\"mid\" "
			"x=\"%.1f\" y=\"%.1f\">%.6g</text>\n",
			x, y, x, y + 19, ticks[i]);
	}
	fprintf(f, "<text class=\"axis last\" x=\"%d\" y=\"%.1f\">%s%s</text>\n",
		CHART_WIDTH - CHART_RIGHT, y + 38, s->scale.word, s->c->value.per);
}

static void describe(const struct stack *s)
{
	char value[64];

	html_text(s->h, s->c->title);
	fputs(". ", s->h->f);
	for (size_t i = 0; i < s->c->n; i++) {
		const struct chart_bar *b = &s->c->bars[i];

		if (b->why)
			continue;
		html_text(s->h, b->name);
		chart_value(value, sizeof(value), sum(s->c, b), s->c->value.unit);
		fprintf(s->h->f, ": %s%s. ", value, s->c->value.per);
	}
}

static void put_legend(const struct stack *s)
{
	if (s->c->n_names < 2)
		return;
	fputs("<ul class=\"legend\">\n", s->h->f);
	for (size_t i = 0; i < s->c->n_names; i++)
		chart_legend_entry(s->h, CHART_BOX, (int)(i % 8) + 1, s->c->names[i]);
	fputs("</ul>\n", s->h->f);
}

static void put_row(const struct stack *s, const struct chart_bar *b)
{
	fputs("<tr>", s->h->f);
	html_element(s->h, "th scope=\"row\"", b->name);
	for (size_t i = 0; i < s->c->n_names; i++) {
		const bool all = s->c->n_names == 1 && has_interval(b);
		const struct chart_point p = { 0, b->parts[i], all ? b->low : 0,
					       all ? b->high : 0, NULL };

		chart_cell(s->h, &p, &s->scale);
	}
	fputs("</tr>\n", s->h->f);
}

static void put_numbers(const struct stack *s)
{
	struct html *h = s->h;

	chart_numbers_begin(h, s->c->title);
	fputs("<thead><tr><th scope=\"col\"></th>", h->f);
	for (size_t i = 0; i < s->c->n_names; i++) {
		fputs("<th scope=\"col\" class=\"number\">", h->f);
		html_text(h, s->c->names[i]);
		fprintf(h->f, " <span class=\"note\">%s%s</span></th>", s->scale.word,
			s->c->value.per);
	}
	fputs("</tr></thead>\n<tbody>\n", h->f);
	for (size_t i = 0; i < s->c->n; i++)
		if (!s->c->bars[i].why)
			put_row(s, &s->c->bars[i]);
	fputs("</tbody>\n", h->f);
	chart_numbers_end(h);
}

static void put_gaps(const struct stack *s)
{
	bool any = false;

	for (size_t i = 0; i < s->c->n; i++) {
		if (!s->c->bars[i].why)
			continue;
		fputs(any ? "" : "<ul class=\"gaps\">\n", s->h->f);
		any = true;
		chart_gap(s->h, s->c->bars[i].name, NULL, s->c->bars[i].why);
	}
	fputs(any ? "</ul>\n" : "", s->h->f);
}

static void put_drawing(struct stack *s, size_t bars)
{
	double y = TOP;

	s->scale = chart_scale_of(s->c->value.unit, s->max);
	chart_begin(s->h, s->c->title, s->c->note, TOP + (int)bars * ROW + FOOT);
	describe(s);
	chart_drawing(s->h);
	for (size_t i = 0; i < s->c->n; i++) {
		if (s->c->bars[i].why)
			continue;
		put_bar(s, &s->c->bars[i], y);
		y += ROW;
	}
	put_axis(s, y);
	fputs("</svg>\n", s->h->f);
	put_legend(s);
	put_gaps(s);
	put_numbers(s);
}

void chart_stacked(struct html *h, const struct chart_stack *c)
{
	struct stack s = { .c = c, .h = h };
	size_t bars = 0;

	for (size_t i = 0; i < c->n; i++) {
		bars += !c->bars[i].why;
		s.max = fmax(s.max, sum(c, &c->bars[i]));
		if (!c->bars[i].why && has_interval(&c->bars[i]))
			s.max = fmax(s.max, c->bars[i].high);
	}
	/*
	 * A sum that is no number has no place on an axis. Not isfinite(): in the
	 * registers of the x87 it may be more than a double has room for, and not
	 * infinite yet.
	 */
	if (s.max > 0 && s.max <= DBL_MAX) {
		put_drawing(&s, bars);
	} else {
		chart_nothing(h, c->title, c->note);
		put_gaps(&s);
	}
	fputs("</figure>\n", h->f);
}
