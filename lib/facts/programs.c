/* SPDX-License-Identifier: MIT */
/*
 * Who speaks TLS on this machine: one walk over /proc, each process looked at once and
 * put to those with the same executable, root and libraries.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../host/cleanup.h"
#include "programs.h"

const char *const tls_kind_words[] = { "openssl", "gnutls", "boringssl", "libressl",
				       "wolfssl", "go",     "java",      "rustls",
				       "unsure",  NULL };

struct member {
	uint32_t pid;
	struct member *next;
};

struct group {
	struct program p;
	struct member *members; /* a list */
	struct group *next;
};

/* One process, as far as telling it from others goes. */
struct seen {
	uint64_t pid;
	struct host_id exe;
	struct lib_set set;
	const struct exe_info *info; /* NULL: it maps a library, nobody looked */
};

struct pid_path pid_path(uint64_t pid, const char *name)
{
	struct pid_path p;

	snprintf(p.text, sizeof(p.text), "/proc/%" PRIu64 "/%s", pid, name);
	return p;
}

bool is_pid(const char *name)
{
	return *name && strspn(name, "0123456789") == strlen(name);
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

bool scan_is_over(const struct scan *s)
{
	return now_ns() >= s->deadline;
}

uint64_t namespace_of(struct scan *s, uint64_t pid, const char *name)
{
	struct host_id id = { 0 };
	char path[16];

	snprintf(path, sizeof(path), "ns/%s", name);
	return host_identify(s->live, pid_path(pid, path).text, &id) ? 0 : id.ino;
}

/* The libcrypto we run with, numbered as the kernel numbers mappings (which on btrfs and
 * overlayfs is not what stat(2) says). */
static int look_at_ourselves(struct scan *s)
{
	uint64_t self = (uint64_t)getpid();
	struct lib_set set;
	int err = maps_read_all(s, self, &set);

	for (size_t i = 0; i < set.n; i++)
		if (set.libs[i].name.what == MAPPED_CRYPTO)
			s->own_crypto = (struct host_id){ set.libs[i].at.dev,
							  set.libs[i].at.ino, 0 };
	s->mntns = namespace_of(s, self, "mnt");
	s->netns = namespace_of(s, self, "net");
	s->userns = namespace_of(s, self, "user");
	host_identify(s->live, "/proc/self/root", &s->root);
	return err == -ENOMEM ? err : 0;
}

int scan_open(struct scan *s, struct host *h, struct facts *f)
{
	uint64_t ms = f->query.max_time_ms ? f->query.max_time_ms : FACTS_MAX_TIME_MS;
	int err;

	*s = (struct scan){ .h = h, .f = f };
	s->deadline = ms > UINT32_MAX ? UINT64_MAX : now_ns() + ms * 1000000;
	s->files.arena = s->images.arena = s->executables.arena = f->arena;
	s->libraries.arena = s->groups.arena = f->arena;
	err = host_open(&s->live, NULL);
	return err ? err : look_at_ourselves(s);
}

void scan_close(struct scan *s)
{
	host_close(s->live);
}

static bool same_id(const struct host_id *a, const struct host_id *b)
{
	return a->ino == b->ino && a->dev == b->dev;
}

static int look_at(struct scan *s, uint64_t pid, struct seen *out)
{
	int err;

	*out = (struct seen){ .pid = pid };
	err = host_identify(s->live, pid_path(pid, "exe").text, &out->exe);
	if (!err)
		err = maps_libraries(s, pid, &out->exe, &out->set);
	if (err || out->set.n_tls)
		return err;
	out->info = exe_info_of(s, pid, &out->exe);
	return out->info ? 0 : -ENOMEM;
}

static bool is_interesting(const struct seen *p)
{
	return p->set.n_tls || p->info->server || p->info->library.kind != TLS_KIND_COUNT;
}

static uint64_t mix(uint64_t a, uint64_t b)
{
	return (a ^ (b + 0x9e3779b97f4a7c15u + (a << 6) + (a >> 2))) * 0xff51afd7ed558ccd;
}

/* What the path is inside the process's root. Where a root is a folder of ours, the
 * kernel shows paths from our point of view. */
static const char *inside(struct scan *s, const char *root, const char *path)
{
	size_t n = strlen(root);

	if (n > 1 && !strncmp(path, root, n) && path[n] == '/')
		path += n;
	return arena_strdup(s->f->arena, path);
}

static void root_link(struct scan *s, uint64_t pid, char *buf, size_t size)
{
	if (host_readlink(s->live, pid_path(pid, "root").text, buf, size))
		snprintf(buf, size, "/");
}

/*
 * A server that shut itself into an empty folder once it was up (HAProxy's workers do)
 * belongs to the root it was started in: its executable lies outside of the folder.
 */
static struct host_id start_root(struct scan *s, uint64_t pid, uint64_t mntns)
{
	char root[4096], exe[4096];
	struct host_id id = { 0 };
	size_t n;

	if (host_identify(s->live, pid_path(pid, "root").text, &id) ||
	    same_id(&id, &s->root) || mntns != s->mntns)
		return id;
	root_link(s, pid, root, sizeof(root));
	n = strlen(root);
	if (!host_readlink(s->live, pid_path(pid, "exe").text, exe, sizeof(exe)) &&
	    (strncmp(exe, root, n) != 0 || exe[n] != '/'))
		return s->root;
	return id;
}

struct host *process_root(struct scan *s, uint64_t pid, struct host **own)
{
	uint64_t mntns = namespace_of(s, pid, "mnt");
	const struct pid_path path = pid_path(pid, "root");
	struct host_id id = start_root(s, pid, mntns);

	if (id.ino && same_id(&id, &s->root) && mntns == s->mntns)
		return s->live;
	return host_note(s->h, "root", path.text, host_open(own, path.text)) ? NULL
									     : *own;
}

static void group_key(struct scan *s, const struct seen *p, uint64_t *key)
{
	uint64_t mntns = namespace_of(s, p->pid, "mnt"), libs = 0;
	struct host_id root = start_root(s, p->pid, mntns);

	/* A sum: the order they were mapped in is no difference. */
	for (size_t i = 0; i < p->set.n; i++) {
		const struct mapping *m = &p->set.libs[i].at;

		if (p->set.libs[i].name.what == MAPPED_TLS)
			libs += mix(mix(m->dev, m->ino), m->deleted);
	}
	key[0] = p->exe.dev;
	key[1] = p->exe.ino;
	key[2] = mix(mix(mntns, root.dev), root.ino);
	key[3] = libs;
}

static int fill_libraries(struct scan *s, const struct seen *p, struct program *out)
{
	struct tls_library *l;
	char root[4096];
	size_t n = 0;

	l = arena_alloc(s->f->arena, (p->set.n_tls + 1) * sizeof(*l));
	if (!l)
		return -ENOMEM;
	root_link(s, p->pid, root, sizeof(root));
	for (size_t i = 0; i < p->set.n; i++) {
		const struct tls_library *found;

		if (p->set.libs[i].name.what != MAPPED_TLS)
			continue;
		found = library_of(s, p->pid, &p->set, i);
		if (!found)
			return -ENOMEM;
		l[n] = *found;
		l[n].path = inside(s, root, found->path);
		if (!l[n++].path)
			return -ENOMEM;
	}
	if (p->info && p->info->library.kind != TLS_KIND_COUNT)
		l[n++] = p->info->library;
	out->libraries = l;
	out->n_libraries = n;
	return 0;
}

static struct group *new_group(struct scan *s, const uint64_t *key, uint64_t pid)
{
	struct group *g = arena_alloc(s->f->arena, sizeof(*g));

	if (!g || idmap_put(&s->groups, key, g))
		return NULL;
	g->p.pid = pid;
	g->next = s->all;
	s->all = g;
	s->n_groups++;
	return g;
}

static int add_member(struct scan *s, struct group *g, uint64_t pid)
{
	struct member *m = arena_alloc(s->f->arena, sizeof(*m));

	if (!m)
		return -ENOMEM;
	*m = (struct member){ (uint32_t)pid, g->members };
	g->members = m;
	g->p.processes++;
	if (pid < g->p.pid)
		g->p.pid = pid;
	s->f->programs.n_processes++;
	return 0;
}

static int add_process(struct scan *s, const struct seen *p)
{
	uint64_t key[IDMAP_KEY];
	struct group *g;

	group_key(s, p, key);
	g = idmap_get(&s->groups, key);
	if (!g) {
		g = new_group(s, key, p->pid);
		if (!g || fill_libraries(s, p, &g->p))
			return -ENOMEM;
	}
	return add_member(s, g, p->pid);
}

/* Its name is all that can be seen of it, and a name proves nothing. */
static int add_unreadable(struct scan *s, uint64_t pid)
{
	uint64_t key[IDMAP_KEY] = { UINT64_MAX };
	struct tls_library *l;
	struct group *g;
	char comm[32];

	s->f->programs.unreadable++;
	if (host_read_line(s->live, pid_path(pid, "comm").text, comm, sizeof(comm)) ||
	    !is_tls_name(span(comm, strlen(comm)), true))
		return 0;
	memcpy(&key[1], comm, 2 * sizeof(key[0]));
	g = idmap_get(&s->groups, key);
	if (!g) {
		g = new_group(s, key, pid);
		l = g ? arena_alloc(s->f->arena, sizeof(*l)) : NULL;
		if (!l)
			return -ENOMEM;
		*l = (struct tls_library){ TLS_UNSURE, .path = "", .version = "" };
		l->evidence = "name";
		g->p.libraries = l;
		g->p.n_libraries = 1;
	}
	return add_member(s, g, pid);
}

/* A thread of the kernel has no memory; that anybody may see, unlike its executable. */
static bool has_memory(struct scan *s, uint64_t pid)
{
	char line[128];

	return !host_read_line(s->live, pid_path(pid, "statm").text, line,
			       sizeof(line)) &&
	       strncmp(line, "0 ", 2) != 0;
}

static int visit(void *arg, const char *name)
{
	struct scan *s = arg;
	uint64_t pid = strtoull(name, NULL, 10);
	struct seen p;
	int err;

	if (pid == (uint64_t)getpid())
		return 0;
	if (scan_is_over(s)) {
		s->f->programs.left_out++;
		return 0;
	}
	err = look_at(s, pid, &p);
	/* A thread of the kernel has no executable; others end while we look. */
	if (err == -ENOENT || err == -ESRCH)
		return 0;
	if (err && err != -ENOMEM && !has_memory(s, pid))
		return 0;
	s->f->programs.scanned++;
	if (err && err != -ENOMEM)
		return add_unreadable(s, pid);
	return err || !is_interesting(&p) ? err : add_process(s, &p);
}

static enum tristate same(uint64_t theirs, uint64_t ours)
{
	if (!theirs || !ours)
		return TRI_UNKNOWN;
	return theirs == ours ? TRI_YES : TRI_NO;
}

/* What is only asked of one process of each program. */
static int finish(struct scan *s, struct program *p)
{
	char comm[64] = "", exe[4096] = "", root[4096];
	struct span path;
	struct host_id id;

	host_read_line(s->live, pid_path(p->pid, "comm").text, comm, sizeof(comm));
	host_readlink(s->live, pid_path(p->pid, "exe").text, exe, sizeof(exe));
	path = span(exe, strlen(exe));
	p->exe_deleted = cut_deleted(&path);
	exe[path.len] = '\0';
	root_link(s, p->pid, root, sizeof(root));
	p->comm = arena_strdup(s->f->arena, comm);
	p->exe = inside(s, root, exe);
	p->same_netns = same(namespace_of(s, p->pid, "net"), s->netns);
	p->same_userns = same(namespace_of(s, p->pid, "user"), s->userns);
	if (!host_identify(s->live, pid_path(p->pid, "root").text, &id))
		p->same_root = same_id(&id, &s->root) ? TRI_YES : TRI_NO;
	p->conf = (struct server_conf){ "", "", "", .at = "" };
	if (!p->comm || !p->exe)
		return -ENOMEM;
	return read_server_conf(s, p);
}

int scan_one(struct scan *s, uint64_t pid, struct program *out)
{
	struct seen p;
	int err = look_at(s, pid, &p);

	*out = (struct program){ .pid = pid, .processes = 1 };
	if (!err)
		err = fill_libraries(s, &p, out);
	return finish(s, out) ? -ENOMEM : err;
}

int add_program(struct facts *f, const struct program *p)
{
	struct programs_facts *l = &f->programs;
	struct program *v = arena_grow(f->arena, l->programs, l->n_programs, sizeof(*v));

	if (!v)
		return -ENOMEM;
	l->programs = v;
	v[l->n_programs++] = *p;
	return 0;
}

static int by_pid(const void *a, const void *b)
{
	const struct program *x = a, *y = b;

	return x->pid < y->pid ? -1 : x->pid > y->pid;
}

static int by_process(const void *a, const void *b)
{
	const struct tls_process *x = a, *y = b;

	return x->pid < y->pid ? -1 : x->pid > y->pid;
}

static int list_processes(struct scan *s)
{
	struct programs_facts *out = &s->f->programs;
	struct tls_process *v;
	size_t n = 0;

	v = arena_alloc(s->f->arena, (out->n_processes + 1) * sizeof(*v));
	if (!v)
		return -ENOMEM;
	for (const struct group *g = s->all; g; g = g->next)
		for (const struct member *m = g->members; m; m = m->next)
			v[n++] = (struct tls_process){ m->pid, (uint32_t)g->p.pid };
	qsort(v, n, sizeof(*v), by_process);
	out->processes = v;
	out->n_processes = n;
	return 0;
}

const struct program *program_of(const struct facts *f, uint32_t pid)
{
	const struct programs_facts *l = &f->programs;
	const struct tls_process key = { .pid = pid }, *found = NULL;
	struct program wanted = { 0 };

	if (l->n_processes)
		found = bsearch(&key, l->processes, l->n_processes, sizeof(key),
				by_process);
	if (!found)
		return NULL;
	wanted.pid = found->program;
	return bsearch(&wanted, l->programs, l->n_programs, sizeof(wanted), by_pid);
}

int scan_all(struct scan *s)
{
	struct programs_facts *out = &s->f->programs;
	int err = host_list(s->live, "/proc", is_pid, visit, s);

	host_note(s->h, "list", "/proc", err);
	for (struct group *g = s->all; g && !err; g = g->next) {
		err = finish(s, &g->p);
		if (!err)
			err = add_program(s->f, &g->p);
	}
	if (!err)
		err = list_processes(s);
	if (out->n_programs)
		qsort(out->programs, out->n_programs, sizeof(*out->programs), by_pid);
	return err;
}

void read_programs(struct host *h, struct facts *f)
{
	struct host_id first;
	struct scan s;
	int err;

	if (!host_is_live(h))
		return;
	f->programs.src.where = "/proc";
	err = scan_open(&s, h, f);
	if (!err) {
		/* Opened with O_PATH it would be there; stat(2) tells. */
		f->programs.hidepid = host_identify(s.live, "/proc/1", &first) == -ENOENT;
		err = f->query.pid ? read_target(&s, f->query.pid) : scan_all(&s);
	}
	f->programs.src.err = err;
	scan_close(&s);
}
