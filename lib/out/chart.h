/* SPDX-License-Identifier: MIT */
/*
 * Pictures in a page, as SVG that stands in its markup: drawn here, by no script. Each
 * comes with a title and a description for those who do not see it, a legend, and a table
 * of the same numbers; what has no value is a gap, and why is said below. Pure: they know
 * nothing but the numbers they are given.
 */
#ifndef KTLSCTL_CHART_H
#define KTLSCTL_CHART_H

#include "html.h"

/* Of values; people see them in GB/s, ms, KiB, whichever fits. */
enum chart_unit {
	CHART_COUNT,
	CHART_BYTES, /* 64 B, 16 KiB */
	CHART_BYTES_PER_SECOND,
	CHART_NS,
	CHART_PERMILLE, /* shown as % */
};

/* What a value is divided by to be shown, and the word behind it ("ms"). */
struct chart_scale {
	double divisor;
	const char *word;
};
/* That of the largest value that is to be shown by it. */
struct chart_scale chart_scale_of(enum chart_unit unit, double max);

/* Three digits that count, or all in front of the point: "0.123", "12.3", "1,234". */
void chart_number(char *out, size_t size, double v);
/* With the scale that fits it alone: "16 KiB", "1.25 ms". */
void chart_value(char *out, size_t size, double v, enum chart_unit unit);

enum { CHART_TICKS = 16 };
/*
 * Places between min and max at round numbers, `want` of them or fewer (at most
 * CHART_TICKS). Those of a logarithmic axis are powers of base, 2 or 10, and with few
 * decades 2 and 5 times that as well. Returns how many; 0 where there is no such range.
 */
size_t chart_ticks(double min, double max, size_t want, double *out);
size_t chart_log_ticks(double min, double max, int base, double *out);

struct chart_axis {
	const char *title; /* "message size" */
	enum chart_unit unit;
	const char *per;           /* behind the unit: "/GiB"; "" */
	int log;                   /* base 2 or 10; 0: linear, from zero on */
	const char *const *labels; /* x is 0, 1, 2, ... and called so; NULL: a number */
};

struct chart_point {
	double x, y;
	double low, high; /* the interval of y; both y: none */
	const char *why;  /* NULL: it is known */
};

struct chart_series {
	const char *name;
	int color; /* 1 to 8, see page.css: the same thing has the same everywhere */
	const char *why;                  /* there are no points: why; else NULL */
	const struct chart_point *points; /* x ascending */
	size_t n;
};

struct chart {
	const char *title, *note; /* note: a sentence below it; "" */
	struct chart_axis x, y;
	const struct chart_series *series;
	size_t n;
};

/* Lines over x with an interval at each point. */
void chart_lines(struct html *h, const struct chart *c);

/* A bar of parts, one behind the other. A part that is not known is NAN. */
struct chart_bar {
	const char *name, *why; /* why: there is none; NULL: there is */
	const double *parts;
	double low, high; /* the interval of all of it; equal: none */
	int color;        /* of a bar of one part; 0: that of the part */
};

struct chart_stack {
	const char *title, *note;
	struct chart_axis value;
	const char *const *names; /* of the parts */
	size_t n_names;
	const struct chart_bar *bars;
	size_t n;
};

void chart_stacked(struct html *h, const struct chart_stack *c);

#endif
