/* SPDX-License-Identifier: MIT */
/* What a probe comes to, and how it is told. */
#include <errno.h>

#include "../../lib/out/probe_path.h"
#include "unit.h"

enum { ROWS = 4 };

/* Cells of one cipher (tx, rx of both versions), a feature, a handshake. */
struct answer_row {
	const char *name;
	int ulp_err, src_err;
	enum probe_verdict cells[ROWS], feature, handshake;
	const char *resembles; /* of the feature; NULL: nothing */
	bool disagree;
	enum probe_answer answer;
	const char *headline; /* NULL: there is none */
};

#define ALL(v)                                                                           \
	{                                                                                \
		v, v, v, v                                                               \
	}

static const struct answer_row rows[] = {
	{ .name = "works",
	  .cells = ALL(PROBE_WORKS),
	  .answer = PROBE_YES,
	  .headline = "4 of 4 cells work on 6.12" },
	{ .name = "no ULP", .ulp_err = -ENOENT, .answer = PROBE_NO },
	{ .name = "forbidden to ask", .ulp_err = -EPERM, .answer = PROBE_NOT_KNOWN },
	{ .name = "one is broken",
	  .cells = { PROBE_WORKS, PROBE_WORKS, PROBE_WORKS, PROBE_BROKEN },
	  .answer = PROBE_NO,
	  .headline = "3 of 4 cells work on 6.12; 1 are broken" },
	{ .name = "a feature is broken",
	  .cells = ALL(PROBE_WORKS),
	  .feature = PROBE_BROKEN,
	  .answer = PROBE_NO,
	  .headline = "4 of 4 cells work on 6.12; rekey is broken" },
	{ .name = "no cipher",
	  .cells = ALL(PROBE_NO_CRYPTO),
	  .answer = PROBE_NO,
	  .headline = "0 of 4 cells work on 6.12; crypto missing: sm4-gcm" },
	{ .name = "TLS 1.3 is not defined",
	  .cells = { PROBE_WORKS, PROBE_WORKS, PROBE_UNDEFINED, PROBE_UNDEFINED },
	  .answer = PROBE_YES,
	  .headline = "2 of 2 cells work on 6.12" },
	{ .name = "without a witness",
	  .cells = ALL(PROBE_NO_WITNESS),
	  .answer = PROBE_YES,
	  .headline = "4 of 4 cells work on 6.12" },
	{ .name = "not in this kernel",
	  .cells = { PROBE_WORKS, PROBE_NOT_IN_KERNEL, PROBE_WORKS, PROBE_WORKS },
	  .answer = PROBE_YES,
	  .headline = "3 of 4 cells work on 6.12; not in this kernel: sm4-gcm" },
	{ .name = "a side matter is unknown",
	  .cells = { PROBE_WORKS, PROBE_WORKS, PROBE_WORKS, PROBE_UNKNOWN },
	  .answer = PROBE_YES,
	  .headline = "3 of 4 cells work on 6.12; 1 could not be found out" },
	{ .name = "all is unknown",
	  .cells = ALL(PROBE_UNKNOWN),
	  .answer = PROBE_NOT_KNOWN,
	  .headline = "0 of 4 cells work on 6.12; 4 could not be found out" },
	{ .name = "given up",
	  .src_err = -ETIMEDOUT,
	  .cells = { PROBE_WORKS, PROBE_UNKNOWN, PROBE_UNKNOWN, PROBE_UNKNOWN },
	  .answer = PROBE_NOT_KNOWN,
	  .headline = "1 of 4 cells work on 6.12; 3 could not be found out" },
	{ .name = "libssl does not",
	  .cells = ALL(PROBE_WORKS),
	  .handshake = PROBE_USER_SPACE,
	  .answer = PROBE_YES,
	  .headline = "4 of 4 cells work on 6.12; three witnesses agree" },
	{ .name = "a feature is unknown, the witnesses agree",
	  .cells = ALL(PROBE_WORKS),
	  .feature = PROBE_UNKNOWN,
	  .handshake = PROBE_WORKS,
	  .answer = PROBE_YES,
	  .headline = "4 of 4 cells work on 6.12; three witnesses agree" },
	{ .name = "witnesses disagree",
	  .cells = ALL(PROBE_WORKS),
	  .handshake = PROBE_WORKS,
	  .disagree = true,
	  .answer = PROBE_NO,
	  .headline = "4 of 4 cells work on 6.12; the witnesses of libssl disagree" },
};

struct filled {
	struct probe_cell cells[ROWS];
	struct probe_feature feature;
	struct probe_handshake handshake;
	struct probe_report r;
};

static void fill(struct filled *f, const struct answer_row *row)
{
	struct probe_facts *p = &f->r.probe;

	*f = (struct filled){ 0 };
	f->r.kernel = "6.12";
	f->r.openssl = "3.5.0";
	f->r.tool_version = "1";
	p->src = (struct source){ "loopback", row->src_err };
	p->ulp_err = row->ulp_err;
	p->ulp = !row->ulp_err;
	p->private_netns = true;
	p->cells = f->cells;
	p->features = &f->feature;
	p->handshakes = &f->handshake;
	for (int i = 0; i < ROWS && row->cells[i]; i++) {
		f->cells[i] = (struct probe_cell){ i < 2 ? "1.2" : "1.3",
						   "sm4-gcm",
						   i % 2 ? "rx" : "tx",
						   row->cells[i],
						   0,
						   "",
						   0 };
		p->n_cells++;
	}
	f->feature = (struct probe_feature){
		"rekey", row->feature, 0, "", row->resembles ? row->resembles : "", 0
	};
	p->n_features = row->feature != PROBE_UNTRIED;
	f->handshake = (struct probe_handshake){ .version = "1.3",
						 .suite = "TLS_SM4_GCM_SM3",
						 .tx = row->handshake,
						 .rx = row->handshake,
						 .agree = !row->disagree,
						 .note = "" };
	p->n_handshakes = row->handshake != PROBE_UNTRIED;
}

/* The page has the word of every cell, in as many cells. */
static void check_page(const struct filled *f)
{
	cleanup_free char *page = probe_html(&f->r);
	size_t found = 0, cells = 0;

	assert_non_null(page);
	assert_non_null(strstr(page, f->r.headline));
	for (const char *p = page; (p = strstr(p, "<td><span class=\"verdict")); p++)
		found++;
	for (size_t i = 0; i < f->r.probe.n_cells; i++) {
		const enum probe_verdict v = f->cells[i].verdict;
		char word[64];

		cells += v != PROBE_UNTRIED;
		snprintf(word, sizeof(word), "</span> %s</span>",
			 v == PROBE_UNDEFINED ? probe_words[v].row : probe_words[v].cell);
		assert_non_null(strstr(page, word));
	}
	assert_int_equal(found,
			 cells + f->r.probe.n_features + 2 * f->r.probe.n_handshakes);
}

static void test_answer(void **state)
{
	const struct answer_row *row = *state;
	cleanup_free char *headline = NULL, *text = NULL, *json = NULL;
	const struct text_style style = { 0 };
	struct filled f;

	fill(&f, row);
	f.r.answer = probe_answer_of(&f.r.probe);
	assert_int_equal(f.r.answer, row->answer);
	headline = probe_headline(&f.r.probe, "6.12");
	assert_non_null(headline);
	if (row->headline)
		assert_string_equal(headline, row->headline);
	f.r.headline = headline;
	text = probe_text(&f.r, &style);
	json = probe_json(&f.r);
	assert_non_null(text);
	assert_non_null(json);
	assert_memory_equal(text, headline, 12);
	check_page(&f);
}

/* A part of the text, for one row of cells. */
struct text_row {
	const char *name;
	struct answer_row of;
	int err;
	const char *has, *hasnt;
};

static const struct text_row texts[] = {
	{ "a row of its own words",
	  { .cells = { PROBE_WORKS, PROBE_WORKS, PROBE_UNDEFINED, PROBE_UNDEFINED } },
	  0,
	  "  sm4-gcm           works     works     -         -\n",
	  "libcrypto" },
	{ "one word for all of it",
	  { .cells = ALL(PROBE_NO_CRYPTO) },
	  -ENOENT,
	  "  sm4-gcm           crypto missing (ENOENT)\n",
	  "works" },
	{ "without a witness, it is said",
	  { .cells = ALL(PROBE_NO_WITNESS) },
	  0,
	  "\n* This libcrypto does not have the cipher",
	  "BROKEN" },
	{ "what is broken has a line",
	  { .cells = { PROBE_WORKS, PROBE_BROKEN, PROBE_WORKS, PROBE_WORKS } },
	  -EBADMSG,
	  "  BROKEN: TLS 1.2 sm4-gcm rx: not as it should be: the tag (EBADMSG)\n",
	  "missing" },
	{ "given up",
	  { .src_err = -ETIMEDOUT, .cells = ALL(PROBE_UNKNOWN) },
	  -ETIMEDOUT,
	  "did not come to its end: no answer for 5 seconds",
	  "BROKEN" },
	{ "a feature that works",
	  { .cells = ALL(PROBE_WORKS), .feature = PROBE_WORKS },
	  0,
	  "  works             rekey\n",
	  "BROKEN" },
	{ "a feature that does not",
	  { .cells = ALL(PROBE_WORKS), .feature = PROBE_NOT_IN_KERNEL },
	  0,
	  "  rekey             - not in this kernel\n",
	  "BROKEN" },
	{ "what no peer should send has its own place",
	  { .feature = PROBE_WORKS, .resembles = "CVE-2025-39682" },
	  0,
	  "\n  Records that no peer should send:\n"
	  "  rekey             + works; like CVE-2025-39682\n",
	  "  works " },
	{ "and is refused",
	  { .feature = PROBE_REFUSED, .resembles = "a flood" },
	  0,
	  "  rekey             - refused, as it should be; like a flood\n",
	  "BROKEN" },
	{ "libssl",
	  { .cells = ALL(PROBE_WORKS), .handshake = PROBE_USER_SPACE },
	  0,
	  "  libssl            TLS 1.3 stays in user space (3.5.0)\n",
	  "BROKEN" },
};

static void test_text(void **state)
{
	const struct text_row *row = *state;
	const struct text_style style = { 0 };
	cleanup_free char *text = NULL;
	struct filled f;

	fill(&f, &row->of);
	f.r.headline = "x";
	for (int i = 0; i < ROWS; i++) {
		f.cells[i].err = f.cells[i].verdict == PROBE_WORKS ? 0 : row->err;
		f.cells[i].differed = "the tag";
	}
	text = probe_text(&f.r, &style);
	if (!strstr(text, row->has) || strstr(text, row->hasnt))
		fail_msg("%s", text);
}

int main(void)
{
	static const struct unit_set sets[] = {
		UNIT_ROWS("answer", rows, test_answer),
		UNIT_ROWS("text", texts, test_text),
	};

	return unit_run("probe_text", sets, ARRAY_SIZE(sets));
}
