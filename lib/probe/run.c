/* SPDX-License-Identifier: MIT */
/*
 * The child that does it, and who waits for it. Each row that is done comes through the
 * pipe as one line of JSON, so that a kernel which never returns costs the rest alone;
 * those of the core come all at once.
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

/* Again after each change of credentials, which makes the kernel forget it
 * (commit_creds()). */
static void die_with_parent(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(EXIT_FAILURE);
}

/* Nothing of the parent's but its standard error; fd is above all that is given away. */
static void leave_all(int fd)
{
	const struct rlimit none = { 0, 0 };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	setrlimit(RLIMIT_CORE, &none);
	if (null >= 0) {
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		if (fcntl(STDERR_FILENO, F_GETFD) < 0)
			dup2(null, STDERR_FILENO);
	}
	dup2(fd, PIPE_FD);
	closefrom(PIPE_FD + 1);
}

static int layers(const struct probe_options *o, struct arena *a, struct probe_facts *f)
{
	struct tls_stat_facts before;
	int err;

	if (o->hostile && !f->private_netns) {
		f->src.where = NULL;
		f->skipped = "records that no peer should send need a network namespace "
			     "of their own";
		return 0;
	}
	err = counters_read(a, &before);
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
	/* Before the namespace is another one: who is in a user namespace of his own
	 * cannot make the kernel load the module. Without keys, nothing is counted. */
	probe_ulp(f);
	probe_step(o, f);
	if (o->device)
		err = probe_paths(o, a, f);
	if (err || !f->ulp || !(o->kernel || o->openssl))
		return err;
	f->private_netns = !netns_private(true);
	die_with_parent(o->parent);
	return layers(o, a, f);
}

/* Of this the host's own namespace sees nothing at all. */
static int work_core(const struct probe_options *o, struct arena *a,
		     struct probe_facts *f)
{
	f->core = true;
	f->private_netns = !netns_private(false);
	if (!f->private_netns) {
		f->skipped = "without a network namespace of its own it would move the "
			     "counters of this host";
		return 0;
	}
	f->src.where = "loopback";
	probe_ulp(f);
	return f->ulp ? probe_kernel(o, a, f) : 0;
}

static _Noreturn void child(const struct probe_options *options, struct arena *a, int fd)
{
	struct probe_options o = *options;
	struct probe_facts f = { 0 };
	struct told told = { 0 };
	int err;

	die_with_parent(o.parent);
	leave_all(fd);
	if (o.core) {
		err = work_core(&o, a, &f);
	} else {
		o.step = tell;
		o.arg = &told;
		err = work(&o, a, &f);
	}
	tell(&told, &f);
	_exit(err ? EXIT_FAILURE : EXIT_SUCCESS);
}

/* An array of probe_facts, whatever its rows are. */
struct rows {
	void *v;
	size_t n, size;
};
#define ROWS(facts_, member_)                                                            \
	((struct rows){ (facts_)->member_, (facts_)->n_##member_,                        \
			sizeof(*(facts_)->member_) })

/* One by one, so that there is the room that arena_grow() counts on when a row follows
 * that was not told (kernel_complete()). */
static int join(struct arena *a, struct rows *had, struct rows news)
{
	for (size_t i = 0; i < news.n; i++) {
		char *v = arena_grow(a, had->v, had->n, had->size);

		if (!v)
			return -ENOMEM;
		memcpy(v + had->n++ * had->size, (char *)news.v + i * news.size,
		       news.size);
		had->v = v;
	}
	return 0;
}

int probe_take_line(const char *line, size_t len, struct arena *a,
		    struct probe_facts *out)
{
	struct rows cells = ROWS(out, cells), features = ROWS(out, features),
		    handshakes = ROWS(out, handshakes), paths = ROWS(out, paths);
	struct doc_input in = { .text = line, .len = len, .arena = a };
	struct probe_facts news = { 0 };
	int err = doc_from_json(&probe_facts_fields, &news, &in);

	if (err)
		return err;
	if (join(a, &cells, ROWS(&news, cells)) ||
	    join(a, &features, ROWS(&news, features)) ||
	    join(a, &handshakes, ROWS(&news, handshakes)) ||
	    join(a, &paths, ROWS(&news, paths)))
		return -ENOMEM;
	*out = news;
	out->cells = cells.v, out->n_cells = cells.n;
	out->features = features.v, out->n_features = features.n;
	out->handshakes = handshakes.v, out->n_handshakes = handshakes.n;
	out->paths = paths.v, out->n_paths = paths.n;
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
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : 0;
		have += (size_t)n;
		err = take_lines(buf, &have, a, out);
		if (err)
			return err;
	}
	return -EMSGSIZE;
}

static bool has_ended(pid_t pid, int *status, unsigned ms)
{
	const struct timespec pause = { 0, 100000 };
	const uint64_t limit = probe_now_us() + (uint64_t)ms * 1000;

	for (;;) {
		if (waitpid(pid, status, WNOHANG))
			return true;
		if (probe_now_us() >= limit)
			return false;
		nanosleep(&pause, NULL);
	}
}

/* One that hangs in the kernel, perhaps when its sockets are closed, does not even die;
 * then it is left to init. */
static int reap(pid_t pid, int err)
{
	int status = 0;

	if (!err && has_ended(pid, &status, PROBE_STEP_MS))
		return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : -EPIPE;
	kill(pid, SIGKILL);
	has_ended(pid, &status, KILL_MS);
	return err ? err : -ETIMEDOUT;
}

/* A pipe whose ends are above the descriptors that the child gives away, also where the
 * caller was started without any of the first three. */
static int make_pipe(int ends[2])
{
	int low[2], err = 0;

	if (pipe2(low, O_CLOEXEC))
		return -errno;
	for (int i = 0; i < 2; i++) {
		ends[i] = fcntl(low[i], F_DUPFD_CLOEXEC, PIPE_FD + 1);
		if (ends[i] < 0 && !err)
			err = -errno;
	}
	for (int i = 0; i < 2; i++) {
		close(low[i]);
		if (err && ends[i] >= 0)
			close(ends[i]);
	}
	return err;
}

static int run_child(const struct probe_options *o, struct arena *a,
		     struct probe_facts *out)
{
	struct probe_options told = *o;
	int ends[2] = { -1, -1 }, err = make_pipe(ends);
	pid_t pid;

	if (err)
		return err;
	told.parent = getpid();
	pid = fork();
	if (pid < 0) {
		err = -errno;
		close(ends[0]);
		close(ends[1]);
		return err;
	}
	if (!pid)
		child(&told, a, ends[1]);
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
	if (!err && !out->src.where && !out->skipped)
		err = -EPIPE; /* it said nothing at all */
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

static int run_core(struct facts *f)
{
	const struct probe_options o = { .kernel = true, .core = true };

	return probe_run(&o, f->arena, &f->probe);
}

/* NULL: the module is there. */
static const char *may_load_tls(const struct facts *f)
{
	if (facts_ulp_proven(f))
		return NULL;
	return facts_ulp_absent(f)
		       ? "the tls module is not loaded, and trying would load it"
		       : "whether the tls module is loaded could not be found out, and "
			 "trying might load it";
}

/* NULL: the algorithm is there. */
static const char *may_load_gcm(const struct crypto_facts *c)
{
	if (crypto_best(c, "gcm(aes)"))
		return NULL;
	return c->src.err ? "/proc/crypto cannot be read, and trying might load a module"
			  : "/proc/crypto does not show gcm(aes), and trying might load "
			    "a module for it";
}

int probe_core(struct facts *f)
{
	f->probe.skipped = may_load_tls(f);
	if (!f->probe.skipped)
		f->probe.skipped = may_load_gcm(&f->crypto);
	return f->probe.skipped ? 0 : run_core(f);
}

int probe_core_load(struct facts *f)
{
	f->probe.skipped = may_load_tls(f);
	return f->probe.skipped ? 0 : run_core(f);
}
