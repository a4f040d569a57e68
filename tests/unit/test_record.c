/* SPDX-License-Identifier: MIT */
/* The recorder: what a snapshot holds afterwards, and what it must not hold. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "../../lib/host/host.h"
#include "unit.h"

struct redact_row {
	const char *name, *want;
};

static const struct redact_row redact_rows[] = {
	{ "/etc/ssl/openssl.cnf", "/etc/ssl/openssl.cnf" },
	{ "/home/alice/openssl.cnf", "/home/user/openssl.cnf" },
	{ "/home/alice", "/home/user" },
	{ "/home//alice/x", "/home/user/x" },
	{ "/etc/../home/alice/x", "/home/user/x" },
	{ "/home/alice/../bob/x", "/home/user/x" },
	{ "//home/alice/x", "/home/user/x" },
	{ "/home/./alice/x", "/home/user/x" },
	{ "/home", "/home" },
	{ "/homes/alice", "/homes/alice" },
	{ "", "" },
};

static void test_redact(void **state)
{
	const struct redact_row *row = *state;
	char buf[64];

	assert_int_equal(host_redact_path(row->name, buf, sizeof(buf)), 0);
	assert_string_equal(buf, row->want);
}

static void test_redact_long(void **state)
{
	char buf[8];

	(void)state;
	assert_int_equal(host_redact_path("/etc/ssl/x", buf, sizeof(buf)), -ENAMETOOLONG);
	assert_int_equal(host_redact_path("/home/a/b", buf, sizeof(buf)), -ENAMETOOLONG);
	assert_int_equal(host_redact_path("/etc/ab", buf, sizeof(buf)), 0);
}

static int ignore(void *arg, const char *name)
{
	(void)arg;
	(void)name;
	return 0;
}

static bool is_a(const char *name)
{
	return *name == 'a';
}

/* The machine, and what is read of it. */
static void live(struct host *h, const struct temp_dir *t)
{
	const struct read_opts boot = { .filter = filter_boot };
	const struct read_opts mine = { .unrecorded = true };
	const struct read_opts small = { .max = 2 };
	struct bytes b;

	host_read(h, temp_path(t, "in/plain"), NULL, &b);
	bytes_free(&b);
	host_read(h, temp_path(t, "in/filtered"), &boot, &b);
	bytes_free(&b);
	host_read(h, temp_path(t, "in/mine"), &mine, &b);
	bytes_free(&b);
	host_read(h, temp_path(t, "in/big"), &small, &b);
	host_read(h, temp_path(t, "in/no"), NULL, &b);
	host_read(h, temp_path(t, "in/link"), NULL, &b);
	bytes_free(&b);
	host_exists(h, temp_path(t, "in/plain"));
	host_exists(h, temp_path(t, "in/there"));
	host_exists(h, temp_path(t, "in/folder"));
	host_probe(h, temp_path(t, "in/probed"));
	host_list(h, temp_path(t, "in/list"), is_a, ignore, NULL);
	host_scan(h, temp_path(t, "in/scanned"), ignore, NULL);
}

static void furnish(struct temp_dir *t)
{
	temp_make(t);
	temp_write(t, "in/plain", "plain\n");
	temp_write(t, "in/filtered", "hunter2\ntls\n");
	temp_write(t, "in/mine", "mine\n");
	temp_write(t, "in/big", "too big\n");
	temp_write(t, "in/there", "its text is nobody's business\n");
	temp_write(t, "in/probed", "x");
	temp_write(t, "in/list/a1", "x");
	temp_write(t, "in/list/b1", "x");
	temp_write(t, "in/scanned/a1", "x");
	temp_mkdir(t, "in/folder");
	temp_link(t, "plain", "in/link");
	temp_mkdir(t, "out");
}

struct kept_row {
	const char *name;
	const char *want; /* NULL: not there; "/" a folder */
};

static const struct kept_row kept_rows[] = {
	{ "in/plain", "plain\n" }, { "in/filtered", "\ntls\n" },
	{ "in/mine", NULL },       { "in/big", NULL },
	{ "in/no", NULL },         { "in/link", "plain\n" },
	{ "in/there", "" },        { "in/folder", "/" },
	{ "in/list", "/" },        { "in/list/a1", "" },
	{ "in/list/b1", NULL },    { "in/scanned", NULL },
};

static void test_kept(void **state)
{
	const struct kept_row *row = *state;
	const struct host_error *errors;
	cleanup_free char *text = NULL;
	char path[600], out[512];
	struct temp_dir t;
	struct host *h;
	struct stat st;
	int fd, err;
	size_t n;

	furnish(&t);
	snprintf(out, sizeof(out), "%s/out", t.path);
	fd = open(out, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(host_open(&h, NULL), 0);
	assert_int_equal(host_record(h, fd), 0);
	live(h, &t);
	n = host_errors(h, &errors);
	assert_int_equal(n, 1);
	assert_int_equal(errors[0].err, -EFBIG);
	assert_non_null(strstr(errors[0].path, "/in/big"));
	err = host_record_status(h);
	host_close(h);
	close(fd);
	snprintf(path, sizeof(path), "out%s/%s", t.path, row->name);
	if (lstat(temp_path(&t, path), &st))
		st.st_mode = 0;
	if (S_ISREG(st.st_mode))
		text = temp_read(&t, path);
	temp_remove(&t);
	assert_int_equal(err, 0);
	assert_int_equal(S_ISDIR(st.st_mode), row->want && *row->want == '/');
	assert_false(S_ISLNK(st.st_mode));
	if (row->want && *row->want != '/')
		assert_string_equal(text ? text : "(not there)", row->want);
	else
		assert_null(text);
}

/* Whatever lies in the folder already: no link is followed, no path climbs out of it. */
static void test_no_way_out(void **state)
{
	cleanup_free char *precious = NULL;
	char out[512], path[600];
	struct temp_dir t;
	struct bytes b;
	struct host *h;
	int fd, err;

	(void)state;
	furnish(&t);
	temp_write(&t, "precious", "precious\n");
	snprintf(out, sizeof(out), "%s/out", t.path);
	snprintf(path, sizeof(path), "out%s/in/plain", t.path);
	temp_link(&t, temp_path(&t, "precious"), path);
	fd = open(out, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(host_open(&h, NULL), 0);
	assert_int_equal(host_record(h, fd), 0);
	host_read(h, temp_path(&t, "in/plain"), NULL, &b);
	bytes_free(&b);
	err = host_record_status(h);
	host_read(h, temp_path(&t, "in/../in/filtered"), NULL, &b);
	bytes_free(&b);
	host_close(h);
	close(fd);
	precious = temp_read(&t, "precious");
	temp_remove(&t);
	assert_string_equal(precious, "precious\n");
	assert_int_equal(err, -ELOOP);
}

/* In a changed root, so that /home is one that may be written to. Needs root. */
static int record_home(const char *root)
{
	const struct host_error *errors;
	struct read_opts small = { .max = 1 };
	struct bytes b;
	struct host *h;
	int fd;

	if (chroot(root) || chdir("/") || host_open(&h, NULL))
		return 2;
	fd = open("/out", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || host_record(h, fd))
		return 3;
	host_read(h, "/home/alice/x.cnf", NULL, &b);
	bytes_free(&b);
	host_read(h, "/home/alice/y.cnf", &small, &b);
	if (host_record_status(h) || host_errors(h, &errors) != 1)
		return 4;
	if (strcmp(errors[0].path, "/home/user/y.cnf"))
		return 5;
	host_close(h);
	close(fd);
	return 0;
}

static void test_home(void **state)
{
	cleanup_free char *kept = NULL, *name = NULL;
	struct temp_dir t;
	int status = -1;
	pid_t pid;

	(void)state;
	if (geteuid())
		skip();
	temp_make(&t);
	temp_write(&t, "home/alice/x.cnf", "x /home/bob/y \"/home/bob\"\n");
	temp_write(&t, "home/alice/y.cnf", "too long\n");
	temp_mkdir(&t, "out");
	pid = fork();
	if (!pid)
		_exit(record_home(t.path));
	waitpid(pid, &status, 0);
	kept = temp_read(&t, "out/home/user/x.cnf");
	name = temp_read(&t, "out/home/alice/x.cnf");
	temp_remove(&t);
	assert_int_equal(status, 0);
	assert_string_equal(kept ? kept : "(not there)",
			    "x /home/user/y \"/home/user\"\n");
	assert_null(name);
}

int main(void)
{
	static const struct unit_set sets[] = {
		UNIT_ROWS("redact", redact_rows, test_redact),
		UNIT_ONE("a path too long is an error", test_redact_long),
		UNIT_ROWS("kept", kept_rows, test_kept),
		UNIT_ONE("nothing outside of the folder is written", test_no_way_out),
		UNIT_ONE("whose home folder it is stays out", test_home),
	};

	return unit_run("record", sets, ARRAY_SIZE(sets));
}
