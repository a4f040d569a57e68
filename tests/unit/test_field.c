/* SPDX-License-Identifier: MIT */
/* Documents: what is written, what is read back, what is refused, what the schema says.
 */
#include <errno.h>

#include "../../lib/out/render.h"
#include "unit.h"

enum color { RED, GREEN };
static const char *const color_words[] = { "red", "green", NULL };

struct part {
	const char *name;
	uint64_t n;
};

struct doc {
	const char *text, *maybe, *extra;
	bool yes;
	int number;
	uint64_t big;
	enum color color;
	struct part part, *pointer;
	struct part *parts;
	size_t n_parts;
	const char **words;
	size_t n_words;
};

static const struct field part_rows[] = {
	FIELD(FIELD_STR, struct part, name, "a name"),
	FIELD_NAMED("n_bytes", FIELD_U64, struct part, n, "a size"),
};
static const struct fields part_fields = { .help = "A part.",
					   .size = sizeof(struct part),
					   .f = part_rows,
					   .n = ARRAY_SIZE(part_rows) };

static const struct field doc_rows[] = {
	FIELD(FIELD_STR, struct doc, text, "text"),
	FIELD(FIELD_STR_OR_NULL, struct doc, maybe, "text or null"),
	{ .name = "extra",
	  .kind = FIELD_STR,
	  .off = offsetof(struct doc, extra),
	  .optional = true,
	  .help = "left out when empty" },
	FIELD(FIELD_BOOL, struct doc, yes, "yes or no"),
	FIELD(FIELD_INT, struct doc, number, "a number"),
	FIELD(FIELD_U64, struct doc, big, "a counter"),
	FIELD_WORD(struct doc, color, color_words, "a colour"),
	FIELD_SUB(FIELD_OBJ, struct doc, part, &part_fields, "a part"),
	FIELD_SUB(FIELD_PTR, struct doc, pointer, &part_fields, "a part or null"),
	FIELD_ARRAY(FIELD_LIST, struct doc, parts, &part_fields, "parts"),
	FIELD_ARRAY(FIELD_STRS, struct doc, words, NULL, "words"),
};
static const struct fields doc_fields = { .name = "test.doc/1",
					  .help = "A test.",
					  .size = sizeof(struct doc),
					  .f = doc_rows,
					  .n = ARRAY_SIZE(doc_rows) };

#define FRONT                                                                            \
	"{\"schema\":\"test.doc/1\",\"text\":\"t\",\"maybe\":null,\"yes\":true,"         \
	"\"number\":-5,"
#define BACK                                                                             \
	"\"color\":\"green\",\"part\":{\"name\":\"p\",\"n_bytes\":1},\"pointer\":null,"  \
	"\"parts\":[],\"words\":[]}"
#define GOOD FRONT "\"big\":7," BACK

/* One number in place of another's; everything else is good. */
#define BIG(text_) FRONT "\"big\":" text_ "," BACK
#define NUMBER(text_)                                                                    \
	"{\"schema\":\"test.doc/1\",\"text\":\"t\",\"maybe\":null,\"yes\":true,"         \
	"\"big\":7,\"number\":" text_ "," BACK

struct read_row {
	const char *name, *text;
	const char *error; /* a part of the sentence; NULL: it is read */
};

static const struct read_row read_rows[] = {
	{ "good", GOOD, NULL },
	{ "unknown fields are skipped", FRONT "\"new\":[{}],\"big\":7," BACK, NULL },
	{ "0", BIG("0"), NULL },
	{ "2^53 - 1", BIG("9007199254740991"), NULL },
	{ "2^53 + 1 would be another number", BIG("9007199254740993"),
	  "'big' is out of" },
	{ "2^53 + 2", BIG("9007199254740994"), "'big' is out of range" },
	{ "2^64 - 1", BIG("18446744073709551615"), "'big' is out of range" },
	{ "beyond a double", BIG("1e999"), "'big' is" },
	{ "a fraction", BIG("1.5"), "'big' is no whole number" },
	{ "a negative counter", BIG("-1"), "'big' is negative" },
	{ "a counter as a string", BIG("\"7\""), "'big' is no whole number" },
	{ "an int", NUMBER("2147483647"), NULL },
	{ "no int", NUMBER("2147483648"), "'number' is out of range" },
	{ "a boolean for a number", NUMBER("true"), "'number' is no whole" },
	{ "a list for a number", NUMBER("[1]"), "'number' is no whole" },
	{ "not JSON", "hello", "not JSON" },
	{ "empty", "", "not JSON" },
	{ "cut", "{\"schema\":\"test.doc/1\",\"text\":\"t", "not JSON" },
	{ "something behind it", GOOD " {}", "not JSON" },
	{ "a newline behind it", GOOD "\n", NULL },
	{ "no object", "[1]", "test.doc/1" },
	{ "another document", "{\"schema\":\"ktlsctl.report/1\"}", "test.doc/1" },
	{ "another version", "{\"schema\":\"test.doc/2\"}", "test.doc/1" },
	{ "no schema", "{\"text\":\"t\"}", "test.doc/1" },
	{ "a schema that is no string", "{\"schema\":1}", "test.doc/1" },
	{ "a missing field", "{\"schema\":\"test.doc/1\"}", "'text' is missing" },
	{ "null for a string", "{\"schema\":\"test.doc/1\",\"text\":null}",
	  "'text' is no string" },
	{ "a number for a string or null",
	  "{\"schema\":\"test.doc/1\",\"text\":\"\",\"maybe\":1}",
	  "'maybe' is no string" },
	{ "a string for a boolean",
	  "{\"schema\":\"test.doc/1\",\"text\":\"\",\"maybe\":\"\",\"yes\":\"true\"}",
	  "'yes' is neither" },
	{ "an unknown word", FRONT "\"big\":7,\"color\":\"blue\"}", "'color' is none" },
	{ "a number for a word", FRONT "\"big\":7,\"color\":1}", "'color' is none" },
	{ "null for an object", FRONT "\"big\":7,\"color\":\"red\",\"part\":null}",
	  "is no object" },
	{ "a part without its size",
	  FRONT "\"big\":7,\"color\":\"red\",\"part\":{\"name\":\"\"}}",
	  "'n_bytes' is missing" },
	{ "an object for a list",
	  FRONT "\"big\":7,\"color\":\"red\",\"part\":{\"name\":\"\",\"n_bytes\":1},"
		"\"pointer\":null,\"parts\":{}}",
	  "'parts' is no array" },
	{ "a number among strings",
	  FRONT "\"big\":7,\"color\":\"red\",\"part\":{\"name\":\"\",\"n_bytes\":1},"
		"\"pointer\":null,\"parts\":[],\"words\":[\"a\",1]}",
	  "'words' is no string" },
};

static int read_text(const char *text, size_t len, struct doc *d, struct doc_input *in)
{
	*in = (struct doc_input){ .text = text, .len = len, .arena = arena_new() };
	*d = (struct doc){ 0 };
	return doc_from_json(&doc_fields, d, in);
}

static void test_read(void **state)
{
	const struct read_row *row = *state;
	struct doc_input in;
	struct doc d;
	int err = read_text(row->text, strlen(row->text), &d, &in);

	arena_free(in.arena);
	assert_int_equal(err, row->error ? -EBADMSG : 0);
	if (row->error && !strstr(in.error, row->error))
		fail_msg("'%s' does not say '%s'", in.error, row->error);
}

struct next_row {
	const char *name, *text;
	int want;         /* which kind, or the error */
	const char *left; /* of the text */
	const char *error;
};

static const struct next_row next_rows[] = {
	{ "the first kind", GOOD, 0, "", "" },
	{ "the second kind", "{\"name\":\"n\",\"schema\":\"test.part/1\",\"n_bytes\":1}",
	  1, "", "" },
	{ "something behind it", GOOD "\n{", 0, "\n{", "" },
	{ "blanks before it", " \n" GOOD " x", 0, " x", "" },
	{ "neither", "{\"schema\":\"test.doc/2\"} x", -EPROTONOSUPPORT, " x",
	  "schema 'test.doc/2'" },
	{ "no schema", "[] x", -EPROTONOSUPPORT, " x", "without a schema" },
	{ "a field is missing", "{\"schema\":\"test.part/1\"} x", -EBADMSG, " x",
	  "'name' is missing" },
	{ "not JSON", "{\"schema\":", -EILSEQ, "{\"schema\":", "not JSON" },
	{ "nothing", "", -EILSEQ, "", "not JSON" },
};

static void test_next(void **state)
{
	const struct next_row *row = *state;
	struct fields part = part_fields;
	struct doc d = { 0 };
	struct part p = { 0 };
	const struct doc_kind kinds[] = { { &doc_fields, &d }, { &part, &p } };
	struct doc_input in = { .text = row->text,
				.len = strlen(row->text),
				.arena = arena_new() };

	part.name = "test.part/1";
	assert_int_equal(doc_next(kinds, 2, &in), row->want);
	arena_free(in.arena);
	assert_string_equal(in.text, row->left);
	assert_int_equal(in.len, strlen(row->left));
	assert_non_null(strstr(in.error, row->error));
}

/* A document that fills every kind. */
static struct doc full(void)
{
	static struct part parts[] = { { "one", 1 }, { "two", 1ull << 40 } };
	static const char *words[] = { "a", "b\"\\\n", "\xc3\xa4" };

	return (struct doc){
		.text = "t",
		.maybe = "m",
		.extra = "e",
		.yes = true,
		.number = -2147483647,
		.big = (1ull << 53) - 1,
		.color = GREEN,
		.part = { "p", 3 },
		.pointer = &parts[1],
		.parts = parts,
		.n_parts = 2,
		.words = words,
		.n_words = 3,
	};
}

static void test_round_trip(void **state)
{
	struct doc d = full(), back;
	cleanup_free char *json = doc_to_json(&doc_fields, &d, true), *again = NULL;
	struct doc_input in;

	(void)state;
	assert_non_null(json);
	assert_int_equal(read_text(json, strlen(json), &back, &in), 0);
	again = doc_to_json(&doc_fields, &back, true);
	assert_string_equal(again, json);
	assert_string_equal(back.words[1], "b\"\\\n");
	assert_string_equal(back.words[2], "\xc3\xa4");
	assert_int_equal(back.number, d.number);
	assert_true(back.big == d.big && back.yes && back.color == GREEN);
	assert_true(back.pointer->n == 1ull << 40 && back.n_parts == 2);
	arena_free(in.arena);
}

struct write_row {
	const char *name;
	uint64_t big;
	const char *text, *extra;
	const char *want; /* is part of the line */
};

static const struct write_row write_rows[] = {
	{ "the schema comes first", 0, "", "", "{\"schema\":\"test.doc/1\",\"text\":" },
	{ "2^64 - 1 exactly", UINT64_MAX, "", "", "\"big\":18446744073709551615," },
	{ "2^53 + 1 exactly", 9007199254740993u, "", "", "\"big\":9007199254740993," },
	{ "a byte that is no UTF-8", 0, "a\xff", "", "\"text\":\"a\\\\xff\"" },
	{ "a cut sequence", 0, "\xe2\x82", "", "\"text\":\"\\\\xe2\\\\x82\"" },
	{ "a longer form than needed", 0, "\xc0\xaf", "", "\"text\":\"\\\\xc0\\\\xaf\"" },
	{ "half a surrogate pair", 0, "\xed\xa0\x80", "", "\\\\xed\\\\xa0\\\\x80" },
	{ "beyond Unicode", 0, "\xf4\x90\x80\x80", "", "\\\\xf4\\\\x90\\\\x80\\\\x80" },
	{ "good UTF-8 stays", 0, "\xe2\x82\xac\xf0\x9f\x98\x80", "",
	  "\"text\":\"\xe2\x82\xac\xf0\x9f\x98\x80\"" },
	{ "control characters", 0, "\033[31m\x7f", "", "\\\\x1b[31m\\\\x7f" },
	{ "quotes and newlines", 0, "\"\n\\", "", "\"text\":\"\\\"\\n\\\\\"" },
	{ "null", 0, "", "", "\"maybe\":null" },
	{ "an optional field", 0, "", "x", "\"extra\":\"x\"" },
	{ "an optional field that is empty", 0, "", "", "\"maybe\":null,\"yes\":false" },
	{ "empty lists", 0, "", "", "\"pointer\":null,\"parts\":[],\"words\":[]}" },
	{ "a word for an enum", 0, "", "", "\"color\":\"red\"" },
};

static void test_write(void **state)
{
	const struct write_row *row = *state;
	const struct doc d = {
		.text = row->text, .extra = row->extra, .big = row->big, .part = { "", 0 }
	};
	cleanup_free char *json = doc_to_json(&doc_fields, &d, false);

	assert_non_null(json);
	if (!strstr(json, row->want))
		fail_msg("%s does not have %s", json, row->want);
	assert_null(strchr(json, '\n'));
}

static void test_final_newline(void **state)
{
	const struct doc d = { .text = "", .part = { "", 0 } };
	cleanup_free char *json = doc_to_json(&doc_fields, &d, true);
	cleanup_free char *error = error_json("no\xff\n", true);
	cleanup_free char *line = error_json("no", false);

	(void)state;
	assert_string_equal(json + strlen(json) - 2, "}\n");
	assert_non_null(strstr(error, "\"schema\":\t\"ktlsctl.error/1\""));
	assert_non_null(strstr(error, "\"error\":\t\"no\\\\xff\\n\""));
	assert_string_equal(error + strlen(error) - 2, "}\n");
	assert_string_equal(line, "{\"schema\":\"ktlsctl.error/1\",\"error\":\"no\"}");
}

struct schema_row {
	const char *name; /* a part of the schema, blanks left out */
};

static const struct schema_row schema_rows[] = {
	{ "\"$schema\":\"https://json-schema.org/draft/2020-12/schema\"" },
	{ "\"schema\":{\"const\":\"test.doc/1\"}" },
	{ "\"text\":{\"type\":\"string\"" },
	{ "\"maybe\":{\"type\":[\"string\",\"null\"]" },
	{ "\"yes\":{\"type\":\"boolean\"" },
	{ "\"number\":{\"type\":\"integer\"" },
	{ "\"big\":{\"type\":\"integer\",\"minimum\":0" },
	{ "\"color\":{\"type\":\"string\",\"enum\":[\"red\",\"green\"]" },
	{ "\"part\":{\"type\":\"object\"" },
	{ "\"pointer\":{\"anyOf\":[{\"type\":\"object\"" },
	{ "{\"type\":\"null\"}]" },
	{ "\"parts\":{\"type\":\"array\",\"items\":{\"type\":\"object\"" },
	{ "\"words\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}" },
	{ "\"required\":[\"schema\",\"text\",\"maybe\",\"yes\",\"number\",\"big\"," },
	{ "\"description\":\"Apart.\"" },
};

static void without_blanks(char *s)
{
	char *to = s;

	for (; *s; s++)
		if (!strchr(" \t\n", *s))
			*to++ = *s;
	*to = '\0';
}

static void test_schema(void **state)
{
	const struct schema_row *row = *state;
	cleanup_free char *schema = doc_schema(&doc_fields);

	assert_non_null(schema);
	without_blanks(schema);
	if (!strstr(schema, row->name))
		fail_msg("%s", schema);
}

int main(void)
{
	static const struct unit_set sets[] = {
		UNIT_ROWS("read", read_rows, test_read),
		UNIT_ROWS("next", next_rows, test_next),
		UNIT_ONE("every kind there and back", test_round_trip),
		UNIT_ROWS("write", write_rows, test_write),
		UNIT_ONE("a document ends with a newline", test_final_newline),
		UNIT_ROWS("schema", schema_rows, test_schema),
	};

	return unit_run("field", sets, ARRAY_SIZE(sets));
}
