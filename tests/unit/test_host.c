/* SPDX-License-Identifier: MIT */
/* Reading the machine and a folder that stands for one; recording. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "../../lib/host/host.h"
#include "unit.h"

enum { NOBODY = 65534 };

/*
 * The folder of all rows: a root, and a secret beside it which nothing may reach.
 * Rows with root false read it as the live machine does, by full path.
 */
static void furnish(struct temp_dir *t)
{
	int fd;

	temp_make(t);
	temp_write(t, "secret", "secret\n");
	temp_write(t, "root/file", "line one\nline two\n");
	temp_write(t, "root/empty", "");
	temp_write(t, "root/long", "0123456789");
	temp_write(t, "root/secret", "inside\n");
	temp_mkdir(t, "root/dir");
	temp_link(t, "/file", "root/absolute");
	temp_link(t, "/secret", "root/dir/absolute");
	temp_link(t, "../../../../secret", "root/dir/up");
	temp_link(t, "/etc/passwd", "root/passwd");
	temp_link(t, "loop", "root/loop");
	temp_link(t, temp_path(t, "secret"), "root/out");
	temp_link(t, "/proc/self/exe", "root/magic");
	assert_int_equal(mkfifo(temp_path(t, "root/fifo"), 0600), 0);
	fd = open(temp_path(t, "root/sparse"), O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, 100 << 20), 0);
	close(fd);
}

struct read_row {
	const char *name;
	bool root;
	const char *path;
	struct read_opts opts;
	int err;
	const char *want;
};

static const struct read_row read_rows[] = {
	{ "a file", true, "/file", { 0 }, 0, "line one\nline two\n" },
	{ "an empty file", true, "/empty", { 0 }, 0, "" },
	{ "a relative path", true, "file", { 0 }, 0, "line one\nline two\n" },
	{ "many slashes", true, "///file", { 0 }, 0, "line one\nline two\n" },
	{ "an absolute link stays inside",
	  true,
	  "/absolute",
	  { 0 },
	  0,
	  "line one\nline two\n" },
	{ "an absolute link to what is outside too",
	  true,
	  "/dir/absolute",
	  { 0 },
	  0,
	  "inside\n" },
	{ "a link full of .. stays inside", true, "/dir/up", { 0 }, 0, "inside\n" },
	{ "a path full of .. stays inside",
	  true,
	  "/../../dir/../../secret",
	  { 0 },
	  0,
	  "inside\n" },
	{ "the live machine's files are not there",
	  true,
	  "/passwd",
	  { 0 },
	  -ENOENT,
	  NULL },
	{ "a link by full name leads nowhere", true, "/out", { 0 }, -ENOENT, NULL },
	{ "nothing of /proc", true, "/magic", { 0 }, -ENOENT, NULL },
	{ "a loop", true, "/loop", { 0 }, -ELOOP, NULL },
	{ "not there", true, "/no", { 0 }, -ENOENT, NULL },
	{ "a file as a folder", true, "/file/x", { 0 }, -ENOTDIR, NULL },
	{ "a folder", true, "/dir", { 0 }, -EISDIR, NULL },
	{ "the root", true, "/", { 0 }, -EISDIR, NULL },
	{ "a FIFO does not hang", true, "/fifo", { 0 }, -EINVAL, NULL },
	{ "a FIFO does not hang, live", false, "/root/fifo", { 0 }, -EINVAL, NULL },
	{ "100 MB", true, "/sparse", { 0 }, -EFBIG, NULL },
	{ "as long as it may be", true, "/long", { .max = 10 }, 0, "0123456789" },
	{ "longer than it may be", true, "/long", { .max = 9 }, -EFBIG, NULL },
	{ "only the beginning", true, "/long", { .max = 4, .head = true }, 0, "0123" },
	{ "the beginning of a short one",
	  true,
	  "/long",
	  { .max = 99, .head = true },
	  0,
	  "0123456789" },
	{ "live, by full path", false, "/root/file", { 0 }, 0, "line one\nline two\n" },
	{ "live, a folder", false, "/root/dir", { 0 }, -EISDIR, NULL },
	{ "live, not there", false, "/root/no", { 0 }, -ENOENT, NULL },
	{ "filtered", true, "/file", { .filter = filter_boot }, 0, "" },
};

static void test_read(void **state)
{
	const struct read_row *row = *state;
	cleanup_bytes struct bytes b = { 0 };
	char path[512], line[64] = "";
	struct temp_dir t;
	struct host *h;
	int err, lerr;

	if (row->root)
		need_roots();
	furnish(&t);
	snprintf(path, sizeof(path), "%s%s", row->root ? "" : t.path, row->path);
	assert_int_equal(host_open(&h, row->root ? temp_path(&t, "root") : NULL), 0);
	err = host_read(h, path, &row->opts, &b);
	lerr = host_read_line(h, path, line, sizeof(line));
	assert_int_equal(host_is_live(h), !row->root);
	host_close(h);
	temp_remove(&t);
	assert_int_equal(err, row->err);
	assert_true(!lerr == (!err || err == -EFBIG));
	if (!err) {
		assert_string_equal(b.data, row->want);
		assert_int_equal(b.len, strlen(row->want));
	} else {
		assert_null(b.data);
	}
}

struct line_row {
	const char *name, *text;
	size_t size;
	const char *want;
};

static const struct line_row line_rows[] = {
	{ "a line", "1\n", 64, "1" },
	{ "without a newline", "1", 64, "1" },
	{ "the first of two", "a b\nc\n", 64, "a b" },
	{ "empty", "", 64, "" },
	{ "cut to the buffer", "0123456789\n", 4, "012" },
};

static void test_line(void **state)
{
	const struct line_row *row = *state;
	struct temp_dir t;
	struct host *h;
	char buf[64];
	int err;

	need_roots();
	temp_make(&t);
	temp_write(&t, "f", row->text);
	assert_int_equal(host_open(&h, t.path), 0);
	err = host_read_line(h, "/f", buf, row->size);
	host_close(h);
	temp_remove(&t);
	assert_int_equal(err, 0);
	assert_string_equal(buf, row->want);
}

static void test_dev_null(void **state)
{
	cleanup_bytes struct bytes b = { 0 };
	cleanup_host struct host *h = NULL;

	(void)state;
	assert_int_equal(host_open(&h, NULL), 0);
	assert_int_equal(host_read(h, "/dev/null", NULL, &b), 0);
	assert_int_equal(b.len, 0);
	bytes_free(&b);
	assert_int_equal(host_read(h, "/dev/zero", NULL, &b), -EINVAL);
}

/* Root may read everything, so another user has to try. */
static int try_as_nobody(const char *root)
{
	struct bytes b = { 0 };
	struct host *h;
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		if (!geteuid() && setresuid(NOBODY, NOBODY, NOBODY))
			_exit(2);
		if (host_open(&h, root))
			_exit(3);
		_exit(host_read(h, "/locked", NULL, &b) == -EACCES &&
				      host_exists(h, "/locked/x") == -EACCES
			      ? 0
			      : 1);
	}
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status)
								    : -1;
}

static void test_access(void **state)
{
	struct temp_dir t;
	int status;

	(void)state;
	need_roots();
	temp_make(&t);
	temp_mkdir(&t, "locked");
	temp_write(&t, "locked/x", "x");
	assert_int_equal(chmod(temp_path(&t, "locked"), 0), 0);
	status = try_as_nobody(t.path);
	chmod(temp_path(&t, "locked"), 0700);
	temp_remove(&t);
	assert_int_equal(status, 0);
}

static int take(void *arg, const char *name)
{
	note(arg, "%s ", name);
	return strcmp(name, "stop") ? 0 : 7;
}

static bool not_b(const char *name)
{
	return *name != 'b';
}

static void test_list(void **state)
{
	struct notes all = { 0 }, few = { 0 }, stop = { 0 }, scan = { 0 };
	struct temp_dir t;
	struct host *h;

	(void)state;
	need_roots();
	temp_make(&t);
	for (const char *const *p =
		     (const char *const[]){ "d/b", "d/B", "d/a", "d/10", "d/9", "d/.x",
					    "s/zz", "s/stop", "s/a", NULL };
	     *p; p++)
		temp_write(&t, *p, "");
	temp_mkdir(&t, "empty");
	assert_int_equal(host_open(&h, t.path), 0);
	assert_int_equal(host_list(h, "/d", NULL, take, &all), 0);
	assert_int_equal(host_list(h, "/d", not_b, take, &few), 0);
	assert_int_equal(host_list(h, "/s", NULL, take, &stop), 7);
	assert_int_equal(host_list(h, "/empty", NULL, take, &stop), 0);
	assert_int_equal(host_list(h, "/no", NULL, take, &stop), -ENOENT);
	assert_int_equal(host_scan(h, "/d", take, &scan), 0);
	assert_int_equal(host_scan(h, "/no", take, &stop), -ENOENT);
	assert_int_equal(host_list(h, "/d/a", NULL, take, &stop), -ENOTDIR);
	host_close(h);
	temp_remove(&t);
	assert_string_equal(all.text, ".x 10 9 B a b ");
	assert_string_equal(scan.text, all.text);
	assert_string_equal(few.text, ".x 10 9 B a ");
	assert_string_equal(stop.text, "a stop ");
}

static void trace(void *arg, const char *what, const char *path, int err)
{
	note(arg, "%s %s %d\n", what, path, err);
}

/* What a snapshot remembers is answered as it was; links; no write; the trace. */
static void test_snapshot(void **state)
{
	struct notes n = { 0 };
	struct temp_dir t;
	char buf[64];
	struct host *h;

	(void)state;
	need_roots();
	temp_make(&t);
	temp_write(&t, "f", "x");
	temp_link(&t, "../drivers/mlx5_core", "driver");
	assert_int_equal(host_open(&h, t.path), 0);
	host_trace(h, trace, &n);
	assert_int_equal(host_set_error(h, "/f", -EACCES), 0);
	assert_int_equal(host_read_line(h, "/f", buf, sizeof(buf)), -EACCES);
	assert_int_equal(host_exists(h, "/f"), -EACCES);
	assert_int_equal(host_probe(h, "/f"), -EACCES);
	assert_int_equal(host_probe(h, "/no"), -ENOENT);
	assert_int_equal(host_exists(h, "/"), 0);
	assert_int_equal(host_readlink(h, "/driver", buf, sizeof(buf)), 0);
	assert_string_equal(buf, "../drivers/mlx5_core");
	assert_int_equal(host_readlink(h, "/driver", buf, 5), 0);
	assert_string_equal(buf, "../d");
	assert_int_equal(host_read_tail(h, "/f", buf, 1), -EROFS);
	assert_int_equal(host_load_module(h, "tls"), -EROFS);
	assert_int_equal(host_record(h, 0), -EROFS);
	host_close(h);
	temp_remove(&t);
	assert_non_null(strstr(n.text, "read /f -13\nexists /f -13\nprobe /f -13\n"));
	assert_non_null(strstr(n.text, "load tls -30\n"));
	assert_int_equal(host_open(&h, "/no/such/folder"), -ENOENT);
	assert_null(h);
}

/* Whatever it leads to: neither what it names nor the link itself is touched. */
static void test_replace(void **state)
{
	const struct host_text text = { "new", 3, 0644 };
	cleanup_host struct host *h = NULL;
	struct temp_dir t;
	char to[64], *file;
	ssize_t n;

	(void)state;
	temp_make(&t);
	temp_write(&t, "file", "old");
	temp_link(&t, "file", "link");
	assert_int_equal(host_open(&h, NULL), 0);
	assert_int_equal(host_replace(h, temp_path(&t, "link"), &text), -EINVAL);
	assert_int_equal(host_create(h, temp_path(&t, "link"), &text), -EINVAL);
	n = readlink(temp_path(&t, "link"), to, sizeof(to));
	file = temp_read(&t, "file");
	assert_string_equal(file, "old");
	free(file);
	assert_int_equal(host_create(h, temp_path(&t, "file"), &text), -EEXIST);
	assert_int_equal(host_replace(h, temp_path(&t, "file"), &text), 0);
	file = temp_read(&t, "file");
	temp_remove(&t);
	assert_int_equal(n, 4);
	assert_memory_equal(to, "file", 4);
	assert_string_equal(file, "new");
	free(file);
}

int main(void)
{
	static const struct unit_set sets[] = {
		UNIT_ROWS("read", read_rows, test_read),
		UNIT_ROWS("line", line_rows, test_line),
		UNIT_ONE("/dev/null is empty, /dev/zero is refused", test_dev_null),
		UNIT_ONE("what may not be read is EACCES", test_access),
		UNIT_ONE("lists are in order", test_list),
		UNIT_ONE("a snapshot answers as the machine did", test_snapshot),
		UNIT_ONE("a link is not replaced", test_replace),
	};

	return unit_run("host", sets, ARRAY_SIZE(sets));
}
