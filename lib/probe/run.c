/* SPDX-License-Identifier: MIT */
/*
 * The child that does it, and who waits for it. Each row that is done comes through the
 * pipe as one line of JSON, so that a kernel which never returns costs the rest alone.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "../out/field.h"
#include "probe_priv.h"

enum { PIPE_FD = 3, LINE_MAX_BYTES = 64 << 10, KILL_MS = 200 };

/* What the parent has been told. */
struct told {
	size_t cells, features, handshakes, paths;
};

/* Only what is new of the rows; the rest as it is now. */
static void tell(void *arg, const struct probe_facts *f)
{
	struct told *told = arg;
	struct probe_facts news = *f;
	cleanup_free char *line = NULL;

	news.cells += told->cells;
	news.n_cells -= told->cells;
	news.features += told->features;
	news.n_features -= told->features;
	news.handshakes += told->handshakes;
	news.n_handshakes -= told->handshakes;
	news.paths += told->paths;
	news.n_paths -= told->paths;
	*told = (struct told){ f->n_cells, f->n_features, f->n_handshakes, f->n_paths };
	line = doc_to_json(&probe_facts_fields, &news, false);
	if (!line || dprintf(PIPE_FD, "%s\n", line) < 0)
		_exit(EXIT_FAILURE);
}

/* Nothing of the parent's but its standard error; gone when the parent is. */
static void leave_all(int fd)
{
	const struct rlimit none = { 0, 0 };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setrlimit(RLIMIT_CORE, &none);
	if (null >= 0) {
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
	}
	if (fd != PIPE_FD)
		dup2(fd, PIPE_FD);
	closefrom(PIPE_FD + 1);
}

static int layers(const struct probe_options *o, struct arena *a, struct probe_facts *f)
{
	struct tls_stat_facts before;
	int err = counters_read(a, &before);

	if (!err && o->kernel)
		err = probe_kernel(o, a, f);
	if (!err && o->openssl)
		err = probe_handshakes(o, a, f);
	return err ? err : counters_since(&before, a, f);
}

static int work(const struct probe_options *o, struct arena *a, struct probe_facts *f)
{
	int err = 0;

	f->src.where = o->kernel || o->openssl ? "loopback" : "device";
	f->core = o->core;
	/* Before the namespace is another one: who is in a user namespace of his own
	 * cannot make the kernel load the module. Without keys, nothing is counted. */
	probe_ulp(f);
	probe_step(o, f);
	if (o->device)
		err = probe_paths(o, a, f);
	if (err || !f->ulp || !(o->kernel || o->openssl)) {
		probe_step(o, f);
		return err;
	}
	f->private_netns = !netns_private(!o->core);
	if (o->core && !f->private_netns) {
		f->src.where = NULL;
		f->skipped = "without a network namespace of its own it would move the "
			     "counters of this host";
	} else {
		err = layers(o, a, f);
	}
	probe_step(o, f);
	return err;
}

static _Noreturn void child(const struct probe_options *options, struct arena *a, int fd)
{
	struct probe_options o = *options;
	struct probe_facts f = { 0 };
	struct told told = { 0 };

	leave_all(fd);
	o.step = tell;
	o.arg = &told;
	_exit(work(&o, a, &f) ? EXIT_FAILURE : EXIT_SUCCESS);
}

/* Rows behind those that are there; NULL without memory. */
static void *join(struct arena *a, void *rows, size_t n, const void *more, size_t bytes)
{
	char *v = arena_alloc(a, n + bytes + 1);

	if (!v)
		return NULL;
	if (n)
		memcpy(v, rows, n);
	if (bytes)
		memcpy(v + n, more, bytes);
	return v;
}

#define JOIN(a_, old_, news_, member_)                                                   \
	(((news_)->member_ = join(                                                       \
		  (a_), (old_)->member_, (old_)->n_##member_ * sizeof(*(old_)->member_), \
		  (news_)->member_, (news_)->n_##member_ * sizeof(*(old_)->member_))) && \
	 ((news_)->n_##member_ += (old_)->n_##member_, true))

int probe_take_line(const char *line, size_t len, struct arena *a,
		    struct probe_facts *out)
{
	struct doc_input in = { .text = line, .len = len, .arena = a };
	struct probe_facts news = { 0 };
	int err = doc_from_json(&probe_facts_fields, &news, &in);

	if (err)
		return err;
	if (!JOIN(a, out, &news, cells) || !JOIN(a, out, &news, features) ||
	    !JOIN(a, out, &news, handshakes) || !JOIN(a, out, &news, paths))
		return -ENOMEM;
	*out = news;
	return 0;
}

/* The lines that are whole; what is left moves to the front. */
static int take_lines(char *buf, size_t *have, struct arena *a, struct probe_facts *out)
{
	char *line = buf, *end;
	int err = 0;

	while (!err && (end = memchr(line, '\n', *have - (size_t)(line - buf)))) {
		err = probe_take_line(line, (size_t)(end - line), a, out);
		line = end + 1;
	}
	*have -= (size_t)(line - buf);
	memmove(buf, line, *have);
	return err;
}

/* 0: the child closed its end. -ETIMEDOUT: it tells nothing any more. */
static int listen_to(int fd, struct arena *a, struct probe_facts *out)
{
	cleanup_free char *buf = malloc(LINE_MAX_BYTES);
	struct pollfd p = { fd, POLLIN, 0 };
	size_t have = 0;

	if (!buf)
		return -ENOMEM;
	while (have < LINE_MAX_BYTES) {
		int err = poll(&p, 1, PROBE_STEP_MS);
		ssize_t n;

		if (!err)
			return -ETIMEDOUT;
		if (err < 0 && errno != EINTR)
			return -errno;
		if (err < 0)
			continue;
		n = read(fd, buf + have, LINE_MAX_BYTES - have);
		if (n <= 0)
			return n ? -errno : 0;
		have += (size_t)n;
		err = take_lines(buf, &have, a, out);
		if (err)
			return err;
	}
	return -EMSGSIZE;
}

/* One that hangs in the kernel does not even die; then it is left to init. */
static int reap(pid_t pid, int err)
{
	const struct timespec ms = { 0, 1000000 };
	int status = 0;

	if (!err) {
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
		return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : -EPIPE;
	}
	kill(pid, SIGKILL);
	for (int i = 0; i < KILL_MS && !waitpid(pid, &status, WNOHANG); i++)
		nanosleep(&ms, NULL);
	return err;
}

static int run_child(const struct probe_options *o, struct arena *a,
		     struct probe_facts *out)
{
	int ends[2], err;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	pid = fork();
	if (pid < 0) {
		err = -errno;
		close(ends[0]);
		close(ends[1]);
		return err;
	}
	if (!pid)
		child(o, a, ends[1]);
	close(ends[1]);
	err = listen_to(ends[0], a, out);
	close(ends[0]);
	return reap(pid, err);
}

int probe_run(const struct probe_options *o, struct arena *a, struct probe_facts *out)
{
	int err;

	*out = (struct probe_facts){ .core = o->core };
	err = run_child(o, a, out);
	if (err == -ENOMEM)
		return err;
	if (!err)
		return 0;
	if (!out->ulp && !out->ulp_err)
		out->ulp_err = err;
	out->src = (struct source){ o->device ? "device" : "loopback", err };
	out->skipped = NULL;
	return out->ulp && o->kernel ? kernel_complete(o, err, a, out) : 0;
}

int probe_core(struct facts *f)
{
	const struct probe_options o = { .kernel = true, .core = true };

	if (!facts_ulp_proven(f))
		f->probe.skipped =
			"the tls module is not loaded, and trying would load it";
	else if (!crypto_best(&f->crypto, "gcm(aes)"))
		f->probe.skipped =
			"/proc/crypto does not show gcm(aes), and trying might "
			"load a module for it";
	else
		return probe_run(&o, f->arena, &f->probe);
	return 0;
}
