/* SPDX-License-Identifier: MIT */
/* What an apply does not do, and what it says of that. */
#include <errno.h>

#include "../../lib/tune/journal.h"
#include "scratch.h"

static const struct scratch_wish wishes[] = {
	{ "net.core.rmem_max", "425984" },
	{ "net.ipv4.tcp_rmem", "4096 131072 33554432" },
	{ "net.ipv4.tcp_wmem", "4096 16384 33554432" },
	{ "net.ipv4.tcp_slow_start_after_idle", "0" },
};

static struct tune_result *apply_plan(struct scratch *s, struct tune_plan *p,
				      bool persist)
{
	const struct tune_apply_options o = { .persist = persist };
	struct tune_result *r = NULL;

	assert_int_equal(tune_apply(s->h, p, &o, &r), 0);
	arena_free(p->arena);
	return r;
}

struct left_row {
	const char *name;
	enum tune_state states[4];
	const char *left, *text; /* keys left out, a part of the text */
};

static const struct left_row left_rows[] = {
	{ "nothing", { 0 }, "", "Apply 1: 4 values written and read back." },
	{ "what could not be read",
	  { 0, TUNE_UNKNOWN },
	  "net.ipv4.tcp_rmem=unknown ",
	  "? left out net.ipv4.tcp_rmem: a reason" },
	{ "what does not apply, and what was right",
	  { TUNE_NOT_APPLICABLE, TUNE_RIGHT, TUNE_NOT_APPLICABLE },
	  "net.core.rmem_max=not_applicable net.ipv4.tcp_wmem=not_applicable ",
	  "1 value written and read back; 2 do not apply here." },
	{ "what was not wanted",
	  { TUNE_SKIPPED },
	  "net.core.rmem_max=skipped ",
	  "Apply 1: 3 values written and read back." },
	{ "all of it",
	  { TUNE_RIGHT, TUNE_RIGHT, TUNE_RIGHT, TUNE_UNKNOWN },
	  "net.ipv4.tcp_slow_start_after_idle=unknown ",
	  "Nothing had to be changed; 1 key could not be read and is left out." },
};

static void expect_text(const struct tune_result *r, const char *part)
{
	const struct text_style style = { 0 };
	cleanup_free char *text = result_text(r, &style);

	for (char *p = text; *p; p++)
		*p = *p == '\n' ? ' ' : *p;
	if (!strstr(text, part))
		fail_msg("'%s' has no '%s'", text, part);
}

static void test_left(void **state)
{
	const struct left_row *row = *state;
	cleanup_result struct tune_result *r = NULL;
	struct tune_plan *p;
	struct notes n = { 0 };
	struct scratch s;

	need_roots();
	scratch_make(&s);
	p = scratch_plan(&s, wishes, ARRAY_SIZE(wishes));
	for (size_t i = 0; i < p->n_items; i++) {
		p->items[i].state = row->states[i];
		p->items[i].why = row->states[i] ? "a reason" : "";
	}
	r = apply_plan(&s, p, false);
	assert_null(r->failure);
	for (size_t i = 0; i < r->n_left; i++)
		note(&n, "%s=%s ", r->left[i].key, tune_state_words[r->left[i].state]);
	assert_string_equal(n.text, row->left);
	expect_text(r, row->text);
	scratch_remove(&s);
}

/* Nothing is done by halves, and not even a trace is left. */
static void test_refused(void **state)
{
	cleanup_result struct tune_result *r = NULL;
	cleanup_free char *before = NULL, *after = NULL;
	struct tune_plan *p;
	struct scratch s;

	(void)state;
	need_roots();
	scratch_make(&s);
	before = scratch_tree(&s);
	p = scratch_plan(&s, wishes, ARRAY_SIZE(wishes));
	p->items[2].state = TUNE_REFUSED;
	p->items[2].why = "a reason";
	r = apply_plan(&s, p, false);
	assert_string_equal(r->failure,
			    "nothing was changed, because of net.ipv4.tcp_wmem (a "
			    "reason); --skip leaves a key out, --force sets it all the "
			    "same");
	assert_false(r->changed);
	assert_int_equal(r->n_left, 1);
	assert_int_equal(host_probe(s.h, TUNE_STATE), -ENOENT);
	after = scratch_tree(&s);
	assert_string_equal(after, before);
	scratch_remove(&s);
}

/* A key that is right by an apply for now is not made to last against a later file. */
static void test_contested(void **state)
{
	cleanup_result struct tune_result *r = NULL, *again = NULL;
	struct tune_plan *p;
	struct scratch s;

	(void)state;
	need_roots();
	scratch_make(&s);
	r = apply_plan(&s, scratch_plan(&s, wishes, ARRAY_SIZE(wishes)), false);
	assert_null(r->failure);
	p = scratch_plan(&s, wishes, ARRAY_SIZE(wishes));
	p->items[0].contested = "a later file";
	again = apply_plan(&s, p, true);
	assert_string_equal(again->failure,
			    "nothing was changed, because of net.core.rmem_max (a later "
			    "file); --skip leaves a key out, --force sets it all the "
			    "same");
	assert_int_equal(host_probe(s.h, "/etc/sysctl.d/60-ktlsctl.conf"), -ENOENT);
	scratch_remove(&s);
}

/* What lasts already is not done once more, and makes no apply of nothing. */
static void test_lasting(void **state)
{
	cleanup_result struct tune_result *r = NULL, *again = NULL, *third = NULL;
	struct scratch s;

	(void)state;
	need_roots();
	scratch_make(&s);
	r = apply_plan(&s, scratch_plan(&s, wishes, ARRAY_SIZE(wishes)), false);
	again = apply_plan(&s, scratch_plan(&s, wishes, ARRAY_SIZE(wishes)), true);
	third = apply_plan(&s, scratch_plan(&s, wishes, ARRAY_SIZE(wishes)), true);
	assert_int_equal(r->n_outcomes, 4);
	assert_int_equal(again->n_outcomes, 4);
	assert_non_null(again->outcomes[0].file);
	assert_string_equal(third->id, "");
	assert_int_equal(third->n_outcomes, 0);
	expect_text(third, "Nothing had to be changed.");
	scratch_remove(&s);
}

/* What is right until the next boot only gets its line of a file, and nothing else. */
static void test_fleeting(void **state)
{
	cleanup_result struct tune_result *now = NULL, *r = NULL, *back = NULL;
	cleanup_free char *before = NULL, *after = NULL;
	static const struct scratch_wish wish[] = { { "net.core.rmem_max", "212992" } };
	struct scratch s;

	(void)state;
	need_roots();
	scratch_make(&s);
	before = scratch_tree(&s);
	for (int persist = 0; persist < 2; persist++) {
		struct tune_plan *p = scratch_plan(&s, wish, 1);

		assert_int_equal(p->items[0].state, TUNE_RIGHT);
		p->items[0].fleeting = true;
		*(persist ? &r : &now) = apply_plan(&s, p, persist);
	}
	assert_int_equal(now->n_outcomes, 0);
	assert_int_equal(r->n_outcomes, 1);
	assert_string_equal(r->outcomes[0].file, "/etc/sysctl.d/60-ktlsctl.conf");
	assert_int_equal(tune_revert(s.h, NULL, &back), 0);
	assert_int_equal(back->n_outcomes, 1);
	after = scratch_tree(&s);
	assert_string_equal(after, before);
	scratch_remove(&s);
}

/* --- a reboot that is needed ------------------------------------------------------- */

struct reboot_row {
	const char *name;
	bool persist;
	uint64_t within;
	const char *fails; /* a part of the path; NULL */
	bool at_once, confirmed;
};

static const struct reboot_row reboot_rows[] = {
	{ "gone with the boot", false, 0, NULL, false, false },
	{ "to last", true, 0, NULL, true, false },
	{ "to last once it is confirmed", true, 3000, NULL, false, true },
	{ "undone", true, 0, "/etc/", false, false },
};

/* "Please reboot" is said only where a reboot does something. */
static void test_reboot_required(void **state)
{
	static const struct scratch_wish wish[] = {
		{ "net.core.default_qdisc", "fq" },
	};
	const struct reboot_row *row = *state;
	const struct tune_apply_options o = { row->persist, row->within };
	cleanup_result struct tune_result *r = NULL, *c = NULL;
	struct tune_plan *p;
	struct scratch s;

	need_roots();
	scratch_make(&s);
	temp_write(&s.t, "/proc/sys/net/core/default_qdisc", "pfifo_fast\n");
	p = scratch_plan(&s, wish, 1);
	p->reboot_required = true;
	s.what = "replace";
	s.path = row->fails;
	s.err = row->fails ? -ENOSPC : 0;
	assert_int_equal(tune_apply(s.h, p, &o, &r), 0);
	arena_free(p->arena);
	assert_int_equal(r->reboot_required, row->at_once);
	assert_int_equal(r->undone, row->fails != NULL);
	if (row->within) {
		assert_int_equal(tune_confirm(s.h, NULL, &c), 0);
		assert_int_equal(c->reboot_required, row->confirmed);
	}
	scratch_remove(&s);
}

int main(void)
{
	static const struct unit_set sets[] = {
		UNIT_ROWS("left out", left_rows, test_left),
		UNIT_ONE("refused", test_refused),
		UNIT_ONE("right for now, contested", test_contested),
		UNIT_ONE("lasting already", test_lasting),
		UNIT_ONE("right until the next boot", test_fleeting),
		UNIT_ROWS("a reboot is needed", reboot_rows, test_reboot_required),
	};

	return unit_run("tune_left", sets, ARRAY_SIZE(sets));
}
