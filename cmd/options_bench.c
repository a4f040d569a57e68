/* SPDX-License-Identifier: MIT */
/* The options of bench. */
#include "../lib/load/bench.h"
#include "options.h"

static bool set_workload(struct settings *s, const char *arg)
{
	for (int i = 0; bench_workload_words[i]; i++) {
		if (!strcmp(arg, bench_workload_words[i])) {
			s->bench.workloads |= 1U << i;
			return true;
		}
	}
	return false;
}

static bool set_quick(struct settings *s, const char *arg)
{
	(void)arg;
	return s->bench.quick = true;
}

static bool set_duration(struct settings *s, const char *arg)
{
	return option_time_ms(arg, &s->bench.total_ms);
}

static bool set_connections(struct settings *s, const char *arg)
{
	return option_number(arg, BENCH_CONNECTIONS_MAX, &s->bench.connections);
}

/* "16384", "16k", "1M" */
static bool size_of(char *word, uint64_t *out)
{
	const size_t len = strlen(word);
	const char unit = len ? word[len - 1] : '\0';
	const unsigned shift = unit == 'k' || unit == 'K' ? 10 : unit == 'M' ? 20 : 0;

	if (shift)
		word[len - 1] = '\0';
	if (!option_number(word, BENCH_SIZE_MAX >> shift, out))
		return false;
	*out <<= shift;
	return true;
}

/* arg is cut at its commas: it is ours, argv may be written to. */
static bool set_size(struct settings *s, const char *arg)
{
	char *save = NULL;

	for (char *word = strtok_r((char *)arg, ",", &save); word;
	     word = strtok_r(NULL, ",", &save))
		if (s->bench.n_sizes == BENCH_SIZES_MAX ||
		    !size_of(word, &s->bench.sizes[s->bench.n_sizes++]))
			return false;
	return s->bench.n_sizes;
}

static const struct option_row rows[] = {
	{ "workload", 0, "NAME", set_workload, "one of bulk, rpc, websocket, close",
	  "bulk, rpc, websocket or close, again for more (default: all)" },
	{ "quick", 0, NULL, set_quick, NULL, "fewer sizes, and half a minute for all" },
	{ "duration", 0, "TIME", set_duration, "a time such as 60s",
	  "for all of it, about (default: 120s; with --quick 30s)" },
	{ "size", 0, "LIST", set_size, "up to 8 sizes, to 4M, such as 64,16k,1M",
	  "bytes of a write or message (default: those of each workload)" },
	{ "connections", 0, "N", set_connections, "a number from 1 to 256",
	  "at a time (default: 1; of websocket 16)" },
};

const struct option_table bench_options = { rows, ARRAY_SIZE(rows) };
