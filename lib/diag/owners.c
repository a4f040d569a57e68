// SPDX-License-Identifier: MIT
/*
 * The walk. Paths are short and relative, links are read below the folder they lie in,
 * and folders are read by getdents64(2) with a large buffer: each socket costs one
 * readlinkat(2), and that is most of it.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "../host/cleanup.h"
#include "owners_priv.h"

enum { ENTRIES = 65536, MOST_THREADS = 4, LINK = 64, RING = 65536 };

/* One of the threads that walk, and what it found. */
struct walker {
	struct walk *walk;
	struct owner_ref *refs; /* owner: the number of the process in walk->pids */
	size_t n, room;
	uint64_t unreadable, rings, processes;
	uint32_t current;
	int err;
};

struct walk {
	int proc;
	uint32_t *pids;
	size_t n_pids, room;
	atomic_size_t next;
};

/* Makes room for one more of size bytes; 0 or -ENOMEM. */
static int grow(void **p, size_t n, size_t *room, size_t size)
{
	size_t want = *room ? *room + *room / 2 : 1024;
	void *more;

	if (n < *room)
		return 0;
	more = realloc(*p, want * size);
	if (!more)
		return -ENOMEM;
	*p = more;
	*room = want;
	return 0;
}

static void add_ref(void *arg, uint32_t inode)
{
	struct walker *w = arg;

	if (!w->err)
		w->err = grow((void **)&w->refs, w->n, &w->room, sizeof(*w->refs));
	if (!w->err)
		w->refs[w->n++] = (struct owner_ref){ inode, w->current };
}

static void look_at_ring(struct walker *w, uint32_t pid, const char *fd)
{
	cleanup_free char *text = malloc(RING);
	cleanup_close int file = -1;
	char path[64];
	ssize_t n;

	snprintf(path, sizeof(path), "%u/fdinfo/%.20s", pid, fd);
	file = openat(w->walk->proc, path, O_RDONLY | O_CLOEXEC);
	n = file < 0 || !text ? -1 : read(file, text, RING);
	w->rings += n < 0 || !parse_ring(span(text, (size_t)n), add_ref, w);
}

static void look_at_fd(struct walker *w, int dir, const char *name)
{
	static const char ring[] = "anon_inode:[io_uring]";
	char link[LINK];
	ssize_t n = readlinkat(dir, name, link, sizeof(link));
	uint32_t inode;

	if (n <= 0)
		return; /* closed meanwhile */
	if (parse_socket_link(span(link, (size_t)n), &inode))
		add_ref(w, inode);
	else if (n == sizeof(ring) - 1 && !memcmp(link, ring, sizeof(ring) - 1))
		look_at_ring(w, w->walk->pids[w->current], name);
}

/* Calls fn for the entries that are numbers. 0 or -errno. */
static int each_number(int dir, char *buf, void (*fn)(void *arg, const char *name),
		       void *arg)
{
	for (;;) {
		ssize_t n = getdents64(dir, buf, ENTRIES);

		if (n <= 0)
			return n ? -errno : 0;
		for (ssize_t at = 0; at < n;) {
			const struct dirent64 *d = (const void *)(buf + at);

			at += d->d_reclen;
			if (d->d_name[0] >= '0' && d->d_name[0] <= '9')
				fn(arg, d->d_name);
		}
	}
}

struct fds {
	struct walker *w;
	int dir;
};

static void on_fd(void *arg, const char *name)
{
	const struct fds *f = arg;

	look_at_fd(f->w, f->dir, name);
}

static void look_at_process(struct walker *w, uint32_t pid, char *buf)
{
	cleanup_close int dir = -1;
	struct fds f = { w, -1 };
	char path[32];
	int err;

	snprintf(path, sizeof(path), "%u/fd", pid);
	dir = openat(w->walk->proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	f.dir = dir;
	err = dir < 0 ? -errno : each_number(dir, buf, on_fd, &f);
	if (err == -ENOENT || err == -ESRCH)
		return; /* it ended */
	w->processes++;
	w->unreadable += err != 0;
}

static void *walk_some(void *arg)
{
	struct walker *w = arg;
	cleanup_free char *buf = malloc(ENTRIES);

	if (!buf)
		w->err = -ENOMEM;
	while (!w->err) {
		size_t i = atomic_fetch_add(&w->walk->next, 1);

		if (i >= w->walk->n_pids)
			break;
		w->current = (uint32_t)i;
		look_at_process(w, w->walk->pids[i], buf);
	}
	return NULL;
}

struct listing {
	struct walk *walk;
	int err;
};

static void on_pid(void *arg, const char *name)
{
	struct listing *l = arg;
	struct walk *w = l->walk;

	if (!l->err)
		l->err = grow((void **)&w->pids, w->n_pids, &w->room, sizeof(*w->pids));
	if (!l->err)
		w->pids[w->n_pids++] = (uint32_t)strtoul(name, NULL, 10);
}

static int list_pids(struct walk *w)
{
	cleanup_free char *buf = malloc(ENTRIES);
	struct listing l = { w, buf ? 0 : -ENOMEM };
	int err = l.err ? l.err : each_number(w->proc, buf, on_pid, &l);

	return err ? err : l.err;
}

/* The caller's thread is the first of them. */
static void walk_all(struct walker *w, unsigned n)
{
	pthread_t threads[MOST_THREADS];
	unsigned started = 1;

	while (started < n &&
	       !pthread_create(&threads[started], NULL, walk_some, &w[started]))
		started++;
	walk_some(&w[0]);
	for (unsigned i = 1; i < started; i++)
		pthread_join(threads[i], NULL);
}

/* Puts what the threads found behind what the first did. */
static int gather(struct walker *w, unsigned n, struct owners *o)
{
	size_t total = 0, at = w[0].n;
	struct owner_ref *refs;

	for (unsigned i = 0; i < n; i++) {
		if (w[i].err)
			return w[i].err;
		total += w[i].n;
		o->seen.processes += w[i].processes;
		o->seen.unreadable += w[i].unreadable;
		o->seen.rings += w[i].rings;
	}
	refs = realloc(w[0].refs, (total + 1) * sizeof(*refs));
	if (!refs)
		return -ENOMEM;
	w[0].refs = NULL;
	for (unsigned i = 1; i < n; i++) {
		if (w[i].n)
			memcpy(refs + at, w[i].refs, w[i].n * sizeof(*refs));
		at += w[i].n;
		free(w[i].refs);
		w[i].refs = NULL;
	}
	o->refs = refs;
	o->n_refs = total;
	return 0;
}

static unsigned threads_wanted(unsigned threads, size_t n_pids)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	if (!threads)
		threads = cpus < 1 ? 1 : (unsigned)cpus;
	if (threads > MOST_THREADS)
		threads = MOST_THREADS;
	return n_pids < threads ? (unsigned)n_pids + !n_pids : threads;
}

/* Process 1 is there in every PID namespace; the initial one has a number of its own
 * (PROC_PID_INIT_INO of the kernel). */
static void look_at_proc(int proc, struct owners_seen *seen)
{
	struct stat st;

	seen->hidepid = fstatat(proc, "1", &st, 0) && errno == ENOENT;
	seen->other_pidns = !fstatat(proc, "self/ns/pid", &st, 0) &&
			    st.st_ino != 0xeffffffc;
}

static int walk(struct owners *o, struct walk *k, unsigned threads)
{
	struct walker w[MOST_THREADS] = { 0 };
	unsigned n;
	int err = list_pids(k);

	if (err)
		return err;
	n = threads_wanted(threads, k->n_pids);
	for (unsigned i = 0; i < n; i++)
		w[i].walk = k;
	walk_all(w, n);
	err = gather(w, n, o);
	for (unsigned i = 0; i < n; i++)
		free(w[i].refs);
	return err ? err : owners_index(o, k->pids, k->n_pids);
}

int owners_read(unsigned threads, struct owners **out)
{
	struct walk k = { .proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC) };
	struct owners *o = calloc(1, sizeof(*o));
	int err = k.proc < 0 ? -errno : !o ? -ENOMEM : 0;

	*out = NULL;
	if (!err) {
		o->proc = k.proc;
		o->arena = arena_new();
		err = o->arena ? 0 : -ENOMEM;
		look_at_proc(k.proc, &o->seen);
	} else if (k.proc >= 0) {
		close(k.proc);
	}
	if (!err)
		err = walk(o, &k, threads);
	free(k.pids);
	if (err)
		owners_free(o);
	else
		*out = o;
	return err;
}
