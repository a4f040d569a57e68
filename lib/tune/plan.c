/* SPDX-License-Identifier: MIT */
/* Wishes and facts make a plan. Nothing is read or written here. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../check/check.h"
#include "tune_priv.h"

struct making {
	const struct tune_query *q;
	const struct facts *f;
	struct tune_plan *p;
	struct tune_error *e;
	struct tune_setting *sets;
	size_t n_sets;
};

/* --- which keys ------------------------------------------------------------------- */

/* "net.ipv4" is the beginning of net.ipv4.tcp_rmem, "eth0" of eth0/nic.rx-ring. */
static bool begins(const char *s, const char *with)
{
	size_t n = strlen(with);

	return !strncmp(s, with, n) && (!s[n] || s[n] == '.' || s[n] == '/');
}

static bool listed(const char *const *list, size_t n, const struct tune_item *item)
{
	for (size_t i = 0; i < n; i++)
		if (begins(item->key, list[i]) || begins(item->tunable->id, list[i]))
			return true;
	return false;
}

static bool is_left_out(const struct tune_query *q, const struct tune_item *item)
{
	return (q->n_only && !listed(q->only, q->n_only, item)) ||
	       listed(q->skip, q->n_skip, item);
}

/* "eth0" is also every queue and every interrupt of it. */
static bool covers(const char *device, const char *one)
{
	size_t n = strlen(device);

	return !strncmp(device, one, n) && (!one[n] || one[n] == '/');
}

static bool is_about(const struct tune_setting *s, const struct tunable *t,
		     const char *device)
{
	return s->tunable == t && (!s->device || (device && covers(s->device, device)));
}

/* The last of those with a device of their own, else the last. */
static const struct tune_setting *best_of(const struct tune_setting *v, size_t n,
					  const struct tunable *t, const char *device)
{
	const struct tune_setting *best = NULL;

	for (size_t i = 0; i < n; i++)
		if (is_about(&v[i], t, device) && (!best || v[i].device || !best->device))
			best = &v[i];
	return best;
}

static const struct tune_setting *setting_of(const struct making *m,
					     const struct tunable *t, const char *device)
{
	const struct tune_setting *s = best_of(m->sets, m->n_sets, t, device);

	if (s || !m->q->profile)
		return s;
	return best_of(m->q->profile->settings, m->q->profile->n_settings, t, device);
}

/* --- one key ---------------------------------------------------------------------- */

static int answer(struct tune_item *item, enum tune_state state, const char *why)
{
	item->state = state;
	item->why = why;
	return why ? 0 : -ENOMEM;
}

/* An error of a rule or a condition as a state. */
static int answer_error(struct tune_item *item, const struct tune_about *b,
			const struct tune_error *e)
{
	if (e->err == -ENOMEM)
		return -ENOMEM;
	return answer(item, e->err == -ENOENT ? TUNE_NOT_APPLICABLE : TUNE_UNKNOWN,
		      arena_strdup(b->a, e->why));
}

static bool is_nics(const struct tunable *t)
{
	return t->device != TUNE_HOST && t->device != TUNE_CPU;
}

static int answer_value(struct tune_item *item, const struct tune_about *b, int err)
{
	if (err == -ENOMEM)
		return -ENOMEM;
	if (err == -ENOENT && is_nics(b->t) && !tune_nic(b->f, b->device))
		return answer(item, TUNE_NOT_APPLICABLE, "there is no such interface");
	if (err == -ENOENT)
		return answer(item, TUNE_NOT_APPLICABLE, b->t->absent);
	if (err == -ENODATA)
		return answer(item, TUNE_UNKNOWN,
			      b->f->live ? "not all of it could be read"
					 : "this snapshot does not tell");
	return answer(item, TUNE_UNKNOWN,
		      arena_printf(b->a, "it cannot be read: %s", strerror(-err)));
}

/* A switch knows no more and no less. */
static const char *kept_higher(const struct tune_about *b, const char *wanted)
{
	uint64_t now[TUNE_NUMBERS_MAX], v[TUNE_NUMBERS_MAX];

	if (b->t->kind != TUNE_NUMBERS || b->t->max <= 1 ||
	    !tune_numbers(b->now, b->t->n, now) || !tune_numbers(wanted, b->t->n, v))
		return wanted;
	for (unsigned i = 0; i < b->t->n; i++)
		v[i] = now[i] > v[i] ? now[i] : v[i];
	return tune_join(v, b->t->n, b->a);
}

static bool has_word(const char *words, const char *word)
{
	struct span rest = span(words, strlen(words)), w;

	while (next_word(&rest, &w))
		if (span_is(w, word))
			return true;
	return false;
}

/* The words that this host takes; "" when it does not tell. */
static const char *choices(const struct tune_about *b)
{
	const struct cpu_policy *p = tune_policy(b->f, b->device);

	if (!p)
		return "";
	return strcmp(b->t->id, "cpu.governor") ? p->preferences : p->governors;
}

static int judge(struct tune_item *item, const struct tune_about *b)
{
	const char *words = choices(b);

	if (tune_equal(b->t, item->now, item->wanted))
		return answer(item, TUNE_RIGHT, "");
	if (b->t->mechanism == MECH_MODULE && module_barred(b->f))
		return answer(item, TUNE_NOT_APPLICABLE,
			      "it cannot be loaded here: ktlsctl explain tls-module");
	if (b->t->mechanism == MECH_MODULE && !strcmp(item->wanted, "on") &&
	    b->f->module.src.where && !b->f->module.src.err && !b->f->module.ko)
		return answer(item, TUNE_NOT_APPLICABLE,
			      "there is no tls module for this kernel on the disk");
	if (*words && !has_word(words, item->wanted))
		return answer(item, TUNE_NOT_APPLICABLE,
			      arena_printf(b->a, "this host has %s", words));
	return answer(item, TUNE_CHANGE, "");
}

/* One socket may have that much: on a small host a few would have it all. */
static int bound_by_memory(struct tune_item *item, const struct tune_about *b, bool force)
{
	const uint64_t ram = b->f->tuning.ram_bytes;
	uint64_t v[TUNE_NUMBERS_MAX];
	const char *why;

	if (item->state != TUNE_CHANGE || !b->t->ram_share || !ram ||
	    !tune_numbers(item->wanted, b->t->n, v) ||
	    v[b->t->n - 1] <= ram / b->t->ram_share)
		return 0;
	why = arena_printf(
		b->a, "a socket could take more than 1/%u of the memory, %" PRIu64 " MiB",
		b->t->ram_share, ram >> 20);
	if (!force)
		return answer(item, TUNE_REFUSED, why);
	item->warning = why;
	return why ? 0 : -ENOMEM;
}

static int weigh(struct making *m, struct tune_item *item, const struct tune_setting *s)
{
	struct tune_about b = { m->f, item->tunable, item->device, "", m->p->arena };
	struct tune_error e = { 0 };
	const char *wanted;
	int err = item->tunable->value(m->f, item->tunable, item->device, b.a,
				       &item->now);

	if (err)
		item->now = "";
	b.now = item->now;
	if (s->when && tune_when(s->when, &b, &e))
		return answer_error(item, &b, &e);
	if (err)
		return answer_value(item, &b, err);
	wanted = s->value ? arena_strdup(b.a, s->value) : tune_rule(s, &b, &e);
	if (!wanted)
		return s->value ? -ENOMEM : answer_error(item, &b, &e);
	item->wanted = s->may_lower ? wanted : kept_higher(&b, wanted);
	err = item->wanted ? judge(item, &b) : -ENOMEM;
	if (!err)
		err = tune_owner(item, &b, m->q);
	return err ? err : bound_by_memory(item, &b, m->q->force);
}

static bool copy(struct arena *a, const char **s)
{
	*s = arena_strdup(a, *s ? *s : "");
	return *s;
}

/* A row for t and device, where there is a wish for it. */
static int add(struct making *m, const struct tunable *t, const char *device)
{
	const struct tune_setting *s = setting_of(m, t, device);
	struct tune_plan *p = m->p;
	struct tune_item *v;
	int err;

	if (!s)
		return 0;
	v = arena_grow(p->arena, p->items, p->n_items, sizeof(*v));
	if (!v)
		return -ENOMEM;
	p->items = v;
	v += p->n_items++;
	*v = (struct tune_item){ .tunable = t,
				 .now = "",
				 .wanted = s->value,
				 .why = "",
				 .because = s->because,
				 .risk = s->risk,
				 .source = s->source,
				 .owner = "",
				 .boot = "",
				 .warning = "" };
	v->device = device ? arena_strdup(p->arena, device) : NULL;
	v->key = device ? arena_printf(p->arena, "%s/%s", device, t->id) : t->id;
	if ((device && !v->device) || !v->key || !copy(p->arena, &v->because) ||
	    !copy(p->arena, &v->risk) || !copy(p->arena, &v->source) ||
	    !copy(p->arena, &v->wanted))
		return -ENOMEM;
	err = t->device && !device ? 0 : weigh(m, v, s);
	if (!err && is_left_out(m->q, v))
		err = answer(v, TUNE_SKIPPED, "left out by --only or --skip");
	return err;
}

/* --- all of them ------------------------------------------------------------------ */

/* --device is taken as it is, also one made of others. */
static bool is_meant(const struct making *m, const char *device)
{
	const struct nic *nic = tune_nic(m->f, device);

	if (!nic)
		return false;
	return m->q->device ? !strcmp(nic->name, m->q->device)
			    : nic->chosen && nic->physical;
}

static int add_masks(struct making *m, const struct tunable *t, const struct nic_mask *v,
		     size_t n)
{
	int err = 0;

	for (size_t i = 0; i < n && !err; i++)
		if (is_meant(m, v[i].name))
			err = add(m, t, v[i].name);
	return err;
}

static int add_nics(struct making *m, const struct tunable *t)
{
	int err = 0;

	for (size_t i = 0; i < m->f->nics.n_nics && !err; i++)
		if (is_meant(m, m->f->nics.nics[i].name))
			err = add(m, t, m->f->nics.nics[i].name);
	return err;
}

static int add_each(struct making *m, const struct tunable *t)
{
	const struct tuning_facts *u = &m->f->tuning;
	int err = 0;

	switch (t->device) {
	case TUNE_HOST:
		return add(m, t, NULL);
	case TUNE_NIC:
		return add_nics(m, t);
	case TUNE_RX_QUEUE:
		return add_masks(m, t, u->rx, u->n_rx);
	case TUNE_TX_QUEUE:
		return add_masks(m, t, u->tx, u->n_tx);
	case TUNE_IRQ:
		return add_masks(m, t, u->irqs, u->n_irqs);
	case TUNE_CPU:
		for (size_t i = 0; i < u->n_policies && !err; i++)
			err = add(m, t, u->policies[i].name);
		return err;
	}
	return 0;
}

static bool is_there(const struct tune_plan *p, const struct tunable *t,
		     const char *device)
{
	for (size_t i = 0; i < p->n_items; i++)
		if (p->items[i].tunable == t &&
		    (!device ||
		     (p->items[i].device && covers(device, p->items[i].device))))
			return true;
	return false;
}

/* One row for all the devices that are not there. */
static int add_none(struct making *m, const struct tunable *t)
{
	const struct source *src = t->device == TUNE_NIC ? &m->f->nics.src
							 : &m->f->tuning.src;
	struct tune_item *item;
	int err = add(m, t, NULL);

	if (err || !is_there(m->p, t, NULL))
		return err;
	item = &m->p->items[m->p->n_items - 1];
	if (item->state == TUNE_SKIPPED)
		return 0;
	if (!src->where || src->err)
		return answer(item, TUNE_UNKNOWN,
			      src->err ? arena_strdup(m->p->arena, strerror(-src->err))
			      : m->f->live ? "nobody looked"
					   : "this snapshot does not tell");
	return answer(item, TUNE_NOT_APPLICABLE,
		      t->device == TUNE_CPU   ? t->absent
		      : t->device == TUNE_NIC ? "no NIC of its own here"
					      : "no NIC here has any");
}

/* Devices that were named and are not among those there are. */
static int add_named(struct making *m, const struct tunable *t,
		     const struct tune_setting *v, size_t n)
{
	int err = 0;

	for (size_t i = 0; i < n && !err; i++)
		if (v[i].tunable == t && v[i].device &&
		    (!m->q->device || is_meant(m, v[i].device)) &&
		    !is_there(m->p, t, v[i].device))
			err = add(m, t, v[i].device);
	return err;
}

static int add_tunable(struct making *m, const struct tunable *t)
{
	const struct tune_profile *p = m->q->profile;
	int err = add_each(m, t);

	if (!err)
		err = add_named(m, t, m->sets, m->n_sets);
	if (!err && p)
		err = add_named(m, t, p->settings, p->n_settings);
	return !err && t->device && !is_there(m->p, t, NULL) ? add_none(m, t) : err;
}

/* "eth0/nic.rx-ring=4096" */
static int parse_set(struct making *m, const char *text, struct tune_setting *out)
{
	const char *equals = strchr(text, '=');
	struct arena *a = m->p->arena;
	const char *key = equals ? arena_strndup(a, text, (size_t)(equals - text)) : NULL;
	const char *near, *slash;
	struct tune_error e = { 0 };

	if (!equals)
		return tune_fail(m->e, -EINVAL, "'%.80s' is not KEY=VALUE", text);
	if (!key)
		return -ENOMEM;
	if (!tune_key(key, a, &out->tunable, &out->device)) {
		slash = strrchr(key, '/');
		near = tune_nearest(slash ? slash + 1 : key);
		return tune_fail(m->e, -EINVAL, "unknown key '%.80s'%s%s%s", key,
				 near ? "; did you mean " : "", near ? near : "",
				 near ? "?" : "");
	}
	if (tune_value(out, equals + 1, a, &e))
		return e.err == -ENOMEM ? e.err
					: tune_fail(m->e, e.err, "%s: %s", key, e.why);
	out->because = "asked for";
	out->source = "--set";
	out->may_lower = true; /* it was said */
	return 0;
}

static int parse_sets(struct making *m)
{
	int err = 0;

	m->sets = m->q->n_sets ? arena_alloc(m->p->arena, m->q->n_sets * sizeof(*m->sets))
			       : NULL;
	if (m->q->n_sets && !m->sets)
		return -ENOMEM;
	for (size_t i = 0; i < m->q->n_sets && !err; i++) {
		err = parse_set(m, m->q->sets[i], &m->sets[i]);
		m->n_sets += !err;
	}
	return err;
}

static int make(struct making *m)
{
	int err = parse_sets(m);

	for (size_t i = 0; tunables[i] && !err; i++)
		err = add_tunable(m, tunables[i]);
	m->p->profile = arena_strdup(m->p->arena,
				     m->q->profile ? m->q->profile->name : "--set");
	if (!err && !m->p->profile)
		err = -ENOMEM;
	if (!err)
		err = tune_by_hand(m->p, m->f, m->q);
	return err ? err : tune_notes(m->p, m->f, m->q->report);
}

int tune_plan_make(const struct tune_query *q, const struct facts *f,
		   struct tune_plan **out, char *why, size_t size)
{
	struct tune_error e = { 0 };
	struct making m = { .q = q, .f = f, .e = &e };
	int err;

	*out = NULL;
	m.p = calloc(1, sizeof(*m.p));
	if (m.p)
		m.p->arena = arena_new();
	err = m.p && m.p->arena ? make(&m) : -ENOMEM;
	if (!err) {
		*out = m.p;
		return 0;
	}
	snprintf(why, size, "%s", err == -ENOMEM ? "out of memory" : e.why);
	tune_plan_free(m.p);
	return err;
}

void tune_plan_free(struct tune_plan *p)
{
	if (!p)
		return;
	arena_free(p->arena);
	free(p);
}
