/* SPDX-License-Identifier: MIT */
/* What people, monitoring and other programs get to see of a report. */
#include <errno.h>

#include "../../lib/out/render.h"
#include "../../lib/out/text.h"
#include "../../lib/out/utf8.h"
#include "good.h"

LOST(no_libkmod, FACT_MODPROBE, -ENOSYS)
LOST(caller_io, FACT_CALLER, -EIO)
TWEAK(old_openssl, f->openssl.version = "3.0.1";)
TWEAK(old_kernel, f->kernel.stable = "6.1.20";)
TWEAK(unset, f->openssl_cnf.ktls = CNF_UNSET; f->openssl_cnf.missing = "openssl_conf";
      f->openssl_cnf.file = NULL; f->openssl_cnf.section = "default";)

/* Names that come from outside: an escape, a newline, a bar, what is no UTF-8. */
#define NASTY "a\033[31mb|c\nd\xff"

static void nasty_names(struct facts *f)
{
	static struct nic nic = { .name = NASTY,
				  .ifindex = 2,
				  .kind = "",
				  .driver = "mlx5_core",
				  .bond_mode = "",
				  .bond_hash = "",
				  .pci = "15b3:" NASTY,
				  .numa_node = -1,
				  .up = true,
				  .physical = true,
				  .chosen = true };

	f->nics.nics = &nic;
	f->nics.n_nics = 1;
	f->kernel.release = NASTY;
	f->os.pretty_name = NASTY;
	f->openssl.version = "3.0.1";
	f->openssl.library = NASTY;
	f->openssl_cnf.src.where = NASTY;
	f->name = NASTY;
	f->kconfig.opt[KOPT_MLX5_EN_TLS] = KOPT_N;
}

struct text_row {
	const char *name;
	tweak_fn tweaks[MAX_TWEAKS];
	const char *nagios; /* how its line begins */
	const char *next;   /* how the text ends */
};

static const struct text_row rows[] = {
	{ "all is well",
	  { never_used },
	  "KTLS OK - kTLS should work here",
	  "explain openssl-option" },
	{ "in use", { in_use }, "KTLS OK - kTLS is used here", "ktlsctl -v" },
	{ "cannot",
	  { without_tls },
	  "KTLS CRITICAL - kTLS cannot work here: this",
	  "explain kernel-config" },
	{ "blacklisted",
	  { unloaded, blacklisted },
	  "KTLS CRITICAL - kTLS cannot",
	  "explain tls-module" },
	{ "unknown",
	  { unloaded, no_libkmod },
	  "KTLS UNKNOWN - Whether kTLS",
	  "explain tls-module" },
	{ "caller unknown",
	  { unloaded, caller_io },
	  "KTLS UNKNOWN - ",
	  "explain tls-autoload" },
	{ "limits",
	  { openssl_3_0, option_off, slow_aes },
	  "KTLS WARNING - kTLS works here",
	  "explain kernel-aead" },
	{ "many defects",
	  { old_kernel, old_openssl },
	  "KTLS WARNING - kTLS works",
	  "explain openssl-tls13-receive" },
	{ "option unset",
	  { unset, no_offload_built },
	  "KTLS WARNING - kTLS works",
	  "ktlsctl -v" },
	{ "container",
	  { unloaded, in_docker, unprivileged },
	  "KTLS CRITICAL - ",
	  "explain tls-autoload" },
	{ "nasty names",
	  { nasty_names },
	  "KTLS WARNING - kTLS works here",
	  "explain openssl-tls13-receive" },
	{ "nasty names, cannot",
	  { nasty_names, unloaded, blacklisted },
	  "KTLS CRITICAL - ",
	  "explain tls-module" },
};

static struct report *diagnose(const struct text_row *row)
{
	struct report *r;
	struct facts f;

	tweaked_facts(&f, row->tweaks);
	r = checks_run(checks, &f);
	assert_non_null(r);
	return r;
}

static unsigned columns(const char *line, size_t len)
{
	unsigned n = 0;

	for (size_t i = 0; i < len; i++)
		n += (line[i] & 0xc0) != 0x80;
	return n;
}

/* Commands that are pasted stand in one line, however long; so do long paths. */
static bool may_be_long(const struct report *r, const char *line, size_t len)
{
	while (len && *line == ' ') {
		line++;
		len--;
	}
	if (!memchr(line, ' ', len))
		return true;
	for (size_t i = 0; i < r->n_findings; i++) {
		const struct remedy *m = r->findings[i].remedy;

		if (m && m->command && strlen(m->command) == len &&
		    !memcmp(m->command, line, len))
			return true;
	}
	return false;
}

static void check_lines(const struct report *r, const char *text)
{
	for (const char *line = text; *line;) {
		size_t len = strcspn(line, "\n");

		if (columns(line, len) > TEXT_WIDTH && !may_be_long(r, line, len))
			fail_msg("%u columns: %.*s", columns(line, len), (int)len, line);
		if (len && line[len - 1] == ' ')
			fail_msg("a blank at the end: '%.*s'", (int)len, line);
		line += len;
		if (*line != '\n')
			fail_msg("no final newline");
		line++;
	}
}

/* Neither color nor UTF-8: printable ASCII and newlines, in 80 columns. */
static void test_plain(void **state)
{
	const struct text_row *row = *state;
	cleanup_report struct report *r = diagnose(row);

	for (int verbose = 0; verbose < 2; verbose++) {
		const struct text_style style = { .verbose = verbose };
		cleanup_free char *text = report_text(r, &style);

		assert_non_null(text);
		for (const char *p = text; *p; p++)
			if (*p != '\n' && (*p < 0x20 || *p > 0x7e))
				fail_msg("byte %02x in: %s", *p & 0xff, text);
		check_lines(r, text);
		assert_int_equal(strncmp(text, r->headline, 20), 0);
	}
}

/* A line is filled before the next begins: its first word would not have fitted. */
static void test_filled(void **state)
{
	const struct text_row *row = *state;
	const struct text_style style = { .verbose = true };
	cleanup_report struct report *r = diagnose(row);
	cleanup_free char *text = report_text(r, &style);

	assert_non_null(text);
	for (const char *p = text; (p = strstr(p, " why: "));) {
		const char *end = strchr(p, '\n'), *word = end + 1, *begin = p;

		while (begin > text && begin[-1] != '\n')
			begin--;
		word += strspn(word, " ");
		if (columns(begin, end - begin) + 1 + strcspn(word, " \n") <= TEXT_WIDTH)
			fail_msg("%.*s", (int)(strchr(word, '\n') - begin), begin);
		p = end;
	}
}

static void test_utf8(void **state)
{
	const struct text_row *row = *state;
	const struct text_style style = { .utf8 = true, .verbose = true };
	cleanup_report struct report *r = diagnose(row);
	cleanup_free char *text = report_text(r, &style);
	size_t n;

	assert_non_null(text);
	assert_non_null(strstr(text, "\xe2\x9c\x93"));
	assert_null(strchr(text, '\033'));
	for (const char *p = text; *p; p += n) {
		n = utf8_len(p);
		assert_true(n > 0);
	}
	check_lines(r, text);
}

/* Every colour is switched off again in its line. */
static void test_color(void **state)
{
	const struct text_row *row = *state;
	const struct text_style style = { .color = true };
	cleanup_report struct report *r = diagnose(row);
	cleanup_free char *text = report_text(r, &style);
	bool on = false;

	assert_non_null(text);
	for (const char *p = text; *p; p++) {
		if (*p == '\n')
			assert_false(on);
		if (*p != '\033')
			continue;
		on = strncmp(p, "\033[0m", 4) != 0;
		assert_int_equal(p[1], '[');
		assert_int_equal(p[2 + strspn(p + 2, "0123456789;")], 'm');
	}
}

static void test_next(void **state)
{
	const struct text_row *row = *state;
	const struct text_style style = { 0 };
	cleanup_report struct report *r = diagnose(row);
	cleanup_free char *text = report_text(r, &style);
	const char *next = strstr(text, "\nNext: ");

	assert_non_null(next);
	assert_non_null(strstr(next, row->next));
	assert_string_equal(strchr(next + 1, '\n'), "\n");
}

static void test_nagios(void **state)
{
	const struct text_row *row = *state;
	cleanup_report struct report *r = diagnose(row);
	cleanup_free char *line = report_nagios(r);
	char *bar;

	assert_non_null(line);
	assert_int_equal(strncmp(line, row->nagios, strlen(row->nagios)), 0);
	bar = strchr(line, '|');
	assert_non_null(bar);
	assert_null(strchr(bar + 1, '|'));
	assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
	for (const char *p = line; *p != '\n'; p++)
		assert_true((*p & 0xff) >= 0x20 && *p != 0x7f);
	assert_int_equal(strncmp(bar, "| fail=", 7), 0);
}

/* One line a host, under 2 KB as a rule. */
static void test_rollup(void **state)
{
	const struct text_row *row = *state;
	cleanup_report struct report *r = diagnose(row);
	cleanup_free char *line = report_ndjson(r);

	assert_non_null(line);
	assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
	assert_int_equal(strncmp(line, "{\"schema\":\"ktlsctl.rollup/1\",", 28), 0);
	assert_null(strstr(line, "\"ok\""));
	assert_null(strstr(line, "\"skip\""));
	assert_true(strlen(line) < 2048);
}

/* A report is read back as what it was, and says the same. */
static void test_round_trip(void **state)
{
	const struct text_row *row = *state;
	cleanup_report struct report *r = diagnose(row), *back = report_new();
	cleanup_free char *json = report_json(r), *again = NULL, *nagios = NULL;
	cleanup_free char *nagios_back = NULL;
	struct doc_input in = { .text = json, .len = strlen(json), .arena = back->arena };

	if (doc_from_json(&report_fields, back, &in))
		fail_msg("%s", in.error);
	again = report_json(back);
	assert_string_equal(again, json);
	assert_int_equal(back->n_findings, r->n_findings);
	assert_true(back->counts.ok == r->counts.ok);
	assert_int_equal(back->status, r->status);
	nagios = report_nagios(r);
	nagios_back = report_nagios(back);
	assert_int_equal(strncmp(nagios, nagios_back, 12), 0);
}

/* A report may come from elsewhere: nothing in it reaches the terminal as it is. */
static void test_foreign(void **state)
{
	static struct evidence saw = { NASTY, NASTY, NASTY };
	static const char *tunables[] = { NASTY };
	static struct remedy fix = { NASTY, NASTY, NASTY, true, true, tunables, 1 };
	static struct finding f = { .id = NASTY,
				    .category = NASTY,
				    .title = NASTY,
				    .subject = { SUBJECT_NIC, NASTY },
				    .verdict = VERDICT_FAIL,
				    .reason = NASTY,
				    .summary = NASTY,
				    .evidence = &saw,
				    .n_evidence = 1,
				    .why = NASTY,
				    .remedy = &fix };
	static struct cause cause = { NASTY,        NASTY, NASTY, { SUBJECT_HOST, "" },
				      VERDICT_FAIL, NASTY, &fix,  false };
	const struct report r = { .headline = NASTY,
				  .cause = &cause,
				  .findings = &f,
				  .n_findings = 1,
				  .status = STATUS_CANNOT_WORK };
	const struct text_style style = { .utf8 = true, .verbose = true };
	cleanup_free char *text = report_text(&r, &style);

	(void)state;
	assert_non_null(text);
	assert_null(strchr(text, '\033'));
	assert_null(strchr(text, '\xff'));
}

struct clean_row {
	const char *name, *in, *want;
};

static const struct clean_row clean_rows[] = {
	{ "plain", "abc", "abc" },
	{ "empty", "", "" },
	{ "newline and tab stay", "a\n\tb", "a\n\tb" },
	{ "escape", "\033[2J", "\\x1b[2J" },
	{ "carriage return, bell, delete", "\r\a\x7f", "\\x0d\\x07\\x7f" },
	{ "good UTF-8", "\xc3\xa4\xe2\x82\xac", "\xc3\xa4\xe2\x82\xac" },
	{ "bad UTF-8", "\x80\xc3", "\\x80\\xc3" },
	{ "a control character of two bytes",
	  "\xc2\x9b"
	  "31m",
	  "\\xc2\\x9b31m" },
};

static void test_clean(void **state)
{
	const struct clean_row *row = *state;
	cleanup_free char *clean = utf8_clean(row->in);

	assert_string_equal(clean, row->want);
}

struct valid_row {
	const char *name, *in;
	size_t len;
	bool want;
};

static const struct valid_row valid_rows[] = {
	{ "ASCII", "ktls", 4, true },
	{ "controls", "\x01\n\x7f", 3, true },
	{ "letters of 2, 3 and 4 bytes", "\xc3\xa4\xe2\x9c\x93\xf0\x9f\x98\x80", 9,
	  true },
	{ "a NUL", "a\0b", 3, false },
	{ "a byte alone", "\x80", 1, false },
	{ "cut off", "\xf0\x9f\x98", 3, false },
	{ "half a pair", "\xed\xa0\x80", 3, false },
	{ "too long for what it is", "\xc0\xaf", 2, false },
};

/* Wherever it begins and ends: eight bytes are looked at at a time. */
static void test_valid(void **state)
{
	const struct valid_row *row = *state;
	char text[64];

	assert_true(utf8_valid("", 0));
	for (size_t before = 0; before < 20; before++) {
		for (size_t behind = 0; behind < 20; behind++) {
			size_t len = before + row->len + behind;
			cleanup_free char *exact = NULL;

			memset(text, 'x', sizeof(text));
			memcpy(text + before, row->in, row->len);
			exact = exact_copy(text, len);
			assert_int_equal(utf8_valid(exact, len), row->want);
		}
	}
}

struct wrap_row {
	const char *name;
	unsigned col, indent;
	const char *in, *want;
};

#define TEN   "123456789 "
#define SIXTY TEN TEN TEN TEN TEN TEN

static const struct wrap_row wrap_rows[] = {
	{ "short", 0, 0, "a b", "a b\n" },
	{ "empty", 0, 0, "", "\n" },
	{ "80 columns", 0, 0, SIXTY TEN "1234567890", SIXTY TEN "1234567890\n" },
	{ "81 columns", 0, 0, SIXTY TEN "12345678901", SIXTY "123456789\n12345678901\n" },
	{ "indented", 70, 4, "12345 67890", "12345\n    67890\n" },
	{ "a long word is not broken", 0, 0, "a https://example.org/" SIXTY,
	  "a https://example.org/123456789 123456789 123456789 123456789 123456789\n"
	  "123456789\n" },
	{ "blanks are one", 0, 0, "a  b\nc ", "a b c\n" },
	{ "characters, not bytes", 76, 0, "\xc3\xa4\xc3\xa4 b", "\xc3\xa4\xc3\xa4 b\n" },
	{ "a tab is a blank", 0, 0, "a\tb", "a b\n" },
};

static void test_wrap(void **state)
{
	const struct wrap_row *row = *state;
	const struct text_style style = { 0 };
	cleanup_free char *out = NULL;
	struct text t;

	assert_int_equal(text_open(&t, &style), 0);
	text_wrap(&t, row->col, row->indent, row->in);
	out = text_close(&t);
	assert_string_equal(out, row->want);
}

static void test_explain(void **state)
{
	const struct text_style style = { 0 };
	const struct report none = { 0 };

	(void)state;
	for (size_t i = 0; checks[i]; i++) {
		cleanup_free char *text = check_text(checks[i], &style);
		const char *more = strstr(text, "\nMore:\n");

		assert_non_null(strstr(text, checks[i]->id));
		if (more)
			text[more - text + 1] = '\0';
		check_lines(&none, text);
	}
}

int main(void)
{
	static const struct unit_set sets[] = {
		UNIT_ROWS("plain text", rows, test_plain),
		UNIT_ROWS("lines are filled", rows, test_filled),
		UNIT_ROWS("UTF-8 valid", valid_rows, test_valid),
		UNIT_ROWS("UTF-8 text", rows, test_utf8),
		UNIT_ROWS("coloured text", rows, test_color),
		UNIT_ROWS("next command", rows, test_next),
		UNIT_ROWS("nagios", rows, test_nagios),
		UNIT_ROWS("roll-up", rows, test_rollup),
		UNIT_ROWS("there and back", rows, test_round_trip),
		UNIT_ONE("a report from elsewhere", test_foreign),
		UNIT_ROWS("clean", clean_rows, test_clean),
		UNIT_ROWS("wrap", wrap_rows, test_wrap),
		UNIT_ONE("explain fits the screen", test_explain),
	};

	return unit_run("text", sets, ARRAY_SIZE(sets));
}
