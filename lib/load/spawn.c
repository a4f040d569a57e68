// SPDX-License-Identifier: MIT
/* A peer beyond the border of this network namespace. */
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "../host/cleanup.h"
#include "load.h"

/* What the child tells of itself, at once and whole. */
struct hello {
	int err;
	struct address at[16];
	size_t n_at;
};

_Static_assert(sizeof(struct hello) <= 4096, "a pipe takes that much in one piece");

/* One word without a path, as ip-netns(8) has it. */
static int enter(const char *name)
{
	char path[256];
	cleanup_close int fd = -1;

	if (!*name || strchr(name, '/') || !strcmp(name, ".") || !strcmp(name, "..") ||
	    (size_t)snprintf(path, sizeof(path), "/run/netns/%s", name) >= sizeof(path))
		return -ENOENT;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	return setns(fd, CLONE_NEWNET) ? -errno : 0;
}

/* Only together with a device does a link-local address mean anything, and that device
 * is of the other namespace. */
static bool is_usable(const struct ifaddrs *i)
{
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)i->ifa_addr;

	if (!i->ifa_addr || (i->ifa_flags & IFF_LOOPBACK) || !(i->ifa_flags & IFF_UP))
		return false;
	if (i->ifa_addr->sa_family == AF_INET)
		return true;
	return i->ifa_addr->sa_family == AF_INET6 &&
	       !IN6_IS_ADDR_LINKLOCAL(&v6->sin6_addr);
}

static int find_addresses(struct hello *h)
{
	struct ifaddrs *all;

	if (getifaddrs(&all))
		return -errno;
	for (const struct ifaddrs *i = all; i && h->n_at < ARRAY_SIZE(h->at);
	     i = i->ifa_next) {
		struct address *a = &h->at[h->n_at];

		if (!is_usable(i))
			continue;
		a->len = i->ifa_addr->sa_family == AF_INET ? sizeof(struct sockaddr_in)
							   : sizeof(struct sockaddr_in6);
		memcpy(&a->ss, i->ifa_addr, a->len);
		h->n_at++;
	}
	freeifaddrs(all);
	return h->n_at ? 0 : -EADDRNOTAVAIL;
}

/* One socket for all addresses; a kernel without IPv6 has the other kind only. */
static int listen_anywhere(struct hello *h)
{
	struct address any = { .len = sizeof(struct sockaddr_in6) };
	int fd;

	any.ss.ss_family = AF_INET6;
	fd = peer_listen(&any);
	if (fd < 0) {
		any = (struct address){ .len = sizeof(struct sockaddr_in) };
		any.ss.ss_family = AF_INET;
		fd = peer_listen(&any);
	}
	for (size_t i = 0; fd >= 0 && i < h->n_at; i++)
		address_set_port(&h->at[i], address_port(&any));
	return fd;
}

/* What enters is a thread of its own: a socket stays where it was made, and this thread
 * stays here. */
struct visit {
	const char *name;
	struct hello hello;
	struct address *at; /* to listen at; NULL: the addresses are wanted */
	int fd;
};

static void *visit(void *arg)
{
	struct visit *v = arg;

	v->fd = enter(v->name);
	if (!v->fd)
		v->fd = v->at ? peer_listen(v->at) : find_addresses(&v->hello);
	return NULL;
}

static int go(struct visit *v)
{
	pthread_t t;
	int err = pthread_create(&t, NULL, visit, v);

	if (err)
		return -err;
	pthread_join(t, NULL);
	return v->fd;
}

int peer_listen_in(const char *name, struct address *at)
{
	struct visit v = { .name = name, .at = at };

	return name ? go(&v) : peer_listen(at);
}

int peer_addresses(const char *name, struct address at[16], size_t *n)
{
	struct visit v = { .name = name };
	int err = go(&v);

	memcpy(at, v.hello.at, sizeof(v.hello.at));
	*n = err ? 0 : v.hello.n_at;
	return err;
}

struct teller {
	int fd;
	struct hello hello;
};

static void tell(void *arg)
{
	struct teller *t = arg;
	const ssize_t size = sizeof(t->hello);

	if (write(t->fd, &t->hello, sizeof(t->hello)) != size || t->hello.err)
		_exit(EXIT_FAILURE);
	close(t->fd);
}

static _Noreturn void child(const char *name, int fd)
{
	struct teller t = { .fd = fd };
	struct peer_options o = { .listener = -1, .stop = -1, .ready = tell, .arg = &t };
	struct hello *h = &t.hello;
	struct peer_done done;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	h->err = enter(name);
	if (!h->err)
		h->err = find_addresses(h);
	if (!h->err)
		o.listener = listen_anywhere(h);
	if (!h->err && o.listener < 0)
		h->err = o.listener;
	if (h->err)
		tell(&t);
	_exit(peer_serve(&o, &done) ? EXIT_FAILURE : EXIT_SUCCESS);
}

static int hear(int fd, struct peer_child *out)
{
	struct pollfd p = { fd, POLLIN, 0 };
	struct hello h;

	if (poll(&p, 1, PEER_STEP_MS) != 1)
		return -ETIMEDOUT;
	if (read(fd, &h, sizeof(h)) != (ssize_t)sizeof(h))
		return -EPIPE;
	memcpy(out->at, h.at, sizeof(h.at));
	out->n_at = h.n_at;
	return h.err;
}

int peer_spawn(const char *name, struct peer_child *out)
{
	int ends[2], err;

	*out = (struct peer_child){ 0 };
	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	out->pid = fork();
	if (!out->pid)
		child(name, ends[1]);
	close(ends[1]);
	err = out->pid < 0 ? -errno : hear(ends[0], out);
	close(ends[0]);
	if (err)
		peer_end(out);
	return err;
}

void peer_end(struct peer_child *p)
{
	if (p->pid <= 0)
		return;
	kill(p->pid, SIGKILL);
	while (waitpid(p->pid, NULL, 0) < 0 && errno == EINTR)
		;
	p->pid = 0;
}
