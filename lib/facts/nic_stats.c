/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "reader.h"

void read_nic_stats(struct host *h, struct facts *f)
{
	(void)h;
	f->nic_stats.src = (struct source){ "nic_stats", -ENOSYS };
}

const struct nic_stats *nic_stats(const struct facts *f, const struct nic *nic)
{
	for (size_t i = 0; i < f->nic_stats.n_nics; i++)
		if (!strcmp(f->nic_stats.nics[i].name, nic->name))
			return &f->nic_stats.nics[i];
	return NULL;
}

uint64_t nic_counter(const struct nic_stats *s, const char *name, uint64_t fallback)
{
	for (size_t i = 0; s && i < s->n_counters; i++)
		if (!strcmp(s->counters[i].name, name))
			return s->counters[i].value;
	return fallback;
}
