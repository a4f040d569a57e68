/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "reader.h"

void read_ethtool(struct host *h, struct facts *f)
{
	(void)h;
	f->ethtool.src = (struct source){ "ethtool", -ENOSYS };
}

const struct nic_settings *nic_settings(const struct facts *f, const struct nic *nic)
{
	for (size_t i = 0; i < f->ethtool.n_nics; i++)
		if (!strcmp(f->ethtool.nics[i].name, nic->name))
			return &f->ethtool.nics[i];
	return NULL;
}

const struct nic_feature *nic_feature(const struct nic_settings *s, const char *name)
{
	for (size_t i = 0; s && i < s->n_features; i++)
		if (!strcmp(s->features[i].name, name))
			return &s->features[i];
	return NULL;
}
