/* SPDX-License-Identifier: MIT */
/*
 * The text format 0.0.4 of Prometheus. node_exporter's textfile collector drops a whole
 * file for what only OpenMetrics has: other types, timestamps, exemplars; and for a last
 * line without its newline.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../host/cleanup.h"
#include "export.h"
#include "utf8.h"

#define AT(doc, off, type) (*(const type *)((const char *)(doc) + (off)))

/* What a metric is a column of: n structs that d describes. */
struct rows {
	const struct fields *d;
	const char *base;
	size_t n;
};

/* One metric being written. */
struct sheet {
	FILE *f;
	const struct metric *m;
	bool begun; /* HELP and TYPE stand there */
	bool failed;
};

static const struct field *find(const struct fields *d, const char *name, size_t len)
{
	for (size_t i = 0; i < d->n; i++)
		if (!strncmp(d->f[i].name, name, len) && !d->f[i].name[len])
			return &d->f[i];
	return NULL;
}

static struct rows rows_of(const struct metric *m, const struct export_doc *doc)
{
	const struct field *f = m->from ? find(&export_fields, m->from, strlen(m->from))
					: NULL;
	struct rows r = { &export_fields, (const char *)doc, 1 };

	if (!f)
		return r;
	r.d = f->sub;
	r.base += f->off;
	if (f->kind == FIELD_OBJ)
		return r;
	r.base = AT(doc, f->off, char *);
	r.n = f->kind == FIELD_LIST ? AT(doc, f->count_off, size_t) : r.base != NULL;
	return r;
}

/* A backslash, a quotation mark and a newline have a meaning to the reader. */
static void put_label_text(struct sheet *s, const char *text)
{
	cleanup_free char *clean = utf8_clean(text);

	s->failed |= !clean;
	for (const char *p = clean; p && *p; p++) {
		if (*p == '\\' || *p == '"')
			fputc('\\', s->f);
		if (*p == '\n')
			fputs("\\n", s->f);
		else
			fputc(*p, s->f);
	}
}

static const char *text_of(const struct field *f, const void *row)
{
	if (f->kind == FIELD_ENUM)
		return f->names[AT(row, f->off, int)];
	if (f->kind == FIELD_BOOL)
		return AT(row, f->off, bool) ? "true" : "false";
	return f->kind == FIELD_STR ? AT(row, f->off, char *) : "";
}

static void put_label(struct sheet *s, size_t nth, const char *name, int len)
{
	fprintf(s->f, "%c%.*s=\"", nth ? ',' : '{', len, name);
}

/* pivot: the name of the field that is the value, where all of them are. */
static void put_labels(struct sheet *s, const struct rows *r, const void *row,
		       const char *pivot)
{
	const char *p = s->m->labels;
	size_t n = 0;

	for (; *p; p += p[0] == ' ') {
		const size_t len = strcspn(p, " "), key = strcspn(p, "= ");
		const char *field = key < len ? p + key + 1 : p;
		const struct field *f = find(r->d, field, (size_t)(p + len - field));

		put_label(s, n++, p, (int)key);
		put_label_text(s, pivot ? pivot : f ? text_of(f, row) : "");
		fputc('"', s->f);
		p += len;
	}
	if (n)
		fputc('}', s->f);
}

static bool in_microseconds(const struct field *f)
{
	const size_t len = strlen(f->name);

	return len > 3 && !strcmp(f->name + len - 3, "_us");
}

static void put_value(struct sheet *s, const struct field *f, const void *row)
{
	const uint64_t v = !f                      ? 1
			   : f->kind == FIELD_BOOL ? AT(row, f->off, bool)
						   : AT(row, f->off, uint64_t);

	if (f && in_microseconds(f))
		fprintf(s->f, " %" PRIu64 ".%06" PRIu64 "\n", v / 1000000, v % 1000000);
	else
		fprintf(s->f, " %" PRIu64 "\n", v);
}

static void put_sample(struct sheet *s, const struct rows *r, const void *row,
		       const struct field *value)
{
	const bool pivots = s->m->value && !strcmp(s->m->value, "*");

	if (!s->begun)
		fprintf(s->f, "# HELP %s %s\n# TYPE %s %s\n", s->m->name, s->m->help,
			s->m->name, metric_type_words[s->m->type]);
	s->begun = true;
	fputs(s->m->name, s->f);
	put_labels(s, r, row, pivots ? value->name : NULL);
	put_value(s, value, row);
}

static bool wanted(const struct metric *m, const struct rows *r, const void *row)
{
	const struct field *name = m->only ? find(r->d, "name", 4) : NULL;

	return !name || !strcmp(AT(row, name->off, char *), m->only);
}

static void put_row(struct sheet *s, const struct rows *r, const void *row)
{
	const char *value = s->m->value;

	if (!value || strcmp(value, "*") != 0) {
		put_sample(s, r, row, value ? find(r->d, value, strlen(value)) : NULL);
		return;
	}
	for (size_t i = 0; i < r->d->n; i++)
		put_sample(s, r, row, &r->d->f[i]);
}

char *export_prometheus(const struct export_doc *d)
{
	char *text = NULL;
	size_t len;
	bool failed = false;
	FILE *f = open_memstream(&text, &len);

	for (const struct metric *m = metrics; f && m->name; m++) {
		const struct rows r = rows_of(m, d);
		struct sheet s = { .f = f, .m = m };

		for (size_t i = 0; i < r.n; i++)
			if (wanted(m, &r, r.base + i * r.d->size))
				put_row(&s, &r, r.base + i * r.d->size);
		failed |= s.failed;
	}
	if (f && !fclose(f) && !failed)
		return text;
	free(text);
	return NULL;
}
