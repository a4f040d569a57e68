/* SPDX-License-Identifier: MIT */
/* The option of the pages, and what can be wrong with it. */
#include <errno.h>
#include <libgen.h>
#include <sys/stat.h>

#include "options.h"

static bool set_html(struct settings *s, const char *arg)
{
	s->html = arg;
	return *arg;
}

static const struct option_row rows[] = {
	{ "html", 0, "FILE", set_html, "a file name",
	  "write a page for the browser to FILE as well" },
};

const struct option_table page_options = { rows, ARRAY_SIZE(rows) };

static bool same_file(const char *a, const char *b)
{
	struct stat x, y;

	if (!strcmp(a, b))
		return true;
	return !stat(a, &x) && !stat(b, &y) && x.st_dev == y.st_dev &&
	       x.st_ino == y.st_ino;
}

int page_cannot_write(const char *path)
{
	cleanup_free char *copy = NULL;
	struct stat st;

	if (!stat(path, &st) && S_ISDIR(st.st_mode))
		return -EISDIR;
	if (output_is_special(path))
		return access(path, W_OK) ? -errno : 0;
	copy = strdup(path);
	return !copy || access(dirname(copy), W_OK | X_OK) ? -errno : 0;
}

int page_check(const struct command *c, const struct settings *s)
{
	int err;

	if (!s->html)
		return 0;
	if (s->output && !output_is_special(s->html) && same_file(s->html, s->output))
		return usage_error(s, c->name,
				   "--html and --output name the same file, '%s'",
				   s->html);
	err = page_cannot_write(s->html);
	if (!err)
		return 0;
	return usage_error(s, c->name, "--html: '%s' cannot be written: %s", s->html,
			   strerror(-err));
}
