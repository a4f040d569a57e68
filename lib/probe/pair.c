/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>

#include "probe_priv.h"

enum { TYPE = SOCK_STREAM | SOCK_CLOEXEC };

static int listen_loopback(struct sockaddr_in *a)
{
	socklen_t len = sizeof(*a);
	int fd = socket(AF_INET, TYPE, 0);

	*a = (struct sockaddr_in){ .sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)a, len) || listen(fd, 1) ||
	    getsockname(fd, (struct sockaddr *)a, &len)) {
		int err = -errno;

		close(fd);
		return err;
	}
	return fd;
}

static int wait_for(int fd, short events)
{
	struct pollfd p = { fd, events, 0 };
	int n = poll(&p, 1, WAIT_MS);

	return n < 0 ? -errno : n ? 0 : -ETIMEDOUT;
}

/* Somebody else may have connected to our port first: only our own peer will do. */
static int accept_peer(int listener, int client)
{
	struct sockaddr_in ours = { 0 }, theirs = { 0 };
	socklen_t len = sizeof(ours);

	if (getsockname(client, (struct sockaddr *)&ours, &len))
		return -errno;
	for (;;) {
		int err = wait_for(listener, POLLIN), fd;

		if (err)
			return err;
		len = sizeof(theirs);
		fd = accept4(listener, (struct sockaddr *)&theirs, &len,
			     SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd < 0)
			return -errno;
		if (theirs.sin_port == ours.sin_port &&
		    theirs.sin_addr.s_addr == ours.sin_addr.s_addr)
			return fd;
		close(fd);
	}
}

static int connect_to(int fd, const struct sockaddr_in *a)
{
	int err = 0;
	socklen_t len = sizeof(err);

	if (!connect(fd, (const struct sockaddr *)a, sizeof(*a)))
		return 0;
	if (errno != EINPROGRESS)
		return -errno;
	err = wait_for(fd, POLLOUT);
	if (err)
		return err;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len))
		return -errno;
	return -err;
}

int pair_open(struct pair *p)
{
	struct sockaddr_in a;
	cleanup_close int listener = listen_loopback(&a);
	int err, on = 1;

	*p = (struct pair){ { -1, -1 } };
	if (listener < 0)
		return listener;
	p->fd[0] = socket(AF_INET, TYPE | SOCK_NONBLOCK, 0);
	if (p->fd[0] < 0)
		return -errno;
	err = connect_to(p->fd[0], &a);
	if (!err)
		err = accept_peer(listener, p->fd[0]);
	if (err < 0) {
		pair_close(p);
		return err;
	}
	p->fd[1] = err;
	for (int i = 0; i < 2; i++)
		setsockopt(p->fd[i], IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return 0;
}

void pair_close(struct pair *p)
{
	for (int i = 0; i < 2; i++) {
		if (p->fd[i] >= 0)
			close(p->fd[i]);
		p->fd[i] = -1;
	}
}

int pair_wait(const struct pair *p, struct pair_events e)
{
	struct pollfd fds[2] = { { e.events[0] ? p->fd[0] : -1, e.events[0], 0 },
				 { e.events[1] ? p->fd[1] : -1, e.events[1], 0 } };
	int n = poll(fds, 2, WAIT_MS);

	return n < 0 ? -errno : n ? 0 : -ETIMEDOUT;
}

uint64_t probe_now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}
