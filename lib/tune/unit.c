/* SPDX-License-Identifier: MIT */
/*
 * A oneshot unit of systemd with a line a key, and the link that enables it. No file that
 * anything reads at boot knows of these keys: systemd.link(5) has no TLS offload, and
 * sysfs has no file at all. The unit is the only thing of the two that systemd looks at
 * without the other; so it is written first and removed first.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../host/cleanup.h"
#include "mech.h"

#define WANTS_IT  UNIT_FOLDER "/ktlsctl-tune.service"
#define TUNE_BOOT "\" tune boot \""

/* Interfaces are there and have their names; what waits for the network comes later. */
static const char head[] =
	"# Of `ktlsctl tune --persist`; `ktlsctl tune revert` takes it back.\n"
	"[Unit]\n"
	"Description=Settings of interfaces and processors made to last by ktlsctl tune\n"
	"Documentation=man:ktlsctl-tune(8)\n"
	"After=systemd-modules-load.service systemd-sysctl.service network.target\n"
	"Before=network-online.target\n"
	"\n"
	"[Install]\n"
	"WantedBy=multi-user.target\n"
	"\n"
	"[Service]\n"
	"Type=oneshot\n"
	"RemainAfterExit=yes\n";

/* A path as ExecStart= takes it: % is special there, quotes are ours. */
static int put_path(const char *path, char *out, size_t size)
{
	size_t n = (size_t)snprintf(out, size, "ExecStart=-\"");

	for (; *path && n + 3 < size; path++) {
		if (*path == '"' || *path == '\\' || *path == '\n')
			return -EINVAL;
		if (*path == '%')
			out[n++] = '%';
		out[n++] = *path;
	}
	if (*path || n + sizeof(TUNE_BOOT) > size)
		return -ENAMETOOLONG;
	memcpy(out + n, TUNE_BOOT, sizeof(TUNE_BOOT));
	return 0;
}

static const struct dropin unit = {
	.path = UNIT_FILE,
	.head = head,
	.before = TUNE_BOOT,
	.between = "=",
	.behind = "\"",
	.before_own = "",
};

static bool is_nms(const struct mech_key *k)
{
	return k->file && !strcmp(k->file, NM_FILE);
}

const struct mech_file *unit_elsewhere(struct host *h, const struct mech_key *k)
{
	static const struct mech_file nms = { NM_FILE, NM_FOLDER };

	return k->tunable->device != TUNE_CPU && tune_is_nms(h, k->device) ? &nms : NULL;
}

int unit_filed(struct host *h, const struct mech_key *k, struct arena *a,
	       const char **value)
{
	if (is_nms(k))
		return nm_filed(h, k, a, value);
	return dropin_get(h, &unit, k->key, a, value);
}

static int enable(struct host *h)
{
	int err = host_symlink(h, WANTS_IT, UNIT_FILE);

	return err == -EEXIST ? 0 : err;
}

static int link_it(struct host *h)
{
	int err = host_probe(h, UNIT_FILE);

	if (!err)
		return enable(h);
	return err == -ENOENT || err == -ENOTDIR ? host_remove(h, WANTS_IT) : err;
}

int unit_tidy(struct host *h, const struct mech_key *k)
{
	int err = is_nms(k) ? nm_tidy(h) : host_tidy(h, UNIT_FILE);

	return err || is_nms(k) ? err : link_it(h);
}

int unit_put(struct host *h, const struct mech_key *k, const char *value)
{
	struct dropin d = unit;
	char exe[4096], before[4200];
	int err;

	if (is_nms(k))
		return nm_put(h, k, value);
	err = host_readlink(h, "/proc/self/exe", exe, sizeof(exe));
	if (!err)
		err = put_path(exe, before, sizeof(before));
	/* Taking out needs no path. */
	if (err && value)
		return err;
	d.before_own = before;
	err = dropin_set(h, &d, k->key, value);
	return err ? err : link_it(h);
}
