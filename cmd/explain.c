/* SPDX-License-Identifier: MIT */
#include "../lib/facts/snapshot.h"
#include "../lib/out/applied.h"
#include "../lib/out/bench.h"
#include "../lib/out/export.h"
#include "../lib/out/fleet_diff.h"
#include "../lib/out/plan.h"
#include "../lib/out/request.h"
#include "../lib/out/result.h"
#include "../lib/out/latency.h"
#include "../lib/out/scan.h"
#include "../lib/out/stat.h"
#include "cmd.h"

static const char *const options[] = { "list",   "commands", "schema", "format",  "json",
				       "output", "color",    "help",   "version", NULL };

static const struct fields *const schemas[] = { &report_fields,     &rollup_fields,
						&snapshot_fields,   &checks_fields,
						&written_fields,    &probe_fields,
						&request_fields,    &serve_fields,
						&socket_fields,     &sockets_fields,
						&stat_fields,       &scan_fields,
						&latency_fields,    &plan_fields,
						&profiles_fields,   &tunables_fields,
						&result_fields,     &drift_fields,
						&history_fields,    &commands_fields,
						&export_fields,     &fleet_fields,
						&fleet_diff_fields, &bench_fields,
						&error_fields,      NULL };

static int unknown_id(const struct settings *s, const char *id)
{
	const char *ids[128];
	const char *near;
	size_t n = 0;

	while (checks[n] && n + 1 < ARRAY_SIZE(ids)) {
		ids[n] = checks[n]->id;
		n++;
	}
	ids[n] = NULL;
	near = nearest(id, ids);
	return usage_error(s, "explain",
			   "there is no check '%s'%s%s%s; ktlsctl explain --list shows "
			   "them",
			   id, near ? "; did you mean " : "", near ? near : "",
			   near ? "?" : "");
}

static int print_schema(const struct settings *s)
{
	char names[1024] = "";
	size_t len = 0;

	for (size_t i = 0; schemas[i]; i++) {
		if (!strcmp(schemas[i]->name, s->schema))
			return answer(s, doc_schema(schemas[i]), EXIT_FINE);
		len += (size_t)snprintf(names + len, sizeof(names) - len, " %s",
					schemas[i]->name);
	}
	return usage_error(s, "explain", "there is no schema '%s'; there are%s",
			   s->schema, names);
}

static int run(const struct settings *s, int argc, char **argv)
{
	struct text_style style = style_of(s);
	const struct check *c;

	if (argc > 1 || (argc && (s->list || s->commands || s->schema)))
		return usage_error(s, "explain", "'%s' is too much", argv[argc - 1]);
	if (s->schema)
		return print_schema(s);
	if (s->commands)
		return answer(
			s, s->format == FORMAT_JSON ? commands_json() : commands_text(),
			EXIT_FINE);
	if (s->list)
		return answer(s,
			      s->format == FORMAT_JSON ? check_list_json(checks, NULL)
						       : check_list_text(checks),
			      EXIT_FINE);
	if (!argc)
		return usage_error(s, "explain", "which check? --list shows them");
	c = check_by_word(argv[0]);
	if (!c)
		return unknown_id(s, argv[0]);
	return answer(s,
		      s->format == FORMAT_JSON ? check_list_json(checks, c)
					       : check_text(c, &style),
		      EXIT_FINE);
}

const struct command cmd_explain = {
	.name = "explain",
	.args = "[ID]",
	.summary = "why a check matters, its answers and what to do",
	.about = "ID is the id of a check (tls-module) or of a cause (module-missing).",
	.options = options,
	.needs = &(const struct needs){ .files = NEEDS_NOTHING, .tcp = CONFINE_TCP_NONE },
	.run = run,
};
