/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "reader.h"

void read_topology(struct host *h, struct facts *f)
{
	(void)h;
	f->topology.src = (struct source){ "topology", -ENOSYS };
}

const struct nic_irqs *nic_irqs(const struct facts *f, const struct nic *nic)
{
	for (size_t i = 0; i < f->topology.n_nics; i++)
		if (!strcmp(f->topology.nics[i].name, nic->name))
			return &f->topology.nics[i];
	return NULL;
}
