/* SPDX-License-Identifier: MIT */
/*
 * cutproxy LISTEN TARGET FIRST STEP: a TCP proxy on 127.0.0.1 that ends its first
 * connection after FIRST bytes of the server's, the next after STEP more, and so on. Each
 * time it prints how many bytes of the server's it has passed on, as a line.
 */
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <netinet/in.h>
#include <sys/socket.h>

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static struct sockaddr_in at(const char *port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
				     .sin_port = htons((in_port_t)atoi(port)),
				     .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

static int listen_at(const char *port)
{
	const struct sockaddr_in a = at(port);
	const int one = 1;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
	    bind(fd, (const struct sockaddr *)&a, sizeof(a)) || listen(fd, 8))
		die("listen");
	return fd;
}

static int connect_to(const char *port)
{
	const struct sockaddr_in a = at(port);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || connect(fd, (const struct sockaddr *)&a, sizeof(a)))
		die("connect");
	return fd;
}

/* What passed, at most so many bytes; 0 when that end says no more. */
static size_t pass(int from, int to, size_t most)
{
	char buf[4096];
	ssize_t n = read(from, buf, most < sizeof(buf) ? most : sizeof(buf));

	if (n <= 0 || send(to, buf, (size_t)n, MSG_NOSIGNAL) != n)
		return 0;
	return (size_t)n;
}

static size_t between(int client, int server, size_t limit)
{
	struct pollfd p[] = { { .fd = client, .events = POLLIN },
			      { .fd = server, .events = POLLIN } };
	size_t passed = 0, n;

	while (passed < limit && poll(p, 2, 30000) > 0) {
		if (p[0].revents && !pass(client, server, SIZE_MAX))
			break;
		if (!p[1].revents)
			continue;
		n = pass(server, client, limit - passed);
		passed += n;
		if (!n)
			break;
	}
	return passed;
}

int main(int argc, char **argv)
{
	size_t limit = argc == 5 ? strtoul(argv[3], NULL, 10) : 0;
	const size_t step = argc == 5 ? strtoul(argv[4], NULL, 10) : 0;
	const int listener = argc == 5 ? listen_at(argv[1]) : -1;

	if (listener < 0)
		return 2;
	for (;; limit += step) {
		int client = accept(listener, NULL, NULL), server;

		if (client < 0)
			die("accept");
		server = connect_to(argv[2]);
		printf("%zu\n", between(client, server, limit));
		fflush(stdout);
		/* A FIN and no RST: what the client has sent is read. */
		shutdown(client, SHUT_WR);
		while (pass(client, server, SIZE_MAX))
			;
		close(client);
		close(server);
	}
}
