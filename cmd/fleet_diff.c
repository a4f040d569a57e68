/* SPDX-License-Identifier: MIT */
#include <sys/stat.h>

#include "../lib/fleet/diff.h"
#include "../lib/host/arena.h"
#include "../lib/host/host.h"
#include "../lib/out/stat.h"
#include "../lib/probe/probe.h"
#include "fleet.h"

/* One of the two. */
struct side {
	const char *name;
	struct fleet *fleet;
	bool snapshot;
	struct stat_doc counters; /* of a snapshot */
};

struct comparison {
	const struct settings *s;
	struct arena *arena;
	struct fleet_pair pair;
};

static void comparison_free(struct comparison *c)
{
	fleet_free(&c->pair.before);
	fleet_free(&c->pair.after);
	arena_free(c->arena);
}
#define cleanup_comparison __attribute__((cleanup(comparison_free)))

static int no_memory(const struct comparison *c)
{
	return answer(c->s, NULL, EXIT_USAGE);
}

/* What diagnose --ndjson says of the facts, and their counters. */
static int take_facts(struct comparison *c, struct side *side, struct facts *f)
{
	cleanup_report struct report *r = checks_run(checks, f);
	cleanup_free char *line = r ? report_ndjson(r) : NULL;

	if (!line || fleet_read_text(side->fleet, line, side->name) ||
	    stat_add(&side->counters, f, "", NULL, c->arena))
		return no_memory(c);
	side->snapshot = true;
	return 0;
}

static int read_snapshot(struct comparison *c, struct side *side)
{
	struct settings s = *c->s;
	cleanup_host struct host *h = NULL;
	cleanup_facts struct facts *f = NULL;
	const struct facts_query q = { .mask = checks_mask(checks) | FACT_KERNEL |
					       FACT_TLS_STAT | FACT_NIC_STATS,
				       .probe = probe_core };
	char why[256];
	int err;

	s.root = side->name;
	err = open_host(&s, "fleet", &h);
	if (err)
		return err;
	if (facts_read(h, &q, &f, why, sizeof(why)))
		return usage_error(&s, "fleet", "'%s': %s", side->name, why);
	name_snapshot(f, side->name);
	return take_facts(c, side, f);
}

static bool is_folder(const char *name)
{
	struct stat st;

	return !stat(name, &st) && S_ISDIR(st.st_mode);
}

/* Returns 0, or the exit status of an error that was reported. */
static int read_side(struct comparison *c, struct side *side)
{
	const struct fleet_input *in = &side->fleet->in;
	struct fleet_input all;

	if (fleet_init(side->fleet))
		return no_memory(c);
	if (is_folder(side->name))
		return read_snapshot(c, side);
	if (fleet_read(side->fleet, side->name) || fleet_input(side->fleet, &all))
		return no_memory(c);
	if (fleet_is_nothing(&all))
		return usage_error(c->s, "fleet", "%s: %s", in->problems[0].where,
				   in->problems[0].why);
	return 0;
}

static int tell(struct comparison *c, struct side *before, struct side *after)
{
	const struct text_style style = style_of(c->s);
	struct fleet_diff_doc d = { .tool_version = KTLSCTL_VERSION,
				    .before.name = before->name,
				    .before.snapshot = before->snapshot,
				    .after.name = after->name,
				    .after.snapshot = after->snapshot };
	int before_status, after_status;

	if (fleet_diff(&c->pair, fleet_top(c->s), c->arena, &d))
		return no_memory(c);
	if (before->snapshot && after->snapshot &&
	    fleet_diff_counters(&before->counters, &after->counters, c->arena, &d))
		return no_memory(c);
	before_status = fleet_status(before->fleet);
	after_status = fleet_status(after->fleet);
	return answer(
		c->s,
		fleet_render(c->s, &fleet_diff_fields, &d, fleet_diff_text(&d, &style)),
		before_status ? before_status : after_status);
}

int fleet_diff_run(const struct settings *s, int argc, char **argv)
{
	cleanup_comparison struct comparison c = { .s = s };
	struct side sides[2];
	int err = 0;

	if (argc < 2)
		return usage_error(s, "fleet", "diff of which two? BEFORE and AFTER");
	if (argc > 2)
		return usage_error(s, "fleet", "'%s' is too much", argv[2]);
	if (!strcmp(argv[0], "-") && !strcmp(argv[1], "-"))
		return usage_error(s, "fleet", "standard input can be one of them only");
	c.arena = arena_new();
	if (!c.arena)
		return no_memory(&c);
	sides[0] = (struct side){ .name = argv[0], .fleet = &c.pair.before };
	sides[1] = (struct side){ .name = argv[1], .fleet = &c.pair.after };
	for (size_t i = 0; i < 2 && !err; i++)
		err = read_side(&c, &sides[i]);
	return err ? err : tell(&c, &sides[0], &sides[1]);
}
