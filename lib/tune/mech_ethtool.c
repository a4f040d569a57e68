/* SPDX-License-Identifier: MIT */
/* Features, rings, channels and coalescing of a NIC; for the next boot a unit. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../host/cleanup.h"
#include "mech.h"

static const struct {
	const char *id;
	enum host_nic_number which;
} numbers[] = {
	{ "nic.rx-ring", HOST_NIC_RX_RING },
	{ "nic.tx-ring", HOST_NIC_TX_RING },
	{ "nic.combined", HOST_NIC_CHANNELS },
	{ "nic.rx-usecs", HOST_NIC_RX_USECS },
	{ "nic.tx-usecs", HOST_NIC_TX_USECS },
	{ "nic.adaptive-rx", HOST_NIC_ADAPTIVE_RX },
	{ "nic.adaptive-tx", HOST_NIC_ADAPTIVE_TX },
};

static uint32_t number_of(const struct tunable *t, const char *value)
{
	if (t->kind == TUNE_SWITCH)
		return !strcmp(value, "on");
	return (uint32_t)strtoul(value, NULL, 10);
}

static int set(struct host *h, const struct mech_key *k, const char *value)
{
	const char *id = k->tunable->id;

	if (!k->device)
		return -EINVAL;
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		if (!strcmp(numbers[i].id, id))
			return host_set_nic_number(h, k->device, numbers[i].which,
						   number_of(k->tunable, value));
	/* What is left are features, by the kernel's names. */
	return host_set_nic_feature(h, k->device, id + strlen("nic."),
				    !strcmp(value, "on"));
}

const struct mechanism mech_ethtool = {
	.write = set,
	.file = UNIT_FILE,
	.folder = UNIT_FOLDER,
	.elsewhere = unit_elsewhere,
	.filed = unit_filed,
	.put = unit_put,
	.tidy = unit_tidy,
};
