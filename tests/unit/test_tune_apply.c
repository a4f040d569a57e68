/* SPDX-License-Identifier: MIT */
/* Applying, confirming, reverting: in a folder, with everything that can go wrong. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../lib/tune/journal.h"
#include "scratch.h"

static const struct scratch_wish wishes[] = {
	{ "net.core.rmem_max", "425984" },
	{ "net.ipv4.tcp_rmem", "4096 131072 33554432" },
	{ "net.ipv4.tcp_wmem", "4096 16384 33554432" },
	{ "net.ipv4.tcp_slow_start_after_idle", "0" },
};

static struct tune_result *apply(struct scratch *s, bool persist, uint64_t within)
{
	const struct tune_apply_options o = { persist, within };
	struct tune_plan *p = scratch_plan(s, wishes, ARRAY_SIZE(wishes));
	struct tune_result *r = NULL;

	assert_int_equal(tune_apply(s->h, p, &o, &r), 0);
	arena_free(p->arena);
	return r;
}

static struct tune_result *revert(struct scratch *s)
{
	struct tune_result *r = NULL;

	assert_int_equal(tune_revert(s->h, NULL, &r), 0);
	return r;
}

static size_t count(const struct tune_result *r, enum tune_done done)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n_outcomes; i++)
		n += r->outcomes[i].done == done;
	return n;
}

static void expect_tree(const struct scratch *s, const char *want)
{
	cleanup_free char *tree = scratch_tree(s);

	assert_string_equal(tree, want);
}

static void expect_file(const struct scratch *s, const char *path, const char *want)
{
	cleanup_free char *text = temp_read(&s->t, path);

	assert_string_equal(text ? text : "(not there)", want);
}

/* --- all goes well ---------------------------------------------------------------- */

struct well_row {
	const char *name;
	bool persist;
	unsigned round;
};

static const struct well_row well_rows[] = {
	{ "now", false, 0 },
	{ "to last", true, 0 },
	{ "a kernel that rounds", false, 8192 },
	{ "a kernel that rounds, to last", true, 8192 },
};

static void test_well(void **state)
{
	const struct well_row *row = *state;
	cleanup_result struct tune_result *r = NULL, *back = NULL, *again = NULL;
	cleanup_free char *before = NULL, *after = NULL;
	struct scratch s;

	need_roots();
	scratch_make(&s);
	before = scratch_tree(&s);
	s.round = row->round;
	r = apply(&s, row->persist, 0);
	after = scratch_tree(&s);
	back = revert(&s);
	again = revert(&s);
	/* What the kernel rounds is not what it was, except where it was round before. */
	s.round = 0;
	assert_null(r->failure);
	assert_true(r->changed);
	assert_string_equal(r->id, "1");
	assert_int_equal(count(r, TUNE_WRITTEN), row->persist ? 8 : 4);
	assert_string_not_equal(before, after);
	assert_true(!strstr(after, "60-ktlsctl.conf") == !row->persist);
	assert_int_equal(count(back, TUNE_RESTORED) + count(back, TUNE_FAILED),
			 r->n_outcomes);
	if (!row->round) {
		expect_tree(&s, before);
		assert_false(result_is_short(back));
		assert_int_equal(again->n_outcomes, 0);
		assert_string_equal(again->id, "");
	}
	scratch_remove(&s);
}

static void test_dropin(void **state)
{
	cleanup_result struct tune_result *r = NULL, *back = NULL;
	struct scratch s;

	(void)state;
	need_roots();
	scratch_make(&s);
	r = apply(&s, true, 0);
	expect_file(
		&s, "/etc/sysctl.d/60-ktlsctl.conf",
		"# Of `ktlsctl tune --persist`; `ktlsctl tune revert` takes it back.\n"
		"net.core.rmem_max = 425984\n"
		"net.ipv4.tcp_rmem = 4096 131072 33554432\n"
		"net.ipv4.tcp_wmem = 4096 16384 33554432\n"
		"net.ipv4.tcp_slow_start_after_idle = 0\n");
	temp_write(&s.t, "/etc/sysctl.d/60-ktlsctl.conf",
		   "# mine\nnet.core.rmem_max=1\nnet.core.rmem_max = 425984\n"
		   "net.ipv4.tcp_rmem = 1 2 3\nvm.swappiness = 1\n");
	back = revert(&s);
	expect_file(&s, "/etc/sysctl.d/60-ktlsctl.conf",
		    "# mine\nnet.core.rmem_max=1\nnet.ipv4.tcp_rmem = 1 2 3\n"
		    "vm.swappiness = 1\n");
	assert_int_equal(count(back, TUNE_FOREIGN), 1);
	assert_true(result_is_short(back));
	scratch_remove(&s);
}

/* What somebody else has set since stays and is named; the rest is restored. */
static void test_foreign(void **state)
{
	cleanup_result struct tune_result *r = NULL, *back = NULL;
	struct scratch s;

	(void)state;
	need_roots();
	scratch_make(&s);
	r = apply(&s, false, 0);
	temp_write(&s.t, "/proc/sys/net/ipv4/tcp_rmem", "4096 131072 1000000\n");
	back = revert(&s);
	assert_int_equal(count(back, TUNE_FOREIGN), 1);
	assert_int_equal(count(back, TUNE_RESTORED), 3);
	assert_true(result_is_short(back));
	expect_file(&s, "/proc/sys/net/ipv4/tcp_rmem", "4096 131072 1000000\n");
	expect_file(&s, "/proc/sys/net/core/rmem_max", "212992\n");
	scratch_remove(&s);
}

/* After a reboot only files are taken back, and what they have set. */
static void test_reboot(void **state)
{
	cleanup_result struct tune_result *r = NULL, *back = NULL;
	cleanup_free char *before = NULL;
	struct scratch s;

	(void)state;
	need_roots();
	scratch_make(&s);
	before = scratch_tree(&s);
	r = apply(&s, false, 0);
	temp_write(&s.t, "/proc/sys/kernel/random/boot_id", "33333333-4444\n");
	/* The same by chance: it is somebody else's now. */
	back = revert(&s);
	assert_int_equal(count(back, TUNE_RESTORED), 4);
	expect_file(&s, "/proc/sys/net/core/rmem_max", "425984\n");
	scratch_remove(&s);

	scratch_make(&s);
	tune_result_free(r);
	tune_result_free(back);
	r = apply(&s, true, 0);
	temp_write(&s.t, "/proc/sys/kernel/random/boot_id", "33333333-4444\n");
	back = revert(&s);
	assert_int_equal(count(back, TUNE_RESTORED), 8);
	expect_tree(&s, before);
	scratch_remove(&s);
}

/* --- faults ----------------------------------------------------------------------- */

struct fault_row {
	const char *name;
	const char *what, *path;
	unsigned after;
	int err;
	const char *stuck;
	bool persist;
	const char *failure; /* how it begins */
};

static const struct fault_row fault_rows[] = {
	{ "EPERM at the first", "write", "rmem_max", 0, -EPERM, NULL, false,
	  "net.core.rmem_max cannot be set to 425984: Operation not permitted" },
	{ "EPERM half way", "write", "tcp_wmem", 0, -EPERM, NULL, false,
	  "net.ipv4.tcp_wmem cannot be set" },
	{ "a key that vanishes", "write", "slow_start", 0, -ENOENT, NULL, true,
	  "net.ipv4.tcp_slow_start_after_idle cannot be set" },
	{ "a key that stays as it is", NULL, NULL, 0, 0, "tcp_wmem", false,
	  "net.ipv4.tcp_wmem does not take" },
	{ "a read-only /etc", "replace", "/etc/", 0, -EROFS, NULL, true,
	  "net.core.rmem_max cannot be made to last: Read-only file system" },
	{ "a disk that is full with the second line of a file", "replace", "/etc/", 1,
	  -ENOSPC, NULL, true, "net.ipv4.tcp_rmem cannot be made to last" },
	{ "no room for the snapshot", "create", NULL, 0, -ENOSPC, NULL, false,
	  "nothing was changed: /var/lib/ktlsctl cannot be written" },
	{ "no room for the journal", "append", NULL, 0, -ENOSPC, NULL, false,
	  "net.core.rmem_max cannot be set" },
	{ "a read-only /var", "mkdir", NULL, 0, -EROFS, NULL, false,
	  "nothing was changed: /var/lib/ktlsctl cannot be written" },
};

static void test_fault(void **state)
{
	const struct fault_row *row = *state;
	cleanup_result struct tune_result *r = NULL;
	cleanup_free char *before = NULL;
	struct scratch s;

	need_roots();
	scratch_make(&s);
	before = scratch_tree(&s);
	s.what = row->what;
	s.path = row->path;
	s.after = row->after;
	s.err = row->err;
	s.stuck = row->stuck;
	r = apply(&s, row->persist, 0);
	assert_non_null(r->failure);
	assert_true(strlen(r->failure) >= strlen(row->failure));
	assert_memory_equal(r->failure, row->failure, strlen(row->failure));
	assert_true(result_is_short(r));
	assert_false(r->changed);
	expect_tree(&s, before);
	scratch_remove(&s);
}

/* The journal's disk fills up after any number of lines: what was changed is undone, or
 * by the next revert. */
static void test_full_journal(void **state)
{
	(void)state;
	need_roots();
	for (unsigned n = 0; n < 64; n++) {
		cleanup_result struct tune_result *r = NULL, *back = NULL;
		cleanup_free char *before = NULL;
		struct scratch s;
		bool failed;

		scratch_make(&s);
		before = scratch_tree(&s);
		s.what = "append";
		s.after = n;
		s.err = -ENOSPC;
		r = apply(&s, true, 0);
		failed = r->failure;
		scratch_reopen(&s);
		back = revert(&s);
		expect_tree(&s, before);
		scratch_remove(&s);
		if (!failed) {
			assert_true(n > 10);
			return;
		}
	}
	fail_msg("it never came to its end");
}

/* --- killed ----------------------------------------------------------------------- */

struct kill_row {
	const char *name;
	bool persist, reverting;
	unsigned round;
};

static const struct kill_row kill_rows[] = {
	{ "applying", false, false, 0 },
	{ "applying to last", true, false, 0 },
	{ "applying, with a kernel that rounds", true, false, 4096 },
	{ "reverting", false, true, 0 },
	{ "reverting what is to last", true, true, 0 },
	{ "reverting, with a kernel that rounds", true, true, 4096 },
};

/* In a process that ends before its kill_at-th change. True: it came to its end. */
static bool killed_at(struct scratch *s, const struct kill_row *row, unsigned kill_at)
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (!pid) {
		struct tune_result *r;

		s->kill_at = kill_at;
		s->steps = 0;
		r = row->reverting ? revert(s) : apply(s, row->persist, 0);
		_exit(r->failure ? 8 : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_true(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 9);
	return WEXITSTATUS(status) == 0;
}

/* 1 is no multiple of what this kernel rounds to, nor is what rmem_max was. */
static void make_round(const struct scratch *s, unsigned round)
{
	if (!round)
		return;
	temp_write(&s->t, "/proc/sys/net/ipv4/tcp_slow_start_after_idle", "4096\n");
}

static void test_killed(void **state)
{
	const struct kill_row *row = *state;
	unsigned n = 0;
	bool whole;

	need_roots();
	do {
		cleanup_result struct tune_result *r = NULL, *back = NULL, *new = NULL;
		cleanup_free char *before = NULL;
		struct scratch s;

		scratch_make(&s);
		make_round(&s, row->round);
		before = scratch_tree(&s);
		s.round = row->round;
		r = row->reverting ? apply(&s, row->persist, 0) : NULL;
		whole = killed_at(&s, row, ++n);
		scratch_reopen(&s);
		s.round = row->round;
		back = revert(&s);
		assert_null(back->failure);
		assert_false(result_is_short(back));
		expect_tree(&s, before);
		/* And the way is free again. */
		new = apply(&s, row->persist, 0);
		assert_null(new->failure);
		scratch_remove(&s);
	} while (!whole);
	assert_true(n > (row->persist ? 20 : 12));
}

/* Somebody sets a key between the kill and the revert, where the kernel's own doing
 * cannot be told from it by the values alone. */
static void test_killed_and_foreign(void **state)
{
	const struct kill_row row = { .round = 4096 };
	bool whole = false;

	(void)state;
	need_roots();
	for (unsigned n = 1; !whole; n++) {
		cleanup_result struct tune_result *back = NULL;
		struct scratch s;

		scratch_make(&s);
		make_round(&s, row.round);
		s.round = row.round;
		whole = killed_at(&s, &row, n);
		scratch_reopen(&s);
		s.round = row.round;
		temp_write(&s.t, "/proc/sys/net/ipv4/tcp_rmem", "8192\t8192\t8192\n");
		back = revert(&s);
		expect_file(&s, "/proc/sys/net/ipv4/tcp_rmem", "8192\t8192\t8192\n");
		expect_file(&s, "/proc/sys/net/core/rmem_max", "212992\n");
		scratch_remove(&s);
	}
}

/* --- the journal ------------------------------------------------------------------ */

/* Cut anywhere, as a crash leaves it, it still says what was begun before. */
static void test_cut(void **state)
{
	cleanup_result struct tune_result *r = NULL;
	cleanup_journal struct journal *j = NULL;
	cleanup_free char *text = NULL;
	size_t places = 0, whole;
	struct scratch s;

	(void)state;
	need_roots();
	scratch_make(&s);
	r = apply(&s, true, 0);
	text = temp_read(&s.t, "/var/lib/ktlsctl/journal/1/journal");
	assert_non_null(text);
	for (size_t len = 0; len <= strlen(text); len++) {
		journal_close(j);
		temp_write(&s.t, "/var/lib/ktlsctl/journal/1/journal", "");
		assert_int_equal(journal_open(s.h, "1", &j), 0);
		assert_int_equal(journal_parse(j, span(text, len)), 0);
		assert_int_equal(j->bad, 0);
		assert_true(j->n_places == places || j->n_places == places + 1);
		assert_int_equal(j->cut, len && text[len - 1] != '\n');
		places = j->n_places;
	}
	assert_int_equal(places, 8);
	assert_true(j->applied && j->confirmed && !j->over);
	/* What is added behind a cut line is a line of its own. */
	whole = strlen(text);
	text[whole - 20] = '\0';
	temp_write(&s.t, "/var/lib/ktlsctl/journal/1/journal", text);
	journal_close(j);
	assert_int_equal(journal_open(s.h, "1", &j), 0);
	assert_false(j->confirmed);
	assert_int_equal(journal_add(j, &(struct journal_line){ .step = STEP_CONFIRMED }),
			 0);
	journal_close(j);
	assert_int_equal(journal_open(s.h, "1", &j), 0);
	assert_true(j->confirmed);
	assert_int_equal(j->bad, 1);
	scratch_remove(&s);
}

static void test_locked(void **state)
{
	cleanup_result struct tune_result *r = NULL, *back = NULL;
	cleanup_close int lock = -1;
	struct scratch s;

	(void)state;
	need_roots();
	scratch_make(&s);
	lock = journal_lock(s.h, false);
	assert_true(lock >= 0);
	r = apply(&s, false, 0);
	back = revert(&s);
	scratch_remove(&s);
	assert_string_equal(r->failure, "another ktlsctl tune is at work");
	assert_string_equal(back->failure, "another ktlsctl tune is at work");
	assert_false(r->changed);
}

/* --- confirming ------------------------------------------------------------------- */

static void test_confirm(void **state)
{
	cleanup_result struct tune_result *r = NULL, *second = NULL, *c = NULL;
	struct scratch s;

	(void)state;
	need_roots();
	scratch_make(&s);
	r = apply(&s, true, 3000);
	assert_null(r->failure);
	expect_file(&s, "/proc/sys/net/core/rmem_max", "425984\n");
	expect_file(&s, "/etc/sysctl.d/60-ktlsctl.conf", "(not there)");
	second = apply(&s, true, 0);
	assert_string_equal(second->failure,
			    "apply 1 is not confirmed yet: ktlsctl tune confirm 1, or "
			    "ktlsctl tune revert 1");
	assert_int_equal(tune_confirm(s.h, NULL, &c), 0);
	assert_null(c->failure);
	assert_int_equal(count(c, TUNE_WRITTEN), 4);
	sleep(4);
	expect_file(&s, "/proc/sys/net/core/rmem_max", "425984\n");
	scratch_remove(&s);
}

/* A lock that the caller holds by a descriptor is not the watcher's to keep. */
static void test_watcher_forgets(void **state)
{
	cleanup_result struct tune_result *r = NULL;
	struct scratch s;
	int ends[2];
	char byte;

	(void)state;
	need_roots();
	scratch_make(&s);
	assert_int_equal(pipe(ends), 0);
	r = apply(&s, false, 1500);
	assert_null(r->failure);
	close(ends[1]);
	assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
	assert_int_equal(read(ends[0], &byte, 1), 0);
	close(ends[0]);
	sleep(3);
	scratch_remove(&s);
}

static void test_expire(void **state)
{
	cleanup_result struct tune_result *r = NULL, *c = NULL;
	cleanup_free char *before = NULL;
	struct scratch s;

	(void)state;
	need_roots();
	scratch_make(&s);
	before = scratch_tree(&s);
	r = apply(&s, true, 500);
	assert_null(r->failure);
	sleep(2);
	expect_tree(&s, before);
	assert_int_equal(tune_confirm(s.h, "1", &c), 0);
	assert_string_equal(c->failure, "apply 1 is no longer in force");
	scratch_remove(&s);
}

/* A confirmation that fails leaves no file behind, and goes on waiting. */
static void test_confirm_fault(void **state)
{
	cleanup_result struct tune_result *r = NULL, *c = NULL, *back = NULL;
	cleanup_free char *before = NULL;
	struct scratch s;

	(void)state;
	need_roots();
	scratch_make(&s);
	before = scratch_tree(&s);
	r = apply(&s, true, 2000);
	s.what = "replace";
	s.path = "/etc/";
	s.after = 1;
	s.err = -ENOSPC;
	assert_int_equal(tune_confirm(s.h, NULL, &c), 0);
	assert_non_null(c->failure);
	scratch_reopen(&s);
	expect_file(&s, "/etc/sysctl.d/60-ktlsctl.conf", "(not there)");
	back = revert(&s);
	assert_false(result_is_short(back));
	expect_tree(&s, before);
	scratch_remove(&s);
}

int main(void)
{
	static const struct unit_set sets[] = {
		UNIT_ROWS("well", well_rows, test_well),
		UNIT_ONE("a drop-in, and what others write there", test_dropin),
		UNIT_ONE("what somebody else has set is kept", test_foreign),
		UNIT_ONE("after a reboot", test_reboot),
		UNIT_ROWS("fault", fault_rows, test_fault),
		UNIT_ONE("a journal that fills the disk", test_full_journal),
		UNIT_ROWS("killed at every step", kill_rows, test_killed),
		UNIT_ONE("killed, then somebody else", test_killed_and_foreign),
		UNIT_ONE("a journal cut at every byte", test_cut),
		UNIT_ONE("two at a time", test_locked),
		UNIT_ONE("confirmed", test_confirm),
		UNIT_ONE("the watcher holds nothing of the caller's",
			 test_watcher_forgets),
		UNIT_ONE("not confirmed", test_expire),
		UNIT_ONE("a confirmation that fails", test_confirm_fault),
	};

	return unit_run("tune_apply", sets, ARRAY_SIZE(sets));
}
