// SPDX-License-Identifier: MIT
/* Two ends of one connection over 127.0.0.1. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include "../host/cleanup.h"
#include "handshake.h"

static int listener(struct sockaddr_in *a)
{
	socklen_t len = sizeof(*a);
	int err, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	*a = (struct sockaddr_in){ .sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	if (!bind(fd, (struct sockaddr *)a, len) && !listen(fd, 1) &&
	    !getsockname(fd, (struct sockaddr *)a, &len))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

/* Over loopback a connection is complete, or refused, in no time. */
static int connect_to(const struct sockaddr_in *a)
{
	int err, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	if (!connect(fd, (const struct sockaddr *)a, sizeof(*a)) || errno == EINPROGRESS)
		return fd;
	err = -errno;
	close(fd);
	return err;
}

/* Else the rest of a message waits until the other end's delayed acknowledgement. */
static int no_delay(const int fd[TLS_ENDS])
{
	const int yes = 1;

	for (int i = 0; i < TLS_ENDS; i++)
		if (setsockopt(fd[i], IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes)))
			return -errno;
	return 0;
}

static int accept_end(int listening)
{
	struct pollfd p = { listening, POLLIN, 0 };
	int fd, n = poll(&p, 1, PROBE_STEP_MS);

	if (n < 1)
		return n ? -errno : -ETIMEDOUT;
	fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	return fd < 0 ? -errno : fd;
}

int loopback_pair(int fd[TLS_ENDS])
{
	struct sockaddr_in a;
	cleanup_close int l = listener(&a);
	int err;

	if (l < 0)
		return l;
	fd[TLS_CLIENT] = connect_to(&a);
	if (fd[TLS_CLIENT] < 0)
		return fd[TLS_CLIENT];
	fd[TLS_SERVER] = accept_end(l);
	err = fd[TLS_SERVER] < 0 ? fd[TLS_SERVER] : no_delay(fd);
	if (!err)
		return 0;
	close(fd[TLS_CLIENT]);
	if (fd[TLS_SERVER] >= 0)
		close(fd[TLS_SERVER]);
	return err;
}
