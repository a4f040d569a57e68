/* SPDX-License-Identifier: MIT */
/* The tls module: loaded now; for the next boot a file of modules-load.d(5). */
#include <string.h>

#include "mech.h"

#define FILE_NAME "/etc/modules-load.d/ktlsctl.conf"

static const struct dropin file = {
	.path = FILE_NAME,
	.head = "# Of `ktlsctl tune --persist`; `ktlsctl tune revert` takes it back.\n",
	.before = "",
	.between = "",
	.behind = "",
};

/* "module.tls" */
static const char *name_of(const struct mech_key *k)
{
	const char *dot = strchr(k->tunable->id, '.');

	return dot ? dot + 1 : k->tunable->id;
}

static int set(struct host *h, const struct mech_key *k, const char *value)
{
	return strcmp(value, "on") ? host_unload_module(h, name_of(k))
				   : host_load_module(h, name_of(k));
}

static int filed(struct host *h, const struct mech_key *k, struct arena *a,
		 const char **value)
{
	return dropin_get(h, &file, name_of(k), a, value);
}

static int put(struct host *h, const struct mech_key *k, const char *value)
{
	return dropin_set(h, &file, name_of(k),
			  value && !strcmp(value, "on") ? value : NULL);
}

static int tidy(struct host *h, const struct mech_key *k)
{
	(void)k;
	return host_tidy(h, FILE_NAME);
}

const struct mechanism mech_module = {
	.write = set,
	.file = FILE_NAME,
	.folder = "/etc/modules-load.d",
	.filed = filed,
	.put = put,
	.tidy = tidy,
};
