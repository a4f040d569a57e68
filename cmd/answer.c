/* SPDX-License-Identifier: MIT */
/* How a command answers: output, errors, colour, tracing. Only cmd/ prints. */
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <stdarg.h>
#include <sys/stat.h>

#include "../lib/host/host.h"
#include "../lib/out/utf8.h"
#include "cmd.h"

int usage_error(const struct settings *s, const char *command, const char *fmt, ...)
{
	cleanup_free char *message = NULL, *clean = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&message, fmt, ap) < 0)
		message = NULL;
	va_end(ap);
	/* What is quoted may be bytes of a file. */
	clean = message ? utf8_clean(message) : NULL;
	fprintf(stderr, "ktlsctl: %s (see ktlsctl%s%s --help)\n", clean ? clean : "error",
		*command ? " " : "", command);
	if (s->format == FORMAT_JSON || s->format == FORMAT_NDJSON) {
		bool indent = s->format == FORMAT_JSON;
		cleanup_free char *doc = error_json(message ? message : "", indent);

		printf("%s%s", doc ? doc : "", doc && !indent ? "\n" : "");
	}
	return s->format == FORMAT_NAGIOS ? EXIT_UNKNOWN : EXIT_USAGE;
}

static int write_file(const char *path, const char *text)
{
	char tmp[4096];
	cleanup_close int fd = -1;
	size_t len = strlen(text);

	if ((size_t)snprintf(tmp, sizeof(tmp), "%s.XXXXXX", path) >= sizeof(tmp))
		return -ENAMETOOLONG;
	fd = mkstemp(tmp);
	if (fd < 0)
		return -errno;
	if (write(fd, text, len) != (ssize_t)len || fchmod(fd, 0644) || fsync(fd) ||
	    rename(tmp, path)) {
		int err = errno ? -errno : -EIO;

		unlink(tmp);
		return err;
	}
	return 0;
}

static int write_stdout(const char *text)
{
	errno = 0;
	if (fputs(text, stdout) < 0 || fflush(stdout))
		return errno ? -errno : -EIO;
	return 0;
}

int answer(const struct settings *s, char *text, int status)
{
	int err = !text       ? -ENOMEM
		  : s->output ? write_file(s->output, text)
			      : write_stdout(text);

	free(text);
	if (!err)
		return status;
	fprintf(stderr, "ktlsctl: cannot write %s: %s\n",
		s->output ? s->output : "the answer", strerror(-err));
	return s->format == FORMAT_NAGIOS ? EXIT_UNKNOWN : EXIT_USAGE;
}

static bool env_set(const char *name)
{
	const char *v = getenv(name);

	return v && *v;
}

static bool want_color(const struct settings *s)
{
	const char *term = getenv("TERM");

	if (strcmp(s->color, "auto"))
		return !strcmp(s->color, "always");
	if (env_set("NO_COLOR"))
		return false;
	if (env_set("CLICOLOR_FORCE") && strcmp(getenv("CLICOLOR_FORCE"), "0"))
		return true;
	return !s->output && term && strcmp(term, "dumb") && isatty(STDOUT_FILENO);
}

struct text_style style_of(const struct settings *s)
{
	return (struct text_style){
		.color = want_color(s),
		.utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8"),
		.verbose = s->verbose,
	};
}

static void trace(void *arg, const char *what, const char *path, int err)
{
	(void)arg;
	fprintf(stderr, "debug: %s %s: %s\n", what, path, err ? strerror(-err) : "ok");
}

int open_host(const struct settings *s, const char *command, struct host **h)
{
	int err = host_open(h, s->root);

	if (err == -ENOSYS)
		return usage_error(s, command,
				   "--root: snapshots are read on Linux 5.6 or later");
	if (err)
		return usage_error(s, command, "--root: '%s' cannot be opened: %s",
				   s->root ? s->root : "/", strerror(-err));
	if (s->debug ||
	    (env_set("KTLSCTL_DEBUG") && strcmp(getenv("KTLSCTL_DEBUG"), "0")))
		host_trace(*h, trace, NULL);
	return 0;
}

void name_snapshot(struct facts *f, const char *root)
{
	size_t end = strlen(root), begin;

	while (end > 1 && root[end - 1] == '/')
		end--;
	for (begin = end; begin && root[begin - 1] != '/';)
		begin--;
	facts_set_name(f, root + begin, end - begin);
}
