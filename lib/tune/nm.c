/* SPDX-License-Identifier: MIT */
/*
 * Interfaces of NetworkManager. What its connection sets of ethtool's it sets again
 * whenever it brings the interface up (seen with 1.42), so that neither a unit at boot
 * nor anybody before holds against it; what the connection does not name it leaves alone.
 * Scripts in dispatcher.d run behind that: what is to last on such an interface is a line
 * in one of ours, which holds also when the interface comes back later.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../host/cleanup.h"
#include "mech.h"
#include "tune_priv.h"

const struct nm_device *tune_nm(const struct facts *f, const char *device)
{
	const struct nic *nic = device ? tune_nic(f, device) : NULL;

	for (size_t i = 0; nic && i < f->tuners.n_nm; i++)
		if (f->tuners.nm[i].ifindex == nic->ifindex && f->tuners.nm[i].managed &&
		    *f->tuners.nm[i].uuid)
			return &f->tuners.nm[i];
	return NULL;
}

const struct nm_setting *tune_nm_setting(const struct facts *f, const struct tunable *t,
					 const char *device)
{
	static const struct {
		const char *id, *key;
	} names[] = {
		{ "nic.tls-hw-tx-offload", "feature-tls-hw-tx-offload" },
		{ "nic.tls-hw-rx-offload", "feature-tls-hw-rx-offload" },
		{ "nic.rx-ring", "ring-rx" },
		{ "nic.tx-ring", "ring-tx" },
		{ "nic.combined", "channels-combined" },
		{ "nic.adaptive-rx", "coalesce-adaptive-rx" },
		{ "nic.adaptive-tx", "coalesce-adaptive-tx" },
		{ "nic.rx-usecs", "coalesce-rx-usecs" },
		{ "nic.tx-usecs", "coalesce-tx-usecs" },
	};
	const struct nm_device *nm = tune_nm(f, device);
	const char *key = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(names[i].id, t->id))
			key = names[i].key;
	for (size_t i = 0; nm && key && i < nm->n_settings; i++)
		if (!strcmp(nm->settings[i].key, key))
			return &nm->settings[i];
	return NULL;
}

bool tune_is_nms(struct host *h, const char *device)
{
	const struct facts_query q = { .mask = FACT_NICS | FACT_TUNERS };
	cleanup_facts struct facts *f = NULL;
	char why[256];

	return device && !facts_read(h, &q, &f, why, sizeof(why)) && tune_nm(f, device);
}

/* --- the script ------------------------------------------------------------------- */

#define TUNE_BOOT "\" tune boot \""

static const char head[] =
	"#!/bin/sh\n"
	"# Of `ktlsctl tune --persist`; `ktlsctl tune revert` takes it back.\n"
	"# NetworkManager says which interface it is, and what has become of it.\n"
	"case $2 in up | reapply) ;; *) exit 0 ;; esac\n"
	"interface=$1\n"
	"of_it() { case $4 in \"$interface\"/*) \"$@\" ;; esac; }\n"
	"\n";

static const struct dropin script = {
	.path = NM_FILE,
	.head = head,
	.mode = 0755,
	.before = TUNE_BOOT,
	.between = "=",
	.behind = "\"",
	.before_own = "",
};

/* What a shell would make more of between its quotes is refused. */
static int put_path(const char *exe, char *out, size_t size)
{
	if (strpbrk(exe, "\"\\$`\n"))
		return -EINVAL;
	return snprintf(out, size, "of_it \"%s" TUNE_BOOT, exe) < (int)size
		       ? 0
		       : -ENAMETOOLONG;
}

int nm_filed(struct host *h, const struct mech_key *k, struct arena *a,
	     const char **value)
{
	return dropin_get(h, &script, k->key, a, value);
}

int nm_put(struct host *h, const struct mech_key *k, const char *value)
{
	struct dropin d = script;
	char exe[4096], before[4200];
	int err = host_readlink(h, "/proc/self/exe", exe, sizeof(exe));

	if (!err)
		err = put_path(exe, before, sizeof(before));
	/* Taking out needs no path. */
	if (err && value)
		return err;
	d.before_own = err ? "" : before;
	return dropin_set(h, &d, k->key, value);
}

int nm_tidy(struct host *h)
{
	return host_tidy(h, NM_FILE);
}
