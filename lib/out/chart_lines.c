/* SPDX-License-Identifier: MIT */
/* Lines over an axis, each point with its interval. */
#include <math.h>
#include <string.h>

#include "chart_priv.h"

enum { HEIGHT = 270, TOP = 26, BOTTOM = HEIGHT - 44, Y_TICKS = 6 };

/* One direction of the picture. */
struct frame {
	double min, max; /* of the values */
	bool log;
	double from, to; /* where they lie in the picture */
};

struct picture {
	const struct chart *c;
	struct html *h;
	struct frame x, y;
	struct chart_scale scale; /* of y */
	bool empty;
};

static double place(const struct frame *f, double v)
{
	const double part = f->log ? log(v / f->min) / log(f->max / f->min)
				   : (v - f->min) / (f->max - f->min);

	return f->from + part * (f->to - f->from);
}

/* A logarithmic axis has no place for what is not above zero. */
static bool is_shown(const struct chart *c, const struct chart_point *p)
{
	return chart_is_known(p) && (!c->x.log || p->x > 0) && (!c->y.log || p->y > 0);
}

static void widen(struct frame *f, double v)
{
	if (!isfinite(v) || (f->log && v <= 0))
		return;
	f->min = fmin(f->min, v);
	f->max = fmax(f->max, v);
}

/* All that is drawn, its intervals included. False: there is nothing. */
static bool find_ranges(struct picture *p)
{
	bool any = false;

	p->x = (struct frame){ INFINITY, -INFINITY, p->c->x.log, CHART_LEFT + 8,
			       CHART_WIDTH - CHART_RIGHT };
	p->y = (struct frame){ INFINITY, -INFINITY, p->c->y.log, BOTTOM, TOP };
	for (size_t i = 0; i < p->c->n; i++) {
		for (size_t k = 0; k < p->c->series[i].n; k++) {
			const struct chart_point *q = &p->c->series[i].points[k];

			if (!is_shown(p->c, q))
				continue;
			any = true;
			widen(&p->x, q->x);
			widen(&p->y, q->y);
			if (q->low != q->high) {
				widen(&p->y, q->low);
				widen(&p->y, q->high);
			}
		}
	}
	return any;
}

/* Room around what is there; a range of one value gets one of its own. */
static void pad_ranges(struct picture *p)
{
	if (p->c->x.labels) {
		p->x.min -= 0.35;
		p->x.max += 0.35;
	} else if (p->x.min == p->x.max) {
		p->x.min -= p->x.log ? p->x.min / 2 : 1;
		p->x.max += p->x.log ? p->x.max : 1;
	}
	if (p->y.log) {
		p->y.min /= 1.25;
		p->y.max *= 1.25;
		return;
	}
	p->y.min = fmin(p->y.min, 0);
	p->y.max = p->y.max > p->y.min ? p->y.max * 1.05 : p->y.min + 1;
}

static void put_y_axis(const struct picture *p)
{
	double ticks[CHART_TICKS];
	const double d = p->scale.divisor;
	const size_t n = p->y.log ? chart_log_ticks(p->y.min / d, p->y.max / d, 10, ticks)
				  : chart_ticks(p->y.min / d, p->y.max / d, Y_TICKS,
						ticks);
	FILE *f = p->h->f;

	for (size_t i = 0; i < n; i++) {
		const double y = place(&p->y, ticks[i] * d);

		fprintf(f, "<path class=\"grid\" d=\"M%d %.1fH%d\"/>", CHART_LEFT, y,
			CHART_WIDTH - CHART_RIGHT + 8);
		fprintf(f, "<text class=\"end\" x=\"%d\" y=\"%.1f\">%.6g</text>\n",
			CHART_LEFT - 6, y + 4, ticks[i]);
	}
	fprintf(f, "<text class=\"axis\" x=\"4\" y=\"14\">%s%s%s</text>\n", p->scale.word,
		p->c->y.per, p->y.log ? ", logarithmic" : "");
}

/* spare: it may be left out where there is little room. */
static void put_x_label(const struct picture *p, double x, const char *label, bool spare)
{
	fprintf(p->h->f,
		"<path class=\"tick\" d=\"M%.1f %dv5\"/><text class=\"mid%s\" x=\"%.1f\" "
		"y=\"%d\">",
		x, BOTTOM, spare ? " spare" : "", x, BOTTOM + 19);
	html_text(p->h, label);
	fputs("</text>\n", p->h->f);
}

static void put_x_axis(const struct picture *p)
{
	double ticks[CHART_TICKS];
	const struct chart_axis *axis = &p->c->x;
	const size_t n = axis->log ? chart_log_ticks(p->x.min, p->x.max, axis->log, ticks)
				   : chart_ticks(p->x.min, p->x.max, 7, ticks);
	char label[64];

	fprintf(p->h->f, "<path class=\"tick\" d=\"M%d %dH%d\"/>\n", CHART_LEFT, BOTTOM,
		CHART_WIDTH - CHART_RIGHT + 8);
	for (size_t i = 0; axis->labels && axis->labels[i]; i++)
		if ((double)i >= p->x.min && (double)i <= p->x.max)
			put_x_label(p, place(&p->x, (double)i), axis->labels[i], false);
	for (size_t i = 0; !axis->labels && i < n; i++) {
		chart_value(label, sizeof(label), ticks[i], axis->unit);
		put_x_label(p, place(&p->x, ticks[i]), label, n > 5 && i % 2);
	}
	fprintf(p->h->f, "<text class=\"axis last\" x=\"%d\" y=\"%d\">",
		CHART_WIDTH - CHART_RIGHT + 8, BOTTOM + 38);
	html_text(p->h, axis->title);
	fputs("</text>\n", p->h->f);
}

static void put_interval(const struct picture *p, const struct chart_series *s,
			 const struct chart_point *q)
{
	const double x = place(&p->x, q->x);
	double low = q->low, high = q->high;

	if (low == high || !isfinite(low) || !isfinite(high))
		return;
	if (p->y.log && low <= 0)
		low = p->y.min;
	fprintf(p->h->f, "<path class=\"i c%d\" d=\"M%.1f %.1fH%.1fM%.1f %.1fV%.1f",
		s->color, x - 3, place(&p->y, low), x + 3, x, place(&p->y, low),
		place(&p->y, high));
	fprintf(p->h->f, "M%.1f %.1fH%.1f\"/>", x - 3, place(&p->y, high), x + 3);
}

/* A gap in the points is one in the line. */
static void put_line(const struct picture *p, const struct chart_series *s)
{
	bool down = false;

	fprintf(p->h->f, "<path class=\"l c%d\" d=\"", s->color);
	for (size_t k = 0; k < s->n; k++) {
		const struct chart_point *q = &s->points[k];

		if (is_shown(p->c, q))
			fprintf(p->h->f, "%c%.1f %.1f", down ? 'L' : 'M',
				place(&p->x, q->x), place(&p->y, q->y));
		down = is_shown(p->c, q);
	}
	fputs("\"/>\n", p->h->f);
}

static void put_series(const struct picture *p, const struct chart_series *s)
{
	bool any = false;

	for (size_t k = 0; k < s->n; k++)
		any |= is_shown(p->c, &s->points[k]);
	if (!any)
		return;
	put_line(p, s);
	for (size_t k = 0; k < s->n; k++) {
		const struct chart_point *q = &s->points[k];

		if (!is_shown(p->c, q))
			continue;
		put_interval(p, s, q);
		chart_marker(p->h->f, s->color, place(&p->x, q->x), place(&p->y, q->y));
	}
	fputc('\n', p->h->f);
}

/* How an x is called: "16 KiB", "p99". */
static void x_name(const struct chart *c, double x, char *out, size_t size)
{
	if (c->x.labels)
		snprintf(out, size, "%s", c->x.labels[(size_t)x]);
	else
		chart_value(out, size, x, c->x.unit);
}

/* For those who do not see it: where each line begins and ends. */
static void describe(const struct picture *p)
{
	const struct chart *c = p->c;
	char at[64], value[64];

	html_text(p->h, c->title);
	fputs(". ", p->h->f);
	for (size_t i = 0; i < c->n; i++) {
		const struct chart_point *ends[2] = { NULL, NULL };
		const struct chart_series *s = &c->series[i];

		for (size_t k = 0; k < s->n; k++)
			if (is_shown(c, &s->points[k]))
				ends[ends[0] ? 1 : 0] = &s->points[k];
		if (!ends[0])
			continue;
		html_text(p->h, s->name);
		for (int e = 0; e < 2 && ends[e]; e++) {
			x_name(c, ends[e]->x, at, sizeof(at));
			chart_value(value, sizeof(value), ends[e]->y, c->y.unit);
			fprintf(p->h->f, "%s %s%s at ", e ? " to" : ":", value, c->y.per);
			html_text(p->h, at);
		}
		fputs(". ", p->h->f);
	}
}

/* All x there are, ascending, each once. Returns how many. */
static size_t all_x(const struct chart *c, double *out, size_t room)
{
	double last = -INFINITY;
	size_t n = 0;

	while (n < room) {
		double next = INFINITY;

		for (size_t i = 0; i < c->n; i++)
			for (size_t k = 0; k < c->series[i].n; k++)
				if (c->series[i].points[k].x > last)
					next = fmin(next, c->series[i].points[k].x);
		if (!isfinite(next))
			break;
		out[n++] = last = next;
	}
	return n;
}

static const struct chart_point *point_at(const struct chart_series *s, double x)
{
	for (size_t k = 0; k < s->n; k++)
		if (s->points[k].x == x)
			return &s->points[k];
	return NULL;
}

static void put_numbers(const struct picture *p)
{
	const struct chart *c = p->c;
	struct html *h = p->h;
	double xs[64];
	const size_t n = all_x(c, xs, 64);
	char at[64];

	chart_numbers_begin(h, c->title);
	fputs("<thead><tr>", h->f);
	html_element(h, "th scope=\"col\"", c->x.title);
	for (size_t i = 0; i < c->n; i++) {
		fputs("<th scope=\"col\" class=\"number\">", h->f);
		html_text(h, c->series[i].name);
		fprintf(h->f, " <span class=\"note\">%s%s</span></th>", p->scale.word,
			c->y.per);
	}
	fputs("</tr></thead>\n<tbody>\n", h->f);
	for (size_t k = 0; k < n; k++) {
		x_name(c, xs[k], at, sizeof(at));
		fputs("<tr>", h->f);
		html_element(h, "th scope=\"row\"", at);
		for (size_t i = 0; i < c->n; i++)
			chart_cell(h, point_at(&c->series[i], xs[k]), &p->scale);
		fputs("</tr>\n", h->f);
	}
	fputs("</tbody>\n", h->f);
	chart_numbers_end(h);
}

static const char *why_not(const struct chart_point *p)
{
	return p->why ? p->why : "not above zero, which this axis has no place for";
}

/* What is not there, and why. A line that is not there at all is one gap. */
static void put_gaps(const struct picture *p)
{
	const struct chart *c = p->c;
	bool any = false;
	char at[64];

	for (size_t i = 0; i < c->n; i++) {
		const struct chart_series *s = &c->series[i];

		for (size_t k = 0; k < s->n + !s->n; k++) {
			if (s->n && is_shown(c, &s->points[k]))
				continue;
			fputs(any ? "" : "<ul class=\"gaps\">\n", p->h->f);
			any = true;
			if (s->n)
				x_name(c, s->points[k].x, at, sizeof(at));
			chart_gap(p->h, s->name, s->n ? at : NULL,
				  s->n ? why_not(&s->points[k]) : s->why);
		}
	}
	fputs(any ? "</ul>\n" : "", p->h->f);
}

static void put_legend(const struct picture *p)
{
	fputs("<ul class=\"legend\">\n", p->h->f);
	for (size_t i = 0; i < p->c->n; i++)
		if (p->c->series[i].n)
			chart_legend_entry(p->h, CHART_LINE, p->c->series[i].color,
					   p->c->series[i].name);
	fputs("</ul>\n", p->h->f);
}

static void put_drawing(struct picture *p)
{
	pad_ranges(p);
	p->scale = chart_scale_of(p->c->y.unit, p->y.max);
	describe(p);
	chart_drawing(p->h);
	put_y_axis(p);
	put_x_axis(p);
	for (size_t i = 0; i < p->c->n; i++)
		put_series(p, &p->c->series[i]);
	fputs("</svg>\n", p->h->f);
	put_legend(p);
	put_gaps(p);
}

void chart_lines(struct html *h, const struct chart *c)
{
	struct picture p = { .c = c, .h = h };

	if (!find_ranges(&p)) {
		chart_nothing(h, c->title, c->note);
		put_gaps(&p);
	} else {
		chart_begin(h, c->title, c->note, HEIGHT);
		put_drawing(&p);
		put_numbers(&p);
	}
	fputs("</figure>\n", h->f);
}
