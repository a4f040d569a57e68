/* SPDX-License-Identifier: MIT */
/* Frequency scaling, and the daemons that tune behind one's back. */
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

void read_tuners(struct host *h, struct facts *f)
{
	struct tuners_facts *t = &f->tuners;

	t->src = (struct source){ "/run", 0 };
	t->tuned = !host_exists(h, "/run/tuned/tuned.pid");
	t->bpftune = !host_exists(h, "/run/bpftune.pid");
	t->irqbalance = !host_exists(h, "/run/irqbalance");
	t->tuned_profile = "";
	if (t->tuned)
		t->tuned_profile = line_of(h, f, "/etc/tuned/active_profile",
					   &t->src.err);
}
