/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "stream.h"
#include "utf8.h"

enum { BUFFER = 65536 };

#define AT(doc, off, type) (*(const type *)((const char *)(doc) + (off)))

static void write_fields(struct stream *s, const struct fields *d, const void *doc);

int stream_begin(struct stream *s)
{
	s->buf = malloc(BUFFER);
	s->len = 0;
	s->err = s->buf ? 0 : -ENOMEM;
	return s->err;
}

int stream_flush(struct stream *s)
{
	if (!s->err && s->len)
		s->err = s->write(s->arg, s->buf, s->len);
	s->len = 0;
	return s->err;
}

int stream_end(struct stream *s)
{
	stream_flush(s);
	free(s->buf);
	s->buf = NULL;
	return s->err;
}

void stream_text(struct stream *s, const char *p, size_t n)
{
	if (n > BUFFER - s->len)
		stream_flush(s);
	if (s->err)
		return;
	if (n > BUFFER) {
		s->err = s->write(s->arg, p, n);
		return;
	}
	memcpy(s->buf + s->len, p, n);
	s->len += n;
}

static void put(struct stream *s, const char *p)
{
	stream_text(s, p, strlen(p));
}

static void put_char(struct stream *s, char c)
{
	if (s->len == BUFFER)
		stream_flush(s);
	if (!s->err)
		s->buf[s->len++] = c;
}

static void put_u64(struct stream *s, uint64_t v)
{
	char text[20], *p = text + sizeof(text);

	do
		*--p = (char)('0' + v % 10);
	while (v /= 10);
	stream_text(s, p, (size_t)(text + sizeof(text) - p));
}

static void put_int(struct stream *s, int v)
{
	if (v < 0)
		put_char(s, '-');
	put_u64(s, v < 0 ? -(uint64_t)v : (uint64_t)v);
}

static bool is_plain(const char *p)
{
	for (; *p; p++)
		if (*p < ' ' || *p > '~' || *p == '"' || *p == '\\')
			return false;
	return true;
}

/* Of a string out of utf8_clean(): two control characters are left. */
static void put_escaped(struct stream *s, const char *p)
{
	for (; *p; p++) {
		if (*p == '"' || *p == '\\')
			put_char(s, '\\');
		if (*p == '\n')
			put(s, "\\n");
		else if (*p == '\t')
			put(s, "\\t");
		else
			put_char(s, *p);
	}
}

static void put_str(struct stream *s, const char *p)
{
	char *clean;

	if (!p) {
		put(s, "null");
		return;
	}
	put_char(s, '"');
	if (is_plain(p)) {
		put(s, p);
	} else {
		clean = utf8_clean(p);
		if (clean)
			put_escaped(s, clean);
		else
			s->err = -ENOMEM;
		free(clean);
	}
	put_char(s, '"');
}

static void write_list(struct stream *s, const struct field *f, const void *doc)
{
	const char *base = AT(doc, f->off, char *);
	size_t n = AT(doc, f->count_off, size_t);

	put_char(s, '[');
	if (n == FIELD_STREAMED) {
		s->begun = false;
		s->items(s, s->arg);
		n = 0;
	}
	for (size_t i = 0; i < n; i++) {
		if (i)
			put_char(s, ',');
		if (f->kind == FIELD_STRS)
			put_str(s, ((const char *const *)base)[i]);
		else
			write_fields(s, f->sub, base + i * f->sub->size);
	}
	put_char(s, ']');
}

static void write_value(struct stream *s, const struct field *f, const void *doc)
{
	switch (f->kind) {
	case FIELD_STR:
	case FIELD_STR_OR_NULL:
		put_str(s, AT(doc, f->off, char *));
		break;
	case FIELD_BOOL:
		put(s, AT(doc, f->off, bool) ? "true" : "false");
		break;
	case FIELD_INT:
		put_int(s, AT(doc, f->off, int));
		break;
	case FIELD_U64:
		put_u64(s, AT(doc, f->off, uint64_t));
		break;
	case FIELD_ENUM:
		put_str(s, f->names[AT(doc, f->off, int)]);
		break;
	case FIELD_OBJ:
		write_fields(s, f->sub, (const char *)doc + f->off);
		break;
	case FIELD_PTR:
		if (AT(doc, f->off, void *))
			write_fields(s, f->sub, AT(doc, f->off, void *));
		else
			put(s, "null");
		break;
	case FIELD_LIST:
	case FIELD_STRS:
		write_list(s, f, doc);
		break;
	}
}

static void write_fields(struct stream *s, const struct fields *d, const void *doc)
{
	bool more = false;

	put_char(s, '{');
	if (d->name) {
		put(s, "\"schema\":");
		put_str(s, d->name);
		more = true;
	}
	for (size_t i = 0; i < d->n; i++) {
		const struct field *f = &d->f[i];

		if (field_left_out(f, doc))
			continue;
		if (more)
			put_char(s, ',');
		more = true;
		put_char(s, '"');
		put(s, f->name);
		put(s, "\":");
		write_value(s, f, doc);
	}
	put_char(s, '}');
}

void stream_doc(struct stream *s, const struct fields *d, const void *doc)
{
	write_fields(s, d, doc);
}

void stream_item(struct stream *s, const struct fields *d, const void *doc)
{
	put(s, s->begun ? ",\n" : "\n");
	s->begun = true;
	write_fields(s, d, doc);
}
