/* SPDX-License-Identifier: MIT */
/*
 * The child of a probe that hangs, dies or babbles: run.c anew, with less patience and
 * a layer that misbehaves at a row of it.
 */
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#include "../../lib/probe/probe_priv.h"
#include "unit.h"

enum how { FINE, HANGS, DIES, BABBLES, LINGERS, SAYS_NOTHING };

static enum how how;
static size_t at_row;
static int ulp_err, netns_err;

static int fake_netns(bool users)
{
	(void)users;
	return netns_err;
}

static void fake_ulp(struct probe_facts *f)
{
	if (how == SAYS_NOTHING)
		_exit(EXIT_SUCCESS);
	f->ulp = !ulp_err;
	f->ulp_err = ulp_err;
}

static int fake_kernel(const struct probe_options *o, struct arena *a,
		       struct probe_facts *out);

#define PROBE_STEP_MS   1500
#define probe_ulp       fake_ulp
#define probe_kernel    fake_kernel
#define netns_private   fake_netns
#define probe_run       run_under_test
#define probe_core      core_under_test
#define probe_core_load core_load_under_test
#define probe_take_line take_line_under_test
int probe_run(const struct probe_options *o, struct arena *a, struct probe_facts *out);
int probe_core(struct facts *f);
int probe_core_load(struct facts *f);
int probe_take_line(const char *line, size_t len, struct arena *a,
		    struct probe_facts *out);
#include "../../lib/probe/run.c"

static void misbehave(void)
{
	switch (how) {
	case FINE:
	case SAYS_NOTHING:
		break;
	case LINGERS:
		close(PIPE_FD);
		/* fall through */
	case HANGS:
		for (;;)
			pause();
	case DIES:
		raise(SIGKILL);
		break;
	case BABBLES:
		dprintf(PIPE_FD, "{ \"what\n");
		break;
	}
}

static int fake_kernel(const struct probe_options *o, struct arena *a,
		       struct probe_facts *out)
{
	int err = kernel_complete(o, -EXDEV, a, out);
	const size_t n = out->n_cells;

	for (out->n_cells = 1; !err && out->n_cells <= n; out->n_cells++) {
		if (out->n_cells == at_row)
			misbehave();
		probe_step(o, out);
	}
	out->n_cells = n;
	return err;
}

struct child_row {
	const char *name;
	enum how how;
	int err;
	size_t told; /* rows that came before it */
};

static const struct child_row rows[] = {
	{ "all is well", FINE, 0, 32 },
	{ "never comes back", HANGS, -ETIMEDOUT, 6 },
	{ "dies", DIES, -EPIPE, 6 },
	{ "does not make sense", BABBLES, -EBADMSG, 6 },
	{ "never ends", LINGERS, -ETIMEDOUT, 6 },
};

static void test_child(void **state)
{
	const struct child_row *row = *state;
	const struct probe_options o = { .kernel = true };
	cleanup_arena struct arena *a = arena_new();
	struct probe_facts f;
	size_t told = 0;

	how = row->how;
	at_row = 7;
	ulp_err = 0;
	assert_int_equal(probe_run(&o, a, &f), 0);
	assert_int_equal(f.src.err, row->err);
	assert_true(f.ulp);
	assert_int_equal(f.n_cells, 32);
	assert_true(row->err == 0 || f.n_features > 0);
	for (size_t i = 0; i < f.n_cells; i++) {
		const struct probe_cell *c = &f.cells[i];
		const bool undefined = c->verdict == PROBE_UNDEFINED;

		told += c->err == -EXDEV || (undefined && i < row->told);
		assert_true(undefined || c->verdict == PROBE_UNKNOWN);
		assert_true(undefined || i < row->told || c->err == row->err);
	}
	assert_int_equal(told, row->told);
	/* Nobody is left behind. */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void assert_same_rows(const struct probe_facts *f, const struct probe_facts *all)
{
	assert_int_equal(f->n_cells, all->n_cells);
	for (size_t i = 0; i < f->n_cells; i++) {
		assert_string_equal(f->cells[i].version, all->cells[i].version);
		assert_string_equal(f->cells[i].cipher, all->cells[i].cipher);
		assert_string_equal(f->cells[i].direction, all->cells[i].direction);
		assert_string_equal(f->cells[i].differed, "");
	}
	assert_int_equal(f->n_features, all->n_features);
	for (size_t i = 0; i < f->n_features; i++)
		assert_string_equal(f->features[i].id, all->features[i].id);
}

/* What the parent adds to what it was told harms neither, wherever that ended. */
static void test_completed(void **state)
{
	const struct probe_options o = { .kernel = true };
	cleanup_arena struct arena *a = arena_new();
	struct probe_facts all = { 0 };

	(void)state;
	assert_int_equal(kernel_complete(&o, -EPIPE, a, &all), 0);
	how = DIES;
	ulp_err = 0;
	for (at_row = 1; at_row <= all.n_cells; at_row++) {
		struct probe_facts f;

		assert_int_equal(probe_run(&o, a, &f), 0);
		assert_int_equal(f.src.err, -EPIPE);
		assert_same_rows(&f, &all);
	}
}

static void test_silent(void **state)
{
	const struct probe_options o = { .kernel = true };
	cleanup_arena struct arena *a = arena_new();
	struct probe_facts f;

	(void)state;
	how = SAYS_NOTHING;
	assert_int_equal(probe_run(&o, a, &f), 0);
	assert_int_equal(f.src.err, -EPIPE);
	assert_int_equal(f.ulp_err, -EPIPE);
	assert_false(f.ulp);
}

/* Started by something that has closed the first three descriptors, or some of them. */
static void test_closed(void **state)
{
	const struct probe_options o = { .kernel = true };
	cleanup_arena struct arena *a = arena_new();

	(void)state;
	how = FINE;
	ulp_err = 0;
	for (unsigned closed = 0; closed < 8; closed++) {
		struct probe_facts f;
		int status;
		pid_t pid = fork();

		if (!pid) {
			for (int fd = 0; fd < 3; fd++)
				if (closed & 1U << fd)
					close(fd);
			status = probe_run(&o, a, &f) || f.src.err || f.n_cells != 32;
			arena_free(a);
			_exit(status);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(status, 0);
	}
}

static void test_without(void **state)
{
	const struct probe_options o = { .kernel = true };
	cleanup_arena struct arena *a = arena_new();
	struct probe_facts f;

	(void)state;
	how = FINE;
	ulp_err = -ENOENT;
	assert_int_equal(probe_run(&o, a, &f), 0);
	assert_false(f.ulp);
	assert_int_equal(f.ulp_err, -ENOENT);
	assert_int_equal(f.src.err, 0);
	assert_int_equal(f.n_cells + f.n_features, 0);
}

/* The core is for who leaves no trace: not where trying would load something. */
static void test_core(void **state)
{
	cleanup_arena struct arena *a = arena_new();
	struct facts f = { .arena = a, .module.src.where = "/proc/modules" };

	(void)state;
	assert_int_equal(probe_core(&f), 0);
	assert_null(f.probe.src.where);
	assert_non_null(strstr(f.probe.skipped, "is not loaded"));
	assert_int_equal(probe_core_load(&f), 0);
	assert_non_null(strstr(f.probe.skipped, "is not loaded"));
	f.module.src.err = -EACCES;
	assert_int_equal(probe_core(&f), 0);
	assert_non_null(strstr(f.probe.skipped, "could not be found out"));
	f.module = (struct module_facts){ .src.where = "/proc/modules", .loaded = true };
	assert_int_equal(probe_core(&f), 0);
	assert_null(f.probe.src.where);
	assert_non_null(strstr(f.probe.skipped, "gcm(aes)"));
	f.crypto.src.err = -EACCES;
	assert_int_equal(probe_core(&f), 0);
	assert_non_null(strstr(f.probe.skipped, "cannot be read"));
}

/* Told that modules may be loaded, or with the algorithm there. */
struct core_row {
	const char *name;
	enum how how;
	int (*run)(struct facts *f);
	int ulp_err, netns_err;
	bool tried;
	int err;
	size_t n_cells;
};

static const struct core_row core_rows[] = {
	{ "works", FINE, probe_core, 0, 0, true, 0, 4 },
	{ "works, with what may be loaded", FINE, probe_core_load, 0, 0, true, 0, 4 },
	{ "no namespace", FINE, probe_core, 0, -EPERM, false, 0, 0 },
	{ "no ULP", FINE, probe_core, -EPERM, 0, true, 0, 0 },
	{ "never comes back", HANGS, probe_core, 0, 0, true, -ETIMEDOUT, 0 },
	{ "dies", DIES, probe_core, 0, 0, true, -EPIPE, 0 },
};

static void test_core_run(void **state)
{
	const struct core_row *row = *state;
	struct crypto_alg gcm = { .name = "gcm(aes)", .driver = "x", .module = "x" };
	cleanup_arena struct arena *a = arena_new();
	struct facts f = { .arena = a, .module.loaded = true };

	how = row->how;
	at_row = 1;
	ulp_err = row->ulp_err;
	netns_err = row->netns_err;
	if (row->run == probe_core)
		f.crypto = (struct crypto_facts){ .algs = &gcm, .n_algs = 1 };
	assert_int_equal(row->run(&f), 0);
	netns_err = 0;
	assert_true(f.probe.core);
	assert_int_equal(!!f.probe.src.where, row->tried);
	assert_int_equal(!f.probe.skipped, row->tried);
	assert_int_equal(f.probe.src.err, row->err);
	assert_int_equal(f.probe.ulp_err, row->err ? row->err : row->ulp_err);
	assert_int_equal(f.probe.n_cells, row->n_cells);
}

int main(void)
{
	static const struct unit_set sets[] = {
		UNIT_ROWS("a child that", rows, test_child),
		UNIT_ONE("a child that dies at any row", test_completed),
		UNIT_ONE("a child that says nothing", test_silent),
		UNIT_ONE("closed descriptors", test_closed),
		UNIT_ONE("no ULP", test_without),
		UNIT_ONE("the core without side effects", test_core),
		UNIT_ROWS("the core", core_rows, test_core_run),
	};

	return unit_run("probe_child", sets, ARRAY_SIZE(sets));
}
