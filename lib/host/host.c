/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

#include "cleanup.h"
#include "host_priv.h"

static int open_in_root(const struct host *h, const char *path, uint64_t flags,
			unsigned mode)
{
	struct open_how how = {
		.flags = flags,
		.mode = mode,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};

	while (*path == '/')
		path++;
	return (int)syscall(SYS_openat2, h->root_fd, *path ? path : ".", &how,
			    sizeof(how));
}

/* Not before Linux 5.6, nor under some seccomp filters and valgrind; errno says why. */
static bool knows_openat2(const struct host *h)
{
	int fd = open_in_root(h, "/", O_PATH | O_CLOEXEC, 0);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

int host_open(struct host **out, const char *root)
{
	struct host *h = calloc(1, sizeof(*h));

	*out = NULL;
	if (!h)
		return -ENOMEM;
	h->record_fd = -1;
	h->seccomp = -1;
	h->root_fd = AT_FDCWD;
	h->arena = arena_new();
	if (!h->arena) {
		free(h);
		return -ENOMEM;
	}
	if (root)
		h->root_fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root && (h->root_fd < 0 || !knows_openat2(h))) {
		int err = -errno;

		host_close(h);
		return err;
	}
	*out = h;
	return 0;
}

void host_close(struct host *h)
{
	if (!h)
		return;
	if (h->root_fd >= 0)
		close(h->root_fd);
	arena_free(h->arena);
	free(h);
}

bool host_is_live(const struct host *h)
{
	return h->root_fd == AT_FDCWD;
}

void host_trace(struct host *h, host_trace_fn fn, void *arg)
{
	h->trace = fn;
	h->trace_arg = arg;
}

int host_note(const struct host *h, const char *what, const char *path, int err)
{
	if (h->trace)
		h->trace(h->trace_arg, what, path, err);
	return err;
}

/* Without a look at what was recorded: see host_identify() in host.h. */
int open_plain(const struct host *h, const char *path, uint64_t flags, unsigned mode)
{
	int fd = host_is_live(h) ? open(path, (int)flags, mode)
				 : open_in_root(h, path, flags, mode);

	return fd < 0 ? -errno : fd;
}

/* The one place that opens a path of the machine to be read. fd or -errno. */
static int host_openat(struct host *h, const char *path, int flags)
{
	int fd = record_replay(h, path);

	if (fd)
		return fd;
	/* O_NONBLOCK: a FIFO in the place of a file must not hang us. openat2 refuses it
	 * together with O_PATH, which opens nothing that could hang. */
	flags |= O_CLOEXEC | (flags & O_PATH ? 0 : O_NONBLOCK | O_NOCTTY);
	fd = open_plain(h, path, (unsigned)flags, 0);
	if (fd >= 0)
		return fd;
	record_error(h, path, fd);
	return fd;
}

/* Appends what fd gives until its end or max bytes. 0, 1 when there is more, -errno. */
static int read_all(int fd, size_t max, struct bytes *b)
{
	size_t cap = 0;

	for (;;) {
		ssize_t n;

		if (cap - b->len < 2) {
			size_t want = cap ? cap * 2 : 8192;
			char *p = realloc(b->data, want);

			if (!p)
				return -ENOMEM;
			b->data = p;
			cap = want;
		}
		n = read(fd, b->data + b->len, cap - b->len - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		b->len += (size_t)n;
		b->data[b->len] = '\0';
		if (n == 0)
			return 0;
		if (b->len > max)
			return 1;
	}
}

static bool is_dev_null(const struct stat *st)
{
	return S_ISCHR(st->st_mode) && st->st_rdev == makedev(1, 3);
}

static int read_fd(int fd, const struct read_opts *o, struct bytes *b)
{
	size_t max = o && o->max ? o->max : HOST_READ_MAX;
	struct stat st;
	int err;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (!S_ISREG(st.st_mode) && !is_dev_null(&st))
		return -EINVAL;
	err = read_all(fd, max, b);
	if (err == 1 && !(o && o->head))
		return -EFBIG;
	if (err == 1) {
		b->len = max;
		b->data[max] = '\0';
		return 0;
	}
	return err;
}

int host_read(struct host *h, const char *path, const struct read_opts *o,
	      struct bytes *out)
{
	cleanup_close int fd = host_openat(h, path, O_RDONLY);
	int err = fd < 0 ? fd : 0;

	*out = (struct bytes){ 0 };
	if (!err) {
		err = read_fd(fd, o, out);
		if (err && !(o && o->unrecorded))
			record_error(h, path, err);
	}
	if (err) {
		bytes_free(out);
		return host_note(h, "read", path, err);
	}
	if (o && o->filter)
		o->filter(out);
	if (!o || !o->unrecorded)
		record_file(h, path, out);
	return host_note(h, "read", path, 0);
}

void bytes_free(struct bytes *b)
{
	free(b->data);
	*b = (struct bytes){ 0 };
}

int host_read_line(struct host *h, const char *path, char *buf, size_t size)
{
	cleanup_bytes struct bytes b = { 0 };
	const struct read_opts o = { .max = 4096, .head = true };
	int err = host_read(h, path, &o, &b);

	if (err)
		return err;
	snprintf(buf, size, "%.*s", (int)strcspn(b.data, "\n"), b.data);
	return 0;
}

int host_read_tail(struct host *h, const char *path, void *buf, size_t len)
{
	cleanup_close int fd = -1;
	struct stat st;

	if (!host_is_live(h))
		return -EROFS;
	fd = host_openat(h, path, O_RDONLY);
	if (fd < 0)
		return host_note(h, "tail", path, fd);
	if (fstat(fd, &st) < 0)
		return host_note(h, "tail", path, -errno);
	if (!S_ISREG(st.st_mode) || st.st_size < (off_t)len)
		return host_note(h, "tail", path, -EINVAL);
	if (pread(fd, buf, len, st.st_size - (off_t)len) != (ssize_t)len)
		return host_note(h, "tail", path, -EIO);
	return host_note(h, "tail", path, 0);
}

int host_probe(struct host *h, const char *path)
{
	cleanup_close int fd = host_openat(h, path, O_PATH);

	return host_note(h, "probe", path, fd < 0 ? fd : 0);
}

int host_exists(struct host *h, const char *path)
{
	cleanup_close int fd = host_openat(h, path, O_PATH);
	struct stat st;

	if (fd < 0)
		return host_note(h, "exists", path, fd);
	if (fstat(fd, &st) < 0)
		return host_note(h, "exists", path, -errno);
	if (S_ISDIR(st.st_mode))
		record_dir(h, path);
	else
		record_file(h, path, &(struct bytes){ .data = (char *)"" });
	return host_note(h, "exists", path, 0);
}

int host_readlink(struct host *h, const char *path, char *buf, size_t size)
{
	cleanup_close int fd = host_openat(h, path, O_PATH | O_NOFOLLOW);
	ssize_t n;

	if (fd < 0)
		return host_note(h, "readlink", path, fd);
	n = readlinkat(fd, "", buf, size - 1);
	if (n < 0)
		return host_note(h, "readlink", path, -errno);
	buf[n] = '\0';
	return host_note(h, "readlink", path, 0);
}

int host_identify(struct host *h, const char *path, struct host_id *out)
{
	cleanup_close int fd = -1;
	struct stat st;
	int err = 0;

	/* One call instead of three where nothing has to be confined. */
	if (host_is_live(h)) {
		err = stat(path, &st) ? -errno : 0;
	} else {
		fd = open_plain(h, path, O_PATH | O_CLOEXEC, 0);
		err = fd < 0 ? fd : fstat(fd, &st) ? -errno : 0;
	}
	if (!err)
		*out = (struct host_id){ st.st_dev, st.st_ino, (uint64_t)st.st_size };
	return host_note(h, "identify", path, err);
}

int host_open_file(struct host *h, const char *path)
{
	int fd = open_plain(h, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0);

	host_note(h, "open", path, fd < 0 ? fd : 0);
	return fd;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

struct names {
	struct arena *arena;
	char **v;
	size_t n;
	bool unrecorded;
};

static int names_add(struct names *l, const char *name)
{
	char **v = arena_grow(l->arena, l->v, l->n, sizeof(*v));

	if (!v)
		return -ENOMEM;
	l->v = v;
	v[l->n] = arena_strdup(l->arena, name);
	return v[l->n++] ? 0 : -ENOMEM;
}

/* Some file systems (9p, old XFS) do not tell the type along with the name. */
static bool is_dir(DIR *d, const struct dirent *e)
{
	struct stat st;

	if (e->d_type != DT_UNKNOWN)
		return e->d_type == DT_DIR;
	return !fstatat(dirfd(d), e->d_name, &st, 0) && S_ISDIR(st.st_mode);
}

static int list_fd(struct host *h, DIR *d, const char *dir,
		   bool (*want)(const char *name), struct names *l)
{
	const struct dirent *e;
	int err = 0;

	while (!err && (e = readdir(d))) {
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		if (!host_is_live(h) && !strcmp(e->d_name, HOST_KEEP))
			continue;
		if (want && !want(e->d_name))
			continue;
		if (!l->unrecorded)
			record_entry(h, dir, e->d_name, is_dir(d, e));
		err = names_add(l, e->d_name);
	}
	return err;
}

/* Takes fd over. */
static int list_names(struct host *h, int fd, const char *dir,
		      bool (*want)(const char *name), struct names *l)
{
	DIR *d = fdopendir(fd);
	int err;

	if (!d) {
		close(fd);
		return -ENOMEM;
	}
	if (!l->unrecorded)
		record_dir(h, dir);
	err = list_fd(h, d, dir, want, l);
	closedir(d);
	if (l->n)
		qsort(l->v, l->n, sizeof(*l->v), by_name);
	return err;
}

static int list(struct host *h, const char *dir, bool (*want)(const char *name),
		struct names *l)
{
	int err = l->arena ? host_openat(h, dir, O_RDONLY | O_DIRECTORY) : -ENOMEM;

	if (err >= 0)
		err = list_names(h, err, dir, want, l);
	return host_note(h, "list", dir, err);
}

static int each_name(const struct names *l, int (*fn)(void *arg, const char *name),
		     void *arg)
{
	int err = 0;

	for (size_t i = 0; !err && i < l->n; i++)
		err = fn(arg, l->v[i]);
	return err;
}

int host_list(struct host *h, const char *dir, bool (*want)(const char *name),
	      int (*fn)(void *arg, const char *name), void *arg)
{
	cleanup_arena struct arena *arena = arena_new();
	struct names l = { .arena = arena };
	int err = list(h, dir, want, &l);

	return err ? err : each_name(&l, fn, arg);
}

int host_scan(struct host *h, const char *dir, int (*fn)(void *arg, const char *name),
	      void *arg)
{
	cleanup_arena struct arena *arena = arena_new();
	struct names l = { .arena = arena, .unrecorded = true };
	int err = list(h, dir, NULL, &l);

	return err ? err : each_name(&l, fn, arg);
}
