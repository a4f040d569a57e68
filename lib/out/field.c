/* SPDX-License-Identifier: MIT */
/* Writing documents; reading them back is in field_read.c. cJSON stays in these two. */
#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../host/library.h"
#include "field.h"
#include "utf8.h"

#define AT(doc, off, type) (*(const type *)((const char *)(doc) + (off)))

static cJSON *write_fields(const struct fields *d, const void *doc);

static cJSON *write_str(const char *s)
{
	char *clean;
	cJSON *item;

	if (!s)
		return cJSON_CreateNull();
	clean = utf8_clean(s);
	item = clean ? cJSON_CreateString(clean) : NULL;
	free(clean);
	return item;
}

/* cJSON keeps numbers as doubles; a raw literal keeps all 64 bits. */
static cJSON *write_u64(uint64_t v)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, v);
	return cJSON_CreateRaw(text);
}

static cJSON *write_list(const struct field *f, const void *doc)
{
	const char *base = AT(doc, f->off, char *);
	size_t n = AT(doc, f->count_off, size_t);
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; list && i < n; i++)
		cJSON_AddItemToArray(
			list, f->kind == FIELD_STRS
				      ? write_str(((const char *const *)base)[i])
				      : write_fields(f->sub, base + i * f->sub->size));
	return list;
}

static cJSON *write_ptr(const struct field *f, const void *doc)
{
	const void *p = AT(doc, f->off, void *);

	return p ? write_fields(f->sub, p) : cJSON_CreateNull();
}

static cJSON *write_value(const struct field *f, const void *doc)
{
	switch (f->kind) {
	case FIELD_STR:
	case FIELD_STR_OR_NULL:
		return write_str(AT(doc, f->off, char *));
	case FIELD_BOOL:
		return cJSON_CreateBool(AT(doc, f->off, bool));
	case FIELD_INT:
		return cJSON_CreateNumber(AT(doc, f->off, int));
	case FIELD_U64:
		return write_u64(AT(doc, f->off, uint64_t));
	case FIELD_ENUM:
		return cJSON_CreateString(f->names[AT(doc, f->off, int)]);
	case FIELD_OBJ:
		return write_fields(f->sub, (const char *)doc + f->off);
	case FIELD_PTR:
		return write_ptr(f, doc);
	case FIELD_LIST:
	case FIELD_STRS:
		return write_list(f, doc);
	}
	return NULL;
}

bool field_left_out(const struct field *f, const void *doc)
{
	const char *s;

	if (!f->optional)
		return false;
	if (f->kind == FIELD_LIST || f->kind == FIELD_STRS)
		return AT(doc, f->count_off, size_t) == 0;
	if (f->kind == FIELD_BOOL)
		return !AT(doc, f->off, bool);
	if (f->kind == FIELD_U64)
		return !AT(doc, f->off, uint64_t);
	if (f->kind > FIELD_STR_OR_NULL && f->kind != FIELD_PTR)
		return false;
	s = AT(doc, f->off, char *);
	return !s || (f->kind != FIELD_PTR && !*s);
}

static cJSON *write_fields(const struct fields *d, const void *doc)
{
	cJSON *obj = cJSON_CreateObject();

	if (!obj)
		return NULL;
	if (d->name)
		cJSON_AddStringToObject(obj, "schema", d->name);
	for (size_t i = 0; i < d->n; i++)
		if (!field_left_out(&d->f[i], doc))
			cJSON_AddItemToObject(obj, d->f[i].name,
					      write_value(&d->f[i], doc));
	return obj;
}

/* Prints and deletes item. cJSON indents with tabs and ends without a newline. */
static char *finish(cJSON *item, bool indent)
{
	char *text = indent ? cJSON_Print(item) : cJSON_PrintUnformatted(item);
	char *longer;
	size_t len;

	cJSON_Delete(item);
	if (!text || !indent)
		return text;
	len = strlen(text);
	longer = realloc(text, len + 2);
	if (!longer) {
		free(text);
		return NULL;
	}
	memcpy(longer + len, "\n", 2);
	return longer;
}

char *doc_to_json(const struct fields *d, const void *doc, bool indent)
{
	return finish(write_fields(d, doc), indent);
}

static cJSON *schema_object(const struct fields *d);

static cJSON *schema_type(const char *type, bool nullable)
{
	cJSON *t = cJSON_CreateObject(), *both;

	if (!nullable) {
		cJSON_AddStringToObject(t, "type", type);
		return t;
	}
	both = cJSON_AddArrayToObject(t, "type");
	cJSON_AddItemToArray(both, cJSON_CreateString(type));
	cJSON_AddItemToArray(both, cJSON_CreateString("null"));
	return t;
}

static cJSON *schema_enum(const struct field *f)
{
	cJSON *t = schema_type("string", false);
	cJSON *words = cJSON_AddArrayToObject(t, "enum");

	for (size_t i = 0; f->names[i]; i++)
		cJSON_AddItemToArray(words, cJSON_CreateString(f->names[i]));
	return t;
}

static cJSON *schema_nullable(const struct fields *sub)
{
	cJSON *t = cJSON_CreateObject();
	cJSON *any = cJSON_AddArrayToObject(t, "anyOf");

	cJSON_AddItemToArray(any, schema_object(sub));
	cJSON_AddItemToArray(any, schema_type("null", false));
	return t;
}

static cJSON *schema_value(const struct field *f)
{
	cJSON *t;

	switch (f->kind) {
	case FIELD_STR:
	case FIELD_STR_OR_NULL:
		return schema_type("string", f->kind == FIELD_STR_OR_NULL);
	case FIELD_BOOL:
		return schema_type("boolean", false);
	case FIELD_INT:
		return schema_type("integer", false);
	case FIELD_U64:
		t = schema_type("integer", false);
		cJSON_AddNumberToObject(t, "minimum", 0);
		return t;
	case FIELD_ENUM:
		return schema_enum(f);
	case FIELD_OBJ:
		return schema_object(f->sub);
	case FIELD_PTR:
		return schema_nullable(f->sub);
	case FIELD_LIST:
	case FIELD_STRS:
		t = schema_type("array", false);
		cJSON_AddItemToObject(t, "items",
				      f->kind == FIELD_STRS ? schema_type("string", false)
							    : schema_object(f->sub));
		return t;
	}
	return NULL;
}

static cJSON *schema_object(const struct fields *d)
{
	cJSON *t = schema_type("object", false);
	cJSON *props = cJSON_AddObjectToObject(t, "properties");
	cJSON *required = cJSON_CreateArray();

	if (d->help)
		cJSON_AddStringToObject(t, "description", d->help);
	if (d->name) {
		cJSON *c = cJSON_AddObjectToObject(props, "schema");

		cJSON_AddStringToObject(c, "const", d->name);
		cJSON_AddItemToArray(required, cJSON_CreateString("schema"));
	}
	for (size_t i = 0; i < d->n; i++) {
		cJSON *v = schema_value(&d->f[i]);

		cJSON_AddStringToObject(v, "description", d->f[i].help);
		cJSON_AddItemToObject(props, d->f[i].name, v);
		if (!d->f[i].optional)
			cJSON_AddItemToArray(required, cJSON_CreateString(d->f[i].name));
	}
	cJSON_AddItemToObject(t, "required", required);
	return t;
}

char *doc_schema(const struct fields *d)
{
	cJSON *t = schema_object(d);

	cJSON_AddItemToObject(
		t, "$schema",
		cJSON_CreateString("https://json-schema.org/draft/2020-12/schema"));
	cJSON_AddStringToObject(t, "title", d->name);
	return finish(t, true);
}

#define WORD_(x) #x
#define WORD(x)  WORD_(x)

struct library library_cjson(void)
{
	return (struct library){
		"cjson",
		WORD(CJSON_VERSION_MAJOR) "." WORD(CJSON_VERSION_MINOR) "." WORD(
			CJSON_VERSION_PATCH),
		cJSON_Version()
	};
}
