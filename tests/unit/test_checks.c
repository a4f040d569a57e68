/* SPDX-License-Identifier: MIT */
/* What holds for every check, whatever it checks. */
#include <glob.h>

#include "good.h"

/* The rows are the checks. */
struct law_row {
	const char *name;
	const struct check *check;
};
#define CHECK_ROW(state_) (((const struct law_row *)*(state_))->check)

static bool is_slug(const char *s)
{
	size_t n = strlen(s);

	return n && strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == n &&
	       s[0] != '-' && s[n - 1] != '-' && !strstr(s, "--");
}

static void test_id(void **state)
{
	const struct check *c = CHECK_ROW(state);
	size_t same = 0;

	assert_true(is_slug(c->id));
	for (size_t i = 0; checks[i]; i++)
		same += !strcmp(checks[i]->id, c->id);
	assert_int_equal(same, 1);
	assert_ptr_equal(check_find(c->id), c);
	assert_true(check_category_exists(c->category));
	assert_false(check_category_exists(c->id));
}

static bool file_has(const char *path, const char *text)
{
	FILE *f = fopen(path, "re");
	cleanup_free char *data = calloc(1, 1 << 16);
	bool has;

	assert_non_null(f);
	assert_non_null(data);
	has = fread(data, 1, (1 << 16) - 1, f) > 0 && strstr(data, text);
	fclose(f);
	return has;
}

static void test_folder(void **state)
{
	const struct check *c = CHECK_ROW(state);
	char pattern[128], line[128];
	size_t files = 0;
	glob_t g;

	snprintf(pattern, sizeof(pattern), "checks/%s/*.c", c->category);
	snprintf(line, sizeof(line), ".id = \"%s\",", c->id);
	assert_int_equal(glob(pattern, 0, NULL, &g), 0);
	for (size_t i = 0; i < g.gl_pathc; i++)
		files += file_has(g.gl_pathv[i], line);
	globfree(&g);
	assert_int_equal(files, 1);
}

/* Its rows are in one of the files beside this one. */
static void test_has_rows(void **state)
{
	const struct check *c = CHECK_ROW(state);
	char name[64];
	bool found = false;
	glob_t g;

	snprintf(name, sizeof(name), "&check_%s,", c->id);
	for (char *p = name; *p; p++)
		*p = *p == '-' ? '_' : *p;
	assert_int_equal(glob("tests/unit/test_checks_*.c", 0, NULL, &g), 0);
	for (size_t i = 0; i < g.gl_pathc; i++)
		found |= file_has(g.gl_pathv[i], name);
	globfree(&g);
	assert_true(found);
}

/* A screen of 80 columns, a terminal without UTF-8: the words are plain. */
static void plain(const char *s)
{
	assert_non_null(s);
	assert_true(*s);
	for (; *s; s++)
		assert_in_range(*s, 0x20, 0x7e);
}

static void test_words(void **state)
{
	const struct check *c = CHECK_ROW(state);

	plain(c->title);
	plain(c->why);
	assert_true(strlen(c->title) <= 50);
	if (c->refs)
		assert_int_equal(strncmp(c->refs, "https://", 8), 0);
	assert_int_equal(c->needs & c->uses, 0);
	assert_int_equal((c->needs | c->uses) & ~FACT_ALL, 0);
}

static void test_outcome_rows(void **state)
{
	const struct check *c = CHECK_ROW(state);
	bool good = false;

	for (const struct outcome *o = c->outcomes; o->meaning; o++) {
		good |= o->verdict == VERDICT_OK || o->verdict == VERDICT_INFO;
		plain(o->meaning);
		if (o->remedy)
			plain(o->remedy);
		if (o->reason)
			assert_true(is_slug(o->reason));
		if (o->verdict == VERDICT_FAIL || o->verdict == VERDICT_WARN)
			assert_true(o->reason && o->remedy);
		for (const struct outcome *p = c->outcomes; p < o; p++)
			assert_false(p->verdict == o->verdict &&
				     !strcmp(p->reason ? p->reason : c->id,
					     o->reason ? o->reason : c->id));
	}
	assert_true(good);
}

/* A reason means one thing: no other check may give it. */
static void test_reasons_are_its_own(void **state)
{
	const struct check *c = CHECK_ROW(state);

	for (const struct outcome *o = c->outcomes; o->meaning; o++) {
		for (size_t i = 0; o->reason && checks[i]; i++) {
			const struct outcome *p = checks[i]->outcomes;

			if (checks[i] == c)
				continue;
			assert_string_not_equal(o->reason, checks[i]->id);
			for (; p->meaning; p++)
				if (p->reason)
					assert_string_not_equal(o->reason, p->reason);
		}
	}
}

static struct report *run(const struct check *c, const struct facts *f)
{
	const struct check *const table[] = { c, NULL };
	struct report *r = checks_run(table, f);

	if (!r)
		fail_msg("%s: the report is lost", c->id);
	return r;
}

/* Nothing to complain of; a check of bonds has nothing to look at there. */
static bool all_fine(const struct report *r, const struct check *c)
{
	for (size_t i = 0; i < r->n_findings; i++)
		if (strcmp(r->findings[i].reason, c->id) ||
		    verdict_rank(r->findings[i].verdict) > verdict_rank(VERDICT_OK))
			return false;
	return r->n_findings > 0;
}

static bool only(const struct report *r, enum verdict v, const char *reason)
{
	for (size_t i = 0; i < r->n_findings; i++)
		if (r->findings[i].verdict != v || strcmp(r->findings[i].reason, reason))
			return false;
	return r->n_findings > 0;
}

static void test_good_host(void **state)
{
	const struct check *c = CHECK_ROW(state);
	struct facts f;

	good_facts(&f);
	cleanup_report struct report *r = run(c, &f);

	assert_true(all_fine(r, c) || only(r, VERDICT_INFO, "kernel-version"));
}

/* A needed group that was not asked, or could not be read, is an UNKNOWN of the runner.
 */
static void test_needs(void **state)
{
	static const int errors[] = { 0, -EACCES, -EIO };
	const struct check *c = CHECK_ROW(state);

	for (unsigned bit = 1; bit; bit <<= 1) {
		for (size_t e = 0; c->needs & bit && e < ARRAY_SIZE(errors); e++) {
			struct report *r;
			struct facts f;
			bool unknown;

			good_facts(&f);
			group_lost(&f, bit, errors[e]);
			r = run(c, &f);
			unknown = only(r, VERDICT_UNKNOWN, c->id) && r->n_findings == 1;
			report_free(r);
			if (!unknown)
				fail_msg("without %s (%d)", facts_group_name(bit),
					 errors[e]);
		}
	}
}

static void look_for_blame(const struct check *c, unsigned bit, int err,
			   void (*host)(struct facts *f))
{
	struct report *r;
	struct facts f;
	bool failed;

	good_facts(&f);
	if (host)
		host(&f);
	group_lost(&f, bit, err);
	r = run(c, &f);
	failed = r->counts.fail;
	report_free(r);
	if (failed)
		fail_msg("without %s (%d) it fails", facts_group_name(bit), err);
}

/* Not to be able to look is no fault of the host. */
static void test_uses(void **state)
{
	const struct check *c = CHECK_ROW(state);

	for (unsigned bit = 1; bit; bit <<= 1) {
		if (!(c->uses & bit))
			continue;
		look_for_blame(c, bit, -EACCES, NULL);
		look_for_blame(c, bit, -EACCES, unloaded);
		look_for_blame(c, bit, 0, NULL);
		look_for_blame(c, bit, 0, unloaded);
	}
}

/* Nothing was read at all: nobody may claim to know. */
static void test_nothing(void **state)
{
	const struct check *c = CHECK_ROW(state);
	const struct facts f = { 0 };
	cleanup_report struct report *r = run(c, &f);

	assert_int_equal(r->counts.ok, 0);
	assert_int_equal(r->counts.fail, 0);
	assert_int_equal(r->counts.warn, 0);
	assert_true(r->counts.unknown > 0);
}

static const struct {
	const char *name;
	void (*test)(void **state);
} laws[] = {
	{ "its id", test_id },
	{ "its folder", test_folder },
	{ "its rows", test_has_rows },
	{ "its words", test_words },
	{ "its outcomes", test_outcome_rows },
	{ "its reasons are its own", test_reasons_are_its_own },
	{ "a good host is OK", test_good_host },
	{ "what it needs and is not there", test_needs },
	{ "what it uses and is not there", test_uses },
	{ "nothing is there", test_nothing },
};

int main(void)
{
	struct unit_set sets[ARRAY_SIZE(laws)];
	static struct law_row rows[256];
	size_t n = 0;

	for (; checks[n] && n < ARRAY_SIZE(rows); n++)
		rows[n] = (struct law_row){ checks[n]->id, checks[n] };
	for (size_t i = 0; i < ARRAY_SIZE(laws); i++)
		sets[i] = (struct unit_set){ laws[i].name,    rows,         n,
					     sizeof(rows[0]), laws[i].test, NULL };
	return unit_run("checks", sets, ARRAY_SIZE(sets));
}
