/* SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "check.h"

/* NULL: no such node, or one without processors. */
static const char *cpus_of(const struct facts *f, int node)
{
	for (size_t i = 0; i < f->topology.n_nodes; i++)
		if (f->topology.nodes[i].id == (uint64_t)node)
			return *f->topology.nodes[i].cpus ? f->topology.nodes[i].cpus
							  : NULL;
	return NULL;
}

/* The folder of a virtio NIC is that of the virtio device; interrupts are its parent's.
 */
static const char *command(struct report *r, const struct facts *f, const struct nic *nic)
{
	const char *cpus = cpus_of(f, nic->numa_node);
	const char *up = strcmp(nic_driver(f, nic), "virtio_net") ? "" : "/..";
	const char *dir = text(r, "/sys/class/net/%s/device%s/msi_irqs", nic->name, up);

	if (!cpus)
		return NULL;
	return text(r,
		    "for i in $(ls %s); do "
		    "echo %s > /proc/irq/$i/smp_affinity_list; done",
		    shell_quoted(r, dir), shell_quoted(r, cpus));
}

static void say_remote(const struct facts *f, struct report *r, const struct nic *nic,
		       const struct nic_irqs *q)
{
	const char *cpus = cpus_of(f, nic->numa_node);
	struct finding *fi = say_nic(r, VERDICT_WARN, nic,
				     "%" PRIu64 " of its %" PRIu64 " interrupts go to "
				     "processors of another node than its own (%d)",
				     q->remote, q->irqs, nic->numa_node);

	because(fi, "nic-irqs-remote");
	evidence(fi, text(r, "/proc/irq, interrupts of %s", nic->name),
		 cpus ? text(r, "processors %s", cpus) : NULL, "processors %s", q->cpus);
	remedy(fi, "let the NIC's own node take them", command(r, f, nic), REMEDY_ROOT,
	       "irqbalance may move them again, and the next boot forgets it");
	mended_by(fi, "%s/nic.irq-affinity=near", nic->name);
}

static void say_one(const struct facts *f, struct report *r, const struct nic *nic)
{
	const struct nic_irqs *q = nic_irqs(f, nic);
	struct finding *fi;

	if (nic->numa_node < 0) {
		say_nic(r, VERDICT_SKIP, nic, "the machine does not say where it sits");
	} else if (!q || q->err) {
		const char *saw = q ? strerror(-q->err) : "not recorded";

		fi = say_nic(r, VERDICT_UNKNOWN, nic,
			     "which processors take its interrupts could not be read");
		evidence(fi, text(r, "/proc/irq, interrupts of %s", nic->name),
			 "readable", "%s", saw);
	} else if (!q->irqs) {
		say_nic(r, VERDICT_SKIP, nic, "it has no interrupts that could be told");
	} else if (q->remote) {
		say_remote(f, r, nic, q);
	} else {
		fi = say_nic(r, VERDICT_OK, nic,
			     "all of its %" PRIu64 " interrupts can go to its own node",
			     q->irqs);
		evidence(fi, "/proc/irq", NULL, "processors %s", q->cpus);
	}
}

static void run(const struct facts *f, struct report *r)
{
	if (f->topology.n_nodes < 2)
		say(r, VERDICT_SKIP, "one NUMA node: everything is near");
	else
		each_nic(f, r, say_one);
}

static const struct outcome outcomes[] = {
	{ VERDICT_OK, NULL, "the NIC's own node takes its interrupts", NULL },
	{ VERDICT_WARN, "nic-irqs-remote", "other nodes take some of them",
	  "smp_affinity_list of each interrupt" },
	{ VERDICT_UNKNOWN, NULL, "the interrupts could not be read", NULL },
	{ VERDICT_SKIP, NULL,
	  "one node, no physical NIC, or the machine does not say where it sits", NULL },
	{ 0 },
};

const struct check check_nic_numa = {
	.id = "nic-numa",
	.category = "nic",
	.title = "NUMA node of the NIC against its interrupts",
	.why = "The processor that takes a NIC's interrupt works on its packets, "
	       "decryption included. On another node each byte crosses the link "
	       "between the nodes, which costs more than a slower cipher would.",
	.outcomes = outcomes,
	.refs = "https://docs.kernel.org/core-api/irq/irq-affinity.html",
	.needs = FACT_NICS | FACT_TOPOLOGY,
	.uses = FACT_NIC_STATS,
	.run = run,
};
