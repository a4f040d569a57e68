/* SPDX-License-Identifier: MIT */
/* Pages for the browser: what comes from outside stays text. */
#include "../../lib/out/html.h"
#include "good.h"

struct escape_row {
	const char *name, *in, *out;
};

static const struct escape_row escapes[] = {
	{ "plain", "eth0", "eth0" },
	{ "empty", "", "" },
	{ "none", NULL, "" },
	{ "markup", "<b>&</b>", "&lt;b&gt;&amp;&lt;/b&gt;" },
	{ "quotes", "a\"b'c", "a&quot;b&#39;c" },
	{ "an entity", "&lt;", "&amp;lt;" },
	{ "letters of others", "Gerät 网卡 😀", "Gerät 网卡 😀" },
	{ "no UTF-8", "a\xff\xc0\xaf", "a\\xff\\xc0\\xaf" },
	{ "cut off", "a\xe2\x82", "a\\xe2\\x82" },
	{ "a surrogate", "\xed\xa0\x80", "\\xed\\xa0\\x80" },
	{ "controls", "\033[31m\b\x7f", "\\x1b[31m\\x08\\x7f" },
	{ "C1",
	  "\xc2\x9b"
	  "m",
	  "\\xc2\\x9bm" },
	{ "lines", "a\n\tb", "a\n\tb" },
	{ "turned around", "\u202egpj\u2066", "\\u{202e}gpj\\u{2066}" },
	{ "of no width", "a\u200bb\ufeff", "a\\u{200b}b\\u{feff}" },
	{ "no character", "\uffff\ufffe\ufdd0", "\\u{ffff}\\u{fffe}\\u{fdd0}" },
	{ "no character above", "\U0001fffe", "\\u{1fffe}" },
	{ "the last one", "\U0010fffd", "\U0010fffd" },
	{ "end of a comment", "--> ]]>", "--&gt; ]]&gt;" },
};

static void escapes_right(void **state)
{
	const struct escape_row *row = *state;
	const struct html_head head = { "", "", "", "", "" };
	cleanup_free char *page = NULL;
	struct html h;
	long from;

	assert_int_equal(html_open(&h, &head), 0);
	from = ftell(h.f);
	html_text(&h, row->in);
	fputs("<!-- end -->", h.f);
	page = html_close(&h, &head);
	assert_non_null(page);
	assert_memory_equal(page + from, row->out, strlen(row->out));
	assert_memory_equal(page + from + strlen(row->out), "<!-- end -->", 12);
}

#define EVIL "</td><script>x</script>\" onclick='x'"

static void evil_report(struct facts *f)
{
	f->name = EVIL;
	f->kernel.release = EVIL;
	f->os.pretty_name = EVIL;
	f->openssl.library = f->openssl_cnf.src.where = EVIL;
	f->openssl.version = "3.0.1";
}

static void report_is_text(void **state)
{
	cleanup_report struct report *r = NULL;
	cleanup_free char *page = NULL;
	struct facts f;

	(void)state;
	good_facts(&f);
	evil_report(&f);
	r = checks_run(checks, &f);
	assert_non_null(r);
	page = report_html(r);
	assert_non_null(page);
	assert_null(strstr(page, "<script"));
	assert_null(strstr(page, "\" onclick"));
	assert_non_null(
		strstr(page, "&lt;script&gt;x&lt;/script&gt;&quot; onclick=&#39;x"));
}

static const struct unit_set sets[] = {
	UNIT_ROWS("escape", escapes, escapes_right),
	UNIT_ONE("a report of anybody", report_is_text),
};

int main(void)
{
	return unit_run("html", sets, ARRAY_SIZE(sets));
}
