/* SPDX-License-Identifier: MIT */
/*
 * The recorder: writes what was read below a folder. Paths come from our own readers, yet
 * a file of the machine can name others (.include): ".." is refused, links never
 * followed.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "host_priv.h"

int host_set_error(struct host *h, const char *path, int err)
{
	struct host_error *e;

	e = arena_grow(h->arena, h->errors, h->n_errors, sizeof(*e));
	if (!e)
		return -ENOMEM;
	h->errors = e;
	e[h->n_errors].path = arena_strdup(h->arena, path);
	e[h->n_errors].err = err;
	if (!e[h->n_errors].path)
		return -ENOMEM;
	h->n_errors++;
	return 0;
}

size_t host_errors(const struct host *h, const struct host_error **out)
{
	*out = h->errors;
	return h->n_errors;
}

int record_replay(const struct host *h, const char *path)
{
	if (host_is_live(h))
		return 0;
	for (size_t i = 0; i < h->n_errors; i++)
		if (!strcmp(h->errors[i].path, path))
			return h->errors[i].err;
	return 0;
}

int host_record(struct host *h, int dirfd)
{
	if (!host_is_live(h))
		return -EROFS;
	h->record_fd = dirfd;
	return 0;
}

int host_record_status(const struct host *h)
{
	return h->record_err;
}

/* Appends "/part" to buf. */
static int add_part(char *buf, size_t size, const char *part, size_t len)
{
	size_t used = strlen(buf);

	if (used + len + 2 > size)
		return -ENAMETOOLONG;
	buf[used] = '/';
	memcpy(buf + used + 1, part, len);
	buf[used + 1 + len] = '\0';
	return 0;
}

static bool part_is(const char *p, size_t len, const char *text)
{
	return len == strlen(text) && !memcmp(p, text, len);
}

int host_redact_path(const char *path, char *buf, size_t size)
{
	bool absolute = path[0] == '/';
	int err = 0;
	size_t len;

	buf[0] = '\0';
	for (const char *p = path; *p && !err; p += len) {
		p += strspn(p, "/");
		len = strcspn(p, "/");
		if (!len || part_is(p, len, "."))
			continue;
		if (part_is(p, len, "..") && strrchr(buf, '/'))
			*strrchr(buf, '/') = '\0';
		else if (absolute && !strcmp(buf, "/home"))
			err = add_part(buf, size, "user", 4);
		else
			err = add_part(buf, size, p, len);
	}
	if (!absolute && !err && *buf)
		memmove(buf, buf + 1, strlen(buf));
	return err;
}

static void failed(struct host *h, int err)
{
	if (!h->record_err)
		h->record_err = err;
}

/* mkdir -p for the folders of path, or for all of it. Returns the last one, opened. */
static int make_dirs(int at, const char *path, bool all)
{
	cleanup_free char *copy = strdup(path);
	int fd = dup(at);
	char *save = NULL;

	if (!copy || fd < 0)
		return -ENOMEM;
	for (char *p = strtok_r(copy, "/", &save), *next; p; p = next) {
		int sub;

		next = strtok_r(NULL, "/", &save);
		if (!next && !all)
			break;
		if (!strcmp(p, "..") || (mkdirat(fd, p, 0755) < 0 && errno != EEXIST)) {
			int err = strcmp(p, "..") ? -errno : -EINVAL;

			close(fd);
			return err;
		}
		sub = openat(fd, p, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		close(fd);
		if (sub < 0)
			return -errno;
		fd = sub;
	}
	return fd;
}

static int write_all(int fd, const char *p, size_t len)
{
	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Writes the text with the name of every home folder replaced, as the paths are. */
static int write_redacted(int fd, const struct bytes *b)
{
	static const char home[] = "/home/";
	const char *p = b->data, *end = b->data + b->len, *at;
	int err = 0;

	while (!err && p < end && (at = memmem(p, (size_t)(end - p), home, 6))) {
		err = write_all(fd, p, (size_t)(at - p));
		if (!err)
			err = write_all(fd, "/home/user", 10);
		for (p = at + 6; p < end && !strchr("/ \t\n\"'", *p);)
			p++;
	}
	return err ? err : write_all(fd, p, (size_t)(end - p));
}

void record_file(struct host *h, const char *path, const struct bytes *b)
{
	cleanup_close int dir = -1;
	cleanup_close int fd = -1;
	char kept[4096], *base;
	int err;

	if (h->record_fd < 0)
		return;
	err = host_redact_path(path, kept, sizeof(kept));
	dir = err ? err : make_dirs(h->record_fd, kept, false);
	if (dir < 0)
		return failed(h, dir);
	base = strrchr(kept, '/');
	base = base ? base + 1 : kept;
	/* A file seen to exist (empty here) may be read later, never the reverse. */
	fd = openat(dir, base,
		    O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC | (b->len ? O_TRUNC : 0),
		    0644);
	if (fd < 0)
		return failed(h, -errno);
	err = write_redacted(fd, b);
	if (err)
		failed(h, err);
}

void record_dir(struct host *h, const char *path)
{
	cleanup_close int fd = -1;
	cleanup_close int keep = -1;
	char kept[4096];
	int err;

	if (h->record_fd < 0)
		return;
	err = host_redact_path(path, kept, sizeof(kept));
	fd = err ? err : make_dirs(h->record_fd, kept, true);
	if (fd < 0)
		return failed(h, fd);
	/* That a folder is there can be the answer, and git keeps no empty one. */
	keep = openat(fd, HOST_KEEP, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (keep < 0)
		failed(h, -errno);
}

void record_entry(struct host *h, const char *dir, const char *name, bool is_dir)
{
	char path[4096];

	if (h->record_fd < 0)
		return;
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (is_dir)
		record_dir(h, path);
	else
		record_file(h, path, &(struct bytes){ .data = (char *)"" });
}

void record_error(struct host *h, const char *path, int err)
{
	char kept[4096];

	/* Absence needs no note: it is absent from the snapshot too. */
	if (h->record_fd < 0 || err == -ENOENT)
		return;
	if (host_redact_path(path, kept, sizeof(kept)))
		return failed(h, -ENAMETOOLONG);
	err = host_set_error(h, kept, err);
	if (err)
		failed(h, err);
}
