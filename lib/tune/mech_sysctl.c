/* SPDX-License-Identifier: MIT */
/* Keys of /proc/sys; for the next boot a file of sysctl.d(5). */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../host/cleanup.h"
#include "mech.h"

#define FILE_NAME "/etc/sysctl.d/60-ktlsctl.conf"

static const struct dropin file = {
	.path = FILE_NAME,
	.head = "# Of `ktlsctl tune --persist`; `ktlsctl tune revert` takes it back.\n",
	.before = "",
	.between = " = ",
	.behind = "",
};

static int set(struct host *h, const struct mech_key *k, const char *value)
{
	char path[256], line[256];
	int n = snprintf(path, sizeof(path), "/proc/sys/%s", k->tunable->id);

	if (n >= (int)sizeof(path) ||
	    snprintf(line, sizeof(line), "%s\n", value) >= (int)sizeof(line))
		return -ENAMETOOLONG;
	for (char *p = path + strlen("/proc/sys/"); *p; p++)
		*p = *p == '.' ? '/' : *p;
	return host_write(h, path, line);
}

static int filed(struct host *h, const struct mech_key *k, struct arena *a,
		 const char **value)
{
	return dropin_get(h, &file, k->tunable->id, a, value);
}

static int put(struct host *h, const struct mech_key *k, const char *value)
{
	return dropin_set(h, &file, k->tunable->id, value);
}

static int tidy(struct host *h, const struct mech_key *k)
{
	(void)k;
	return host_tidy(h, FILE_NAME);
}

const struct mechanism mech_sysctl = {
	.write = set,
	.file = FILE_NAME,
	.folder = "/etc/sysctl.d",
	.filed = filed,
	.put = put,
	.tidy = tidy,
};
