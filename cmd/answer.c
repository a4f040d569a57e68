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

static void error_document(const struct settings *s, const char *message)
{
	const bool indent = s->format == FORMAT_JSON;
	cleanup_free char *doc = NULL;

	if (s->format != FORMAT_JSON && s->format != FORMAT_NDJSON)
		return;
	doc = error_json(message, indent);
	printf("%s%s", doc ? doc : "", doc && !indent ? "\n" : "");
}

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
	error_document(s, message ? message : "");
	return s->format == FORMAT_NAGIOS ? EXIT_UNKNOWN : EXIT_USAGE;
}

int refusal(const struct settings *s, const char *fmt, ...)
{
	cleanup_free char *message = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&message, fmt, ap) < 0)
		message = NULL;
	va_end(ap);
	fprintf(stderr, "ktlsctl: refused: %s\n", message ? message : "out of memory");
	error_document(s, message ? message : "");
	return EXIT_REFUSED;
}

bool output_is_special(const char *path)
{
	struct stat st;

	return !stat(path, &st) && !S_ISREG(st.st_mode);
}

int sink_open(const struct settings *s, struct sink *k, const char *path)
{
	*k = (struct sink){ .s = s, .path = path, .fd = -1 };
	if (!path)
		return 0;
	if (output_is_special(path)) {
		k->fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
		return k->fd < 0 ? -errno : 0;
	}
	if ((size_t)snprintf(k->tmp, sizeof(k->tmp), "%s.XXXXXX", path) >= sizeof(k->tmp))
		return -ENAMETOOLONG;
	k->fd = mkstemp(k->tmp);
	return k->fd < 0 ? -errno : 0;
}

static int write_all(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return done ? -errno : -EIO;
		p += done;
		n -= (size_t)done;
	}
	return 0;
}

int sink_write(void *arg, const char *p, size_t n)
{
	const struct sink *k = arg;

	errno = 0;
	if (k->fd >= 0)
		return write_all(k->fd, p, n);
	if (fwrite(p, 1, n, stdout) != n || fflush(stdout))
		return errno ? -errno : -EIO;
	return 0;
}

static int put_in_place(struct sink *k, int err)
{
	errno = 0;
	if (*k->tmp && !err &&
	    (fchmod(k->fd, 0644) || fsync(k->fd) || rename(k->tmp, k->path)))
		err = errno ? -errno : -EIO;
	if (*k->tmp && err)
		unlink(k->tmp);
	close(k->fd);
	return err;
}

void sink_discard(struct sink *k)
{
	if (k->fd >= 0)
		put_in_place(k, -ECANCELED);
}

int sink_close(struct sink *k, int err, int status)
{
	if (k->fd >= 0)
		err = put_in_place(k, err);
	if (!err)
		return status;
	fprintf(stderr, "ktlsctl: cannot write %s: %s\n",
		k->path ? k->path : "the answer", strerror(-err));
	return k->s->format == FORMAT_NAGIOS ? EXIT_UNKNOWN : EXIT_USAGE;
}

int answer_to(const struct settings *s, const char *path, char *text, int status)
{
	struct sink k = { .s = s, .path = path, .fd = -1 };
	int err = text ? sink_open(s, &k, path) : -ENOMEM;

	if (!err)
		err = sink_write(&k, text, strlen(text));
	free(text);
	return sink_close(&k, err, status);
}

int answer(const struct settings *s, char *text, int status)
{
	return answer_to(s, s->output, text, status);
}

int answer_with_page(const struct settings *s, char *text, char *page, int status)
{
	int done = answer(s, text, status);

	return s->html ? answer_to(s, s->html, page, done) : done;
}

static bool env_set(const char *name)
{
	const char *v = getenv(name);

	return v && *v;
}

static bool env_on(const char *name)
{
	const char *v = getenv(name);

	return v && *v && strcmp(v, "0");
}

static bool want_color(const struct settings *s)
{
	const char *term = getenv("TERM");

	if (strcmp(s->color, "auto"))
		return !strcmp(s->color, "always");
	if (env_set("NO_COLOR"))
		return false;
	if (env_on("CLICOLOR_FORCE"))
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

bool wants_debug(const struct settings *s)
{
	return s->debug || env_on("KTLSCTL_DEBUG");
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
	host_set_seccomp(*h, s->confine.seccomp);
	if (wants_debug(s))
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

uint64_t cmd_now_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

void cmd_sleep_until(uint64_t ns)
{
	const struct timespec t = { .tv_sec = (time_t)(ns / 1000000000),
				    .tv_nsec = (long)(ns % 1000000000) };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
		;
}
