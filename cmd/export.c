/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "../lib/host/arena.h"
#include "../lib/host/host.h"
#include "../lib/probe/probe.h"
#include "../lib/tune/tune.h"
#include "cmd.h"
#include "export_look.h"

static const char *const options[] = { "format", "json",  "ndjson",   "output",
				       "root",   "probe", "max-time", "load",
				       "debug",  "help",  "version",  NULL };

static const struct option_help helps[] = {
	{ "format", "prometheus (default), json, ndjson, nagios or ansible" },
	{ "load", "ask for sockets also where that loads tcp_diag" },
	{ 0 },
};

static bool is_report(const struct settings *s)
{
	return s->format == FORMAT_JSON || s->format == FORMAT_NDJSON ||
	       s->format == FORMAT_NAGIOS;
}

static int nagios_status(const struct report *r)
{
	if (r->counts.fail)
		return 2;
	return report_is_unknown(r) ? 3 : r->counts.warn ? 1 : 0;
}

static int answer_report(const struct settings *s, const struct report *r)
{
	if (s->format == FORMAT_JSON)
		return answer(s, report_json(r), EXIT_FINE);
	if (s->format == FORMAT_NDJSON)
		return answer(s, report_ndjson(r), EXIT_FINE);
	return answer(s, report_nagios(r), nagios_status(r));
}

/* What only metrics and facts.d want to know. */
static int answer_document(const struct settings *s, struct host *h,
			   struct export_input *in, uint64_t begun)
{
	struct export_look l = { .h = h, .f = in->facts, .may_load = s->load };
	cleanup_arena struct arena *a = arena_new();
	struct export_doc doc;
	char *text = NULL;
	int err = a ? export_look(&l, in) : -ENOMEM;

	in->duration_us = (cmd_now_ns(CLOCK_MONOTONIC) - begun) / 1000;
	if (!err)
		err = export_make(in, a, &doc);
	if (!err)
		text = s->format == FORMAT_ANSIBLE ? export_json(&doc)
						   : export_prometheus(&doc);
	export_forget(&l);
	return answer(s, text, EXIT_FINE);
}

static struct facts_query query_of(const struct settings *s)
{
	struct facts_query q = { .mask = checks_mask(checks) | FACT_KCONFIG,
				 .max_time_ms = s->max_time_ms,
				 .probe = s->probe ? probe_core : NULL };

	if (!is_report(s))
		q.mask |= FACT_ETHTOOL | FACT_NIC_STATS | tune_mask();
	return q;
}

static int run(const struct settings *s, int argc, char **argv)
{
	const struct facts_query q = query_of(s);
	const uint64_t begun = cmd_now_ns(CLOCK_MONOTONIC);
	cleanup_host struct host *h = NULL;
	cleanup_facts struct facts *f = NULL;
	cleanup_report struct report *r = NULL;
	struct export_input in = { 0 };
	char why[256];
	int err;

	if (argc)
		return usage_error(s, "export", "'%s' is too much", argv[0]);
	if (s->root && (s->load || s->probe))
		return usage_error(s, "export", "--%s works on this host, not on --root",
				   s->load ? "load" : "probe");
	err = open_host(s, "export", &h);
	if (err)
		return err;
	err = facts_read(h, &q, &f, why, sizeof(why));
	if (err)
		return usage_error(s, "export", "--root: '%s': %s",
				   s->root ? s->root : "/", why);
	if (s->root)
		name_snapshot(f, s->root);
	r = checks_run(checks, f);
	if (!r)
		return answer(s, NULL, EXIT_FINE);
	if (is_report(s))
		return answer_report(s, r);
	in.report = r;
	in.facts = f;
	return answer_document(s, h, &in, begun);
}

const struct command cmd_export = {
	.name = "export",
	.args = "",
	.summary = "this host for a fleet: metrics, facts, reports, to a file",
	.about = "Reads what diagnose reads, the sockets and what tune has set, and\n"
		 "writes one document: metrics for node_exporter's textfile collector,\n"
		 "a report (json), a line of it (ndjson), a line for Nagios, or facts\n"
		 "for Ansible. It changes nothing, loads no module and tries nothing\n"
		 "unless told to. What is not known is left out (and named by\n"
		 "ktlsctl_unknown), never 0.\n\n"
		 "Exit status: 0 the document is complete, whatever it says, 2 wrong\n"
		 "usage, or it could not be written: then the old file is as it was.\n"
		 "With --format=nagios: 0 ok, 1 warning, 2 critical, 3 unknown or\n"
		 "wrong usage.",
	.options = options,
	.helps = helps,
	.formats = FORMAT_BIT(FORMAT_TEXT) | FORMAT_BIT(FORMAT_JSON) |
		   FORMAT_BIT(FORMAT_NDJSON) | FORMAT_BIT(FORMAT_NAGIOS) |
		   FORMAT_BIT(FORMAT_PROMETHEUS) | FORMAT_BIT(FORMAT_ANSIBLE),
	.needs = &(const struct needs){ .caps = NEEDS_LOOK_CAPS | CONFINE_CAP(IPC_LOCK),
					.calls = NEEDS_LOOK_CALLS },
	.run = run,
};
