/* SPDX-License-Identifier: MIT */
/*
 * Which TLS libraries a process maps. /proc/PID/maps holds the mmap lock of a busy worker
 * while it is written out, and a thousand processes with hundreds of mappings take most
 * of a second. So it is read once per image, not per process:
 *
 * - no loader is mapped: no library is;
 * - the same executable, as much code of libraries mapped (VmLib), and where the
 *   libraries of an image that was read lie behind the loader there lie the same files
 *   here, down to the lowest one: the same image. fork keeps the addresses; exec moves
 *   all of them together, since the loader maps the same files in the same order.
 *
 * Single mappings are asked for with PROCMAP_QUERY (Linux 6.11), which also leaves out
 * what is no code, or through the links of /proc/PID/map_files (root).
 */
#include <errno.h>
#include <inttypes.h>
#include <linux/ioctl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>

#include "../host/cleanup.h"
#include "programs.h"

/* struct procmap_query of linux/fs.h, for building with headers older than 6.11. */
struct map_query {
	uint64_t size, query_flags, query_addr;
	uint64_t vma_start, vma_end, vma_flags, vma_page_size, vma_offset, inode;
	uint32_t dev_major, dev_minor, vma_name_size, build_id_size;
	uint64_t vma_name_addr, build_id_addr;
};
#define MAP_QUERY _IOWR('f', 17, struct map_query)
enum { QUERY_EXEC = 0x04, QUERY_NEXT = 0x10, QUERY_FILE = 0x20 };

/* Smaller than any loader's code, larger than the vDSO. */
enum { LOADER_MIN = 64 << 10 };
enum { MAX_IMAGES = 4, MAX_WITNESSES = MAX_LIBS + 1, MAPS_MAX = 16 << 20 };
/* How far below the loader its libraries can be; the executable is further away. */
#define REGION_MAX ((uint64_t)1 << 36)

struct witness {
	uint64_t below, size; /* bytes from the loader down to its start; its length */
	struct host_id id;    /* as the way of asking tells it */
};

struct image {
	struct lib_set set;
	uint64_t base; /* AT_BASE of the process it was read from */
	struct witness seen[MAX_WITNESSES];
	size_t n_seen;
	struct image *next;
};

struct collect {
	struct scan *s;
	struct lib_set *set;
	uint64_t base;
	struct mapping lowest; /* of those the loader mapped; end 0: none */
};

static bool is_there(const struct lib_set *set, const struct mapping *m)
{
	for (size_t i = 0; i < set->n; i++)
		if (set->libs[i].at.ino == m->ino && set->libs[i].at.dev == m->dev)
			return true;
	return false;
}

static int take(struct collect *c, const struct mapping *m, struct mapped_name name)
{
	struct lib_set *set = c->set;
	struct lib_map *l = &set->libs[set->n];

	if (m->start < c->base && c->base - m->start < REGION_MAX &&
	    (!c->lowest.end || m->start < c->lowest.start))
		c->lowest = *m;
	if (name.what == MAPPED_OTHER || set->n == MAX_LIBS || is_there(set, m))
		return 0;
	*l = (struct lib_map){ *m, name };
	l->at.path.p = arena_strndup(c->s->f->arena, m->path.p, m->path.len);
	if (!l->at.path.p)
		return -ENOMEM;
	set->n++;
	set->n_tls += name.what == MAPPED_TLS;
	return 0;
}

static int take_text(struct collect *c, struct span text)
{
	struct span line;
	int err = 0;

	while (!err && next_line(&text, &line)) {
		struct mapping m;

		if (parse_maps_line(line, &m) && m.exec)
			err = take(c, &m, mapped_name(m.path));
	}
	return err;
}

/* name NULL: not wanted, it costs a walk up the tree. */
static int query(int fd, uint64_t addr, uint64_t flags, char *name, struct mapping *m)
{
	struct map_query q = {
		.size = sizeof(q),
		.query_flags = QUERY_EXEC | QUERY_FILE | flags,
		.query_addr = addr,
		.vma_name_size = name ? 4096 : 0,
		.vma_name_addr = (uintptr_t)name,
	};

	*m = (struct mapping){ 0 };
	if (ioctl(fd, MAP_QUERY, &q))
		return -errno;
	*m = (struct mapping){ .start = q.vma_start,
			       .end = q.vma_end,
			       .dev = makedev(q.dev_major, q.dev_minor),
			       .ino = q.inode,
			       .exec = true };
	if (name && q.vma_name_size)
		m->path = span(name, q.vma_name_size - 1);
	m->deleted = cut_deleted(&m->path);
	return 0;
}

/* What the file is called, asked for once unless it is one of those looked for. */
static int known_name(struct collect *c, int fd, struct mapping *m, char *name)
{
	static const struct mapped_name names[] = {
		{ MAPPED_OTHER, 0 },
		{ MAPPED_TLS, 0 }, /* the kind is found anew with the name */
	};
	const uint64_t key[IDMAP_KEY] = { m->dev, m->ino };
	const struct mapped_name *known = idmap_get(&c->s->files, key);
	struct mapped_name n = { 0 };
	struct mapping named;

	if (known && known->what == MAPPED_OTHER)
		return take(c, m, *known);
	if (!query(fd, m->start, 0, name, &named) && named.ino == m->ino) {
		*m = named;
		n = mapped_name(m->path);
	}
	if (!known &&
	    idmap_put(&c->s->files, key, (void *)&names[n.what != MAPPED_OTHER]))
		return -ENOMEM;
	return take(c, m, n);
}

/* -ENOTTY: this kernel does not know how. */
static int take_queried(struct collect *c, int fd)
{
	char name[4096] = ""; /* valgrind does not know that the ioctl fills it */
	struct mapping m;
	uint64_t addr = 0;
	int err;

	while (!(err = query(fd, addr, QUERY_NEXT, NULL, &m))) {
		addr = m.end;
		err = known_name(c, fd, &m, name);
		if (err)
			return err;
	}
	return err == -ENOENT ? 0 : err;
}

static int collect(struct collect *c, uint64_t pid)
{
	const struct read_opts o = { .max = MAPS_MAX, .head = true, .unrecorded = true };
	const struct pid_path path = pid_path(pid, "maps");
	cleanup_bytes struct bytes b = { 0 };
	int err = -ENOTTY;

	*c->set = (struct lib_set){ 0 };
	if (!c->s->no_query) {
		cleanup_close int fd = host_open_file(c->s->live, path.text);

		err = fd < 0 ? fd : take_queried(c, fd);
		/* -EINVAL: the loop-holes of an emulated kernel; -ENOSYS: QEMU's. */
		c->s->no_query = err == -ENOTTY || err == -EINVAL || err == -ENOSYS;
	}
	if (!c->s->no_query)
		return err;
	err = host_read(c->s->live, path.text, &o, &b);
	return err ? err : take_text(c, span_of(&b));
}

int maps_read_all(struct scan *s, uint64_t pid, struct lib_set *set)
{
	struct collect c = { .s = s, .set = set };

	return collect(&c, pid);
}

static int identify_mapping(struct scan *s, uint64_t pid, const struct mapping *at,
			    struct host_id *id)
{
	char name[64];
	int err;

	snprintf(name, sizeof(name), "map_files/%" PRIx64 "-%" PRIx64, at->start,
		 at->end);
	err = host_identify(s->live, pid_path(pid, name).text, id);
	s->no_map_files |= err == -EPERM || err == -EACCES;
	return err;
}

/* Which file lies exactly there; fd: of maps, < 0 without PROCMAP_QUERY. */
static bool lies_there(struct scan *s, uint64_t pid, int fd, const struct mapping *at,
		       struct host_id *id)
{
	struct mapping m;

	if (fd < 0)
		return !identify_mapping(s, pid, at, id);
	if (query(fd, at->start, 0, NULL, &m) || m.start != at->start || m.end != at->end)
		return false;
	*id = (struct host_id){ m.dev, m.ino, 0 };
	return true;
}

static bool is_same(struct scan *s, uint64_t pid, int fd, uint64_t base,
		    const struct image *img)
{
	for (size_t i = 0; i < img->n_seen; i++) {
		const struct witness *w = &img->seen[i];
		struct mapping at = { .start = base - w->below };
		struct host_id id;

		at.end = at.start + w->size;
		if (!lies_there(s, pid, fd, &at, &id) || id.dev != w->id.dev ||
		    id.ino != w->id.ino)
			return false;
	}
	return img->n_seen > 0;
}

static bool add_witness(struct scan *s, uint64_t pid, int fd, const struct mapping *m,
			struct image *img)
{
	struct witness *w = &img->seen[img->n_seen];

	if (m->start >= img->base || img->base - m->start >= REGION_MAX ||
	    !lies_there(s, pid, fd, m, &w->id))
		return false;
	w->below = img->base - m->start;
	w->size = m->end - m->start;
	img->n_seen++;
	return true;
}

/* One that cannot be told from others is not kept. */
static int keep_image(const struct collect *c, uint64_t pid, int fd, const uint64_t *key)
{
	struct image *img = arena_alloc(c->s->f->arena, sizeof(*img));
	struct image *first = idmap_get(&c->s->images, key);

	if (!img)
		return -ENOMEM;
	img->set = *c->set;
	img->base = c->base;
	if (!c->lowest.end || !add_witness(c->s, pid, fd, &c->lowest, img))
		return 0;
	for (size_t i = 0; i < img->set.n; i++)
		if (!add_witness(c->s, pid, fd, &img->set.libs[i].at, img))
			return 0;
	if (!first)
		return idmap_put(&c->s->images, key, img);
	img->next = first->next;
	first->next = img;
	return 0;
}

static void rebase(struct lib_set *set, uint64_t from, uint64_t to)
{
	for (size_t i = 0; i < set->n; i++) {
		set->libs[i].at.start += to - from;
		set->libs[i].at.end += to - from;
	}
}

static uint64_t at_base(struct scan *s, uint64_t pid)
{
	const struct read_opts o = { .max = 4096, .unrecorded = true };
	cleanup_bytes struct bytes b = { 0 };

	if (host_read(s->live, pid_path(pid, "auxv").text, &o, &b))
		return 0;
	return parse_at_base(span_of(&b));
}

/* Compares with the images known for the key, and reads it all where that fails. */
static int by_image(struct scan *s, uint64_t pid, const uint64_t *key,
		    struct lib_set *set)
{
	struct collect c = { .s = s, .set = set, .base = at_base(s, pid) };
	cleanup_close int fd = -1;
	int err, tried = 0;

	if (c.base && !s->no_query)
		fd = host_open_file(s->live, pid_path(pid, "maps").text);
	if (c.base && (fd >= 0 || s->no_query))
		for (const struct image *i = idmap_get(&s->images, key); i; i = i->next) {
			tried++;
			if (!is_same(s, pid, fd, c.base, i))
				continue;
			*set = i->set;
			rebase(set, i->base, c.base);
			return 0;
		}
	err = collect(&c, pid);
	if (err || !c.base || tried >= MAX_IMAGES || (fd < 0 && !s->no_query))
		return err;
	return keep_image(&c, pid, s->no_query ? -1 : fd, key);
}

int maps_libraries(struct scan *s, uint64_t pid, const struct host_id *exe,
		   struct lib_set *set)
{
	const struct read_opts o = { .max = 65536, .unrecorded = true };
	uint64_t key[IDMAP_KEY] = { exe->dev, exe->ino };
	cleanup_bytes struct bytes b = { 0 };
	int err = host_read(s->live, pid_path(pid, "status").text, &o, &b);

	*set = (struct lib_set){ 0 };
	if (err)
		return err;
	key[2] = parse_vmlib(span_of(&b));
	if (key[2] < LOADER_MIN)
		return 0;
	if (s->no_query && s->no_map_files)
		return maps_read_all(s, pid, set);
	return by_image(s, pid, key, set);
}

/* Opens exactly what is mapped, also where its name is gone or leads elsewhere. */
int maps_file(struct scan *s, uint64_t pid, const struct mapping *at, struct bytes *b)
{
	const struct read_opts o = { .max = 64 << 20, .unrecorded = true };
	cleanup_host struct host *own = NULL;
	struct host *root;
	char name[64];
	int err;

	snprintf(name, sizeof(name), "map_files/%" PRIx64 "-%" PRIx64, at->start,
		 at->end);
	err = host_read(s->live, pid_path(pid, name).text, &o, b);
	if (!err || at->deleted)
		return err;
	/* The kernel writes a path as it is in our mount namespace, where it can. */
	root = namespace_of(s, pid, "mnt") == s->mntns ? s->live
						       : process_root(s, pid, &own);
	return root ? host_read(root, at->path.p, &o, b) : -EACCES;
}
