/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"

static size_t fill(struct CMUnitTest *tests, const struct unit_set *s)
{
	for (size_t i = 0; i < s->n; i++) {
		const char *row = s->rows ? (const char *)s->rows + i * s->size : NULL;
		char *name = NULL;

		if (asprintf(&name, "%s%s%s", s->prefix ? s->prefix(row) : s->name,
			     s->rows ? ": " : "",
			     s->rows ? *(const char *const *)row : "") < 0)
			abort();
		tests[i] = (struct CMUnitTest){
			.name = name,
			.test_func = s->test,
			.initial_state = s->rows ? (void *)row : NULL,
		};
	}
	return s->n;
}

int unit_run(const char *program, const struct unit_set *sets, size_t n)
{
	cleanup_free struct CMUnitTest *tests = NULL;
	size_t total = 0;
	int failed;

	for (size_t i = 0; i < n; i++)
		total += sets[i].n;
	tests = calloc(total + 1, sizeof(*tests));
	if (!tests)
		abort();
	total = 0;
	for (size_t i = 0; i < n; i++)
		total += fill(tests + total, &sets[i]);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	failed = _cmocka_run_group_tests(program, tests, total, NULL, NULL);
	for (size_t i = 0; i < total; i++)
		free((char *)tests[i].name);
	return failed != 0;
}

void note(struct notes *n, const char *fmt, ...)
{
	size_t room = sizeof(n->text) - n->len;
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(n->text + n->len, room, fmt, ap);
	va_end(ap);
	if (len > 0)
		n->len += (size_t)len < room ? (size_t)len : room - 1;
}

char *exact_copy(const char *data, size_t len)
{
	char *p = malloc(len ? len : 1);

	if (!p)
		abort();
	memcpy(p, data, len);
	return p;
}

struct span span_of_text(const char *text)
{
	return span(text, strlen(text));
}

void need_roots(void)
{
	struct host *h;
	int err = host_open(&h, "/");

	host_close(h);
	if (err == -ENOSYS)
		skip();
	assert_int_equal(err, 0);
}

void temp_make(struct temp_dir *t)
{
	const char *base = getenv("TMPDIR");

	snprintf(t->path, sizeof(t->path), "%s/ktlsctl-unit.XXXXXX",
		 base && *base ? base : "/tmp");
	assert_non_null(mkdtemp(t->path));
	assert_int_equal(chmod(t->path, 0755), 0);
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

void temp_remove(struct temp_dir *t)
{
	nftw(t->path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

const char *temp_path(const struct temp_dir *t, const char *path)
{
	static char paths[4][512];
	static unsigned next;
	char *p = paths[next++ % 4];

	snprintf(p, sizeof(paths[0]), "%s%s%s", t->path, *path == '/' ? "" : "/", path);
	return p;
}

/* Makes the folders before the last slash of a path. */
static void make_parents(const struct temp_dir *t, const char *path)
{
	char copy[512];

	snprintf(copy, sizeof(copy), "%s", temp_path(t, path));
	for (char *p = copy + strlen(t->path) + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		mkdir(copy, 0755);
		*p = '/';
	}
}

void temp_mkdir(const struct temp_dir *t, const char *path)
{
	make_parents(t, path);
	assert_int_equal(mkdir(temp_path(t, path), 0755), 0);
}

void temp_write(const struct temp_dir *t, const char *path, const char *text)
{
	FILE *f;

	make_parents(t, path);
	f = fopen(temp_path(t, path), "we");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

void temp_link(const struct temp_dir *t, const char *target, const char *path)
{
	make_parents(t, path);
	assert_int_equal(symlink(target, temp_path(t, path)), 0);
}

char *temp_read(const struct temp_dir *t, const char *path)
{
	FILE *f = fopen(temp_path(t, path), "re");
	char *text;
	size_t n;

	if (!f)
		return NULL;
	text = calloc(1, 65536);
	assert_non_null(text);
	n = fread(text, 1, 65535, f);
	text[n] = '\0';
	fclose(f);
	return text;
}

bool unit_emulated(void)
{
	return getenv("UNIT_PATIENCE");
}

void unit_alarm(unsigned seconds)
{
	const char *times = getenv("UNIT_PATIENCE");

	alarm(seconds * (times ? (unsigned)strtoul(times, NULL, 10) : 1));
}
