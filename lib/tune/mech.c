/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "mech.h"

const struct mechanism *mechanism_of(const struct tunable *t)
{
	static const struct mechanism *const table[MECH_COUNT] = {
		[MECH_SYSCTL] = &mech_sysctl,   [MECH_MODULE] = &mech_module,
		[MECH_ETHTOOL] = &mech_ethtool, [MECH_SYSFS] = &mech_sysfs,
		[MECH_OPENSSL] = &mech_openssl,
	};

	return t ? table[t->mechanism] : NULL;
}

const char *tune_file(const struct tunable *t)
{
	return mechanism_of(t)->file;
}

int tune_read(struct host *h, const struct mech_key *k, struct arena *a, const char **out)
{
	const struct facts_query q = { .mask = k->tunable->needs };
	cleanup_facts struct facts *f = NULL;
	char why[256];
	int err = facts_read(h, &q, &f, why, sizeof(why));

	*out = NULL;
	if (err)
		return err;
	return k->tunable->value(f, k->tunable, k->device, a, out);
}
