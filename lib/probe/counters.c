/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "../host/host.h"
#include "probe_priv.h"

static int copy(struct arena *a, const struct tls_stat_facts *from,
		struct tls_stat_facts *out)
{
	struct counter *v = arena_alloc(a, (from->n_counters + 1) * sizeof(*v));

	if (!v)
		return -ENOMEM;
	for (size_t i = 0; i < from->n_counters; i++) {
		v[i].name = arena_strdup(a, from->counters[i].name);
		v[i].value = from->counters[i].value;
		if (!v[i].name)
			return -ENOMEM;
	}
	*out = *from;
	out->counters = v;
	return 0;
}

int counters_read(struct arena *a, struct tls_stat_facts *out)
{
	const struct facts_query q = { .mask = FACT_TLS_STAT };
	cleanup_host struct host *h = NULL;
	cleanup_facts struct facts *f = NULL;
	char why[64];
	int err;

	*out = (struct tls_stat_facts){ 0 };
	if (host_open(&h, NULL))
		return 0;
	err = facts_read(h, &q, &f, why, sizeof(why));
	if (err)
		return err == -ENOMEM ? err : 0;
	return copy(a, &f->tls_stat, out);
}

/* A gauge says how many are open now: that of ours is over. */
static bool is_gauge(const char *name)
{
	return !strncmp(name, "TlsCurr", strlen("TlsCurr"));
}

int counters_since(const struct tls_stat_facts *before, struct arena *a,
		   struct probe_facts *out)
{
	struct tls_stat_facts now;
	int err = counters_read(a, &now);

	if (err)
		return err;
	out->counted = now.counters;
	out->n_counted = 0;
	for (size_t i = 0; i < now.n_counters; i++) {
		struct counter c = now.counters[i];
		const uint64_t was = tls_stat_get(before, c.name, 0);

		if (is_gauge(c.name) || c.value <= was)
			continue;
		c.value -= was;
		out->counted[out->n_counted++] = c;
	}
	return 0;
}
