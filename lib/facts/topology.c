/* SPDX-License-Identifier: MIT */
/*
 * NUMA nodes, and whether the interrupts of a NIC go to processors near it. None of it is
 * recorded: a snapshot has the group itself.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../host/cleanup.h"
#include "nic_priv.h"

#define NODES "/sys/devices/system/node"

/* A list of processors, or of nodes. */
static int read_list(struct host *h, const char *path, struct cpus *out)
{
	const struct read_opts o = { .max = 65536, .unrecorded = true };
	cleanup_bytes struct bytes b = { 0 };
	int err = host_read(h, path, &o, &b);

	*out = (struct cpus){ 0 };
	if (!err && !parse_cpulist(span_of(&b), out))
		err = -EBADMSG;
	return err;
}

static int read_node(struct host *h, uint64_t id, struct cpus *out)
{
	char path[128];

	snprintf(path, sizeof(path), NODES "/node%" PRIu64 "/cpulist", id);
	return read_list(h, path, out);
}

static int add_node(struct host *h, struct facts *f, uint64_t id)
{
	struct topology_facts *t = &f->topology;
	struct numa_node *n = arena_grow(f->arena, t->nodes, t->n_nodes, sizeof(*n));
	struct cpus cpus;
	int err = n ? read_node(h, id, &cpus) : -ENOMEM;

	if (err)
		return err == -ENOENT ? 0 : err; /* it went offline */
	t->nodes = n;
	n += t->n_nodes;
	*n = (struct numa_node){ id, cpus_text(&cpus, f->arena) };
	t->n_nodes += n->cpus != NULL;
	return n->cpus ? 0 : -ENOMEM;
}

/* A kernel without NUMA has no such folder, but then it has the neighbour. */
static int read_nodes(struct host *h, struct facts *f)
{
	struct cpus online;
	int err = read_list(h, NODES "/online", &online);

	if (err == -ENOENT)
		return host_probe(h, "/sys/devices/system/cpu");
	for (uint64_t id = 0; id < CPUS_MAX && !err; id++)
		if (online.bits[id / 64] >> id % 64 & 1)
			err = add_node(h, f, id);
	return err;
}

struct irqs {
	struct host *host;
	struct cpus near, all;
	struct nic_irqs *out;
};

/* The effective list is empty for an interrupt that nobody has started. */
static int read_affinity(struct host *h, const char *irq, struct cpus *out)
{
	static const char *const files[] = { "effective_affinity_list",
					     "smp_affinity_list" };
	const struct cpus none = { 0 };
	int err = -ENOENT;

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		char path[128];

		snprintf(path, sizeof(path), "/proc/irq/%s/%s", irq, files[i]);
		err = read_list(h, path, out);
		if ((err && err != -ENOENT) || memcmp(out, &none, sizeof(none)))
			break;
	}
	return err;
}

static int add_irq(void *arg, const char *name)
{
	struct irqs *q = arg;
	struct cpus cpus;
	int err = read_affinity(q->host, name, &cpus);

	if (err)
		return err == -ENOENT ? 0 : err; /* nobody asked for that one */
	q->out->irqs++;
	q->out->remote += !cpus_overlap(&cpus, &q->near);
	cpus_add(&q->all, &cpus);
	return 0;
}

/* A virtio NIC hangs below the PCI device that interrupts for it. What is on the bus
 * itself has a node of its own, and above it a bridge with interrupts that are none of
 * ours. */
int nic_each_irq(struct host *h, const char *nic, int (*fn)(void *arg, const char *irq),
		 void *arg)
{
	char path[128];
	int err;

	snprintf(path, sizeof(path), "/sys/class/net/%s/device/numa_node", nic);
	err = host_probe(h, path);
	snprintf(path, sizeof(path), "/sys/class/net/%s/device/%smsi_irqs", nic,
		 err == -ENOENT ? "../" : "");
	err = host_scan(h, path, fn, arg);
	return err == -ENOENT ? 0 : err;
}

static int read_irqs(struct host *h, struct facts *f, const struct nic *nic)
{
	struct topology_facts *t = &f->topology;
	struct nic_irqs *n = arena_grow(f->arena, t->nics, t->n_nics, sizeof(*n));
	struct irqs q = { .host = h, .out = n };

	if (!n)
		return -ENOMEM;
	t->nics = n;
	q.out = n += t->n_nics;
	*n = (struct nic_irqs){ .name = nic->name, .cpus = "" };
	n->err = read_node(h, (uint64_t)nic->numa_node, &q.near);
	if (!n->err)
		n->err = nic_each_irq(h, nic->name, add_irq, &q);
	if (!n->err)
		n->cpus = cpus_text(&q.all, f->arena);
	t->n_nics += n->cpus != NULL;
	return n->cpus ? 0 : -ENOMEM;
}

static int read_all(struct host *h, struct facts *f)
{
	int err = read_nodes(h, f);

	if (f->topology.n_nodes < 2)
		return err;
	for (size_t i = 0; i < f->nics.n_nics && !err; i++)
		if (f->nics.nics[i].physical && f->nics.nics[i].numa_node >= 0)
			err = read_irqs(h, f, &f->nics.nics[i]);
	return err;
}

void read_topology(struct host *h, struct facts *f)
{
	if (!host_is_live(h))
		return;
	f->topology.src = (struct source){ NODES, read_all(h, f) };
}

int node_of_cpu(const struct facts *f, int cpu)
{
	const struct topology_facts *t = &f->topology;
	struct cpus cpus;

	for (size_t i = 0; cpu >= 0 && cpu < CPUS_MAX && t->n_nodes > 1 && i < t->n_nodes;
	     i++) {
		const char *list = t->nodes[i].cpus;

		memset(&cpus, 0, sizeof(cpus));
		if (parse_cpulist(span(list, strlen(list)), &cpus) &&
		    cpus.bits[cpu / 64] >> cpu % 64 & 1)
			return (int)t->nodes[i].id;
	}
	return -1;
}

const struct nic_irqs *nic_irqs(const struct facts *f, const struct nic *nic)
{
	for (size_t i = 0; i < f->topology.n_nics; i++)
		if (!strcmp(f->topology.nics[i].name, nic->name))
			return &f->topology.nics[i];
	return NULL;
}
