/* SPDX-License-Identifier: MIT */
/* Masks of queues and interrupts, frequency policies; for the next boot a unit. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "mech.h"

/* "eth0/rx-0" is a queue of eth0, "eth0/irq-45" an interrupt, "policy0" a policy. */
static int path_of(const struct mech_key *k, char *path, size_t size)
{
	const char *id = k->tunable->id, *d = k->device, *slash;
	int n;

	if (!d)
		return -EINVAL;
	slash = strchr(d, '/');
	if (k->tunable->device == TUNE_CPU)
		n = snprintf(path, size, "/sys/devices/system/cpu/cpufreq/%s/%s", d,
			     strcmp(id, "cpu.governor") ? "energy_performance_preference"
							: "scaling_governor");
	else if (!slash)
		return -EINVAL;
	else if (k->tunable->device == TUNE_IRQ)
		n = snprintf(path, size, "/proc/irq/%s/smp_affinity",
			     slash + strlen("/irq-"));
	else
		n = snprintf(path, size, "/sys/class/net/%.*s/queues/%s/%s",
			     (int)(slash - d), d, slash + 1,
			     strcmp(id, "nic.rps-cpus") ? "xps_cpus" : "rps_cpus");
	return n < (int)size ? 0 : -ENAMETOOLONG;
}

/* bitmap_parse() takes eight digits at a time, with a comma between. */
static int with_commas(const char *mask, char *out, size_t size)
{
	size_t n = strlen(mask), o = 0;

	if (n + n / 8 + 1 >= size)
		return -ENAMETOOLONG;
	for (size_t i = 0; i < n; i++) {
		if (i && (n - i) % 8 == 0)
			out[o++] = ',';
		out[o++] = mask[i];
	}
	out[o] = '\0';
	return 0;
}

static int set(struct host *h, const struct mech_key *k, const char *value)
{
	char path[256], text[2048];
	int err = path_of(k, path, sizeof(path));

	if (!err && k->tunable->kind == TUNE_MASK)
		err = with_commas(value, text, sizeof(text));
	else if (!err && snprintf(text, sizeof(text), "%s", value) >= (int)sizeof(text))
		err = -ENAMETOOLONG;
	return err ? err : host_write(h, path, text);
}

const struct mechanism mech_sysfs = {
	.write = set,
	.file = UNIT_FILE,
	.folder = UNIT_FOLDER,
	.elsewhere = unit_elsewhere,
	.filed = unit_filed,
	.put = unit_put,
	.tidy = unit_tidy,
};
