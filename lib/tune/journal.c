/* SPDX-License-Identifier: MIT */
/* Reading and writing the journal; journal.h says what it is. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../host/cleanup.h"
#include "journal.h"

#define JOURNALS TUNE_STATE "/journal"

/* A key has a few lines; this is a few thousand keys. */
enum { JOURNAL_MAX = 4 << 20 };

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* "" and none are one in the file; NULL is what the struct has. */
static const char *some(const char *s)
{
	return s && *s ? s : NULL;
}

static const char *copy(struct journal *j, const char *s)
{
	return some(s) ? arena_strdup(j->arena, s) : NULL;
}

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static struct journal_place *find_place(const struct journal *j,
					const struct journal_line *l)
{
	for (size_t i = j->n_places; i-- > 0;)
		if (same(j->places[i].key, l->key) &&
		    same(j->places[i].file, some(l->file)))
			return &j->places[i];
	return NULL;
}

const struct journal_item *journal_item(const struct journal *j, const char *key)
{
	for (size_t i = 0; i < j->head.n_items; i++)
		if (!strcmp(j->head.items[i].key, key))
			return &j->head.items[i];
	return NULL;
}

static int add_place(struct journal *j, const struct journal_line *l)
{
	const struct journal_item *item = journal_item(j, l->key);
	struct journal_place *p;

	/* A key that was not planned: not a line of this program's. */
	if (!item) {
		j->bad++;
		return 0;
	}
	p = arena_grow(j->arena, j->places, j->n_places, sizeof(*p));
	if (!p)
		return -ENOMEM;
	j->places = p;
	p += j->n_places++;
	*p = (struct journal_place){
		.tunable = tunable_find(item->tunable),
		.key = item->key,
		.device = item->device,
		.file = copy(j, l->file),
		.from = copy(j, l->from),
		.to = copy(j, l->to),
	};
	return !p->file == !some(l->file) && !p->from == !some(l->from) && p->to
		       ? 0
		       : -ENOMEM;
}

static int take_place(struct journal *j, const struct journal_line *l)
{
	struct journal_place *p = find_place(j, l);

	if (l->step == STEP_WRITE && some(l->to) && (!p || p->restored))
		return add_place(j, l);
	if (!p) {
		j->bad++;
		return 0;
	}
	if (l->step == STEP_WROTE)
		p->now = copy(j, l->now);
	else if (l->step == STEP_AGAIN)
		p->again = copy(j, l->now);
	else if (l->step == STEP_KEPT)
		p->again = NULL;
	else if (l->step == STEP_RESTORED)
		p->restored = true;
	return 0;
}

static int take_folder(struct journal *j, const struct journal_line *l)
{
	const char **v;

	if (!some(l->file)) {
		j->bad++;
		return 0;
	}
	v = arena_grow(j->arena, j->folders, j->n_folders, sizeof(*v));
	if (!v)
		return -ENOMEM;
	j->folders = v;
	v[j->n_folders] = copy(j, l->file);
	return v[j->n_folders++] ? 0 : -ENOMEM;
}

/* What a line says, said of j. */
static int take(struct journal *j, const struct journal_line *l)
{
	j->last_ms = l->time_ms;
	switch (l->step) {
	case STEP_APPLIED:
		j->applied = true;
		return 0;
	case STEP_CONFIRMED:
		j->confirmed = true;
		return 0;
	case STEP_UNDONE:
	case STEP_REVERTED:
		j->over = true;
		j->undone = l->step == STEP_UNDONE;
		return 0;
	case STEP_FOLDER:
		return take_folder(j, l);
	default:
		if (l->key)
			return take_place(j, l);
		j->bad++;
		return 0;
	}
}

static int take_line(struct journal *j, struct span line)
{
	cleanup_arena struct arena *a = arena_new();
	struct doc_input in = { .text = line.p, .len = line.len, .arena = a };
	struct journal_line l = { 0 };
	int err = a ? doc_from_json(&journal_line_fields, &l, &in) : -ENOMEM;

	if (err == -EBADMSG) {
		j->bad++;
		return 0;
	}
	return err ? err : take(j, &l);
}

int journal_parse(struct journal *j, struct span text)
{
	int err = 0;

	while (text.len && !err) {
		struct span line;

		/* The end of one that was never written to its end: nothing was done. */
		j->cut = !cut_at(&text, '\n', &line);
		if (j->cut)
			break;
		if (line.len)
			err = take_line(j, line);
	}
	return err;
}

int journal_add(struct journal *j, const struct journal_line *line)
{
	struct journal_line l = *line;
	cleanup_free char *json = NULL, *text = NULL;
	char path[96];
	int err;

	l.time_ms = now_ms();
	l.boot_id = j->boot_id;
	json = doc_to_json(&journal_line_fields, &l, false);
	if (!json || asprintf(&text, "%s%s\n", j->cut ? "\n" : "", json) < 0) {
		text = NULL;
		return -ENOMEM;
	}
	snprintf(path, sizeof(path), "%s/journal", j->dir);
	err = host_append(j->h, path, text, strlen(text));
	/* Part of the line may be there. */
	j->cut = err;
	return err ? err : take(j, &l);
}

bool journal_same_boot(const struct journal *j)
{
	return !strcmp(j->boot_id, j->head.boot_id);
}

void journal_close(struct journal *j)
{
	if (!j)
		return;
	arena_free(j->arena);
	free(j);
}

static int journal_new(struct host *h, const char *id, struct journal **out)
{
	struct journal *j = calloc(1, sizeof(*j));
	int err;

	*out = j;
	if (!j)
		return -ENOMEM;
	j->h = h;
	j->arena = arena_new();
	if (!j->arena)
		return -ENOMEM;
	snprintf(j->id, sizeof(j->id), "%s", id);
	snprintf(j->dir, sizeof(j->dir), JOURNALS "/%.*s", TUNE_ID_MAX, id);
	err = host_read_line(h, "/proc/sys/kernel/random/boot_id", j->boot_id,
			     sizeof(j->boot_id));
	return err == -ENOENT ? 0 : err;
}

static int read_head(struct journal *j)
{
	const struct read_opts o = { .max = JOURNAL_MAX, .unrecorded = true };
	struct doc_input in = { .arena = j->arena };
	cleanup_bytes struct bytes b = { 0 };
	char path[96];
	int err;

	snprintf(path, sizeof(path), "%s/snapshot.json", j->dir);
	err = host_read(j->h, path, &o, &b);
	/* Killed between making the folder and this file: nothing was changed. */
	if (err == -ENOENT && !host_probe(j->h, j->dir))
		return -ENODATA;
	if (err)
		return err;
	in.text = b.data;
	in.len = b.len;
	return doc_from_json(&journal_head_fields, &j->head, &in);
}

static int read_lines(struct journal *j)
{
	const struct read_opts o = { .max = JOURNAL_MAX, .unrecorded = true };
	cleanup_bytes struct bytes b = { 0 };
	char path[96];
	int err;

	snprintf(path, sizeof(path), "%s/journal", j->dir);
	err = host_read(j->h, path, &o, &b);
	if (err)
		return err == -ENOENT ? 0 : err;
	return journal_parse(j, span(b.data, b.len));
}

/* A number as this program writes them; nothing else names a folder of it. */
static bool is_id(const char *id)
{
	size_t digits = strspn(id, "0123456789");

	return digits && digits < 10 && !id[digits] && id[0] != '0';
}

int journal_open(struct host *h, const char *id, struct journal **out)
{
	int err = is_id(id) ? journal_new(h, id, out) : -ENOENT;

	if (!is_id(id))
		*out = NULL;
	if (!err)
		err = read_head(*out);
	if (!err)
		err = read_lines(*out);
	if (err) {
		journal_close(*out);
		*out = NULL;
	}
	return err;
}

static int make_dirs(struct host *h)
{
	static const char *const dirs[] = { TUNE_STATE, JOURNALS };
	int err = 0;

	for (size_t i = 0; i < ARRAY_SIZE(dirs) && !err; i++) {
		if (!host_probe(h, dirs[i]))
			continue;
		err = host_mkdir(h, dirs[i], 0700);
		if (err == -EEXIST)
			err = 0;
	}
	return err;
}

int journal_lock(struct host *h, bool wait)
{
	int err = make_dirs(h);

	return err ? err : host_lock(h, TUNE_STATE "/lock", wait);
}

struct ids {
	struct arena *arena;
	const char **v;
	size_t n;
};

static int add_id(void *arg, const char *name)
{
	struct ids *l = arg;
	const char **v;

	if (!is_id(name))
		return 0;
	v = arena_grow(l->arena, l->v, l->n, sizeof(*v));
	if (!v)
		return -ENOMEM;
	l->v = v;
	v[l->n] = arena_strdup(l->arena, name);
	return v[l->n++] ? 0 : -ENOMEM;
}

static int by_number(const void *a, const void *b)
{
	return atoi(*(const char *const *)a) - atoi(*(const char *const *)b);
}

int journal_list(struct host *h, struct arena *a, const char ***ids, size_t *n)
{
	struct ids l = { .arena = a };
	int err = host_scan(h, JOURNALS, add_id, &l);

	if (l.n)
		qsort(l.v, l.n, sizeof(*l.v), by_number);
	*ids = l.v;
	*n = l.n;
	return err == -ENOENT ? 0 : err;
}

/* The next number's folder. */
static int make_next(struct host *h, char *id, size_t size)
{
	cleanup_arena struct arena *a = arena_new();
	const char **ids;
	char dir[96];
	size_t n;
	int err = a ? journal_list(h, a, &ids, &n) : -ENOMEM;

	if (err)
		return err;
	snprintf(id, size, "%d", n ? atoi(ids[n - 1]) + 1 : 1);
	snprintf(dir, sizeof(dir), JOURNALS "/%s", id);
	return host_mkdir(h, dir, 0700);
}

static int write_head(struct journal *j)
{
	cleanup_free char *json = doc_to_json(&journal_head_fields, &j->head, true);
	char path[96];

	if (!json)
		return -ENOMEM;
	snprintf(path, sizeof(path), "%s/snapshot.json", j->dir);
	return host_create(j->h, path, &(struct host_text){ json, strlen(json), 0600 });
}

int journal_begin(struct host *h, const struct journal_head *head, struct journal **out)
{
	char id[TUNE_ID_MAX];
	int err = make_next(h, id, sizeof(id));

	*out = NULL;
	if (err)
		return err;
	err = journal_new(h, id, out);
	if (!err) {
		(*out)->head = *head;
		(*out)->head.time_ms = now_ms();
		(*out)->head.boot_id = (*out)->boot_id;
		err = write_head(*out);
	}
	if (err) {
		journal_close(*out);
		*out = NULL;
	}
	return err;
}

int journal_open_last(struct host *h, struct journal **out)
{
	cleanup_arena struct arena *a = arena_new();
	const char **ids;
	size_t n;
	int err = a ? journal_list(h, a, &ids, &n) : -ENOMEM;

	*out = NULL;
	while (!err && n-- > 0) {
		err = journal_open(h, ids[n], out);
		if (!err && !(*out)->over)
			return 0;
		journal_close(*out);
		*out = NULL;
		/* A folder without a snapshot: killed before anything was done. */
		if (err == -ENODATA)
			err = 0;
	}
	return err ? err : -ENOENT;
}
