/* SPDX-License-Identifier: MIT */
/* What tune writes, where somebody has put a link in its place: never through it. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../lib/host/host.h"
#include "unit.h"

static const struct host_text text = { "ours", 4, 0644 };

static int replace(struct host *h)
{
	return host_replace(h, "/etc/file", &text);
}

static int create(struct host *h)
{
	return host_create(h, "/etc/file", &text);
}

static int append(struct host *h)
{
	return host_append(h, "/etc/file", "ours", 4);
}

static int lock(struct host *h)
{
	const int fd = host_lock(h, "/etc/file", false);

	if (fd >= 0)
		close(fd);
	return fd < 0 ? fd : 0;
}

static int remove_it(struct host *h)
{
	return host_remove(h, "/etc/file");
}

static int make_folder(struct host *h)
{
	return host_mkdir(h, "/etc/file", 0755);
}

/* A link in the place of the file, or of what it is written aside as. */
static const struct row {
	const char *name;
	const char *link;
	int (*change)(struct host *h);
	int err;
} rows[] = {
	{ "replace: it is no file", "etc/file", replace, -EINVAL },
	{ "replace, aside: refused", "etc/.file.ktlsctl", replace, -ELOOP },
	{ "create: it is there", "etc/file", create, -EINVAL },
	{ "create, aside: refused", "etc/.file.ktlsctl", create, -ELOOP },
	{ "append: refused", "etc/file", append, -ELOOP },
	{ "lock: refused", "etc/file", lock, -ELOOP },
	{ "remove: the link goes", "etc/file", remove_it, 0 },
	{ "remove, aside: the link goes", "etc/.file.ktlsctl", remove_it, 0 },
	{ "mkdir: it is there", "etc/file", make_folder, -EEXIST },
};

static void expect_mine(const struct temp_dir *t)
{
	char *victim = temp_read(t, "victim");

	assert_non_null(victim);
	assert_string_equal(victim, "mine");
	free(victim);
}

static void test_row(void **state)
{
	const struct row *row = *state;
	struct temp_dir t;
	struct host *h;

	need_roots();
	temp_make(&t);
	temp_mkdir(&t, "etc");
	temp_write(&t, "victim", "mine");
	temp_link(&t, "../victim", row->link);
	assert_int_equal(host_open_scratch(&h, t.path, NULL, NULL), 0);
	assert_int_equal(row->change(h), row->err);
	host_close(h);
	expect_mine(&t);
	temp_remove(&t);
}

/* Makes the link and takes it away, until it is killed. */
static pid_t swap(const char *target, const char *link)
{
	const pid_t pid = fork();

	assert_true(pid >= 0);
	while (!pid) {
		if (symlink(target, link) && errno != EEXIST)
			_exit(1);
		unlink(link);
	}
	return pid;
}

/* Whoever swaps the link meanwhile wins nothing, whichever of both is there when. */
static const struct row races[] = {
	{ "race: replace", "etc/file", replace, 0 },
	{ "race: replace, aside", "etc/.file.ktlsctl", replace, 0 },
	{ "race: create", "etc/file", create, 0 },
	{ "race: create, aside", "etc/.file.ktlsctl", create, 0 },
	{ "race: append", "etc/file", append, 0 },
	{ "race: remove", "etc/file", remove_it, 0 },
};

static void test_race(void **state)
{
	enum { TURNS = 200 };
	const struct row *row = *state;
	struct temp_dir t;
	struct host *h;
	int status;
	pid_t other;

	need_roots();
	temp_make(&t);
	temp_mkdir(&t, "etc");
	temp_write(&t, "victim", "mine");
	assert_int_equal(host_open_scratch(&h, t.path, NULL, NULL), 0);
	other = swap("../victim", temp_path(&t, row->link));
	for (int i = 0; i < TURNS; i++)
		row->change(h);
	kill(other, SIGKILL);
	assert_int_equal(waitpid(other, &status, 0), other);
	assert_true(WIFSIGNALED(status));
	host_close(h);
	expect_mine(&t);
	temp_remove(&t);
}

int main(void)
{
	static const struct unit_set sets[] = {
		UNIT_ROWS("", rows, test_row),
		UNIT_ROWS("", races, test_race),
	};

	return unit_run("links", sets, ARRAY_SIZE(sets));
}
