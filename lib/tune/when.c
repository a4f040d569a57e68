/* SPDX-License-Identifier: MIT */
/*
 * Conditions: "kernel >= 6.6, ram >= 2G, driver = mlx5_core nfp". All of them have to
 * hold, and each says what is the case where it does not.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "tune_priv.h"

enum order { LESS, AT_LEAST, IS };

struct condition {
	struct span what, value;
	enum order order;
};

static bool holds(enum order order, int cmp)
{
	return order == LESS ? cmp < 0 : order == AT_LEAST ? cmp >= 0 : !cmp;
}

static int compare(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int on_kernel(const struct condition *c, const struct tune_about *b,
		     struct tune_error *e)
{
	char wanted[32];

	if (!b->f->kernel.src.where)
		return tune_fail(e, -ENODATA, "the kernel is not known");
	snprintf(wanted, sizeof(wanted), "%.*s", (int)c->value.len, c->value.p);
	if (holds(c->order, version_compare(b->f->kernel.release, wanted)))
		return 0;
	return tune_fail(e, -ENOENT, "this kernel is %s", b->f->kernel.release);
}

static int on_ram(const struct condition *c, const struct tune_about *b,
		  struct tune_error *e)
{
	uint64_t wanted = 0, have = b->f->tuning.ram_bytes;

	if (!have)
		return tune_fail(e, -ENODATA, "the memory is not known");
	tune_size(c->value, &wanted);
	if (holds(c->order, compare(have, wanted)))
		return 0;
	return tune_fail(e, -ENOENT, "this host has %" PRIu64 " MiB of memory",
			 have >> 20);
}

static int on_driver(const struct condition *c, const struct tune_about *b,
		     struct tune_error *e)
{
	const struct nic *nic = b->device ? tune_nic(b->f, b->device) : NULL;
	struct span rest = c->value, word;

	while (nic && next_word(&rest, &word))
		if (span_is(word, nic->driver))
			return 0;
	return tune_fail(e, -ENOENT, "the driver is %s",
			 nic && *nic->driver ? nic->driver : "not known");
}

static int on_nodes(const struct condition *c, const struct tune_about *b,
		    struct tune_error *e)
{
	uint64_t wanted = 0, have = b->f->topology.n_nodes;

	if (!b->f->topology.src.where || b->f->topology.src.err)
		return tune_fail(e, -ENODATA, "the NUMA nodes are not known");
	span_u64(c->value, &wanted);
	have = have ? have : 1;
	if (holds(c->order, compare(have, wanted)))
		return 0;
	return tune_fail(e, -ENOENT, "this machine has %" PRIu64 " NUMA node%s", have,
			 have == 1 ? "" : "s");
}

static int on_queues(const struct condition *c, const struct tune_about *b,
		     struct tune_error *e)
{
	size_t n = b->device ? strcspn(b->device, "/") : 0;
	uint64_t wanted = 0, have = 0;

	span_u64(c->value, &wanted);
	for (size_t i = 0; i < b->f->tuning.n_rx; i++)
		have += !strncmp(b->f->tuning.rx[i].name, b->device ? b->device : "",
				 n) &&
			b->f->tuning.rx[i].name[n] == '/';
	if (!have)
		return tune_fail(e, -ENODATA, "the queues of the NIC are not known");
	if (holds(c->order, compare(have, wanted)))
		return 0;
	return tune_fail(e, -ENOENT, "the NIC has %" PRIu64 " receive queue%s", have,
			 have == 1 ? "" : "s");
}

/* "cpu-preference = yes": the hardware takes one, and the governor is not what counts. */
static int on_preference(const struct condition *c, const struct tune_about *b,
			 struct tune_error *e)
{
	const struct cpu_policy *p = tune_policy(b->f, b->device);
	bool has = p && *p->preference;

	if (has == span_is(c->value, "yes"))
		return 0;
	return tune_fail(e, -ENOENT,
			 has ? "the hardware takes an energy preference, which counts"
			     : "the hardware takes no energy preference");
}

static bool is_version(struct span s)
{
	return s.len && s.len < 31 && s.p[0] >= '0' && s.p[0] <= '9';
}

static bool is_size(struct span s)
{
	uint64_t v;

	return tune_size(s, &v);
}

static bool is_number(struct span s)
{
	uint64_t v;

	return span_u64(s, &v);
}

static bool is_some(struct span s)
{
	return s.len;
}

static bool is_yes_no(struct span s)
{
	return span_is(s, "yes") || span_is(s, "no");
}

static const struct {
	const char *name;
	bool ordered; /* else "=" alone */
	bool (*value)(struct span s);
	int (*test)(const struct condition *c, const struct tune_about *b,
		    struct tune_error *e);
} kinds[] = {
	{ "kernel", true, is_version, on_kernel },
	{ "ram", true, is_size, on_ram },
	{ "driver", false, is_some, on_driver },
	{ "numa-nodes", true, is_number, on_nodes },
	{ "rx-queues", true, is_number, on_queues },
	{ "cpu-preference", false, is_yes_no, on_preference },
};

static int find(struct span name)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (span_is(name, kinds[i].name))
			return (int)i;
	return -1;
}

/* "ram >= 2G"; the number of the kind, or -1. */
static int parse(struct span s, struct condition *c)
{
	size_t n = 0;
	int kind;

	while (n < s.len && !strchr("<>=", s.p[n]))
		n++;
	c->what = trimmed(span(s.p, n));
	s = span(s.p + n, s.len - n);
	c->order = span_starts(s, ">=") ? AT_LEAST : span_starts(s, "<") ? LESS : IS;
	if (!s.len || (c->order == IS && s.p[0] != '='))
		return -1;
	n = c->order == AT_LEAST ? 2 : 1;
	c->value = trimmed(span(s.p + n, s.len - n));
	kind = find(c->what);
	if (kind < 0 || (!kinds[kind].ordered && c->order != IS) ||
	    !kinds[kind].value(c->value))
		return -1;
	return kind;
}

static bool next_condition(struct span *rest, struct span *one)
{
	if (!rest->len)
		return false;
	if (!cut_at(rest, ',', one)) {
		*one = *rest;
		rest->len = 0;
	}
	*one = trimmed(*one);
	return true;
}

int tune_when(const char *when, const struct tune_about *about, struct tune_error *e)
{
	struct span rest = span(when ? when : "", when ? strlen(when) : 0), one;
	int err = 0;

	while (!err && next_condition(&rest, &one)) {
		struct condition c;
		int kind = parse(one, &c);

		err = kind < 0 ? tune_fail(e, -EINVAL, "no condition")
			       : kinds[kind].test(&c, about, e);
		if (err == -ENOENT) {
			size_t n = strlen(e->why);

			snprintf(e->why + n, sizeof(e->why) - n, " (wanted: %.*s)",
				 (int)(one.len < 100 ? one.len : 100), one.p);
		}
	}
	return err;
}

int tune_when_check(const char *when, struct tune_error *e)
{
	struct span rest = span(when, strlen(when)), one;
	struct condition c;

	while (next_condition(&rest, &one))
		if (parse(one, &c) < 0)
			return tune_fail(
				e, -EINVAL,
				"'%.*s' is no condition: kernel >= 6.6, ram >= 2G, "
				"driver = NAME, numa-nodes >= 2, rx-queues = 1 or "
				"cpu-preference = yes",
				(int)(one.len < 60 ? one.len : 60), one.p);
	return 0;
}
