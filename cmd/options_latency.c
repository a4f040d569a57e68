/* SPDX-License-Identifier: MIT */
/* The options of latency. */
#include <sched.h>

#include "../lib/load/latency.h"
#include "options.h"

static bool set_count(struct settings *s, const char *arg)
{
	return option_number(arg, UINT32_MAX, &s->latency.count);
}

static bool set_duration(struct settings *s, const char *arg)
{
	return option_time_ms(arg, &s->latency.duration_ms);
}

static bool set_size(struct settings *s, const char *arg)
{
	return option_number(arg, LATENCY_MOST, &s->latency.size);
}

static bool set_ask(struct settings *s, const char *arg)
{
	/* GET is what https does; nobody has to ask for it. */
	for (int i = LATENCY_PING; latency_ask_words[i]; i++) {
		if (!strcmp(latency_ask_words[i], arg)) {
			s->latency.ask = i;
			return true;
		}
	}
	return false;
}

static bool set_cpu(struct settings *s, const char *arg)
{
	const bool first = !strcmp(arg, "0");

	if (!first && !option_number(arg, CPU_SETSIZE - 1, &s->latency.cpu))
		return false;
	s->latency.cpu = first ? 1 : s->latency.cpu + 1;
	return true;
}

static bool set_numa(struct settings *s, const char *arg)
{
	(void)arg;
	return s->latency.numa = true;
}

static bool set_hwtstamp(struct settings *s, const char *arg)
{
	(void)arg;
	return s->latency.hwtstamp = true;
}

static const struct option_row rows[] = {
	{ "count", 0, "N", set_count, "a number", "so many messages (default: 1000)" },
	{ "duration", 0, "TIME", set_duration, "a time such as 2s or 500ms",
	  "as many messages as come in TIME" },
	{ "size", 0, "BYTES", set_size, "a number of bytes from 1 to 16777216",
	  "bytes of what is sent" },
	{ "ask", 0, "WHAT", set_ask, "one of ping, echo, publish",
	  "of wss: ping (default), echo or publish" },
	{ "cpu", 0, "N", set_cpu, "the number of a processor", "run on this processor" },
	{ "numa", 0, NULL, set_numa, NULL, "run on the NUMA node of the NIC" },
	{ "hwtstamp", 0, NULL, set_hwtstamp, NULL,
	  "let the NIC stamp what it receives (root)" },
};

const struct option_table latency_options = { rows, ARRAY_SIZE(rows) };
