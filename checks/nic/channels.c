/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdlib.h>

#include "check.h"

/* More than any kernel is built for. */
enum { MANY_CPUS = 8192 };

/* "0-3,8": 5. 0: not a list. */
static uint64_t count_cpus(const char *list)
{
	uint64_t n = 0;

	while (*list >= '0' && *list <= '9') {
		char *end;
		unsigned long first = strtoul(list, &end, 10), last = first;

		if (*end == '-')
			last = strtoul(end + 1, &end, 10);
		if (last < first || end[-1] == '-' || last >= MANY_CPUS)
			return 0;
		n += last - first + 1;
		list = *end == ',' ? end + 1 : end;
	}
	return *list ? 0 : n;
}

/* Those of the NIC's own node, or of the machine where it tells no node. */
static uint64_t cpus_near(const struct facts *f, const struct nic *nic)
{
	const struct topology_facts *t = &f->topology;
	uint64_t n = 0;

	if (!t->src.where || t->src.err)
		return 0;
	for (size_t i = 0; i < t->n_nodes; i++)
		if (nic->numa_node < 0 || t->nodes[i].id == (uint64_t)nic->numa_node)
			n += count_cpus(t->nodes[i].cpus);
	return n;
}

static void say_few(struct report *r, const struct nic *nic, const struct nic_settings *s,
		    uint64_t wanted)
{
	struct finding *fi = say_nic(r, VERDICT_INFO, nic,
				     "it spreads its work over %" PRIu64 " processors "
				     "where it could take %" PRIu64,
				     s->combined, wanted);

	because(fi, "nic-channels-few");
	evidence(fi, "ethtool -l, combined", text(r, "%" PRIu64, wanted),
		 "%" PRIu64 " of %" PRIu64, s->combined, s->combined_max);
	remedy(fi, "as many channels as there are processors near it",
	       text(r, "ethtool -L %s combined %" PRIu64, shell_quoted(r, nic->name),
		    wanted),
	       REMEDY_ROOT, "most drivers restart the NIC for it");
}

static void say_one(const struct facts *f, struct report *r, const struct nic *nic)
{
	const struct nic_settings *s = settings_or_say(f, r, nic);
	uint64_t cpus = cpus_near(f, nic), wanted;
	struct finding *fi;

	if (!s)
		return;
	if (!s->combined_max) {
		say_nic(r, VERDICT_SKIP, nic, "it tells no combined channels");
		return;
	}
	if (!cpus && s->combined < s->combined_max) {
		fi = say_nic(r, VERDICT_UNKNOWN, nic,
			     "how many processors there are is not known");
		evidence(fi, "/sys/devices/system/node", "processors", "%s",
			 f->topology.src.err ? strerror(-f->topology.src.err) : "none");
		return;
	}
	wanted = cpus && cpus < s->combined_max ? cpus : s->combined_max;
	if (s->combined < wanted)
		say_few(r, nic, s, wanted);
	else
		say_nic(r, VERDICT_OK, nic, "%" PRIu64 " channel%s", s->combined,
			s->combined == 1 ? "" : "s");
}

static void run(const struct facts *f, struct report *r)
{
	each_nic(f, r, say_one);
}

static const struct outcome outcomes[] = {
	{ VERDICT_OK, NULL, "a channel for each processor near it, or all it has", NULL },
	{ VERDICT_INFO, "nic-channels-few", "fewer channels than processors",
	  "ethtool -L IF combined N" },
	{ VERDICT_UNKNOWN, NULL, "the settings or the processors could not be read",
	  NULL },
	{ VERDICT_SKIP, NULL, "no physical NIC, or it tells none", NULL },
	{ 0 },
};

const struct check check_nic_channels = {
	.id = "nic-channels",
	.category = "nic",
	.title = "channels of the NIC",
	.why = "What a NIC receives is worked on, and with kTLS decrypted, where its "
	       "channel's interrupt goes. With fewer channels than processors some of "
	       "them have nothing to do while others are full.",
	.outcomes = outcomes,
	.refs = "https://docs.kernel.org/networking/scaling.html",
	.needs = FACT_NICS | FACT_ETHTOOL,
	.uses = FACT_TOPOLOGY,
	.run = run,
};
