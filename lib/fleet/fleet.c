/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../host/arena.h"
#include "fleet.h"

/* line 0: of the whole file */
static int name_problem(struct fleet *f, uint64_t line, const char *why)
{
	struct arena *a = f->store.arena;
	struct fleet_problem *p = &f->in.problems[f->in.n_problems];

	if (f->in.n_problems == FLEET_PROBLEMS)
		return 0;
	p->where = line ? arena_printf(a, "%s:%" PRIu64, f->file, line)
			: arena_strdup(a, f->file);
	p->why = arena_strdup(a, why);
	if (!p->where || !p->why)
		return -ENOMEM;
	f->in.n_problems++;
	return 0;
}

static int take(const struct entry *e, enum entry_kind kind, void *arg)
{
	struct fleet *f = arg;
	struct store_host h;
	int took = store_add(&f->store, e, kind, &h);

	if (took != STORE_UNMATCHED)
		return took < 0 ? took : 0;
	f->in.unmatched++;
	return f->unmatched ? f->unmatched(&h, f->arg) : 0;
}

static int problem(const struct entry_problem *p, void *arg)
{
	struct fleet *f = arg;
	uint64_t *const counts[BAD_KINDS] = { [BAD_JSON] = &f->in.malformed,
					      [BAD_SCHEMA] = &f->in.foreign,
					      [BAD_LONG] = &f->in.too_long };

	++*counts[p->bad];
	return name_problem(f, p->line, p->why);
}

int fleet_init(struct fleet *f)
{
	int err;

	*f = (struct fleet){ .reader = { take, problem, f, arena_new() } };
	err = store_init(&f->store);
	if (err || !f->reader.arena)
		return -ENOMEM;
	f->in.problems = arena_alloc(f->store.arena,
				     FLEET_PROBLEMS * sizeof(*f->in.problems));
	return f->in.problems ? 0 : -ENOMEM;
}

void fleet_free(struct fleet *f)
{
	arena_free(f->reader.arena);
	store_free(&f->store);
}

static int not_read(struct fleet *f, int err)
{
	if (!f->in.unreadable++) {
		f->unreadable = f->file;
		f->unreadable_err = err;
	}
	return name_problem(f, 0, strerror(-err));
}

int fleet_unreadable(struct fleet *f, const char *name, int err)
{
	f->file = name;
	f->in.files++;
	return not_read(f, err);
}

int fleet_read_fd(struct fleet *f, int fd, const char *name)
{
	struct split s = { .piece = entries_of_piece, .arg = &f->reader };
	int read_err, err;

	f->file = name;
	f->in.files++;
	err = split_fd(&s, fd, &read_err);
	split_free(&s);
	f->in.bytes += s.bytes;
	if (err || !read_err)
		return err;
	return not_read(f, read_err);
}

int fleet_read_text(struct fleet *f, const char *text, const char *name)
{
	const struct piece p = { text, strlen(text), 1 };

	f->file = name;
	f->in.files++;
	f->in.bytes += p.len;
	return entries_of_piece(&p, &f->reader);
}

/* 20261121113951 as it was read; "" for 0. */
static const char *time_text(struct fleet *f, uint64_t t)
{
	unsigned part[5];

	if (!t)
		return "";
	for (size_t i = 0; i < 5; i++, t /= 100)
		part[i] = (unsigned)(t % 100);
	return arena_printf(f->store.arena, "%04" PRIu64 "-%02u-%02uT%02u:%02u:%02uZ", t,
			    part[4], part[3], part[2], part[1], part[0]);
}

int fleet_input(struct fleet *f, struct fleet_input *in)
{
	*in = f->in;
	in->rollups = f->store.documents[ENTRY_ROLLUP];
	in->reports = f->store.documents[ENTRY_REPORT];
	in->superseded = f->store.superseded;
	in->crowded = f->store.crowded;
	in->oldest = time_text(f, f->store.oldest);
	in->newest = time_text(f, f->store.newest);
	return in->oldest && in->newest ? 0 : -ENOMEM;
}

bool fleet_complete(const struct fleet *f)
{
	return !f->in.unreadable && !f->store.crowded &&
	       (f->unmatched || !f->in.unmatched);
}
