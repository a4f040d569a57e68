/* SPDX-License-Identifier: MIT */
/* Where latency runs, and the NIC that it asks for stamps. */
#include <errno.h>
#include <sched.h>

#include "../lib/net/resolve.h"
#include "../lib/net/wire.h"
#include "latency_priv.h"

int latency_pin(const struct settings *s)
{
	const uint64_t cpu = s->latency.cpu;
	cpu_set_t set;

	if (!cpu)
		return 0;
	CPU_ZERO(&set);
	CPU_SET(cpu - 1, &set);
	if (!sched_setaffinity(0, sizeof(set), &set))
		return 0;
	return usage_error(s, "latency", "--cpu: '%u': %s", (unsigned)cpu - 1,
			   errno == EINVAL ? "there is no such processor, or it is not "
					     "ours to use"
					   : strerror(errno));
}

static const char *run_on(const struct cpus *cpus)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	for (unsigned i = 0; i < CPUS_MAX && i < CPU_SETSIZE; i++)
		if (cpus->bits[i / 64] >> i % 64 & 1)
			CPU_SET(i, &set);
	return sched_setaffinity(0, sizeof(set), &set)
		       ? "no processor of that node is ours to use"
		       : "";
}

static const char *find(struct host *h, const struct url *u, struct place *p)
{
	struct addresses all;
	const char *why;

	*p = (struct place){ .node = -1, .why = "" };
	if (resolve(u->host, u->port, wire_now_ns() + 5000000000, &all, &why) || !all.n)
		return "the server's address is not known";
	place_find(h, &all.a[0], p);
	return "";
}

void latency_place(const struct settings *s, struct host *h, const struct url *u,
		   struct latency_place *out)
{
	const struct latency_settings *l = &s->latency;
	const char *why;

	*out = (struct latency_place){ .nic.fd = -1, .place.node = -1 };
	out->why_node = "";
	out->why_nic = "only the NIC knows when it had a packet: --hwtstamp";
	if (!l->numa && !l->hwtstamp)
		return;
	why = find(h, u, &out->place);
	if (l->numa) {
		out->why_node = *why ? why : out->place.why;
		if (!*out->why_node)
			out->why_node = run_on(&out->place.cpus);
	}
	if (!l->hwtstamp)
		return;
	out->why_nic = why;
	if (!*why && (!*out->place.device || out->place.local))
		out->why_nic = out->place.why;
	else if (!*why)
		out->why_nic = hwtstamp_begin(h, out->place.device, &out->nic);
	out->stamps = !*out->why_nic;
}
