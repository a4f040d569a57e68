/* SPDX-License-Identifier: MIT */
/* Reading a document back: JSON text of unknown origin into the struct of a field table.
 */
#include <cjson/cJSON.h>
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "../host/arena.h"
#include "field.h"

#define AT(doc, off, type) (*(type *)((char *)(doc) + (off)))

static int read_fields(struct doc_input *in, const struct fields *d, void *doc,
		       const cJSON *obj);

static int complain(struct doc_input *in, const char *field, const char *what)
{
	snprintf(in->error, sizeof(in->error), "field '%s' %s", field, what);
	return -EBADMSG;
}

static int read_str(struct doc_input *in, const char *name, const cJSON *j,
		    const char **out)
{
	if (!cJSON_IsString(j))
		return complain(in, name, "is no string");
	*out = arena_strdup(in->arena, j->valuestring);
	return *out ? 0 : -ENOMEM;
}

/* A double tells integers apart below 2^53 only. */
static int read_number(struct doc_input *in, const char *name, const cJSON *j, double max,
		       double *out)
{
	if (!cJSON_IsNumber(j) || j->valuedouble != floor(j->valuedouble))
		return complain(in, name, "is no whole number");
	if (fabs(j->valuedouble) > max)
		return complain(in, name, "is out of range");
	*out = j->valuedouble;
	return 0;
}

static int read_int(struct doc_input *in, const struct field *f, void *doc,
		    const cJSON *j)
{
	double v = 0;
	int err = read_number(in, f->name, j, INT32_MAX, &v);

	AT(doc, f->off, int) = (int)v;
	return err;
}

static int read_u64(struct doc_input *in, const struct field *f, void *doc,
		    const cJSON *j)
{
	double v = 0;
	int err = read_number(in, f->name, j, 9007199254740991.0, &v);

	if (!err && v < 0)
		return complain(in, f->name, "is negative");
	AT(doc, f->off, uint64_t) = (uint64_t)v;
	return err;
}

static int read_enum(struct doc_input *in, const struct field *f, void *doc,
		     const cJSON *j)
{
	for (int i = 0; cJSON_IsString(j) && f->names[i]; i++) {
		if (!strcmp(f->names[i], j->valuestring)) {
			AT(doc, f->off, int) = i;
			return 0;
		}
	}
	return complain(in, f->name, "is none of the words it may be");
}

static int read_list(struct doc_input *in, const struct field *f, void *doc,
		     const cJSON *j)
{
	size_t size = f->kind == FIELD_STRS ? sizeof(char *) : f->sub->size;
	size_t n = 0, total = (size_t)cJSON_GetArraySize(j);
	const cJSON *item;
	char *base;
	int err = 0;

	if (!cJSON_IsArray(j))
		return complain(in, f->name, "is no array");
	base = total ? arena_alloc(in->arena, total * size) : NULL;
	if (total && !base)
		return -ENOMEM;
	cJSON_ArrayForEach (item, j) {
		void *at = base + n++ * size;

		err = f->kind == FIELD_STRS ? read_str(in, f->name, item, at)
					    : read_fields(in, f->sub, at, item);
		if (err)
			return err;
	}
	AT(doc, f->off, void *) = base;
	AT(doc, f->count_off, size_t) = n;
	return 0;
}

static int read_ptr(struct doc_input *in, const struct field *f, void *doc,
		    const cJSON *j)
{
	void *p;

	if (cJSON_IsNull(j))
		return 0;
	p = arena_alloc(in->arena, f->sub->size);
	if (!p)
		return -ENOMEM;
	AT(doc, f->off, void *) = p;
	return read_fields(in, f->sub, p, j);
}

static int read_value(struct doc_input *in, const struct field *f, void *doc,
		      const cJSON *j)
{
	switch (f->kind) {
	case FIELD_STR_OR_NULL:
		if (cJSON_IsNull(j))
			return 0;
		/* fall through */
	case FIELD_STR:
		return read_str(in, f->name, j, &AT(doc, f->off, const char *));
	case FIELD_BOOL:
		if (!cJSON_IsBool(j))
			return complain(in, f->name, "is neither true nor false");
		AT(doc, f->off, bool) = cJSON_IsTrue(j);
		return 0;
	case FIELD_INT:
		return read_int(in, f, doc, j);
	case FIELD_U64:
		return read_u64(in, f, doc, j);
	case FIELD_ENUM:
		return read_enum(in, f, doc, j);
	case FIELD_OBJ:
		return read_fields(in, f->sub, (char *)doc + f->off, j);
	case FIELD_PTR:
		return read_ptr(in, f, doc, j);
	case FIELD_LIST:
	case FIELD_STRS:
		return read_list(in, f, doc, j);
	}
	return -EBADMSG;
}

static int read_fields(struct doc_input *in, const struct fields *d, void *doc,
		       const cJSON *obj)
{
	if (!cJSON_IsObject(obj))
		return complain(in, d->name ? d->name : "(item)", "is no object");
	for (size_t i = 0; i < d->n; i++) {
		const struct field *f = &d->f[i];
		const cJSON *j = cJSON_GetObjectItemCaseSensitive(obj, f->name);
		int err;

		if (!j && f->optional)
			continue;
		if (!j)
			return complain(in, f->name, "is missing");
		err = read_value(in, f, doc, j);
		if (err)
			return err;
	}
	return 0;
}

static bool is_kind(const struct fields *d, const cJSON *schema)
{
	return !d->name ||
	       (cJSON_IsString(schema) && !strcmp(schema->valuestring, d->name));
}

static int check_schema(const struct fields *d, const cJSON *obj, struct doc_input *in)
{
	if (is_kind(d, cJSON_GetObjectItemCaseSensitive(obj, "schema")))
		return 0;
	snprintf(in->error, sizeof(in->error), "it is no %s document", d->name);
	return -EBADMSG;
}

static int not_json(struct doc_input *in, int err)
{
	snprintf(in->error, sizeof(in->error), "it is not JSON");
	return err;
}

/* One JSON value and white space; cJSON alone would not mind what stands behind it. */
static cJSON *parse_all(const char *text, size_t len)
{
	const char *end = NULL;
	cJSON *obj = cJSON_ParseWithLengthOpts(text, len, &end, 0);

	while (obj && end < text + len && *end && strchr(" \t\r\n", *end))
		end++;
	if (obj && end < text + len) {
		cJSON_Delete(obj);
		obj = NULL;
	}
	return obj;
}

int doc_from_json(const struct fields *d, void *doc, struct doc_input *in)
{
	cJSON *obj = parse_all(in->text, in->len);
	int ret;

	if (!obj)
		return not_json(in, -EBADMSG);
	ret = check_schema(d, obj, in);
	if (!ret)
		ret = read_fields(in, d, doc, obj);
	cJSON_Delete(obj);
	return ret;
}

static int foreign(struct doc_input *in, const cJSON *schema)
{
	if (cJSON_IsString(schema))
		snprintf(in->error, sizeof(in->error), "a document of the schema '%s'",
			 schema->valuestring);
	else
		snprintf(in->error, sizeof(in->error), "a document without a schema");
	return -EPROTONOSUPPORT;
}

int doc_next(const struct doc_kind *kinds, size_t n, struct doc_input *in)
{
	const char *end = NULL;
	cJSON *obj = cJSON_ParseWithLengthOpts(in->text, in->len, &end, 0);
	const cJSON *schema;
	size_t i = 0;
	int ret;

	if (!obj)
		return not_json(in, -EILSEQ);
	in->len -= (size_t)(end - in->text);
	in->text = end;
	schema = cJSON_GetObjectItemCaseSensitive(obj, "schema");
	while (i < n && !is_kind(kinds[i].fields, schema))
		i++;
	ret = i < n ? read_fields(in, kinds[i].fields, kinds[i].doc, obj)
		    : foreign(in, schema);
	cJSON_Delete(obj);
	return ret ? ret : (int)i;
}
