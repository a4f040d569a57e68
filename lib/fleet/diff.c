/* SPDX-License-Identifier: MIT */
/* All hosts of two fleets: first all of them compared and counted, then told of the
 * worst. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../host/arena.h"
#include "../host/cleanup.h"
#include "diff.h"

enum { MOVES = 1 << 16 };

struct move_count {
	uint64_t hosts, worse, better;
};

/* Ways from one word to another. */
struct ways {
	struct set keys; /* two numbers of words */
	struct move_count *counts;
	uint32_t room;
};

enum { OF_STATUS, OF_CAUSE, OF_KERNEL, OF_OPENSSL, WAYS };

/* A host that is not the same. */
struct candidate {
	uint64_t score;
	uint32_t before, after; /* their places in the stores */
};

struct look {
	const struct fleet_pair *pair;
	struct arena *arena;
	struct set words, checks;
	struct ways ways[WAYS];
	struct check_diff *check_diffs; /* without their names */
	uint32_t check_room;
	struct candidate *candidates;
	size_t n_candidates;
	uint64_t changes[CHANGE_WORSE + 1];
};

static void look_free(struct look *l)
{
	for (size_t i = 0; i < WAYS; i++) {
		set_free(&l->ways[i].keys);
		free(l->ways[i].counts);
	}
	set_free(&l->words);
	set_free(&l->checks);
	free(l->check_diffs);
	free(l->candidates);
}
#define cleanup_look __attribute__((cleanup(look_free)))

static struct set new_set(const struct look *l, uint32_t limit)
{
	return (struct set){ .arena = l->arena, .limit = limit };
}

/* Both may be NULL: none. */
static int add_way(struct look *l, size_t of, const char *before, const char *after,
		   enum fleet_change change)
{
	struct ways *w = &l->ways[of];
	const uint32_t key[] = {
		set_add(&l->words, before ? before : "", before ? strlen(before) : 0),
		set_add(&l->words, after ? after : "", after ? strlen(after) : 0),
	};
	uint32_t at = set_add(&w->keys, key, sizeof(key));

	if (key[0] == SET_NO_MEMORY || key[1] == SET_NO_MEMORY || at == SET_NO_MEMORY)
		return -ENOMEM;
	/* More ways than anybody reads. */
	if (key[0] == SET_NONE || key[1] == SET_NONE || at == SET_NONE)
		return 0;
	if (set_reserve((void **)&w->counts, &w->room, at, sizeof(*w->counts)))
		return -ENOMEM;
	w->counts[at].hosts++;
	w->counts[at].worse += change == CHANGE_WORSE;
	w->counts[at].better += change == CHANGE_BETTER;
	return 0;
}

static int add_ways(struct look *l, const struct host_diff *d)
{
	int err = add_way(l, OF_STATUS, status_words[d->before], status_words[d->after],
			  d->change);

	err = err ? err
		  : add_way(l, OF_CAUSE, d->before_cause, d->after_cause, d->change);
	err = err ? err
		  : add_way(l, OF_KERNEL, d->before_kernel, d->after_kernel, d->change);
	return err ? err
		   : add_way(l, OF_OPENSSL, d->before_openssl, d->after_openssl,
			     d->change);
}

/* A check counts once a host: the worst of its subjects, which stands first. */
static int add_checks(struct look *l, const struct host_diff *d)
{
	for (size_t i = 0; i < d->n_findings; i++) {
		const struct finding_diff *f = &d->findings[i];
		struct check_diff *c;
		bool again = false;
		uint32_t at;

		for (size_t j = 0; j < i && !again; j++)
			again = !strcmp(d->findings[j].check, f->check);
		at = again ? 0 : set_add(&l->checks, f->check, strlen(f->check));
		if (at == SET_NO_MEMORY ||
		    (at != SET_NONE && set_reserve((void **)&l->check_diffs,
						   &l->check_room, at, sizeof(*c))))
			return -ENOMEM;
		if (again || at == SET_NONE)
			continue;
		c = &l->check_diffs[at];
		++*(f->change == CHANGE_WORSE    ? &c->worse
		    : f->change == CHANGE_BETTER ? &c->better
						 : &c->changed);
	}
	return 0;
}

/* Worse before better before otherwise different; then a lost status, then the findings.
 */
static uint64_t score_of(const struct host_diff *d)
{
	uint64_t worse = 0;

	while (worse < d->n_findings && d->findings[worse].change == CHANGE_WORSE)
		worse++;
	return (uint64_t)d->change << 32 |
	       (uint64_t)(d->after == STATUS_CANNOT_WORK && d->before != d->after) << 31 |
	       worse;
}

static int compare(struct look *l, uint32_t before, uint32_t after)
{
	const struct fleet_pair *p = l->pair;
	cleanup_arena struct arena *a = arena_new();
	struct host_diff d;
	int err = a ? host_compare(p, &p->before.store.hosts[before],
				   &p->after.store.hosts[after], a, &d)
		    : -ENOMEM;

	err = err ? err : add_ways(l, &d);
	err = err ? err : add_checks(l, &d);
	if (err)
		return err;
	l->changes[d.change]++;
	if (d.change != CHANGE_SAME)
		l->candidates[l->n_candidates++] = (struct candidate){ score_of(&d),
								       before, after };
	return 0;
}

/* The place of a host of the one in the other; one host each is the same host. */
static uint32_t partner(const struct store *of, uint32_t i, const struct store *in)
{
	const struct set_item *key = &of->keys.items[i];

	if (of->keys.n == 1 && in->keys.n == 1)
		return 0;
	return set_find(&in->keys, key->bytes, key->len);
}

static int compare_all(struct look *l)
{
	const struct store *before = &l->pair->before.store,
			   *after = &l->pair->after.store;
	int err = 0;

	l->candidates = malloc((after->keys.n + 1) * sizeof(*l->candidates));
	if (!l->candidates)
		return -ENOMEM;
	for (uint32_t i = 0; i < after->keys.n && !err; i++) {
		uint32_t then = partner(after, i, before);

		if (then != SET_NONE)
			err = compare(l, then, i);
	}
	return err;
}

static int order(uint64_t a, uint64_t b)
{
	return (a < b) - (a > b);
}

static int worst_move(const void *a, const void *b)
{
	const struct fleet_move *x = a, *y = b;
	const bool x_stayed = !strcmp(x->before, x->after);
	const bool y_stayed = !strcmp(y->before, y->after);
	int o = (int)x_stayed - (int)y_stayed;

	o = o ? o : order(x->worse, y->worse);
	o = o ? o : order(x->better, y->better);
	o = o ? o : order(x->hosts, y->hosts);
	o = o ? o : strcmp(x->before, y->before);
	return o ? o : strcmp(x->after, y->after);
}

static int fill_moves(const struct look *l, size_t of, size_t top, struct fleet_moves *m)
{
	const struct ways *w = &l->ways[of];
	const size_t n = w->keys.n;

	m->moves = arena_alloc(l->arena, (n + 1) * sizeof(*m->moves));
	if (!m->moves)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		const uint32_t *key = w->keys.items[i].bytes;
		const struct move_count *c = &w->counts[i];

		m->moves[i] = (struct fleet_move){ l->words.items[key[0]].bytes,
						   l->words.items[key[1]].bytes, c->hosts,
						   c->worse, c->better };
	}
	qsort(m->moves, n, sizeof(*m->moves), worst_move);
	m->n_moves = n < top ? n : top;
	m->left_out = n - m->n_moves;
	return 0;
}

static int worst_check(const void *a, const void *b)
{
	const struct check_diff *x = a, *y = b;
	int o = order(x->worse, y->worse);

	o = o ? o : order(x->better, y->better);
	o = o ? o : order(x->changed, y->changed);
	return o ? o : strcmp(x->check, y->check);
}

static int fill_checks(const struct look *l, size_t top, struct fleet_diff_doc *d)
{
	const size_t n = l->checks.n;

	d->checks = arena_alloc(l->arena, (n + 1) * sizeof(*d->checks));
	if (!d->checks)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		d->checks[i] = l->check_diffs[i];
		d->checks[i].check = l->checks.items[i].bytes;
	}
	qsort(d->checks, n, sizeof(*d->checks), worst_check);
	d->n_checks = n < top ? n : top;
	d->checks_left_out = n - d->n_checks;
	return 0;
}

/* Of two that are as bad, the one that was read first. */
static int worst_candidate(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;
	int o = order(x->score, y->score);

	return o ? o : (x->after > y->after) - (x->after < y->after);
}

static int fill_hosts(struct look *l, size_t top, struct fleet_diff_doc *d)
{
	const size_t n = l->n_candidates < top ? l->n_candidates : top;
	int err = 0;

	qsort(l->candidates, l->n_candidates, sizeof(*l->candidates), worst_candidate);
	d->host_diffs = arena_alloc(l->arena, (n + 1) * sizeof(*d->host_diffs));
	if (!d->host_diffs)
		return -ENOMEM;
	for (; d->n_host_diffs < n && !err; d->n_host_diffs++) {
		const struct candidate *c = &l->candidates[d->n_host_diffs];

		err = host_compare(l->pair, &l->pair->before.store.hosts[c->before],
				   &l->pair->after.store.hosts[c->after], l->arena,
				   &d->host_diffs[d->n_host_diffs]);
	}
	d->hosts_left_out = l->n_candidates - n;
	return err;
}

/* Hosts of the one that are not in the other; the names of the first of them. */
static int fill_missing(const struct store *of, const struct store *in, size_t top,
			struct arena *a, const char ***names)
{
	const size_t max = of->keys.n < top ? of->keys.n : top;
	size_t n = 0;

	*names = arena_alloc(a, (max + 1) * sizeof(**names));
	if (!*names)
		return -ENOMEM;
	for (uint32_t i = 0; i < of->keys.n && n < max; i++)
		if (partner(of, i, in) == SET_NONE)
			(*names)[n++] = of->keys.items[i].bytes;
	return (int)n;
}

static int fill_sides(struct fleet_pair *p, size_t top, struct arena *a,
		      struct fleet_diff_doc *d)
{
	const struct store *before = &p->before.store, *after = &p->after.store;
	int gone = fill_missing(before, after, top, a, &d->gone_hosts);
	int added = fill_missing(after, before, top, a, &d->added_hosts);

	if (gone < 0 || added < 0 || fleet_input(&p->before, &d->before.input) ||
	    fleet_input(&p->after, &d->after.input))
		return -ENOMEM;
	d->n_gone_hosts = (size_t)gone;
	d->n_added_hosts = (size_t)added;
	d->before.hosts = before->keys.n;
	d->after.hosts = after->keys.n;
	d->gone = d->before.hosts - d->hosts;
	d->added = d->after.hosts - d->hosts;
	d->complete = fleet_complete(&p->before) && fleet_complete(&p->after);
	d->swapped = after->newest && after->newest < before->oldest;
	return 0;
}

int fleet_diff(struct fleet_pair *p, size_t top, struct arena *a,
	       struct fleet_diff_doc *d)
{
	cleanup_look struct look l = { .pair = p, .arena = a };
	struct fleet_moves *const moves[WAYS] = { &d->statuses, &d->causes, &d->kernels,
						  &d->openssl };
	int err;

	l.words = new_set(&l, 2 * STORE_NAMES);
	l.checks = new_set(&l, STORE_NAMES);
	for (size_t i = 0; i < WAYS; i++)
		l.ways[i].keys = new_set(&l, MOVES);
	err = compare_all(&l);
	d->same = l.changes[CHANGE_SAME];
	d->changed = l.changes[CHANGE_OTHER];
	d->better = l.changes[CHANGE_BETTER];
	d->worse = l.changes[CHANGE_WORSE];
	d->hosts = d->same + d->changed + d->better + d->worse;
	for (size_t i = 0; i < WAYS && !err; i++)
		err = fill_moves(&l, i, top, moves[i]);
	err = err ? err : fill_checks(&l, top, d);
	err = err ? err : fill_hosts(&l, top, d);
	return err ? err : fill_sides(p, top, a, d);
}
