/* SPDX-License-Identifier: MIT */
/* Numbers for pictures: where an axis is marked, and how a value is written. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "../host/cleanup.h"
#include "chart.h"

static const struct {
	enum chart_unit unit;
	struct chart_scale scale;
} scales[] = {
	/* Of a unit the largest first, the last one for whatever is smaller. */
	{ CHART_COUNT, { 1e9, "G" } },
	{ CHART_COUNT, { 1e6, "M" } },
	{ CHART_COUNT, { 1e4, NULL } },
	{ CHART_COUNT, { 1, "" } },
	{ CHART_BYTES, { 1099511627776.0, "TiB" } },
	{ CHART_BYTES, { 1073741824.0, "GiB" } },
	{ CHART_BYTES, { 1048576.0, "MiB" } },
	{ CHART_BYTES, { 1024.0, "KiB" } },
	{ CHART_BYTES, { 1, "B" } },
	{ CHART_BYTES_PER_SECOND, { 1e9, "GB/s" } },
	{ CHART_BYTES_PER_SECOND, { 1e6, "MB/s" } },
	{ CHART_BYTES_PER_SECOND, { 1e3, "kB/s" } },
	{ CHART_BYTES_PER_SECOND, { 1, "B/s" } },
	{ CHART_NS, { 1e9, "s" } },
	{ CHART_NS, { 1e6, "ms" } },
	{ CHART_NS, { 1e3, "µs" } },
	{ CHART_NS, { 1, "ns" } },
	{ CHART_PERMILLE, { 10, "%" } },
};

struct chart_scale chart_scale_of(enum chart_unit unit, double max)
{
	struct chart_scale last = { 1, "" };

	for (size_t i = 0; i < ARRAY_SIZE(scales); i++) {
		if (scales[i].unit != unit)
			continue;
		last = scales[i].scale;
		/* Thousands of something countable are written out up to here. */
		if (!last.word)
			last = (struct chart_scale){ 1e3, "k" };
		if (max >= scales[i].scale.divisor)
			break;
	}
	return last;
}

static void put_thousands(char *out, size_t size, double v)
{
	char digits[400];
	const int n = snprintf(digits, sizeof(digits), "%.0f", v);
	size_t at = 0;

	for (int i = 0; i < n && at + 2 < size; i++) {
		if (i && (n - i) % 3 == 0 && digits[i - 1] != '-')
			out[at++] = ',';
		out[at++] = digits[i];
	}
	out[at] = '\0';
}

void chart_number(char *out, size_t size, double v)
{
	const double a = fabs(v);
	const int places = a >= 99.95 ? 0 : a >= 9.995 ? 1 : a >= 0.9995 ? 2 : 3;

	if (!isfinite(v) || a >= 1e18)
		snprintf(out, size, "%.3g", v);
	else if (a < 0.001 && a > 0)
		snprintf(out, size, "%.2g", v);
	else if (!places || v == floor(v))
		put_thousands(out, size, v);
	else
		snprintf(out, size, "%.*f", places, v);
}

void chart_value(char *out, size_t size, double v, enum chart_unit unit)
{
	const struct chart_scale s = chart_scale_of(unit, fabs(v));
	char number[48];

	chart_number(number, sizeof(number), v / s.divisor);
	snprintf(out, size, "%s%s%s", number, *s.word && strcmp(s.word, "%") ? " " : "",
		 s.word);
}

/* The smallest of 1, 2, 5 times a power of ten that is not smaller. */
static double round_step(double step)
{
	const double power = pow(10, floor(log10(step)));

	for (int i = 0; i < 4; i++) {
		static const double times[] = { 1, 2, 5, 10 };

		if (times[i] * power >= step * (1 - 1e-9))
			return times[i] * power;
	}
	return 10 * power;
}

size_t chart_ticks(double min, double max, size_t want, double *out)
{
	double step, first;
	size_t n = 0;

	if (!isfinite(min) || !isfinite(max) || max <= min || want < 2 ||
	    max - min > DBL_MAX)
		return 0;
	want = want < CHART_TICKS ? want : CHART_TICKS;
	step = round_step((max - min) / (double)(want - 1));
	first = ceil(min / step - 1e-9);
	while (n < want && (first + (double)n) * step <= max + step * 1e-9) {
		out[n] = (first + (double)n) * step;
		n++;
	}
	return n;
}

static size_t powers(double min, double max, int base, double *out)
{
	const double low = ceil(log(min) / log(base) - 1e-9);
	const double high = floor(log(max) / log(base) + 1e-9);
	const double every = ceil((high - low + 1) / 8);
	size_t n = 0;

	while (n < CHART_TICKS && low + (double)n * every <= high) {
		out[n] = pow(base, low + (double)n * every);
		n++;
	}
	return n;
}

size_t chart_log_ticks(double min, double max, int base, double *out)
{
	static const double times[] = { 1, 2, 5 };
	double power;
	size_t n = 0;

	if (!isfinite(min) || !isfinite(max) || min <= 0 || max < min)
		return 0;
	if (base == 2 || max / min > 1000)
		return powers(min, max, base, out);
	power = pow(10, floor(log10(min)));
	while (power <= max) {
		for (int i = 0; i < 3 && n < CHART_TICKS; i++)
			if (times[i] * power >= min * (1 - 1e-9) &&
			    times[i] * power <= max * (1 + 1e-9))
				out[n++] = times[i] * power;
		power *= 10;
	}
	return n;
}
