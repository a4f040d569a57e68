/* SPDX-License-Identifier: MIT */
/* Frequency scaling of the processors. */
#include <errno.h>
#include <string.h>

#include "../host/cleanup.h"
#include "reader.h"

static const char *line_of(struct host *h, struct facts *f, const char *path, int *err)
{
	char text[128];
	const char *copy;
	int ret = host_read_line(h, path, text, sizeof(text));

	if (ret && ret != -ENOENT)
		*err = ret;
	copy = ret ? "" : arena_strdup(f->arena, text);
	return copy ? copy : "";
}

#define CPUFREQ "/sys/devices/system/cpu/cpu0/cpufreq/"

void read_power(struct host *h, struct facts *f)
{
	struct power_facts *p = &f->power;

	p->src = (struct source){ CPUFREQ, 0 };
	p->governor = line_of(h, f, CPUFREQ "scaling_governor", &p->src.err);
	p->driver = p->preference = "";
	if (!*p->governor)
		return;
	p->driver = line_of(h, f, CPUFREQ "scaling_driver", &p->src.err);
	p->preference = line_of(h, f, CPUFREQ "energy_performance_preference",
				&p->src.err);
}
