/* SPDX-License-Identifier: MIT */
/* Between the files that pictures stand in. */
#ifndef KTLSCTL_CHART_PRIV_H
#define KTLSCTL_CHART_PRIV_H

#include "chart.h"

/* The picture, in units that the browser makes larger or smaller. */
enum { CHART_WIDTH = 420, CHART_LEFT = 46, CHART_RIGHT = 22 };

/* <figure>, its caption, and <svg> with its title; the description is still open. */
void chart_begin(struct html *h, const char *title, const char *note, int height);
/* Behind the description. */
void chart_drawing(struct html *h);

/* <figure> for a picture that would be empty. */
void chart_nothing(struct html *h, const char *title, const char *note);

/* A sign of a series in the legend: a line with its marker, or a box. */
enum chart_sign { CHART_LINE, CHART_BOX };
void chart_legend_entry(struct html *h, enum chart_sign sign, int color,
			const char *name);
/* The marker of a colour, each a shape of its own. */
void chart_marker(FILE *f, int color, double x, double y);

/* "No value: " and why, once for each. */
void chart_gap(struct html *h, const char *name, const char *where, const char *why);

/* The numbers: between the two stand rows of a table. */
void chart_numbers_begin(struct html *h, const char *title);
void chart_numbers_end(struct html *h);

/* v and its interval in the scale, as a cell; why: in its place. */
void chart_cell(struct html *h, const struct chart_point *p, const struct chart_scale *s);

/* Of a point: known, and finite. */
bool chart_is_known(const struct chart_point *p);

#endif
