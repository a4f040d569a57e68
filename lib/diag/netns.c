// SPDX-License-Identifier: MIT
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "../host/cleanup.h"
#include "netns.h"

#define NAMED "/run/netns"

struct visit {
	netns_fn fn;
	void *arg;
	int home; /* our own */
	uint64_t *seen;
	size_t n_seen;
	uint64_t left_out;
};

static bool is_new(struct visit *v, uint64_t id)
{
	uint64_t *more;

	for (size_t i = 0; i < v->n_seen; i++)
		if (v->seen[i] == id)
			return false;
	more = realloc(v->seen, (v->n_seen + 1) * sizeof(*more));
	if (!more)
		return false;
	v->seen = more;
	more[v->n_seen++] = id;
	return true;
}

/* Always back home; a thread that cannot go back must not go on as if it were there. */
static int call_inside(struct visit *v, int fd, const struct netns *n)
{
	int err;

	if (setns(fd, CLONE_NEWNET))
		return -errno;
	err = v->fn(n, v->arg);
	if (setns(v->home, CLONE_NEWNET))
		return -errno;
	return err;
}

/* One of several: what cannot be entered is counted, what is gone is nothing. */
static int visit_path(struct visit *v, const char *path, const char *name)
{
	struct netns n = { .name = name };
	cleanup_close int fd = -1;
	struct stat st;
	int err;

	if (stat(path, &st)) {
		v->left_out += errno != ENOENT && errno != ESRCH;
		return 0;
	}
	n.id = st.st_ino;
	if (!is_new(v, n.id))
		return 0;
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	err = fd < 0 ? -errno : call_inside(v, fd, &n);
	if (err == -EPERM || err == -EACCES || err == -EINVAL) {
		v->left_out++;
		return 0;
	}
	return err == -ENOENT && fd < 0 ? 0 : err;
}

/* processes: the folder has one of each, with its namespace in it. */
static int visit_folder(struct visit *v, const char *folder, bool processes)
{
	DIR *d = opendir(folder);
	const struct dirent *e;
	int err = 0;

	if (!d)
		return errno == ENOENT ? 0 : -errno;
	while (!err && (e = readdir(d))) {
		const bool pid = e->d_name[0] >= '0' && e->d_name[0] <= '9';
		char path[512], name[300];

		if (e->d_name[0] == '.' || (processes && !pid))
			continue;
		snprintf(path, sizeof(path), "%s/%s%s", folder, e->d_name,
			 processes ? "/ns/net" : "");
		snprintf(name, sizeof(name), "%s%s", processes ? "pid/" : "", e->d_name);
		err = visit_path(v, path, name);
	}
	closedir(d);
	return err;
}

static int visit_all(struct visit *v, const struct netns *ours)
{
	int err = v->fn(ours, v->arg);

	is_new(v, ours->id);
	if (!err)
		err = visit_folder(v, NAMED, false);
	return err ? err : visit_folder(v, "/proc", true);
}

static int visit_one(struct visit *v, const char *name)
{
	char path[512];
	cleanup_close int fd = -1;
	struct netns n = { .name = name };
	struct stat st;

	snprintf(path, sizeof(path), NAMED "/%s", name);
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st))
		return -errno;
	n.id = st.st_ino;
	return call_inside(v, fd, &n);
}

int netns_each(const char *name, netns_fn fn, void *arg, uint64_t *left_out)
{
	cleanup_close int home = open("/proc/thread-self/ns/net",
				      O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct visit v = { .fn = fn, .arg = arg, .home = home };
	struct netns ours = { .name = "" };
	struct stat st;
	int err;

	if (home >= 0 && !fstat(home, &st))
		ours.id = st.st_ino;
	if (!name)
		err = fn(&ours, arg);
	else if (home < 0)
		err = -errno;
	else
		err = strcmp(name, "all") ? visit_one(&v, name) : visit_all(&v, &ours);
	free(v.seen);
	*left_out = v.left_out;
	return err;
}
