/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../lib/facts/reader.h"
#include "../../lib/host/cleanup.h"
#include "../../lib/out/export.h"
#include "../../lib/out/utf8.h"
#include "targets.h"

static size_t word_len(const char *p)
{
	return strspn(p,
		      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");
}

/* "{a="x",b="y"}": what stands behind it; NULL when it is no such thing. */
static const char *skip_labels(const char *p)
{
	do {
		size_t len = word_len(++p);

		if (!len || strncmp(p + len, "=\"", 2) != 0)
			return NULL;
		for (p += len + 2; *p != '"'; p++) {
			if (*p == '\\' && !strchr("\\\"n", *++p))
				return NULL;
			if (!*p || *p == '\n' || !utf8_len(p))
				return NULL;
			p += utf8_len(p) - 1;
		}
		p++;
	} while (*p == ',');
	return *p == '}' ? p + 1 : NULL;
}

/* len: of the series. */
static const char *sample_fault(const char *line, size_t *len)
{
	const char *p = line + word_len(line);
	char *end;

	if (p == line)
		return "a line without a name";
	if (*p == '{')
		p = skip_labels(p);
	if (!p)
		return "labels that are none";
	*len = (size_t)(p - line);
	if (*p != ' ' || p[1] < '0' || p[1] > '9')
		return "no value behind the series";
	strtod(p + 1, &end);
	return *end == '\n' ? NULL : "more than a value, or no end of the line";
}

/* p[len] stands before line[len]. To compare it first spares almost all of the others. */
static bool stands_before(const char *page, const char *line, size_t len)
{
	for (const char *p = page; p < line; p = strchr(p, '\n') + 1)
		if (p[len] == ' ' && !strncmp(p, line, len))
			return true;
	return false;
}

const char *metrics_fault(const char *page)
{
	for (const char *p = page, *next; *p; p = next) {
		const char *fault;
		size_t len = 0;

		next = strchr(p, '\n');
		if (!next)
			return "the last line has no end";
		next++;
		if (!strncmp(p, "# HELP ktlsctl_", 15) ||
		    !strncmp(p, "# TYPE ktlsctl_", 15))
			len = strcspn(p + 7, " ") + 7;
		else if ((fault = sample_fault(p, &len)))
			return fault;
		if (stands_before(page, p, len))
			return "the same series twice";
	}
	return NULL;
}

/* The first line is the name of a service, the others /proc/net/tls_stat. */
static const char *fill(struct facts *f, struct arena *a, struct span text,
			struct sums_doc *sums)
{
	struct sum_service_doc *s = arena_alloc(a, 2 * sizeof(*s));
	struct span line;

	if (!s)
		return NULL;
	if (!next_line(&text, &line))
		line = span("", 0);
	s[0] = (struct sum_service_doc){ .name = arena_strndup(a, line.p, line.len),
					 .connections = 3,
					 .ktls = 1,
					 .speaks_tls = true };
	s[1] = s[0];
	sums->services = s;
	sums->n_services = 2;
	f->tls_stat.present = true;
	return parse_tls_stat(text, a, &f->tls_stat) ? NULL : s[0].name;
}

const char *fuzz_metrics(const char *data, size_t len)
{
	cleanup_arena struct arena *a = arena_new();
	struct facts f = { .arena = a };
	struct report r = { .tool_version = "", .time = "", .headline = "" };
	struct sums_doc sums = { 0 };
	struct export_input in = {
		.report = &r, .facts = &f, .sums = &sums, .why_no_drift = ""
	};
	struct export_doc doc;
	cleanup_free char *page = NULL;
	const char *name = a ? fill(&f, a, span(data, len), &sums) : NULL;
	const char *label = name ? export_service_name(name, a) : NULL;

	r.host.name = r.host.os = r.host.kernel = r.host.openssl = "";
	if (!label || export_make(&in, a, &doc))
		return NULL;
	if (strlen(label) > strlen(name))
		return "a name became longer";
	page = export_prometheus(&doc);
	return page ? metrics_fault(page) : NULL;
}
