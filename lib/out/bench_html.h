/* SPDX-License-Identifier: MIT */
/* Between the files of the bench's page. */
#ifndef KTLSCTL_BENCH_HTML_H
#define KTLSCTL_BENCH_HTML_H

#include "bench.h"
#include "chart.h"

struct arena;

/* The groups that differ in size alone, ascending. */
struct bench_family {
	const struct bench_group_doc **groups;
	size_t n;
};

/* The modes of a group, each once, in the order of the document. */
struct bench_modes {
	const char **modes, **titles;
	size_t n;
};

/* How people see a figure: value * factor, in that unit, with per behind it. */
struct bench_shown {
	enum chart_unit unit;
	double factor;
	const char *per;
};
struct bench_shown bench_shown(const char *unit);

/* Pictures of a family. 0 or -ENOMEM */
int bench_charts(struct html *h, const struct bench_family *f, struct arena *a);
/* The mode was measured in a group of the family. */
bool bench_is_present(const struct bench_family *f, const char *mode);
/* 0 or -ENOMEM */
int bench_family_modes(const struct bench_family *f, struct arena *a,
		       struct bench_modes *out);

/* What one core can encrypt, a row a cipher. */
void bench_ceiling_table(struct html *h, const struct bench_doc *d);
/* All figures of a group. */
void bench_figures(struct html *h, const struct bench_group_doc *g);

/* What the page has between its head and its foot. 0 or -ENOMEM */
int bench_page(struct html *h, const struct bench_doc *d);

#endif
