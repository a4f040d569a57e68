/* SPDX-License-Identifier: MIT */
/*
 * A field is declared once: name, kind, unit, help and where it lies in its C struct. The
 * JSON writer, the JSON reader and the JSON Schema are all made from that table.
 */
#ifndef KTLSCTL_FIELD_H
#define KTLSCTL_FIELD_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

enum field_kind {
	FIELD_STR, /* const char *, never NULL */
	FIELD_STR_OR_NULL,
	FIELD_BOOL, /* bool */
	FIELD_INT,  /* int */
	FIELD_U64,  /* uint64_t, exact in the text */
	FIELD_ENUM, /* an enum, written as its word in names[] */
	FIELD_OBJ,  /* a struct, described by sub */
	FIELD_PTR,  /* pointer to such a struct; NULL is null */
	FIELD_LIST, /* array of such structs and its size_t count */
	FIELD_STRS, /* array of const char * and its size_t count */
};

struct field {
	const char *name; /* snake_case, with the unit in it */
	enum field_kind kind;
	size_t off;
	size_t count_off; /* FIELD_LIST, FIELD_STRS */
	const struct fields *sub;
	const char *const *names; /* FIELD_ENUM; NULL-terminated */
	bool optional;            /* left out when NULL, "", empty, 0 or false */
	const char *help;         /* one sentence; goes into the schema */
};

struct fields {
	const char *name; /* of a document: its schema, "ktlsctl.report/1" */
	const char *help;
	size_t size; /* of the struct */
	const struct field *f;
	size_t n;
};

#define FIELD(kind_, type_, member_, help_)                                              \
	{                                                                                \
		.name = #member_, .kind = (kind_), .off = offsetof(type_, member_),      \
		.help = (help_)                                                          \
	}
#define FIELD_NAMED(name_, kind_, type_, member_, help_)                                 \
	{                                                                                \
		.name = (name_), .kind = (kind_), .off = offsetof(type_, member_),       \
		.help = (help_)                                                          \
	}
#define FIELD_SUB(kind_, type_, member_, sub_, help_)                                    \
	{                                                                                \
		.name = #member_, .kind = (kind_), .off = offsetof(type_, member_),      \
		.sub = (sub_), .help = (help_)                                           \
	}
#define FIELD_WORD(type_, member_, names_, help_)                                        \
	{                                                                                \
		.name = #member_, .kind = FIELD_ENUM, .off = offsetof(type_, member_),   \
		.names = (names_), .help = (help_)                                       \
	}
#define FIELD_ARRAY(kind_, type_, member_, sub_, help_)                                  \
	{                                                                                \
		.name = #member_, .kind = (kind_), .off = offsetof(type_, member_),      \
		.count_off = offsetof(type_, n_##member_), .sub = (sub_),                \
		.help = (help_)                                                          \
	}

/* The fields of a struct that is part of a document; help_ NULL: nothing to say. */
#define FIELDS(name_, type_, rows_, help_)                                               \
	static const struct fields name_ = { .help = (help_),                            \
					     .size = sizeof(type_),                      \
					     .f = (rows_),                               \
					     .n = sizeof(rows_) / sizeof((rows_)[0]) }

/*
 * The document as JSON text: indented and with a final newline, or one line without one.
 * Invalid UTF-8 in strings (names out of the kernel) is written as \xNN. Owned by the
 * caller, free(3); NULL without memory.
 */
char *doc_to_json(const struct fields *d, const void *doc, bool indent);

/* A document to read: text of len bytes, the arena that will own what is read, and one
 * sentence about what was wrong. */
struct doc_input {
	const char *text;
	size_t len;
	struct arena *arena;
	char error[128];
};

/*
 * Reads the text into the zeroed struct doc. Unknown fields are skipped (additions are
 * free). Returns 0, -ENOMEM, or -EBADMSG with in->error set: not JSON, a wrong type, a
 * missing field, a number beyond 2^53, or (when d names a document) another schema.
 */
int doc_from_json(const struct fields *d, void *doc, struct doc_input *in);

/* One of several documents that a text may be; doc is zeroed. */
struct doc_kind {
	const struct fields *fields;
	void *doc;
};

/*
 * Reads the document that the text begins with; in->text and in->len are then what stands
 * behind it. Returns which of the n kinds it is, or with in->error set -EILSEQ (not JSON;
 * the text stays), -EPROTONOSUPPORT (JSON of another schema), -EBADMSG (of that schema,
 * but wrong), -ENOMEM.
 */
int doc_next(const struct doc_kind *kinds, size_t n, struct doc_input *in);

/* An optional field that has nothing to say. */
bool field_left_out(const struct field *f, const void *doc);

/* The JSON Schema (2020-12) of the document; owned by the caller. */
char *doc_schema(const struct fields *d);

#endif
