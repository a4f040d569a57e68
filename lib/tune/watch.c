/* SPDX-License-Identifier: MIT */
/*
 * The process that takes an apply back when nobody confirms it: in a session of its own,
 * so that neither a closed terminal nor the end of ktlsctl ends it. As long as it is
 * there it holds a lock, by which others see that it is.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>

#include "../host/cleanup.h"
#include "transaction.h"

uint64_t watch_clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void watch_path(const struct journal *j, char *path, size_t size)
{
	snprintf(path, size, "%s/watch", j->dir);
}

int watch_alive(struct journal *j)
{
	char path[96];

	watch_path(j, path, sizeof(path));
	return host_locked(j->h, path);
}

/* Time that the machine sleeps counts. */
static void wait_until(uint64_t ms)
{
	const struct timespec t = { (time_t)(ms / 1000), (long)(ms % 1000) * 1000000 };

	while (clock_nanosleep(CLOCK_BOOTTIME, TIMER_ABSTIME, &t, NULL) == EINTR)
		;
}

/* Descriptors of ours are closed on exec; the others came from the caller, who may wait
 * for their end, or hold a lock by one. */
static void forget_caller(void)
{
	enum { MANY = 1024 };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = 0; fd <= 2 && null >= 0; fd++)
		dup2(null, fd);
	if (null > 2)
		close(null);
	for (int fd = 3; fd < MANY; fd++) {
		int flags = fcntl(fd, F_GETFD);

		if (flags >= 0 && !(flags & FD_CLOEXEC))
			close(fd);
	}
}

/* Never returns. ready: told as soon as nothing can go wrong any more. */
static void watch(struct journal *j, int ready)
{
	char path[96];

	watch_path(j, path, sizeof(path));
	/* It waits only for somebody who looks whether there is a watcher. */
	if (host_lock(j->h, path, true) < 0 || chdir("/"))
		_exit(1);
	forget_caller();
	if (write(ready, "", 1) != 1)
		_exit(1);
	close(ready);
	wait_until(j->head.deadline_ms);
	_exit(transaction_expire(j->h, j->id) ? 1 : 0);
}

/* Twice, so that it is nobody's child and can never get a terminal. */
static void become_watcher(struct journal *j, int lock, int ready)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	if (setsid() < 0 || sigaction(SIGHUP, &ignore, NULL) ||
	    sigaction(SIGPIPE, &ignore, NULL))
		_exit(1);
	switch (fork()) {
	case -1:
		_exit(1);
	case 0:
		/* The lock goes with its last copy. */
		close(lock);
		watch(j, ready);
		break;
	default:
		_exit(0);
	}
}

int watch_start(struct journal *j, int lock)
{
	int ends[2], status;
	char byte;
	pid_t pid;
	bool ready;

	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	pid = fork();
	if (pid == 0) {
		close(ends[0]);
		become_watcher(j, lock, ends[1]);
	}
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return -EAGAIN;
	}
	ready = read(ends[0], &byte, 1) == 1;
	close(ends[0]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return ready ? 0 : -ECHILD;
}
