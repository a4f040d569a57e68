/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "../lib/host/host.h"
#include "../lib/probe/probe.h"
#include "cmd.h"

static const char *const options[] = { "format",  "json",    "ndjson", "output",
				       "html",    "root",    "only",   "skip",
				       "fail-on", "device",  "pid",    "max-time",
				       "verbose", "color",   "load",   "debug",
				       "help",    "version", NULL };

static bool listed(const struct id_list *l, const struct finding *f)
{
	for (size_t i = 0; i < l->n; i++)
		if (!strcmp(l->ids[i], f->id) || !strcmp(l->ids[i], f->category))
			return true;
	return false;
}

static bool keep(void *arg, const struct finding *f)
{
	const struct settings *s = arg;

	return (!s->only.n || listed(&s->only, f)) && !listed(&s->skip, f);
}

static int exit_status(const struct report *r, const struct settings *s)
{
	if (s->format == FORMAT_NAGIOS && !r->counts.fail && !report_is_unknown(r))
		return r->counts.warn ? 1 : 0;
	if (s->format == FORMAT_NAGIOS)
		return r->counts.fail ? 2 : 3;
	for (size_t i = 0; i < r->n_findings; i++)
		if (!r->findings[i].waived &&
		    verdict_rank(r->findings[i].verdict) >= verdict_rank(s->fail_on))
			return EXIT_FINDINGS;
	return report_is_unknown(r) ? EXIT_UNKNOWN : EXIT_FINE;
}

static char *render(const struct report *r, const struct settings *s)
{
	struct text_style style = style_of(s);

	switch (s->format) {
	case FORMAT_JSON:
		return report_json(r);
	case FORMAT_NDJSON:
		return report_ndjson(r);
	case FORMAT_NAGIOS:
		return report_nagios(r);
	default:
		break;
	}
	return report_text(r, &style);
}

/* --load: a failure is no error, the diagnosis will say why. */
static void load(struct host *h)
{
	int err = host_load_module(h, "tcp-ulp-tls");

	if (err)
		fprintf(stderr, "ktlsctl: the tls module could not be loaded: %s\n",
			strerror(-err));
}

static int run(const struct settings *s, int argc, char **argv)
{
	cleanup_host struct host *h = NULL;
	cleanup_facts struct facts *f = NULL;
	cleanup_report struct report *r = NULL;
	const struct facts_query q = { .mask = checks_mask(checks),
				       .device = s->device,
				       .pid = s->pid,
				       .max_time_ms = s->max_time_ms,
				       .probe = s->load ? probe_core_load : probe_core };
	char why[256];
	int err;

	if (argc)
		return usage_error(s, "diagnose", "'%s' is too much", argv[0]);
	if (s->root && (s->load || s->pid))
		return usage_error(s, "diagnose",
				   "--%s works on this host, not on --root",
				   s->load ? "load" : "pid");
	err = open_host(s, "diagnose", &h);
	if (err)
		return err;
	if (s->load)
		load(h);
	err = facts_read(h, &q, &f, why, sizeof(why));
	if (err == -ENODEV || err == -ESRCH)
		return usage_error(s, "diagnose", "%s", why);
	if (err)
		return usage_error(s, "diagnose", "--root: '%s': %s",
				   s->root ? s->root : "/", why);
	if (s->root)
		name_snapshot(f, s->root);
	r = checks_run(checks, f);
	if (!r)
		return answer(s, NULL, EXIT_UNKNOWN);
	report_filter(r, keep, (void *)s);
	return answer_with_page(s, render(r, s), s->html ? report_html(r) : NULL,
				exit_status(r, s));
}

const struct command cmd_diagnose = {
	.name = "diagnose",
	.args = "",
	.summary =
		"is kTLS available and used here, and if not, why (the default command)",
	.about = "Reads the kernel, its modules, OpenSSL and the interfaces, changes "
		 "nothing, and\nsays in the first line what is the case. Where it has no "
		 "side effect (root, the\nmodule is loaded), it also tries two "
		 "connections over loopback, see ktlsctl probe.\nRuns as any user; what "
		 "cannot be read is unknown, never \"no\".\n\nExit status: "
		 "0 nothing at or above --fail-on, 1 findings at or above it,\n2 wrong "
		 "usage, 3 the status itself is unknown. With --format=nagios: 0 ok,\n1 "
		 "warning, 2 critical, 3 unknown or wrong usage.",
	.options = options,
	.formats = FORMAT_BIT(FORMAT_TEXT) | FORMAT_BIT(FORMAT_JSON) |
		   FORMAT_BIT(FORMAT_NDJSON) | FORMAT_BIT(FORMAT_NAGIOS),
	.needs = &(const struct needs){ .caps = NEEDS_LOOK_CAPS,
					.calls = NEEDS_LOOK_CALLS },
	.run = run,
};
