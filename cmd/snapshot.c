/* SPDX-License-Identifier: MIT */
#include "../lib/facts/snapshot.h"
#include "../lib/host/host.h"
#include "../lib/probe/probe.h"
#include "cmd.h"

static const char *const options[] = {
	"format", "json", "debug", "help", "version", NULL
};

static const struct field written_rows[] = {
	FIELD(FIELD_STR, struct written, path, "the folder, or the page"),
	FIELD(FIELD_U64, struct written, unreadable,
	      "paths that were there and not readable; of a page 0"),
};

const struct fields written_fields = {
	.name = "ktlsctl.written/1",
	.help = "What ktlsctl snapshot, or fleet html, did.",
	.size = sizeof(struct written),
	.f = written_rows,
	.n = ARRAY_SIZE(written_rows),
};

static char *text_of(const struct written *w)
{
	char *text;

	if (asprintf(&text,
		     "Wrote %s; %llu paths could not be read%s.\n\nNext: ktlsctl "
		     "--root %s\n",
		     w->path, (unsigned long long)w->unreadable,
		     w->unreadable && geteuid() ? " (root sees more)" : "", w->path) < 0)
		return NULL;
	return text;
}

static int run(const struct settings *s, int argc, char **argv)
{
	cleanup_host struct host *h = NULL;
	const struct host_error *errors;
	const struct snapshot_how how = { KTLSCTL_VERSION, probe_core };
	struct written w = { 0 };
	char why[512];
	int err;

	if (!argc)
		return usage_error(s, "snapshot", "into which folder?");
	if (argc > 1)
		return usage_error(s, "snapshot", "'%s' is too much", argv[1]);
	err = open_host(s, "snapshot", &h);
	if (err)
		return err;
	err = snapshot_write(h, argv[0], &how, why, sizeof(why));
	if (err)
		return usage_error(s, "snapshot", "%s", why);
	w.path = argv[0];
	w.unreadable = host_errors(h, &errors);
	return answer(s,
		      s->format == FORMAT_JSON ? doc_to_json(&written_fields, &w, true)
					       : text_of(&w),
		      EXIT_FINE);
}

const struct command cmd_snapshot = {
	.name = "snapshot",
	.args = "DIR",
	.summary = "write all that diagnose reads to a folder, for later or for others",
	.about = "DIR must not exist. Keys, addresses, host names, names of people and "
		 "raw\nconfiguration are left out; look at the folder before you hand "
		 "it on.\nRead it with ktlsctl --root DIR, anywhere, as anybody.",
	.options = options,
	.needs = &(const struct needs){ .caps = NEEDS_LOOK_CAPS | CONFINE_CAP(IPC_LOCK) |
						CONFINE_CAP(DAC_OVERRIDE),
					.calls = NEEDS_LOOK_CALLS },
	.run = run,
};
