/* SPDX-License-Identifier: MIT */
/*
 * What `tune` looks at besides: memory, frequency policies, masks of queues and
 * interrupts, and how many network namespaces there are. None of it is recorded: a
 * snapshot has the group itself.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../host/cleanup.h"
#include "nic_priv.h"

uint64_t parse_meminfo(struct span text)
{
	struct span line, name, word;
	uint64_t kib;

	while (next_line(&text, &line))
		if (cut_at(&line, ':', &name) && span_is(name, "MemTotal") &&
		    next_word(&line, &word) && span_u64(word, &kib) &&
		    kib < UINT64_MAX / 1024)
			return kib * 1024;
	return 0;
}

/* The line of a small file, in the arena; "" where there is none, with *err. */
static const char *line_of(struct host *h, struct arena *a, const char *path, int *err)
{
	const struct read_opts o = { .max = 4096, .unrecorded = true };
	cleanup_bytes struct bytes b = { 0 };
	const char *copy;

	*err = host_read(h, path, &o, &b);
	if (*err || !b.data)
		return "";
	copy = arena_strndup(a, b.data, strcspn(b.data, "\n"));
	*err = copy ? 0 : -ENOMEM;
	return copy ? copy : "";
}

static int read_memory(struct host *h, struct tuning_facts *t)
{
	const struct read_opts o = { .unrecorded = true };
	cleanup_bytes struct bytes b = { 0 };
	int err = host_read(h, "/proc/meminfo", &o, &b);

	t->ram_bytes = err ? 0 : parse_meminfo(span_of(&b));
	return err;
}

/* --- frequency scaling ------------------------------------------------------------ */

#define CPUFREQ "/sys/devices/system/cpu/cpufreq"

struct look {
	struct host *host;
	struct facts *facts;
	const struct nic *nic;
};

static const char *policy_file(const struct look *l, struct cpu_policy *p,
			       const char *file)
{
	char path[160];
	const char *text;
	int err;

	snprintf(path, sizeof(path), CPUFREQ "/%s/%s", p->name, file);
	text = line_of(l->host, l->facts->arena, path, &err);
	if (err && err != -ENOENT)
		p->err = err;
	return text;
}

static int add_policy(void *arg, const char *name)
{
	const struct look *l = arg;
	struct tuning_facts *t = &l->facts->tuning;
	struct cpu_policy *p;

	if (strncmp(name, "policy", 6))
		return 0;
	p = arena_grow(l->facts->arena, t->policies, t->n_policies, sizeof(*p));
	if (!p)
		return -ENOMEM;
	t->policies = p;
	p += t->n_policies++;
	p->name = arena_strdup(l->facts->arena, name);
	if (!p->name)
		return -ENOMEM;
	p->governor = policy_file(l, p, "scaling_governor");
	p->governors = policy_file(l, p, "scaling_available_governors");
	p->preference = policy_file(l, p, "energy_performance_preference");
	p->preferences = policy_file(l, p, "energy_performance_available_preferences");
	return p->err == -ENOMEM ? -ENOMEM : 0;
}

/* --- masks ------------------------------------------------------------------------ */

static int add_mask(const struct look *l, struct nic_mask **list, size_t *n,
		    const char *name, const char *path)
{
	struct arena *a = l->facts->arena;
	struct nic_mask *m = arena_grow(a, *list, *n, sizeof(*m));
	const char *text;

	if (!m)
		return -ENOMEM;
	*list = m;
	m += (*n)++;
	m->name = arena_printf(a, "%s/%s", l->nic->name, name);
	text = line_of(l->host, a, path, &m->err);
	m->mask = m->err ? "" : cpus_mask_again(text, a);
	if (!m->mask) {
		m->mask = "";
		m->err = -EBADMSG;
	}
	return m->name && m->err != -ENOMEM ? 0 : -ENOMEM;
}

static int add_queue(void *arg, const char *name)
{
	const struct look *l = arg;
	struct tuning_facts *t = &l->facts->tuning;
	bool rx = !strncmp(name, "rx-", 3);
	char path[256];

	if (!rx && strncmp(name, "tx-", 3) != 0)
		return 0;
	snprintf(path, sizeof(path), "/sys/class/net/%s/queues/%s/%s", l->nic->name, name,
		 rx ? "rps_cpus" : "xps_cpus");
	return rx ? add_mask(l, &t->rx, &t->n_rx, name, path)
		  : add_mask(l, &t->tx, &t->n_tx, name, path);
}

static int add_irq(void *arg, const char *irq)
{
	const struct look *l = arg;
	struct tuning_facts *t = &l->facts->tuning;
	char path[128], name[64];

	snprintf(path, sizeof(path), "/proc/irq/%s/smp_affinity", irq);
	snprintf(name, sizeof(name), "irq-%s", irq);
	/* Nobody asked for that one. */
	if (host_probe(l->host, path) == -ENOENT)
		return 0;
	return add_mask(l, &t->irqs, &t->n_irqs, name, path);
}

static int read_masks(struct look *l)
{
	int err = 0;

	for (size_t i = 0; i < l->facts->nics.n_nics && !err; i++) {
		char path[128];

		l->nic = &l->facts->nics.nics[i];
		if (!l->nic->physical)
			continue;
		snprintf(path, sizeof(path), "/sys/class/net/%s/queues", l->nic->name);
		err = host_scan(l->host, path, add_queue, l);
		if (!err || err == -ENOENT)
			err = nic_each_irq(l->host, l->nic->name, add_irq, l);
	}
	return err;
}

/* --- network namespaces ----------------------------------------------------------- */

struct namespaces {
	struct host *host;
	struct arena *arena; /* of its own: the list is not kept */
	struct host_id *v;   /* the first is this process's */
	size_t n;
	bool missed; /* one could not be looked at */
	int err;
};

static void add_namespace(struct namespaces *s, const char *path)
{
	struct host_id id, *v;
	int err = host_identify(s->host, path, &id);

	if (err) {
		/* A process that has gone, or a thread of the kernel. */
		s->missed |= err != -ENOENT && err != -ESRCH;
		return;
	}
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].ino == id.ino && s->v[i].dev == id.dev)
			return;
	v = arena_grow(s->arena, s->v, s->n, sizeof(*v));
	if (!v) {
		s->err = -ENOMEM;
		return;
	}
	s->v = v;
	v[s->n++] = id;
}

static int of_process(void *arg, const char *name)
{
	struct namespaces *s = arg;
	char path[64];

	if (!isdigit((unsigned char)*name))
		return 0;
	snprintf(path, sizeof(path), "/proc/%.20s/ns/net", name);
	add_namespace(s, path);
	return s->err;
}

/* What "ip netns" keeps, also without a process. */
static int of_name(void *arg, const char *name)
{
	struct namespaces *s = arg;
	char path[288];

	snprintf(path, sizeof(path), "/run/netns/%s", name);
	add_namespace(s, path);
	return s->err;
}

static int count_namespaces(struct host *h, struct tuning_facts *t)
{
	cleanup_arena struct arena *a = arena_new();
	struct namespaces s = { .host = h, .arena = a };
	int err;

	if (!a)
		return -ENOMEM;
	add_namespace(&s, "/proc/self/ns/net");
	/* Where /proc hides the processes of others, the first is hidden too. */
	add_namespace(&s, "/proc/1/ns/net");
	s.missed |= host_probe(h, "/proc/1") != 0;
	err = host_scan(h, "/proc", of_process, &s);
	if (!err)
		err = host_scan(h, "/run/netns", of_name, &s);
	s.missed |= err && err != -ENOENT;
	t->other_netns = s.n ? s.n - 1 : 0;
	t->netns_counted = s.missed ? TRI_NO : TRI_YES;
	return err == -ENOMEM ? err : 0;
}

void read_tuning(struct host *h, struct facts *f)
{
	struct tuning_facts *t = &f->tuning;
	struct look l = { h, f, NULL };
	int err;

	if (!host_is_live(h))
		return;
	t->src = (struct source){ "/sys, /proc", 0 };
	err = read_memory(h, t);
	if (!err)
		err = host_scan(h, CPUFREQ, add_policy, &l);
	if (!err || err == -ENOENT)
		err = read_masks(&l);
	if (!err || err == -ENOENT)
		err = count_namespaces(h, t);
	t->src.err = err == -ENOENT ? 0 : err;
}
