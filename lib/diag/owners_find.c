// SPDX-License-Identifier: MIT
/* Looking up what the walk found: sorted by inode, processes read when they are asked
 * for.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "../host/cleanup.h"
#include "owners_priv.h"

enum { DIGIT = 11, BUCKETS = 1 << DIGIT };

/* One digit of a radix sort, from a to b; keeps the order of equals. */
static void sort_digit(const struct owner_ref *a, struct owner_ref *b, size_t n,
		       unsigned shift)
{
	size_t at[BUCKETS] = { 0 }, sum = 0;

	for (size_t i = 0; i < n; i++)
		at[a[i].inode >> shift & (BUCKETS - 1)]++;
	for (size_t i = 0; i < BUCKETS; i++) {
		size_t count = at[i];

		at[i] = sum;
		sum += count;
	}
	for (size_t i = 0; i < n; i++)
		b[at[a[i].inode >> shift & (BUCKETS - 1)]++] = a[i];
}

/* Three digits of 11 bits: the last one lands in the other array. */
static int sort_refs(struct owners *o)
{
	struct owner_ref *other = malloc((o->n_refs + 1) * sizeof(*other));

	if (!other)
		return -ENOMEM;
	sort_digit(o->refs, other, o->n_refs, 0);
	sort_digit(other, o->refs, o->n_refs, DIGIT);
	sort_digit(o->refs, other, o->n_refs, 2 * DIGIT);
	free(o->refs);
	o->refs = other;
	return 0;
}

/* A process that has a socket open several times stands next to itself. */
static void drop_doubles(struct owners *o)
{
	size_t n = 0;

	for (size_t i = 0; i < o->n_refs; i++)
		if (!n || memcmp(&o->refs[n - 1], &o->refs[i], sizeof(o->refs[i])) != 0)
			o->refs[n++] = o->refs[i];
	o->n_refs = n;
}

int owners_index(struct owners *o, const uint32_t *pids, size_t n_pids)
{
	cleanup_free uint32_t *numbers = calloc(n_pids + 1, sizeof(*numbers));

	if (!numbers)
		return -ENOMEM;
	for (size_t i = 0; i < o->n_refs; i++) {
		uint32_t *number = &numbers[o->refs[i].owner];

		if (!*number)
			*number = (uint32_t)++o->n_owners;
		o->refs[i].owner = *number - 1;
	}
	o->owners = calloc(o->n_owners + 1, sizeof(*o->owners));
	if (!o->owners)
		return -ENOMEM;
	for (size_t i = 0; i < n_pids; i++)
		if (numbers[i])
			o->owners[numbers[i] - 1].pid = pids[i];
	if (sort_refs(o))
		return -ENOMEM;
	drop_doubles(o);
	return 0;
}

const struct owner_ref *owners_find(const struct owners *o, uint32_t inode, size_t *n)
{
	size_t low = 0, high = o->n_refs;

	*n = 0;
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (o->refs[mid].inode < inode)
			low = mid + 1;
		else
			high = mid;
	}
	while (low + *n < o->n_refs && o->refs[low + *n].inode == inode)
		++*n;
	return *n ? &o->refs[low] : NULL;
}

static size_t read_file(const struct owners *o, uint32_t pid, const char *name, char *buf,
			size_t size)
{
	cleanup_close int fd = -1;
	char path[32];
	ssize_t n;

	snprintf(path, sizeof(path), "%u/%s", pid, name);
	fd = openat(o->proc, path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, buf, size);
	return n < 0 ? 0 : (size_t)n;
}

static const char *keep(struct owners *o, struct span s)
{
	const char *copy = s.len ? arena_strndup(o->arena, s.p, s.len) : NULL;

	return copy ? copy : "";
}

const struct owner *owners_look(struct owners *o, uint32_t owner)
{
	struct owner *p = &o->owners[owner];
	struct stat_line stat = { .cpu = -1 };
	struct cgroup_path cgroup;
	char buf[4096];
	size_t n;

	if (p->looked_at)
		return p;
	n = read_file(o, p->pid, "stat", buf, sizeof(buf));
	p->ended = !n || !parse_stat(span(buf, n), &stat);
	p->comm = keep(o, stat.comm);
	p->cpu = stat.cpu;
	n = p->ended ? 0 : read_file(o, p->pid, "cgroup", buf, sizeof(buf));
	cgroup = parse_cgroup(span(buf, n));
	p->cgroup = keep(o, cgroup.path);
	p->unit = keep(o, cgroup.unit);
	p->looked_at = true;
	return p;
}

const struct owner *owners_get(const struct owners *o, uint32_t owner)
{
	return &o->owners[owner];
}

const struct owners_seen *owners_seen(const struct owners *o)
{
	return &o->seen;
}

void owners_free(struct owners *o)
{
	if (!o)
		return;
	close(o->proc);
	arena_free(o->arena);
	free(o->refs);
	free(o->owners);
	free(o);
}
