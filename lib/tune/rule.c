/* SPDX-License-Identifier: MIT */
/*
 * Rules: values that depend on the host. A rule of numbers has a term for each:
 *	17, 64K, 2M   the number
 *	keep          what it is now
 *	bdp:20ms      what a path of that delay keeps in flight at the speed of the
 *	              fastest NIC; 10 Gbit/s where none reports one
 *	ram/64        a share of the memory
 *	max           the most the device can
 * min and max hold for the terms that are no number and not "keep"; of several the least
 * max and the greatest min. A rule for a mask of processors is one word:
 *	near          those of the NIC's NUMA node
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tune_priv.h"

enum { ASSUMED_MBPS = 10000 };

/* "bdp:20ms": the delay in milliseconds. */
static bool parse_bdp(struct span s, uint64_t *ms)
{
	if (!span_starts(s, "bdp:") || s.len < 7 || memcmp(s.p + s.len - 2, "ms", 2))
		return false;
	return span_u64(span(s.p + 4, s.len - 6), ms) && *ms && *ms <= 10000;
}

static bool parse_share(struct span s, uint64_t *of)
{
	return span_starts(s, "ram/") && span_u64(span(s.p + 4, s.len - 4), of) && *of;
}

static uint64_t fastest(const struct facts *f)
{
	uint64_t mbps = 0;

	for (size_t i = 0; i < f->nics.n_nics; i++)
		if (f->nics.nics[i].chosen && f->nics.nics[i].speed_mbps > mbps)
			mbps = f->nics.nics[i].speed_mbps;
	return mbps ? mbps : ASSUMED_MBPS;
}

/* In whole MiB: no one should take it for exact. */
static uint64_t in_flight(const struct facts *f, uint64_t ms)
{
	const uint64_t mib = 1 << 20, bytes = fastest(f) * 125 * ms;

	return (bytes + mib - 1) / mib * mib;
}

static int most(const struct tune_about *b, uint64_t *out, struct tune_error *e)
{
	*out = tune_most(b->f, b->t, b->device);
	return *out ? 0 : tune_fail(e, -ENODATA, "the device does not tell its most");
}

/* A term that is worked out. -EINVAL: it is none. */
static int derived(struct span s, const struct tune_about *b, uint64_t *out,
		   struct tune_error *e)
{
	uint64_t v;

	if (parse_bdp(s, &v)) {
		*out = in_flight(b->f, v);
		return 0;
	}
	if (parse_share(s, &v)) {
		*out = b->f->tuning.ram_bytes / v;
		return *out ? 0 : tune_fail(e, -ENODATA, "the memory is not known");
	}
	if (span_is(s, "max"))
		return most(b, out, e);
	return -EINVAL;
}

/* A term of a bound: a number too. */
static int bound_term(struct span s, const struct tune_about *b, uint64_t *out,
		      struct tune_error *e)
{
	return tune_size(s, out) ? 0 : derived(s, b, out, e);
}

static int bounded(const char *list, bool least, const struct tune_about *b, uint64_t *v,
		   struct tune_error *e)
{
	struct span rest = span(list ? list : "", list ? strlen(list) : 0), s;

	while (next_word(&rest, &s)) {
		uint64_t bound;
		int err = bound_term(s, b, &bound, e);

		/* A share of what is not known bounds nothing. */
		if (err == -ENODATA && least)
			continue;
		if (err)
			return err;
		if (least ? bound < *v : bound > *v)
			*v = bound;
	}
	return 0;
}

static int term(struct span s, const struct tune_setting *set, const struct tune_about *b,
		uint64_t *v, struct tune_error *e)
{
	int err;

	if (span_is(s, "keep") || tune_size(s, v))
		return 0; /* v holds what it is now */
	err = derived(s, b, v, e);
	if (!err)
		err = bounded(set->min, false, b, v, e);
	if (!err)
		err = bounded(set->max, true, b, v, e);
	return err;
}

static const char *numbers(const struct tune_setting *set, const struct tune_about *b,
			   struct tune_error *e)
{
	struct span rest = span(set->rule, strlen(set->rule)), s;
	uint64_t v[TUNE_NUMBERS_MAX];
	const char *text;

	if (!tune_numbers(b->now, b->t->n, v)) {
		tune_fail(e, -ENODATA, "it is not what it should be: %.80s", b->now);
		return NULL;
	}
	for (unsigned i = 0; i < b->t->n && next_word(&rest, &s); i++) {
		if (term(s, set, b, &v[i], e))
			return NULL;
		v[i] = v[i] < b->t->min ? b->t->min : v[i];
		v[i] = v[i] > b->t->max ? b->t->max : v[i];
		if (i && b->t->ordered && v[i] < v[i - 1])
			v[i] = v[i - 1];
	}
	text = tune_join(v, b->t->n, b->a);
	e->err = text ? 0 : -ENOMEM;
	return text;
}

static const struct numa_node *node_of(const struct facts *f, const struct nic *nic)
{
	const struct topology_facts *t = &f->topology;

	for (size_t i = 0; i < t->n_nodes; i++)
		if (t->n_nodes == 1 || t->nodes[i].id == (uint64_t)nic->numa_node)
			return &t->nodes[i];
	return NULL;
}

/* One of several processors near the NIC is as good as all of them. */
static bool within(const char *mask, const char *near)
{
	size_t m = strlen(mask), n = strlen(near);

	if (!strcmp(mask, "0") || m > n)
		return false;
	for (near += n - m; *mask; mask++, near++) {
		unsigned a = (unsigned)(*mask <= '9' ? *mask - '0' : *mask - 'a' + 10);
		unsigned b = (unsigned)(*near <= '9' ? *near - '0' : *near - 'a' + 10);

		if (a & ~b)
			return false;
	}
	return true;
}

/* A power of two: "8", "10". */
static bool is_one(const char *mask)
{
	return strchr("1248", *mask) && strspn(mask + 1, "0") == strlen(mask + 1);
}

static const char *near_cpus(const struct tune_about *b, struct tune_error *e)
{
	const struct nic *nic = tune_nic(b->f, b->device);
	const struct numa_node *node = nic ? node_of(b->f, nic) : NULL;
	const char *mask = node ? cpus_mask(node->cpus, b->a) : NULL;

	if (!mask) {
		tune_fail(e, node ? -ENOMEM : -ENODATA,
			  "the machine does not say which processors are near");
		return NULL;
	}
	/* There is nobody to hand packets to. */
	if (b->t->device == TUNE_RX_QUEUE && is_one(mask)) {
		tune_fail(e, -ENOENT, "one processor is near the NIC");
		return NULL;
	}
	return within(b->now, mask) ? b->now : mask;
}

const char *tune_rule(const struct tune_setting *s, const struct tune_about *about,
		      struct tune_error *e)
{
	return about->t->kind == TUNE_MASK ? near_cpus(about, e) : numbers(s, about, e);
}

static bool is_derived(const struct tunable *t, struct span s)
{
	uint64_t v;

	return parse_bdp(s, &v) || parse_share(s, &v) ||
	       (span_is(s, "max") && t->mechanism == MECH_ETHTOOL);
}

static int no_term(struct span s, struct tune_error *e)
{
	return tune_fail(
		e, -EINVAL,
		"'%.*s' is no term of a rule: a number, keep, bdp:20ms, ram/64 or "
		"max (of a ring)",
		(int)(s.len < 40 ? s.len : 40), s.p);
}

int tune_rule_check(const struct tunable *t, const char *rule, struct tune_error *e)
{
	struct span rest = span(rule, strlen(rule)), s;
	unsigned n = 0;
	uint64_t v;

	if (t->kind == TUNE_MASK)
		return !strcmp(rule, "near")
			       ? 0
			       : tune_fail(e, -EINVAL, "'%.40s': the rule is near", rule);
	if (t->kind != TUNE_NUMBERS)
		return tune_fail(e, -EINVAL, "%s takes a value, not a rule", t->id);
	for (; next_word(&rest, &s); n++) {
		if (span_is(s, "keep") || is_derived(t, s))
			continue;
		if (!tune_size(s, &v))
			return no_term(s, e);
		if (v < t->min || v > t->max)
			return tune_fail(e, -EINVAL,
					 "'%.*s' is out of range: %" PRIu64
					 " to %" PRIu64,
					 (int)s.len, s.p, t->min, t->max);
	}
	return n == t->n ? 0
			 : tune_fail(e, -EINVAL, "%u term%s wanted", t->n,
				     t->n > 1 ? "s" : "");
}

int tune_bound_check(const struct tunable *t, const char *bound, struct tune_error *e)
{
	struct span rest = span(bound, strlen(bound)), s;
	uint64_t v;

	while (next_word(&rest, &s))
		if (!is_derived(t, s) && !tune_size(s, &v))
			return no_term(s, e);
	return 0;
}
