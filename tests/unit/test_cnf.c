/* SPDX-License-Identifier: MIT */
/*
 * openssl.cnf, judged as OpenSSL itself judges it. The expected answers were had from
 * OpenSSL 3.0: SSL_CTX_get_options() of a context made with OPENSSL_CONF set to the text.
 */
#include "unit.h"

#define HEAD "openssl_conf = i\n[i]\nssl_conf = m\n[m]\nsystem_default = d\n"

struct cnf_row {
	const char *name, *text, *want;
};

/* want: the answer, then "@line" or " -missing[section]", then " ?" when unsure. */
static const struct cnf_row rows[] = {
	{ "empty", "", "unset -openssl_conf[default]" },
	{ "complete", HEAD "[d]\nOptions = KTLS\n", "on@7" },
	{ "switched off", HEAD "[d]\nOptions = -KTLS\n", "off@7" },
	{ "in a list", HEAD "[d]\nOptions = ServerPreference, KTLS ,NoTicket\n", "on@7" },
	{ "off in a list", HEAD "[d]\nOptions = ServerPreference,-KTLS\n", "off@7" },
	{ "the last of a list wins", HEAD "[d]\nOptions = -KTLS,KTLS\n", "on@7" },
	{ "with a plus", HEAD "[d]\nOptions = +KTLS\n", "on@7" },
	{ "any case", HEAD "[d]\nOptions = ktls\n", "on@7" },
	{ "quoted", HEAD "[d]\nOptions = \"KTLS\"\n", "on@7" },
	{ "the key in any case", HEAD "[d]\noptions = KTLS\n", "on@7" },
	{ "a numbered key", HEAD "[d]\n1.Options = KTLS\n", "on@7" },
	{ "no part of a word", HEAD "[d]\nOptions = NoKTLS,KTLSX\n",
	  "unset@7 -Options[d]" },
	{ "without Options", HEAD "[d]\nMinProtocol = TLSv1.2\n", "unset -Options[d]" },
	{ "without the last section", HEAD, "unset -Options[d]" },
	{ "without system_default", "openssl_conf = i\n[i]\nssl_conf = m\n[m]\n",
	  "unset -system_default[m]" },
	{ "without ssl_conf", "openssl_conf = i\n[i]\n", "unset -ssl_conf[i]" },
	{ "a chain no line leads to",
	  "[i]\nssl_conf = m\n[m]\nsystem_default = d\n[d]\n"
	  "Options = KTLS\n",
	  "unset -openssl_conf[default]" },
	{ "openssl_conf behind a section", "[x]\nopenssl_conf = i\n[i]\nssl_conf = m\n",
	  "unset -openssl_conf[default]" },
	{ "the section named default", "[x]\n[default]\n" HEAD "[d]\nOptions = KTLS\n",
	  "on@9" },
	{ "comments", "# a\n" HEAD "[d]\n#Options = -KTLS\nOptions = KTLS # -KTLS\n",
	  "on@9" },
	{ "a mark in quotes is no comment", HEAD "[d]\nOptions = \"KTLS\" # \"\n",
	  "on@7" },
	{ "blanks everywhere",
	  " openssl_conf=i\n [ i ]\n\tssl_conf\t=\tm\n[ m]\nsystem_default =d\n[d ]\n"
	  "  Options=KTLS  \n",
	  "on@7" },
	{ "CRLF",
	  "openssl_conf = i\r\n[i]\r\nssl_conf = m\r\n[m]\r\nsystem_default = d\r\n"
	  "[d]\r\nOptions = KTLS\r\n",
	  "on@7" },
	{ "no final newline", HEAD "[d]\nOptions = KTLS", "on@7" },
	{ "two lines, the last wins", HEAD "[d]\nOptions = KTLS\nOptions = -KTLS\n",
	  "off@8" },
	{ "a section in two parts",
	  HEAD "[d]\nOptions = KTLS\n[x]\n[d]\nOptions = -KTLS\n", "off@10" },
	{ "another section's Options", HEAD "[x]\nOptions = KTLS\n[d]\n",
	  "unset -Options[d]" },
	{ "section::key", HEAD "[x]\nd::Options = KTLS\n", "on@7" },
	{ "a variable", HEAD "[d]\nOptions = $x\n", "unset@7 -Options[d] ?" },
	{ "a variable elsewhere", "x = $y\n" HEAD "[d]\nOptions = KTLS\n", "on@8" },
	{ "a continued line", HEAD "[d]\nOptions = Server\\\nPreference\n",
	  "unset@7 -Options[d] ?" },
	{ "the second half of a continued line",
	  HEAD "[d]\nOptions = KTLS\nCiphersuites = a\\\nOptions = -KTLS\n", "on@7" },
	{ "no section mark", HEAD "[d\nOptions = KTLS\n", "unset -Options[d]" },
	{ "a comment that goes on", HEAD "[d]\nOptions = KTLS # x \\\nOptions = -KTLS\n",
	  "on@7" },
	{ "a comment of its own that goes on", HEAD "[d]\n# x \\\nOptions = KTLS\n",
	  "unset -Options[d]" },
	{ "quotes around a part", HEAD "[d]\nOptions = \"ServerPreference\",KTLS\n",
	  "on@7" },
	{ "a byte order mark", "\xef\xbb\xbf" HEAD "[d]\nOptions = KTLS\n", "on@7" },
	{ "a numbered line undoes the first",
	  HEAD "[d]\nOptions = KTLS\n1.Options = -KTLS\n", "off@8" },
};

static void tell(struct notes *n, const struct openssl_cnf_facts *o)
{
	static const char *const words[] = { "unset", "on", "off" };

	note(n, "%s", words[o->ktls]);
	if (o->file)
		note(n, "@%u", o->line);
	if (o->missing)
		note(n, " -%s[%s]", o->missing, o->section);
	if (o->unsure)
		note(n, " ?");
}

static void judge(struct span text, struct notes *n)
{
	cleanup_arena struct arena *a = arena_new();
	struct cnf c = { .arena = a };
	struct openssl_cnf_facts o = { 0 };

	assert_int_equal(parse_cnf(text, "f", &c), 0);
	cnf_resolve(&c, &o);
	tell(n, &o);
}

static void test_parse(void **state)
{
	const struct cnf_row *row = *state;
	struct notes n = { 0 };

	judge(span_of_text(row->text), &n);
	assert_string_equal(n.text, row->want);
}

/* The live machine and a snapshot come to the same: lines keep their numbers. */
static void test_filtered(void **state)
{
	const struct cnf_row *row = *state;
	cleanup_bytes struct bytes b = { strdup(row->text), strlen(row->text) };
	struct notes n = { 0 };

	filter_cnf(&b);
	judge(span_of(&b), &n);
	assert_string_equal(n.text, row->want);
}

struct include_row {
	const char *name;
	const char *files[4][2]; /* path, text; the first is openssl.cnf */
	const char *want;        /* as above, with the file */
};

static const struct include_row include_rows[] = {
	{ "a file",
	  { { "/o.cnf", HEAD ".include /x.cnf\n" },
	    { "/x.cnf", "[d]\nOptions = KTLS\n" } },
	  "on@2 /x.cnf" },
	{ "its last section holds for what follows",
	  { { "/o.cnf", ".include /x.cnf\n" HEAD },
	    { "/x.cnf", "[d]\nOptions = KTLS\n" } },
	  "unset -openssl_conf[default]" },
	{ "with an equals sign",
	  { { "/o.cnf", HEAD ".include = /x.cnf\n" },
	    { "/x.cnf", "[d]\nOptions = KTLS\n" } },
	  "on@2 /x.cnf" },
	{ "a folder: .conf and .cnf, nothing else",
	  { { "/o.cnf", HEAD ".include /x.d\n" },
	    { "/x.d/a.conf", "[d]\nOptions = KTLS\n" },
	    { "/x.d/b.cnf.bak", "[d]\nOptions = -KTLS\n" } },
	  "on@2 /x.d/a.conf" },
	{ "one that is not there",
	  { { "/o.cnf", ".include /no\n" HEAD } },
	  "unset -Options[d]" },
	{ "a relative one",
	  { { "/o.cnf", ".include x.cnf\n" HEAD } },
	  "unset -Options[d] ?" },
	{ "what follows an include wins over it",
	  { { "/o.cnf", HEAD ".include /x.cnf\n[d]\nOptions = -KTLS\n" },
	    { "/x.cnf", "[d]\nOptions = KTLS\n" } },
	  "off@8 /o.cnf" },
	{ "an included file goes on in the section",
	  { { "/o.cnf", HEAD "[d]\n.include /x.cnf\n" },
	    { "/x.cnf", "Options = KTLS\n" } },
	  "on@1 /x.cnf" },
	{ "an included file includes in turn",
	  { { "/o.cnf", HEAD ".include /x.cnf\n" },
	    { "/x.cnf", ".include /y.cnf\n" },
	    { "/y.cnf", "[d]\nOptions = KTLS\n" } },
	  "on@2 /y.cnf" },
	{ "one that includes itself",
	  { { "/o.cnf", ".include /o.cnf\n" HEAD } },
	  "unset -Options[d] ?" },
};

static void test_include(void **state)
{
	const struct include_row *row = *state;
	struct facts f = { .openssl.config_file = "/o.cnf" };
	struct host *h = NULL;
	struct notes n = { 0 };
	struct temp_dir t;

	need_roots();
	temp_make(&t);
	for (size_t i = 0; i < 4 && row->files[i][0]; i++)
		temp_write(&t, row->files[i][0], row->files[i][1]);
	f.arena = arena_new();
	assert_int_equal(host_open(&h, t.path), 0);
	read_openssl_cnf(h, &f);
	tell(&n, &f.openssl_cnf);
	if (f.openssl_cnf.file)
		note(&n, " %s", f.openssl_cnf.file);
	host_close(h);
	arena_free(f.arena);
	temp_remove(&t);
	assert_string_equal(n.text, row->want);
}

int main(void)
{
	static const struct unit_set sets[] = {
		UNIT_ROWS("cnf", rows, test_parse),
		UNIT_ROWS("cnf out of a snapshot", rows, test_filtered),
		UNIT_ROWS("cnf include", include_rows, test_include),
	};

	return unit_run("cnf", sets, ARRAY_SIZE(sets));
}
