/* SPDX-License-Identifier: MIT */
/*
 * Changing files of the machine. A path is walked once, to the folder it is in; what is
 * done there goes by that folder's descriptor, in a test's folder as on the machine.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "host_priv.h"

int host_open_scratch(struct host **out, const char *root, host_guard_fn guard, void *arg)
{
	int err = host_open(out, root);

	if (err)
		return err;
	(*out)->scratch = true;
	(*out)->guard = guard;
	(*out)->guard_arg = arg;
	return 0;
}

int change_begin(struct host *h, const char *what, const char *path, const char *text)
{
	const struct host_change c = { what, path, text };

	if (!host_is_live(h) && !h->scratch)
		return -EROFS;
	return h->guard ? h->guard(h->guard_arg, &c) : 0;
}

/* A folder and a name in it. */
struct place {
	int dir;
	char name[256], aside[288];
};

static int place_open(const struct host *h, const char *path, struct place *p)
{
	const char *slash = strrchr(path, '/');
	char dir[4096];

	p->dir = -1;
	if (!slash || !slash[1] || strlen(slash + 1) >= sizeof(p->name) ||
	    (size_t)(slash - path) >= sizeof(dir))
		return -EINVAL;
	snprintf(dir, sizeof(dir), "%.*s", slash == path ? 1 : (int)(slash - path), path);
	snprintf(p->name, sizeof(p->name), "%s", slash + 1);
	snprintf(p->aside, sizeof(p->aside), HOST_ASIDE, p->name);
	p->dir = open_plain(h, dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	return p->dir < 0 ? p->dir : 0;
}

static void place_close(struct place *p)
{
	if (p->dir >= 0)
		close(p->dir);
}
#define cleanup_place __attribute__((cleanup(place_close)))

static int sync_fd(int fd)
{
	return fsync(fd) ? -errno : 0;
}

static int write_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

static int write_once(const struct host *h, const char *path, const char *text)
{
	cleanup_close int fd = open_plain(h, path, O_WRONLY | O_TRUNC | O_CLOEXEC, 0);
	ssize_t n;

	if (fd < 0)
		return fd;
	n = write(fd, text, strlen(text));
	if (n < 0)
		return -errno;
	return n == (ssize_t)strlen(text) ? 0 : -EIO;
}

int host_write(struct host *h, const char *path, const char *text)
{
	int err = change_begin(h, "write", path, text);

	if (!err)
		err = write_once(h, path, text);
	return host_note(h, "write", path, err > 0 ? 0 : err);
}

/* Mode and owner of the file that is there, or those of a new one. */
static int take_after(const struct place *p, int fd, unsigned mode)
{
	struct stat st;

	if (fstatat(p->dir, p->name, &st, AT_SYMLINK_NOFOLLOW))
		return errno != ENOENT || fchmod(fd, mode) ? -errno : 0;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	/* The owner first: a change of it takes set-id bits away. */
	if (fchown(fd, st.st_uid, st.st_gid) || fchmod(fd, st.st_mode & 07777))
		return -errno;
	return 0;
}

static int write_aside(const struct place *p, const struct host_text *t)
{
	cleanup_close int fd =
		openat(p->dir, p->aside,
		       O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	int err;

	if (fd < 0)
		return -errno;
	err = write_all(fd, t->data, t->len);
	if (!err)
		err = take_after(p, fd, t->mode);
	return err ? err : sync_fd(fd);
}

static int put(struct host *h, const char *path, const struct host_text *t,
	       unsigned flags)
{
	cleanup_place struct place p;
	int err = place_open(h, path, &p);

	if (err)
		return err;
	err = write_aside(&p, t);
	if (!err && renameat2(p.dir, p.aside, p.dir, p.name, flags))
		err = -errno;
	if (err) {
		unlinkat(p.dir, p.aside, 0);
		return err;
	}
	return sync_fd(p.dir);
}

int host_replace(struct host *h, const char *path, const struct host_text *t)
{
	int err = change_begin(h, "replace", path, NULL);

	if (!err)
		err = put(h, path, t, 0);
	return host_note(h, "replace", path, err > 0 ? 0 : err);
}

int host_create(struct host *h, const char *path, const struct host_text *t)
{
	int err = change_begin(h, "create", path, NULL);

	if (!err)
		err = put(h, path, t, RENAME_NOREPLACE);
	return host_note(h, "create", path, err > 0 ? 0 : err);
}

static int append(struct host *h, const char *path, const char *data, size_t len)
{
	cleanup_place struct place p;
	cleanup_close int fd = -1;
	int err = place_open(h, path, &p);
	bool made;

	if (err)
		return err;
	fd = openat(p.dir, p.name, O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC);
	made = fd < 0 && errno == ENOENT;
	if (made)
		fd = openat(p.dir, p.name,
			    O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	err = write_all(fd, data, len);
	if (!err)
		err = sync_fd(fd);
	return err || !made ? err : sync_fd(p.dir);
}

int host_append(struct host *h, const char *path, const char *data, size_t len)
{
	int err = change_begin(h, "append", path, NULL);

	if (!err)
		err = append(h, path, data, len);
	return host_note(h, "append", path, err > 0 ? 0 : err);
}

static int take_away(struct host *h, const char *path)
{
	cleanup_place struct place p;
	int err = place_open(h, path, &p);

	if (err == -ENOENT)
		return 0;
	if (err)
		return err;
	if (unlinkat(p.dir, p.aside, 0) && errno != ENOENT)
		return -errno;
	if (unlinkat(p.dir, p.name, 0) && errno != ENOENT)
		return -errno;
	return sync_fd(p.dir);
}

int host_remove(struct host *h, const char *path)
{
	int err = change_begin(h, "remove", path, NULL);

	if (!err)
		err = take_away(h, path);
	return host_note(h, "remove", path, err > 0 ? 0 : err);
}

static int tidy(struct host *h, const char *path)
{
	cleanup_place struct place p;
	int err = place_open(h, path, &p);

	if (err)
		return err == -ENOENT ? 0 : err;
	if (unlinkat(p.dir, p.aside, 0))
		return errno == ENOENT ? 0 : -errno;
	return sync_fd(p.dir);
}

int host_tidy(struct host *h, const char *path)
{
	int err = change_begin(h, "tidy", path, NULL);

	if (!err)
		err = tidy(h, path);
	return host_note(h, "tidy", path, err > 0 ? 0 : err);
}

static int make_link(struct host *h, const char *path, const char *target)
{
	cleanup_place struct place p;
	int err = place_open(h, path, &p);

	if (err)
		return err;
	if (symlinkat(target, p.dir, p.name))
		return -errno;
	return sync_fd(p.dir);
}

int host_symlink(struct host *h, const char *path, const char *target)
{
	int err = change_begin(h, "symlink", path, NULL);

	if (!err)
		err = make_link(h, path, target);
	return host_note(h, "symlink", path, err > 0 ? 0 : err);
}

static int make_dir(struct host *h, const char *path, unsigned mode)
{
	cleanup_place struct place p;
	int err = place_open(h, path, &p);

	if (err)
		return err;
	if (mkdirat(p.dir, p.name, mode))
		return -errno;
	return sync_fd(p.dir);
}

int host_mkdir(struct host *h, const char *path, unsigned mode)
{
	int err = change_begin(h, "mkdir", path, NULL);

	if (!err)
		err = make_dir(h, path, mode);
	return host_note(h, "mkdir", path, err > 0 ? 0 : err);
}

static int remove_dir(struct host *h, const char *path)
{
	cleanup_place struct place p;
	int err = place_open(h, path, &p);

	if (err)
		return err;
	if (unlinkat(p.dir, p.name, AT_REMOVEDIR))
		return -errno;
	return sync_fd(p.dir);
}

int host_rmdir(struct host *h, const char *path)
{
	int err = change_begin(h, "rmdir", path, NULL);

	if (!err)
		err = remove_dir(h, path);
	return host_note(h, "rmdir", path, err > 0 ? 0 : err);
}

static int lock(struct host *h, const char *path, bool wait)
{
	cleanup_place struct place p;
	int err = place_open(h, path, &p), fd;

	if (err)
		return err;
	fd = openat(p.dir, p.name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	while (flock(fd, wait ? LOCK_EX : LOCK_EX | LOCK_NB)) {
		if (errno == EINTR)
			continue;
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

int host_lock(struct host *h, const char *path, bool wait)
{
	int fd = change_begin(h, "lock", path, NULL);

	if (!fd)
		fd = lock(h, path, wait);
	host_note(h, "lock", path, fd < 0 ? fd : 0);
	return fd;
}

int host_locked(struct host *h, const char *path)
{
	cleanup_close int fd = open_plain(h, path, O_RDONLY | O_CLOEXEC, 0);
	int err = fd < 0 ? fd : flock(fd, LOCK_SH | LOCK_NB) ? -errno : 0;

	host_note(h, "locked", path, err == -EWOULDBLOCK ? 0 : err);
	return err == -EWOULDBLOCK ? 1 : err;
}
