/* SPDX-License-Identifier: MIT */
/* Pictures: where an axis is marked, how numbers are written, what has no place. */
#include <float.h>
#include <math.h>

#include "../../lib/out/chart.h"
#include "unit.h"

struct tick_row {
	const char *name;
	double min, max;
	size_t want;
	int base; /* 0: linear */
	const char *ticks;
};

static const struct tick_row ticks[] = {
	{ "from zero", 0, 100, 6, 0, "0 20 40 60 80 100" },
	{ "beside round numbers", 0, 3.7, 6, 0, "0 1 2 3" },
	{ "halves", 0, 2.3, 6, 0, "0 0.5 1 1.5 2" },
	{ "not from zero", 13, 47, 6, 0, "20 30 40" },
	{ "across zero", -5, 5, 6, 0, "-4 -2 0 2 4" },
	{ "small", 0, 3e-7, 4, 0, "0 1e-07 2e-07 3e-07" },
	{ "huge", 0, 1.8e19, 6, 0, "0 5e+18 1e+19 1.5e+19" },
	{ "two", 0, 1, 2, 0, "0 1" },
	{ "one is no scale", 0, 1, 1, 0, "" },
	{ "no range", 5, 5, 6, 0, "" },
	{ "backwards", 5, 1, 6, 0, "" },
	{ "no number", NAN, 1, 6, 0, "" },
	{ "without end", 0, INFINITY, 6, 0, "" },
	{ "all there is", -DBL_MAX, DBL_MAX, 6, 0, "" },
	{ "more than there is room for", 0, 1000, 1000, 0,
	  "0 100 200 300 400 500 600 700 800 900 1000" },
	{ "sizes", 64, 1048576, 0, 2, "64 256 1024 4096 16384 65536 262144 1.04858e+06" },
	{ "few sizes", 1024, 4096, 0, 2, "1024 2048 4096" },
	{ "one size", 16384, 16384, 0, 2, "16384" },
	{ "none in between", 17, 30, 0, 2, "" },
	{ "a decade", 10, 100, 0, 10, "10 20 50 100" },
	{ "beside it", 3, 60, 0, 10, "5 10 20 50" },
	{ "many decades", 1, 1e6, 0, 10, "1 10 100 1000 10000 100000 1e+06" },
	{ "very many", 1, 1e18, 0, 10, "1 1000 1e+06 1e+09 1e+12 1e+15 1e+18" },
	{ "a logarithm of nothing", 0, 100, 0, 10, "" },
	{ "of less", -1, 100, 0, 10, "" },
};

static void test_ticks(void **state)
{
	const struct tick_row *row = *state;
	double out[CHART_TICKS];
	const size_t n = row->base ? chart_log_ticks(row->min, row->max, row->base, out)
				   : chart_ticks(row->min, row->max, row->want, out);
	char text[512] = "";
	size_t len = 0;

	assert_true(n <= CHART_TICKS);
	for (size_t i = 0; i < n; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%.6g",
					i ? " " : "", out[i]);
	assert_string_equal(text, row->ticks);
}

struct number_row {
	const char *name;
	double v;
	int unit; /* -1: the bare number */
	const char *text;
};

static const struct number_row numbers[] = {
	{ "nothing", 0, -1, "0" },
	{ "whole", 7, -1, "7" },
	{ "three digits", 1.2345, -1, "1.23" },
	{ "of ten", 12.345, -1, "12.3" },
	{ "of a hundred", 123.45, -1, "123" },
	{ "rounded up", 9.996, -1, "10.0" },
	{ "and over", 99.96, -1, "100" },
	{ "below one", 0.1234, -1, "0.123" },
	{ "tiny", 0.00012, -1, "0.00012" },
	{ "thousands", 1234567, -1, "1,234,567" },
	{ "negative", -1234.5, -1, "-1,234" },
	{ "very large", 1.8e19, -1, "1.8e+19" },
	{ "no number", NAN, -1, "nan" },
	{ "bytes", 64, CHART_BYTES, "64 B" },
	{ "KiB", 16384, CHART_BYTES, "16 KiB" },
	{ "MiB", 1048576, CHART_BYTES, "1 MiB" },
	{ "a rate", 1.25e9, CHART_BYTES_PER_SECOND, "1.25 GB/s" },
	{ "a small one", 900, CHART_BYTES_PER_SECOND, "900 B/s" },
	{ "no rate", 0, CHART_BYTES_PER_SECOND, "0 B/s" },
	{ "nanoseconds", 640, CHART_NS, "640 ns" },
	{ "microseconds", 2500, CHART_NS, "2.50 µs" },
	{ "seconds", 1.5e9, CHART_NS, "1.50 s" },
	{ "a count", 9999, CHART_COUNT, "9,999" },
	{ "a large one", 25000, CHART_COUNT, "25 k" },
	{ "millions", 3200000, CHART_COUNT, "3.20 M" },
	{ "a part", 125, CHART_PERMILLE, "12.5%" },
};

static void test_number(void **state)
{
	const struct number_row *row = *state;
	char text[64];

	if (row->unit < 0)
		chart_number(text, sizeof(text), row->v);
	else
		chart_value(text, sizeof(text), row->v, (enum chart_unit)row->unit);
	assert_string_equal(text, row->text);
}

/* Points of one line, and what has to be in the page. */
struct line_row {
	const char *name;
	struct chart_point points[4];
	size_t n;
	const char *why; /* of the whole line */
	int log;         /* of y */
	size_t markers;
	const char *has[3];
};

#define AT(x_, y_)                                                                       \
	{                                                                                \
		x_, y_, y_, y_, NULL                                                     \
	}
static const struct line_row lines[] = {
	{ .name = "none", .why = "no module", .has = { "nothing to draw", "no module" } },
	{ .name = "one point",
	  .points = { AT(64, 5) },
	  .n = 1,
	  .markers = 1,
	  .has = { "<th scope=\"row\">64 B</th>" } },
	{ .name = "all equal",
	  .points = { AT(64, 5), AT(128, 5), AT(256, 5) },
	  .n = 3,
	  .markers = 3 },
	{ .name = "all zero", .points = { AT(64, 0), AT(128, 0) }, .n = 2, .markers = 2 },
	{ .name = "zero has no logarithm",
	  .points = { AT(64, 0), AT(128, 3) },
	  .n = 2,
	  .log = 10,
	  .markers = 1,
	  .has = { "64 B: not above zero" } },
	{ .name = "huge",
	  .points = { AT(64, 1), AT(128, 1.8e19) },
	  .n = 2,
	  .markers = 2,
	  .has = { "18,000,000,000" } },
	{ .name = "too large for a number",
	  .points = { AT(64, 1), AT(128, INFINITY), AT(256, NAN) },
	  .n = 3,
	  .markers = 1 },
	{ .name = "a gap with its reason",
	  .points = { AT(64, 1), { .x = 128, .why = "too <noisy>" }, AT(256, 2) },
	  .n = 3,
	  .markers = 2,
	  .has = { "128 B: too &lt;noisy&gt;", "<td class=\"number\">–</td>" } },
	{ .name = "with an interval",
	  .points = { { 64, 5e9, 4e9, 6e9, NULL }, { 128, 7e9, 6.5e9, 9e9, NULL } },
	  .n = 2,
	  .markers = 2,
	  .has = { "5 <span class=\"note\">4–6</span>", "class=\"i c3\"", "GB/s" } },
};

static size_t count(const char *page, const char *what)
{
	size_t n = 0;

	for (const char *p = page; (p = strstr(p, what)); p++)
		n++;
	return n;
}

static void no_bad_number(const char *page)
{
	assert_null(strstr(page, "nan"));
	assert_null(strstr(page, "inf"));
	assert_int_equal(count(page, "<svg"), count(page, "</svg>"));
	assert_int_equal(count(page, "<figure>"), count(page, "</figure>"));
}

static void test_line(void **state)
{
	const struct line_row *row = *state;
	const struct chart_series s = { "a \"line\"", 3, row->why, row->points, row->n };
	const struct chart c = { .title = "throughput",
				 .note = "",
				 .x = { "size", CHART_BYTES, "", 2, NULL },
				 .y = { "", CHART_BYTES_PER_SECOND, "", row->log, NULL },
				 .series = &s,
				 .n = 1 };
	const struct html_head head = { "t", "test", "", "", "" };
	cleanup_free char *page = NULL;
	const char *body;
	struct html h;

	assert_int_equal(html_open(&h, &head), 0);
	chart_lines(&h, &c);
	page = html_close(&h, &head);
	assert_non_null(page);
	body = strstr(page, "<main>");
	no_bad_number(body);
	/* One more is in the legend. */
	assert_int_equal(count(body, "class=\"m c3\""),
			 row->markers + (row->markers > 0));
	for (size_t i = 0; i < 3 && row->has[i]; i++)
		if (!strstr(body, row->has[i]))
			fail_msg("%s: not in %s", row->has[i], body);
}

struct stack_row {
	const char *name;
	double parts[2][2];
	const char *why[2];
	size_t bars, boxes;
	const char *has;
};

static const struct stack_row stacks[] = {
	{ "two bars", { { 1e6, 2e6 }, { 3e6, 1e6 } }, { NULL }, 2, 4, "4 ms" },
	{ "none", { { 0 } }, { NULL }, 0, 0, "nothing to draw" },
	{ "nothing in them", { { 0 } }, { NULL }, 2, 0, "nothing to draw" },
	{ "one is not there",
	  { { 1, 2 }, { 0 } },
	  { NULL, "no <module>" },
	  2,
	  2,
	  "no &lt;module&gt;" },
	{ "a part is not known", { { NAN, 2e6 } }, { NULL }, 1, 1, "–</td>" },
	{ "less than nothing", { { -1e6, 2e6 } }, { NULL }, 1, 1, "2 ms" },
	{ "without end", { { DBL_MAX, DBL_MAX } }, { NULL }, 1, 0, "nothing to draw" },
};

static void test_stack(void **state)
{
	static const char *const names[] = { "sender", "receiver" };
	const struct stack_row *row = *state;
	const struct chart_bar bars[2] = {
		{ .name = "kTLS",
		  .why = row->why[0],
		  .parts = row->parts[0],
		  .high = row->boxes ? 1e6 : 0 },
		{ .name = "plain", .why = row->why[1], .parts = row->parts[1] },
	};
	const struct chart_stack c = { .title = "CPU",
				       .note = "a note",
				       .value = { "time", CHART_NS, "/GiB", 0, NULL },
				       .names = names,
				       .n_names = 2,
				       .bars = bars,
				       .n = row->bars };
	const struct html_head head = { "t", "test", "", "", "" };
	cleanup_free char *page = NULL;
	const char *body;
	struct html h;

	assert_int_equal(html_open(&h, &head), 0);
	chart_stacked(&h, &c);
	page = html_close(&h, &head);
	assert_non_null(page);
	body = strstr(page, "<main>");
	no_bad_number(body);
	/* Two more are in the legend. */
	assert_int_equal(count(body, "<rect class=\"b "),
			 row->boxes + 2 * (row->boxes > 0));
	assert_int_equal(count(body, "class=\"w\""), row->boxes > 0 && !row->why[0]);
	assert_non_null(strstr(body, row->has));
}

static const struct unit_set sets[] = {
	UNIT_ROWS("ticks", ticks, test_ticks),
	UNIT_ROWS("number", numbers, test_number),
	UNIT_ROWS("line", lines, test_line),
	UNIT_ROWS("stack", stacks, test_stack),
};

int main(void)
{
	return unit_run("chart", sets, ARRAY_SIZE(sets));
}
