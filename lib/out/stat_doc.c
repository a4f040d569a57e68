/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "../host/arena.h"
#include "stat.h"

#define OPTIONAL(kind_, type_, member_, help_)                                           \
	{                                                                                \
		.name = #member_, .kind = (kind_), .off = offsetof(type_, member_),      \
		.optional = true, .help = (help_)                                        \
	}

static const struct field counter_rows[] = {
	FIELD(FIELD_STR, struct stat_counter_doc, name,
	      "of a NIC: a name that is the same for all drivers"),
	FIELD(FIELD_STR, struct stat_counter_doc, kind,
	      "total: it only rises; gauge: how many there are now; unknown: a name not "
	      "known to this ktlsctl"),
	OPTIONAL(FIELD_STR, struct stat_counter_doc, meaning, "in words"),
	OPTIONAL(FIELD_STR, struct stat_counter_doc, from,
		 "what the driver calls what is summed up here"),
	FIELD(FIELD_U64, struct stat_counter_doc, value, "now"),
	OPTIONAL(FIELD_U64, struct stat_counter_doc, rise,
		 "since the last look, with --watch"),
	OPTIONAL(FIELD_U64, struct stat_counter_doc, per_second, "of the rise"),
	OPTIONAL(FIELD_BOOL, struct stat_counter_doc, bad, "it should not rise"),
};
FIELDS(counter_fields, struct stat_counter_doc, counter_rows, NULL);

static const struct field nic_rows[] = {
	FIELD(FIELD_STR, struct stat_nic_doc, name, "interface"),
	FIELD(FIELD_STR, struct stat_nic_doc, driver, "empty when it names none"),
	OPTIONAL(FIELD_STR, struct stat_nic_doc, error,
		 "why the counters could not be read"),
	FIELD_ARRAY(FIELD_LIST, struct stat_nic_doc, counters, &counter_fields,
		    "those that speak of TLS; what has no common name stands last, under "
		    "the driver's"),
};
FIELDS(nic_fields, struct stat_nic_doc, nic_rows, NULL);

static const struct field netns_rows[] = {
	FIELD(FIELD_STR, struct stat_netns_doc, netns, "empty: ours"),
	FIELD(FIELD_BOOL, struct stat_netns_doc, present,
	      "the kernel counts: the tls module is loaded"),
	OPTIONAL(FIELD_STR, struct stat_netns_doc, error,
		 "why /proc/net/tls_stat could not be read"),
	FIELD_ARRAY(FIELD_LIST, struct stat_netns_doc, counters, &counter_fields,
		    "/proc/net/tls_stat, with names not known here"),
	FIELD_ARRAY(FIELD_LIST, struct stat_netns_doc, nics, &nic_fields,
		    "interfaces with a driver"),
};
FIELDS(netns_fields, struct stat_netns_doc, netns_rows, NULL);

static const struct field rows[] = {
	FIELD(FIELD_STR, struct stat_doc, tool_version, "ktlsctl that made it"),
	FIELD(FIELD_STR, struct stat_doc, kernel, "uname -r"),
	FIELD(FIELD_U64, struct stat_doc, time_ms, "since the epoch"),
	OPTIONAL(FIELD_U64, struct stat_doc, since_ms, "how long ago the last look was"),
	FIELD_ARRAY(FIELD_LIST, struct stat_doc, namespaces, &netns_fields,
		    "each network namespace counts for itself"),
};

const struct fields stat_fields = { .name = "ktlsctl.stat/1",
				    .help = "the counters of kTLS, by ktlsctl stat",
				    .size = sizeof(struct stat_doc),
				    .f = rows,
				    .n = sizeof(rows) / sizeof(rows[0]) };

static const char *kind_word(enum counter_kind kind)
{
	static const char *const words[] = { "total", "gauge", "unknown" };

	return words[kind];
}

/* What is pointed to outlives one look, except names out of the kernel. */
static struct stat_counter_doc counter_of(const char *name, uint64_t value,
					  const struct counter_meaning *m)
{
	return (struct stat_counter_doc){
		.name = name,
		.kind = kind_word(m ? m->kind : COUNTER_UNKNOWN),
		.meaning = m ? m->meaning : "",
		.from = "",
		.value = value,
		.bad = m && m->bad,
	};
}

static const struct stat_counter_doc *find(const struct stat_counter_doc *v, size_t n,
					   const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(v[i].name, name))
			return &v[i];
	return NULL;
}

/* A counter that went back was begun anew: its driver or module was loaded again. */
static void compare(struct stat_counter_doc *c, const struct stat_counter_doc *old,
		    uint64_t ms)
{
	if (!old)
		return;
	c->changed = c->value != old->value;
	if (c->value < old->value)
		return;
	c->rise = c->value - old->value;
	c->per_second = ms ? (uint64_t)((double)c->rise * 1000 / (double)ms + 0.5) : 0;
}

static int add_kernel(struct stat_netns_doc *n, const struct facts *f,
		      const struct stat_netns_doc *old, uint64_t ms, struct arena *a)
{
	const struct tls_stat_facts *s = &f->tls_stat;

	n->present = s->present;
	n->error = s->src.err ? arena_strdup(a, strerror(-s->src.err)) : "";
	n->counters = arena_alloc(a, (s->n_counters + 1) * sizeof(*n->counters));
	if (!n->error || !n->counters)
		return -ENOMEM;
	for (size_t i = 0; i < s->n_counters; i++) {
		struct stat_counter_doc *c = &n->counters[i];
		const char *name = arena_strdup(a, s->counters[i].name);

		if (!name)
			return -ENOMEM;
		*c = counter_of(name, s->counters[i].value, tls_counter_meaning(name));
		if (old)
			compare(c, find(old->counters, old->n_counters, name), ms);
	}
	n->n_counters = s->n_counters;
	return 0;
}

static int fill_nic(struct stat_nic_doc *n, const struct nic_stats *s, struct arena *a)
{
	struct nic_counters all;

	n->name = arena_strdup(a, s->name);
	n->driver = arena_strdup(a, s->driver);
	n->error = s->err ? arena_strdup(a, strerror(-s->err)) : "";
	if (!n->name || !n->driver || !n->error || nic_counters_of(s, a, &all))
		return -ENOMEM;
	n->counters =
		arena_alloc(a, (all.n_common + all.n_other + 1) * sizeof(*n->counters));
	if (!n->counters)
		return -ENOMEM;
	for (size_t i = 0; i < all.n_common; i++) {
		struct stat_counter_doc *c = &n->counters[n->n_counters++];

		*c = counter_of(all.common[i].what->name, all.common[i].value,
				all.common[i].what);
		c->from = all.common[i].from;
	}
	for (size_t i = 0; i < all.n_other; i++) {
		const char *name = arena_strdup(a, all.other[i].name);

		if (!name)
			return -ENOMEM;
		n->counters[n->n_counters++] = counter_of(name, all.other[i].value, NULL);
	}
	return 0;
}

static void compare_nic(struct stat_nic_doc *n, const struct stat_netns_doc *old,
			uint64_t ms)
{
	for (size_t i = 0; old && i < old->n_nics; i++) {
		const struct stat_nic_doc *o = &old->nics[i];

		if (strcmp(o->name, n->name) != 0)
			continue;
		for (size_t j = 0; j < n->n_counters; j++)
			compare(&n->counters[j],
				find(o->counters, o->n_counters, n->counters[j].name),
				ms);
	}
}

static int add_nics(struct stat_netns_doc *n, const struct facts *f,
		    const struct stat_netns_doc *old, uint64_t ms, struct arena *a)
{
	const struct nic_stats_facts *s = &f->nic_stats;

	n->nics = arena_alloc(a, (s->n_nics + 1) * sizeof(*n->nics));
	if (!n->nics)
		return -ENOMEM;
	for (size_t i = 0; i < s->n_nics; i++) {
		if (fill_nic(&n->nics[i], &s->nics[i], a))
			return -ENOMEM;
		compare_nic(&n->nics[i], old, ms);
	}
	n->n_nics = s->n_nics;
	return 0;
}

int stat_add(struct stat_doc *d, const struct facts *f, const char *netns,
	     const struct stat_doc *before, struct arena *a)
{
	struct stat_netns_doc *n = arena_grow(a, d->namespaces, d->n_namespaces,
					      sizeof(*n));
	const struct stat_netns_doc *old = NULL;

	if (!n)
		return -ENOMEM;
	d->namespaces = n;
	n += d->n_namespaces;
	n->netns = arena_strdup(a, netns);
	for (size_t i = 0; before && n->netns && i < before->n_namespaces; i++)
		if (!strcmp(before->namespaces[i].netns, netns))
			old = &before->namespaces[i];
	if (!n->netns || add_kernel(n, f, old, d->since_ms, a) ||
	    add_nics(n, f, old, d->since_ms, a))
		return -ENOMEM;
	d->n_namespaces++;
	return 0;
}
