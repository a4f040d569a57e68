/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>

#include "../lib/fleet/page.h"
#include "../lib/host/arena.h"
#include "fleet.h"
#include "options.h"

/* A document is there: most likely the page was not named first. */
static bool is_document(const char *path)
{
	cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	char c = ' ';

	if (fd < 0 || output_is_special(path))
		return false;
	while (strchr(" \t\r\n", c))
		if (read(fd, &c, 1) != 1)
			return false;
	return c == '{' || c == '[';
}

static int check_usage(const struct settings *s, int argc, char **argv)
{
	int err;

	if (s->format == FORMAT_NDJSON)
		return usage_error(s, "fleet", "--format: html has text and json only");
	if (argc < 2)
		return usage_error(s, "fleet",
				   "html into which page, and of which files? PAGE "
				   "FILE...");
	if (is_document(argv[0]))
		return usage_error(s, "fleet",
				   "'%s' is a document, and would become the page: name "
				   "the page first",
				   argv[0]);
	err = page_cannot_write(argv[0]);
	if (!err)
		return 0;
	return usage_error(s, "fleet", "'%s' cannot be written: %s", argv[0],
			   strerror(-err));
}

static int read_file(struct page_reader *r, const char *name)
{
	const bool is_stdin = !strcmp(name, "-");
	cleanup_close int fd = is_stdin ? dup(STDIN_FILENO)
					: open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd >= 0)
		return page_read_fd(r, fd, is_stdin ? "(stdin)" : name);
	snprintf(r->error, sizeof(r->error), "%s: %s", name, strerror(errno));
	return -EBADMSG;
}

static char *said(const struct settings *s, const char *path, size_t hosts)
{
	const struct written w = { path, 0 };
	char *text;

	if (s->format == FORMAT_JSON)
		return doc_to_json(&written_fields, &w, true);
	if (asprintf(&text, "Wrote %s: %zu host%s.\n", path, hosts,
		     hosts == 1 ? "" : "s") < 0)
		return NULL;
	return text;
}

int fleet_html_run(const struct settings *s, int argc, char **argv)
{
	cleanup_arena struct arena *a = arena_new();
	struct page_host hosts[PAGE_HOSTS] = { 0 };
	struct page_reader r = { .arena = a, .hosts = hosts };
	struct fleet_page p = { .tool_version = KTLSCTL_VERSION, .hosts = hosts };
	int err = check_usage(s, argc, argv), written;

	if (err)
		return err;
	for (int i = 1; i < argc && !err; i++)
		err = a ? read_file(&r, argv[i]) : -ENOMEM;
	if (err == -ENOMEM)
		return answer(s, NULL, EXIT_USAGE);
	if (err)
		return usage_error(s, "fleet", "%s", r.error);
	p.n_hosts = r.n_hosts;
	written = answer_to(s, s->html, fleet_html(&p, a), EXIT_FINE);
	return written ? written : answer(s, said(s, argv[0], p.n_hosts), EXIT_FINE);
}
