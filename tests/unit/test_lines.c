/* SPDX-License-Identifier: MIT */
/* Lines, words and numbers; versions. */
#include "unit.h"

struct walk_row {
	const char *name, *in, *want;
};

static const struct walk_row lines_rows[] = {
	{ "empty", "", "" },
	{ "one", "a\n", "<a>" },
	{ "no final newline", "a\nb", "<a><b>" },
	{ "empty lines", "\n\na\n", "<><><a>" },
	{ "carriage return stays", "a\r\nb\r\n", "<a\r><b\r>" },
};

static void test_lines(void **state)
{
	const struct walk_row *row = *state;
	struct span rest = span_of_text(row->in), line;
	struct notes n = { 0 };

	while (next_line(&rest, &line))
		note(&n, "<%.*s>", (int)line.len, line.p);
	assert_string_equal(n.text, row->want);
	assert_int_equal(rest.len, 0);
}

static const struct walk_row words_rows[] = {
	{ "empty", "", "" },
	{ "blanks", " \t ", "" },
	{ "two", "  a\t bc ", "<a><bc>" },
	{ "carriage return is blank", "a\r", "<a>" },
};

static void test_words(void **state)
{
	const struct walk_row *row = *state;
	struct span rest = span_of_text(row->in), word;
	struct notes n = { 0 };

	while (next_word(&rest, &word))
		note(&n, "<%.*s>", (int)word.len, word.p);
	assert_string_equal(n.text, row->want);
}

struct number_row {
	const char *name, *in;
	bool ok;
	uint64_t want;
};

static const struct number_row number_rows[] = {
	{ "zero", "0", true, 0 },
	{ "leading zeros", "007", true, 7 },
	{ "largest", "18446744073709551615", true, UINT64_MAX },
	{ "one more than the largest", "18446744073709551616", false, 0 },
	{ "far too large", "99999999999999999999999", false, 0 },
	{ "empty", "", false, 0 },
	{ "negative", "-1", false, 0 },
	{ "plus", "+1", false, 0 },
	{ "blank before", " 1", false, 0 },
	{ "letter behind", "1k", false, 0 },
	{ "hexadecimal", "0x10", false, 0 },
	{ "high bytes", "\xb2", false, 0 },
};

static void test_number(void **state)
{
	const struct number_row *row = *state;
	uint64_t v = 0;

	assert_int_equal(span_u64(span_of_text(row->in), &v), row->ok);
	assert_true(v == row->want);
}

static void test_spans(void **state)
{
	const struct span s = span("tlsx", 3);
	struct span rest = span_of_text("a=b=c"), before;

	(void)state;
	assert_true(span_is(s, "tls"));
	assert_false(span_is(s, "tlsx"));
	assert_false(span_is(s, "tl"));
	assert_true(span_is_nocase(s, "TLS"));
	assert_true(span_starts(s, "tl"));
	assert_false(span_starts(s, "tlsx"));
	assert_true(span_has(s, "ls"));
	assert_false(span_has(s, "sx"));
	assert_false(span_has(span(NULL, 0), "x"));
	assert_true(cut_at(&rest, '=', &before));
	assert_true(span_is(before, "a") && span_is(rest, "b=c"));
	assert_false(cut_at(&rest, '#', &before));
	assert_true(span_is(rest, "b=c"));
	assert_int_equal(trimmed(span_of_text(" \t\r ")).len, 0);
	assert_true(span_is(trimmed(span_of_text(" a b\r")), "a b"));
}

struct version_row {
	const char *name, *a, *b;
	int want;
};

static const struct version_row version_rows[] = {
	{ "by number, not by letter", "6.12.107", "6.12.44", 1 },
	{ "equal", "3.0.22", "3.0.22", 0 },
	{ "missing parts are zero", "3.2", "3.2.0", 0 },
	{ "shorter is older", "6.1", "6.1.1", -1 },
	{ "major first", "10.0", "9.99", 1 },
	{ "letters behind do not count", "1.1.1k", "1.1.1", 0 },
	{ "pre-release counts as its number", "3.5.0-beta1", "3.5.0", 0 },
	{ "empty is the oldest", "", "0.1", -1 },
	{ "both empty", "", "", 0 },
};

static void test_version(void **state)
{
	const struct version_row *row = *state;
	int v = version_compare(row->a, row->b), w = version_compare(row->b, row->a);

	assert_int_equal((v > 0) - (v < 0), row->want);
	assert_int_equal((w > 0) - (w < 0), -row->want);
}

struct conf_row {
	const char *name;
	bool want;
};

static const struct conf_row conf_rows[] = {
	{ "a.conf", true },      { ".conf", false },   { ".hidden.conf", false },
	{ "a.conf.bak", false }, { "a.CONF", false },  { "aconf", false },
	{ "", false },           { "a.conf~", false },
};

static void test_conf(void **state)
{
	const struct conf_row *row = *state;

	assert_int_equal(is_conf(row->name), row->want);
}

int main(void)
{
	static const struct unit_set sets[] = {
		UNIT_ROWS("lines", lines_rows, test_lines),
		UNIT_ROWS("words", words_rows, test_words),
		UNIT_ROWS("number", number_rows, test_number),
		UNIT_ONE("spans", test_spans),
		UNIT_ROWS("version", version_rows, test_version),
		UNIT_ROWS("read as configuration", conf_rows, test_conf),
	};

	return unit_run("lines", sets, ARRAY_SIZE(sets));
}
