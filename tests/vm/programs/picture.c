/* SPDX-License-Identifier: MIT */
/*
 * picture [-s FILE] [-n STAMP] [-x PREFIX]... PATH...: prints what stands at and below
 * these paths, a line each: kind and mode, owner, and where a link leads or what a file
 * says. What begins with a PREFIX is left out. With -n a file is not read that nobody has
 * touched since STAMP was written. With -s nothing is printed as long as FILE says the
 * same; otherwise the status is 1.
 *
 * One process for what would take an emulated machine a hundred.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SHOWN = 200, BLOCK = 64 << 10 };

struct view {
	FILE *out;
	struct timespec stamp; /* zero: none */
	char **prefixes;
};

static void die(const char *what)
{
	perror(what);
	exit(2);
}

static uint64_t hash(uint64_t h, const char *p, size_t n)
{
	while (n--)
		h = (h ^ (unsigned char)*p++) * 0x100000001b3;
	return h;
}

static bool is_line(const char *p, size_t n)
{
	if (n && p[n - 1] == '\n')
		n--;
	for (size_t i = 0; i < n; i++)
		if (!isprint((unsigned char)p[i]) && p[i] != '\t')
			return false;
	return n <= SHOWN;
}

/* A short line as it is, of more a sum. */
static void show_file(FILE *out, const char *path)
{
	static char block[BLOCK];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	uint64_t h = 0xcbf29ce484222325;
	size_t sum = 0;
	ssize_t n = fd < 0 ? -1 : read(fd, block, BLOCK);

	if (n >= 0 && is_line(block, (size_t)n)) {
		while (n && block[n - 1] == '\n')
			n--;
		fprintf(out, " %.*s", (int)n, block);
		n = 0;
	} else if (n > 0) {
		do {
			h = hash(h, block, (size_t)n);
			sum += (size_t)n;
			n = read(fd, block, BLOCK);
		} while (n > 0);
		fprintf(out, " %zu bytes, %016jx", sum, (uintmax_t)h);
	}
	if (n < 0)
		fprintf(out, " %s", strerror(errno));
	if (fd >= 0)
		close(fd);
}

static void show_link(FILE *out, const char *path)
{
	char target[4096];
	ssize_t n = readlink(path, target, sizeof(target));

	fprintf(out, " -> %.*s", n < 0 ? 0 : (int)n, target);
}

/* Nobody but the kernel sets this time. Those of /proc are always made anew, and empty.
 */
static bool is_older(const struct stat *s, const struct timespec *stamp)
{
	return s->st_size && (s->st_ctim.tv_sec < stamp->tv_sec ||
			      (s->st_ctim.tv_sec == stamp->tv_sec &&
			       s->st_ctim.tv_nsec < stamp->tv_nsec));
}

static void show(const struct view *v, const FTSENT *e)
{
	const struct stat *s = e->fts_statp;
	FILE *out = v->out;

	if (e->fts_info == FTS_NS || e->fts_info == FTS_DNR || e->fts_info == FTS_ERR) {
		fprintf(out, "%s %s\n", e->fts_path, strerror(e->fts_errno));
		return;
	}
	fprintf(out, "%s %o %u:%u", e->fts_path, s->st_mode, s->st_uid, s->st_gid);
	if (S_ISLNK(s->st_mode))
		show_link(out, e->fts_accpath);
	/* A switch that is only for writing says nothing, to root neither. */
	else if (S_ISREG(s->st_mode) && s->st_mode & 0444 && !is_older(s, &v->stamp))
		show_file(out, e->fts_accpath);
	fputc('\n', out);
}

static bool is_left_out(const char *path, char *const *prefixes)
{
	for (; *prefixes; prefixes++)
		if (!strncmp(path, *prefixes, strlen(*prefixes)))
			return true;
	return false;
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static void picture(const struct view *v, char *const *paths)
{
	FTS *fts = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
	FTSENT *e;

	if (!fts)
		die("fts_open");
	while ((e = fts_read(fts))) {
		if (is_left_out(e->fts_path, v->prefixes))
			fts_set(fts, e, FTS_SKIP);
		else if (e->fts_info != FTS_DP)
			show(v, e);
	}
	fts_close(fts);
}

static bool says(const char *file, const char *text, size_t len)
{
	FILE *f = fopen(file, "re");
	char *before = malloc(len + 1);
	size_t n;

	if (!f || !before)
		die(file);
	n = fread(before, 1, len + 1, f);
	return n == len && !memcmp(before, text, len);
}

static struct timespec written(const char *file)
{
	struct stat s;

	if (stat(file, &s))
		die(file);
	return s.st_mtim;
}

int main(int argc, char **argv)
{
	struct view v = { .prefixes = calloc((size_t)argc + 1, sizeof(char *)) };
	const char *same = NULL;
	char *text = NULL;
	size_t len = 0, n = 0;
	int c;

	v.out = open_memstream(&text, &len);
	while ((c = getopt(argc, argv, "n:s:x:")) != -1) {
		if (c == '?' || !v.prefixes)
			return 2;
		if (c == 'n')
			v.stamp = written(optarg);
		else if (c == 's')
			same = optarg;
		else
			v.prefixes[n++] = optarg;
	}
	if (!v.prefixes || !v.out || !argv[optind])
		die("picture");
	picture(&v, argv + optind);
	if (fclose(v.out))
		die("picture");
	if (same && says(same, text, len))
		return 0;
	if (fwrite(text, 1, len, stdout) != len || fflush(stdout))
		die("picture");
	return same ? 1 : 0;
}
