/* SPDX-License-Identifier: MIT */
/* Any document as a table, out of the table of its fields. */
#include <inttypes.h>
#include <string.h>

#include "html.h"

#define AT(doc, off, type) (*(const type *)((const char *)(doc) + (off)))

/* "tx_software" is "tx software" for people. */
static void put_name(struct html *h, const char *name)
{
	for (; *name; name++)
		fputc(*name == '_' ? ' ' : *name, h->f);
}

static void put_u64(struct html *h, uint64_t v)
{
	char digits[24];
	int n = snprintf(digits, sizeof(digits), "%" PRIu64, v);

	for (int i = 0; i < n; i++)
		fprintf(h->f, "%s%c", i && (n - i) % 3 == 0 ? "," : "", digits[i]);
}

static bool is_plain(const struct field *f)
{
	return f->kind <= FIELD_ENUM;
}

static void put_plain(struct html *h, const struct field *f, const void *doc)
{
	switch (f->kind) {
	case FIELD_STR:
	case FIELD_STR_OR_NULL:
		html_text(h, AT(doc, f->off, char *));
		break;
	case FIELD_BOOL:
		fputs(AT(doc, f->off, bool) ? "yes" : "no", h->f);
		break;
	case FIELD_INT:
		fprintf(h->f, "%d", AT(doc, f->off, int));
		break;
	case FIELD_U64:
		put_u64(h, AT(doc, f->off, uint64_t));
		break;
	case FIELD_ENUM:
		put_name(h, f->names[AT(doc, f->off, int)]);
		break;
	default:
		break;
	}
}

/* A cell; what is no plain value has no place in one. */
static void put_cell(struct html *h, const struct field *f, const void *doc)
{
	const bool number = f->kind == FIELD_INT || f->kind == FIELD_U64;

	fputs(number ? "<td class=\"number\">" : "<td>", h->f);
	/* Not 0 and not no: it does not say. */
	if (!field_left_out(f, doc))
		put_plain(h, f, doc);
	fputs("</td>", h->f);
}

/* A list of parts: their plain fields are its columns. */
static void put_columns(struct html *h, const struct field *f, const void *doc)
{
	const struct fields *sub = f->sub;
	const char *base = AT(doc, f->off, char *);
	const size_t n = AT(doc, f->count_off, size_t);

	fputs("<thead><tr>", h->f);
	for (size_t i = 0; i < sub->n; i++) {
		if (!is_plain(&sub->f[i]))
			continue;
		fputs("<th scope=\"col\">", h->f);
		put_name(h, sub->f[i].name);
		fputs("</th>", h->f);
	}
	fputs("</tr></thead>\n<tbody>\n", h->f);
	for (size_t k = 0; k < n; k++) {
		fputs("<tr>", h->f);
		for (size_t i = 0; i < sub->n; i++)
			if (is_plain(&sub->f[i]))
				put_cell(h, &sub->f[i], base + k * sub->size);
		fputs("</tr>\n", h->f);
	}
	fputs("</tbody>\n", h->f);
}

/* The same the other way round, where there are more fields than fit beside each other.
 */
static void put_across(struct html *h, const struct field *f, const void *doc)
{
	const struct fields *sub = f->sub;
	const char *base = AT(doc, f->off, char *);
	const size_t n = AT(doc, f->count_off, size_t);

	fputs("<tbody>\n", h->f);
	for (size_t i = 0; i < sub->n; i++) {
		if (!is_plain(&sub->f[i]))
			continue;
		fputs("<tr><th scope=\"row\">", h->f);
		put_name(h, sub->f[i].name);
		fputs("</th>", h->f);
		for (size_t k = 0; k < n; k++) {
			fputs("<td>", h->f);
			put_plain(h, &sub->f[i], base + k * sub->size);
			fputs("</td>", h->f);
		}
		html_element(h, "td class=\"help\"", sub->f[i].help);
		fputs("</tr>\n", h->f);
	}
	fputs("</tbody>\n", h->f);
}

static bool is_across(const struct field *f, const void *doc)
{
	enum { FIELDS = 8, ITEMS = 4 };
	size_t plain = 0;

	for (size_t i = 0; i < f->sub->n; i++)
		plain += is_plain(&f->sub->f[i]);
	return plain > FIELDS && AT(doc, f->count_off, size_t) <= ITEMS;
}

static void put_list(struct html *h, const struct field *f, const void *doc)
{
	if (!AT(doc, f->count_off, size_t)) {
		fputs("none", h->f);
		return;
	}
	fputs("<table class=\"inner\">", h->f);
	put_columns(h, f, doc);
	fputs("</table>", h->f);
}

static void put_words(struct html *h, const struct field *f, const void *doc)
{
	const char *const *words = AT(doc, f->off, char **);
	const size_t n = AT(doc, f->count_off, size_t);

	for (size_t i = 0; i < n; i++) {
		fputs(i ? ", " : "", h->f);
		html_text(h, words[i]);
	}
	if (!n)
		fputs("none", h->f);
}

static void put_rows(struct html *h, const struct fields *d, const void *doc);

/* A part has no row of its own, but one for each of its fields. */
static void put_part(struct html *h, const struct field *f, const void *doc)
{
	const void *part = f->kind == FIELD_OBJ ? (const char *)doc + f->off
						: AT(doc, f->off, void *);

	if (part)
		put_rows(h, f->sub, part);
}

static void put_row(struct html *h, const struct field *f, const void *doc)
{
	fputs("<tr><th scope=\"row\">", h->f);
	put_name(h, f->name);
	fputs("</th><td>", h->f);
	if (f->kind == FIELD_LIST)
		put_list(h, f, doc);
	else if (f->kind == FIELD_STRS)
		put_words(h, f, doc);
	else
		put_plain(h, f, doc);
	fputs("</td><td class=\"help\">", h->f);
	html_text(h, f->help);
	fputs("</td></tr>\n", h->f);
}

static void put_rows(struct html *h, const struct fields *d, const void *doc)
{
	for (size_t i = 0; i < d->n; i++) {
		const struct field *f = &d->f[i];

		if (field_left_out(f, doc))
			continue;
		if (f->kind == FIELD_OBJ || f->kind == FIELD_PTR)
			put_part(h, f, doc);
		else
			put_row(h, f, doc);
	}
}

static const struct field *field_find(const struct fields *d, const char *name)
{
	for (size_t i = 0; i < d->n; i++)
		if (!strcmp(d->f[i].name, name))
			return &d->f[i];
	return NULL;
}

void html_part(struct html *h, const struct fields *d, const void *doc, const char *name)
{
	const struct field *f = field_find(d, name);

	if (!f || field_left_out(f, doc))
		return;
	html_table_begin(h, f->sub && f->sub->help ? f->sub->help : f->help);
	if (f->kind == FIELD_LIST && is_across(f, doc)) {
		put_across(h, f, doc);
	} else if (f->kind == FIELD_LIST) {
		put_columns(h, f, doc);
	} else {
		fputs("<tbody>\n", h->f);
		if (f->kind == FIELD_OBJ || f->kind == FIELD_PTR)
			put_part(h, f, doc);
		else
			put_row(h, f, doc);
		fputs("</tbody>\n", h->f);
	}
	html_table_end(h);
}
