/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "../../lib/tune/journal.h"
#include "targets.h"

static struct journal_item items[] = {
	{ .key = "net.core.rmem_max", .tunable = "net.core.rmem_max" },
	{ .key = "eth0/nic.rx-ring", .tunable = "nic.rx-ring", .device = "eth0" },
};

static struct journal fresh(void)
{
	struct journal j = { .arena = arena_new() };

	if (!j.arena)
		abort();
	j.head.items = items;
	j.head.n_items = 2;
	return j;
}

static const char *look(const struct journal *j)
{
	for (size_t i = 0; i < j->n_places; i++) {
		const struct journal_place *p = &j->places[i];

		if (p->key != items[0].key && p->key != items[1].key)
			return "a place of a key that was not planned";
		if (!p->to || !*p->to || !p->tunable)
			return "a place with nothing to write";
	}
	return NULL;
}

static bool same(const struct journal *a, const struct journal *b)
{
	return a->n_places == b->n_places && a->n_folders == b->n_folders &&
	       a->bad == b->bad && a->applied == b->applied &&
	       a->confirmed == b->confirmed && a->over == b->over;
}

/* What stands behind the last end of a line says nothing. */
const char *fuzz_journal(const char *data, size_t len)
{
	struct journal j = fresh(), cut = fresh();
	const char *last = len ? memrchr(data, '\n', len) : NULL;
	const char *bad;

	if (journal_parse(&j, span(data, len)) ||
	    journal_parse(&cut, span(data, last ? (size_t)(last - data) + 1 : 0)))
		abort();
	bad = look(&j);
	if (!bad && !same(&j, &cut))
		bad = "a line that was cut was taken for whole";
	arena_free(j.arena);
	arena_free(cut.arena);
	return bad;
}
