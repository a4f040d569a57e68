/* SPDX-License-Identifier: MIT */
/*
 * Whether a seccomp filter lets kTLS be set up. A filter sees the numbers of a system
 * call, not what is behind a descriptor: asked with one that is none, the kernel answers
 * EBADF to whoever got past the filter, and nothing is opened, loaded or changed.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"
#include "host_priv.h"

/* linux/tcp.h, linux/tls.h; libc's headers may be older than either. */
enum { OPT_TCP_ULP = 31, LEVEL_TLS = 282, OPT_TLS_TX = 1, OPT_TLS_RX = 2 };
enum { ANSWER_MS = 1000 };

static int answer_to(int level, int option)
{
	if (!setsockopt(-1, level, option, "tls", 4))
		return 0;
	return errno == EBADF ? 0 : -errno;
}

/* In a child: a filter may kill who asks, and a supervisor may never answer. */
static _Noreturn void ask(int fd)
{
	const struct rlimit none = { 0, 0 };
	int answer;

	setrlimit(RLIMIT_CORE, &none);
	answer = answer_to(IPPROTO_TCP, OPT_TCP_ULP);
	for (int option = OPT_TLS_TX; option <= OPT_TLS_RX && !answer; option++)
		answer = answer_to(LEVEL_TLS, option);
	_exit(write(fd, &answer, sizeof(answer)) != sizeof(answer));
}

/* -ETIMEDOUT: nobody answers. -EOWNERDEAD: it was killed. */
static int hear(int fd, int *answer)
{
	struct pollfd p = { fd, POLLIN, 0 };
	int ready;

	while ((ready = poll(&p, 1, ANSWER_MS)) < 0 && errno == EINTR)
		;
	if (ready <= 0)
		return ready ? -errno : -ETIMEDOUT;
	return read(fd, answer, sizeof(*answer)) == sizeof(*answer) ? 0 : -EOWNERDEAD;
}

static int ask_child(int *answer)
{
	cleanup_close int in = -1;
	int ends[2], err;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	in = ends[0];
	pid = fork();
	if (!pid)
		ask(ends[1]);
	err = pid < 0 ? -errno : 0;
	close(ends[1]);
	if (err)
		return err;
	err = hear(in, answer);
	if (err == -ETIMEDOUT)
		kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	if (err == -EOWNERDEAD) {
		*answer = err;
		err = 0;
	}
	return err;
}

void host_set_seccomp(struct host *h, int mode)
{
	h->seccomp = mode;
}

int host_seccomp_before(const struct host *h)
{
	return h->seccomp;
}

int host_seccomp_ktls(struct host *h, int *answer)
{
	int err = host_is_live(h) ? ask_child(answer) : -EROFS;

	return host_note(h, "seccomp", "setsockopt(TCP_ULP)", err);
}
