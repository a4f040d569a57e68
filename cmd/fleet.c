/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>

#include "fleet.h"

static const char *const options[] = { "top",    "format",  "json",  "ndjson",
				       "output", "verbose", "color", "debug",
				       "help",   "version", NULL };

static const struct subcommand {
	const char *name;
	int (*run)(const struct settings *s, int argc, char **argv);
} subcommands[] = {
	{ "summary", fleet_summary_run },
	{ "diff", fleet_diff_run },
	{ "html", fleet_html_run },
};

bool set_top(struct settings *s, const char *arg)
{
	char *end;

	errno = 0;
	s->top = strtoull(arg, &end, 10);
	return *arg >= '1' && *arg <= '9' && !*end && !errno && s->top <= 1000000;
}

size_t fleet_top(const struct settings *s)
{
	return s->top ? s->top : s->format == FORMAT_TEXT ? 10 : 1000;
}

int fleet_read(struct fleet *f, const char *name)
{
	const bool is_stdin = !strcmp(name, "-");
	int fd = is_stdin ? dup(STDIN_FILENO)
			  : open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	int err = fd < 0 ? fleet_unreadable(f, name, -errno)
			 : fleet_read_fd(f, fd, is_stdin ? "(stdin)" : name);

	if (fd >= 0)
		close(fd);
	return err;
}

int fleet_status(const struct fleet *f)
{
	if (f->in.unreadable) {
		fprintf(stderr, "ktlsctl: cannot read %s: %s", f->unreadable,
			strerror(-f->unreadable_err));
		if (f->in.unreadable > 1)
			fprintf(stderr, " (and %" PRIu64 " more)", f->in.unreadable - 1);
		fputc('\n', stderr);
	} else if (f->store.crowded) {
		fputs("ktlsctl: there are more names than there is room for\n", stderr);
	} else if (!fleet_complete(f)) {
		fputs("ktlsctl: hosts without a name, or beyond the limit, are not "
		      "compared\n",
		      stderr);
	}
	return fleet_complete(f) ? EXIT_FINE : EXIT_UNKNOWN;
}

bool fleet_is_nothing(const struct fleet_input *in)
{
	return !in->rollups && !in->reports && in->n_problems;
}

char *fleet_render(const struct settings *s, const struct fields *d, const void *doc,
		   char *text)
{
	cleanup_free char *line = NULL;
	char *more;

	if (s->format == FORMAT_TEXT)
		return text;
	free(text);
	if (s->format == FORMAT_JSON)
		return doc_to_json(d, doc, true);
	line = doc_to_json(d, doc, false);
	if (!line || asprintf(&more, "%s\n", line) < 0)
		return NULL;
	return more;
}

static int run(const struct settings *s, int argc, char **argv)
{
	const char *names[ARRAY_SIZE(subcommands) + 1] = { 0 };
	const char *near;

	if (!argc)
		return usage_error(s, "fleet", "summary, diff or html?");
	for (size_t i = 0; i < ARRAY_SIZE(subcommands); i++) {
		if (!strcmp(subcommands[i].name, argv[0]))
			return subcommands[i].run(s, argc - 1, argv + 1);
		names[i] = subcommands[i].name;
	}
	near = nearest(argv[0], names);
	return usage_error(s, "fleet", "'%s' is nothing that fleet does%s%s%s", argv[0],
			   near ? "; did you mean " : "", near ? near : "",
			   near ? "?" : "");
}

static const char *page(int argc, char **argv)
{
	return argc > 1 && !strcmp(argv[0], "html") ? argv[1] : NULL;
}

const struct command cmd_fleet = {
	.name = "fleet",
	.args = "summary FILE... | diff BEFORE AFTER | html PAGE FILE...",
	.summary = "many hosts at once: what is wrong on most, and what changed",
	.about = "summary reads what ktlsctl diagnose --ndjson wrote on many hosts, a "
		 "line each, or\nfull reports (--json), from files or standard input "
		 "(-), and groups the hosts by\nroot cause, kernel, OpenSSL and NIC "
		 "driver, the worst first. Of several documents of\none host the newest "
		 "counts. What is no such document is counted, named and passed\nover; "
		 "a line that begins with { begins a document.\n\ndiff compares two "
		 "such files, or two folders made by ktlsctl snapshot: what "
		 "became\nbetter, worse or otherwise different, host by host.\n\nhtml "
		 "writes a page for the browser to PAGE: the hosts side by side, then "
		 "each by\nitself, out of the JSON of diagnose, export (ansible), "
		 "probe, bench\nand latency.\n\nExit "
		 "status: 0 the answer is complete, whatever it says, 2 wrong usage or "
		 "nothing\nthat could be read, 3 a file could not be read: the answer "
		 "is that of the others.",
	.options = options,
	.formats = FORMAT_BIT(FORMAT_TEXT) | FORMAT_BIT(FORMAT_JSON) |
		   FORMAT_BIT(FORMAT_NDJSON),
	.needs = &(const struct needs){ .files = NEEDS_INPUT, .tcp = CONFINE_TCP_NONE },
	.page = page,
	.run = run,
};
