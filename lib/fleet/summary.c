/* SPDX-License-Identifier: MIT */
/* Counting hosts by what they have in common, when all of them are known. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../host/arena.h"
#include "../host/cleanup.h"
#include "fleet.h"

enum { EXAMPLES = 3, PAIRS = 1 << 18 };

/* Of one name. */
struct tally {
	uint32_t name, check;
	uint64_t hosts, limited;
	struct fleet_statuses statuses;
	const struct store_host *examples[EXAMPLES]; /* the worst first */
	uint32_t cause;                              /* the most frequent one so far */
	uint64_t cause_hosts;
};

/* By one property: names, and pairs of a name and a cause. */
struct dimension {
	struct set names, pairs;
	struct tally *tallies;
	uint64_t *pair_hosts;
	uint32_t room, pair_room;
};

struct finding_key {
	uint32_t check, reason, verdict;
};

struct finding_tally {
	uint64_t hosts, waived;
	uint64_t host; /* the last one that has it, by its serial number */
	bool all_waived;
};

enum { BY_CAUSE, BY_KERNEL, BY_OPENSSL, BY_NIC, DIMENSIONS };

struct summary {
	struct fleet fleet;
	struct dimension by[DIMENSIONS];
	struct set findings;
	struct finding_tally *finding_tallies;
	uint32_t finding_room;
	struct fleet_statuses statuses;
	uint64_t hosts, limited;
};

static const char *name_of(const struct summary *s, uint32_t name)
{
	return name == STORE_NO_CAUSE ? "" : store_name(&s->fleet.store, name);
}

static uint64_t *status_slot(struct fleet_statuses *s, enum status status)
{
	uint64_t *const slots[] = { [STATUS_USED] = &s->used,
				    [STATUS_WORKS] = &s->works,
				    [STATUS_SHOULD_WORK] = &s->should_work,
				    [STATUS_CANNOT_WORK] = &s->cannot_work,
				    [STATUS_UNKNOWN] = &s->unknown };

	return slots[status];
}

static bool is_limited(const struct store_host *h)
{
	return h->cause != STORE_NO_CAUSE && h->status != STATUS_CANNOT_WORK &&
	       h->status != STATUS_UNKNOWN;
}

static int badness(const struct store_host *h)
{
	return h->status == STATUS_CANNOT_WORK ? 3
	       : h->status == STATUS_UNKNOWN   ? 2
					       : is_limited(h);
}

static void add_example(struct tally *t, const struct store_host *h)
{
	for (size_t i = 0; i < EXAMPLES && *h->name; i++) {
		const struct store_host *there = t->examples[i];

		if (there && badness(there) >= badness(h))
			continue;
		t->examples[i] = h;
		if (!there)
			break;
		h = there;
	}
}

static int add_cause(struct dimension *d, struct tally *t, uint32_t group, uint32_t cause)
{
	const uint32_t key[] = { group, cause };
	uint32_t at = set_add(&d->pairs, key, sizeof(key));

	if (at == SET_NONE)
		return 0;
	if (at == SET_NO_MEMORY || set_reserve((void **)&d->pair_hosts, &d->pair_room, at,
					       sizeof(*d->pair_hosts)))
		return -ENOMEM;
	if (++d->pair_hosts[at] > t->cause_hosts) {
		t->cause_hosts = d->pair_hosts[at];
		t->cause = cause;
	}
	return 0;
}

static int add_to(struct summary *s, size_t by, const struct store_host *h, uint32_t name)
{
	struct dimension *d = &s->by[by];
	uint32_t at = set_add(&d->names, &name, sizeof(name));
	struct tally *t;

	if (at == SET_NO_MEMORY ||
	    set_reserve((void **)&d->tallies, &d->room, at, sizeof(*d->tallies)))
		return -ENOMEM;
	t = &d->tallies[at];
	t->name = name;
	/* A roll-up that was filtered may not tell. */
	if (!t->hosts || !*name_of(s, t->check))
		t->check = h->check;
	t->hosts++;
	t->limited += is_limited(h);
	++*status_slot(&t->statuses, h->status);
	add_example(t, h);
	return h->cause == STORE_NO_CAUSE ? 0 : add_cause(d, t, at, h->cause);
}

/* A host counts once for a finding, whatever it was found on. */
static int add_finding(struct summary *s, const struct store_finding *f)
{
	const struct finding_key key = { f->check, f->reason, f->verdict };
	uint32_t at = set_add(&s->findings, &key, sizeof(key));
	struct finding_tally *t;

	/* No more of them than tuples, which are as many at most. */
	if (at == SET_NO_MEMORY || at == SET_NONE ||
	    set_reserve((void **)&s->finding_tallies, &s->finding_room, at,
			sizeof(*s->finding_tallies)))
		return -ENOMEM;
	t = &s->finding_tallies[at];
	if (t->host != s->hosts) {
		t->host = s->hosts;
		t->hosts++;
		t->waived += f->waived;
		t->all_waived = f->waived;
	} else if (t->all_waived && !f->waived) {
		t->waived--;
		t->all_waived = false;
	}
	return 0;
}

static int add_host(struct summary *s, const struct store_host *h)
{
	const struct store *store = &s->fleet.store;
	size_t n_drivers;
	const uint32_t *drivers = store_drivers(store, h, &n_drivers);
	int err;

	s->hosts++;
	s->limited += is_limited(h);
	++*status_slot(&s->statuses, h->status);
	err = add_to(s, BY_CAUSE, h, h->cause);
	err = err ? err : add_to(s, BY_KERNEL, h, h->kernel);
	err = err ? err : add_to(s, BY_OPENSSL, h, h->openssl);
	if (!n_drivers)
		err = err ? err : add_to(s, BY_NIC, h, STORE_NO_CAUSE);
	for (size_t i = 0; i < n_drivers && !err; i++)
		err = add_to(s, BY_NIC, h, drivers[i]);
	for (uint32_t i = 0; i < h->n_findings && !err; i++)
		err = add_finding(s, store_tuple(store, h->findings[i]));
	return err;
}

static int unmatched(const struct store_host *h, void *arg)
{
	/* h->name is "": it is no example of anything, and may go. */
	return add_host(arg, h);
}

struct summary *summary_new(void)
{
	struct summary *s = calloc(1, sizeof(*s));
	struct arena *a;

	if (!s || fleet_init(&s->fleet)) {
		summary_free(s);
		return NULL;
	}
	s->fleet.unmatched = unmatched;
	s->fleet.arg = s;
	a = s->fleet.store.arena;
	s->findings = (struct set){ .arena = a, .limit = STORE_NAMES };
	for (size_t i = 0; i < DIMENSIONS; i++) {
		/* One more: hosts without it. */
		s->by[i].names = (struct set){ .arena = a, .limit = STORE_NAMES + 1 };
		s->by[i].pairs = (struct set){ .arena = a, .limit = PAIRS };
	}
	return s;
}

void summary_free(struct summary *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < DIMENSIONS; i++) {
		set_free(&s->by[i].names);
		set_free(&s->by[i].pairs);
		free(s->by[i].tallies);
		free(s->by[i].pair_hosts);
	}
	set_free(&s->findings);
	free(s->finding_tallies);
	fleet_free(&s->fleet);
	free(s);
}

struct fleet *summary_fleet(struct summary *s)
{
	return &s->fleet;
}

static int order(uint64_t a, uint64_t b)
{
	return (a < b) - (a > b);
}

static int worst_group(const void *a, const void *b)
{
	const struct fleet_group *x = a, *y = b;
	int o = order(x->statuses.cannot_work, y->statuses.cannot_work);

	o = o ? o : order(x->statuses.unknown, y->statuses.unknown);
	o = o ? o : order(x->limited, y->limited);
	o = o ? o : order(x->hosts, y->hosts);
	return o ? o : strcmp(x->name, y->name);
}

static int worst_finding(const void *a, const void *b)
{
	const struct fleet_finding *x = a, *y = b;
	int o = verdict_rank(y->verdict) - verdict_rank(x->verdict);

	o = o ? o : order(x->hosts - x->waived, y->hosts - y->waived);
	o = o ? o : order(x->hosts, y->hosts);
	o = o ? o : strcmp(x->check, y->check);
	return o ? o : strcmp(x->reason, y->reason);
}

static int fill_group(const struct summary *s, const struct tally *t, bool of_causes,
		      struct fleet_group *g)
{
	*g = (struct fleet_group){
		.name = name_of(s, t->name),
		.check = of_causes ? name_of(s, t->check) : "",
		.hosts = t->hosts,
		.limited = t->limited,
		.statuses = t->statuses,
		.cause = of_causes || !t->cause_hosts ? "" : name_of(s, t->cause),
		.cause_hosts = of_causes ? 0 : t->cause_hosts,
	};
	g->examples = arena_alloc(s->fleet.store.arena, sizeof(t->examples));
	if (!g->examples)
		return -ENOMEM;
	for (size_t i = 0; i < EXAMPLES && t->examples[i]; i++)
		g->examples[g->n_examples++] = t->examples[i]->name;
	return 0;
}

static int fill_groups(const struct summary *s, size_t by, size_t top,
		       struct fleet_groups *out)
{
	const struct dimension *d = &s->by[by];
	const size_t n = d->names.n;
	int err = 0;

	out->groups = arena_alloc(s->fleet.store.arena, (n + 1) * sizeof(*out->groups));
	if (!out->groups)
		return -ENOMEM;
	for (size_t i = 0; i < n && !err; i++)
		err = fill_group(s, &d->tallies[i], by == BY_CAUSE, &out->groups[i]);
	if (err)
		return err;
	qsort(out->groups, n, sizeof(*out->groups), worst_group);
	out->n_groups = n < top ? n : top;
	out->left_out = n - out->n_groups;
	return 0;
}

static int fill_findings(const struct summary *s, size_t top, struct fleet_doc *d)
{
	const size_t n = s->findings.n;

	d->findings = arena_alloc(s->fleet.store.arena, (n + 1) * sizeof(*d->findings));
	if (!d->findings)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		const struct finding_key *key = s->findings.items[i].bytes;
		const struct finding_tally *t = &s->finding_tallies[i];

		d->findings[i] = (struct fleet_finding){ name_of(s, key->check),
							 name_of(s, key->reason),
							 (enum verdict)key->verdict,
							 t->hosts, t->waived };
	}
	qsort(d->findings, n, sizeof(*d->findings), worst_finding);
	d->n_findings = n < top ? n : top;
	d->findings_left_out = n - d->n_findings;
	return 0;
}

int summary_end(struct summary *s, size_t top, struct fleet_doc *d)
{
	const struct store *store = &s->fleet.store;
	struct fleet_groups *const groups[DIMENSIONS] = { &d->causes, &d->kernels,
							  &d->openssl, &d->nics };
	int err = 0;

	for (uint32_t i = 0; i < store->keys.n && !err; i++)
		err = add_host(s, &store->hosts[i]);
	for (size_t i = 0; i < DIMENSIONS && !err; i++)
		err = fill_groups(s, i, top, groups[i]);
	err = err ? err : fill_findings(s, top, d);
	err = err ? err : fleet_input(&s->fleet, &d->input);
	d->hosts = s->hosts;
	d->limited = s->limited;
	d->statuses = s->statuses;
	d->complete = fleet_complete(&s->fleet);
	return err;
}
