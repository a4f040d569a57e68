// SPDX-License-Identifier: MIT
/* The loop of the peer: one poll(2) over those who listen, those who talk, and the end.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench_serve.h"
#include "conn.h"

enum { BACKLOG = 64, PAUSE_MS = 100 };

struct peer {
	const struct peer_options *o;
	struct peer_done *done;
	struct ssl_ctx_st *ctx;
	int64_t end;     /* 0: none */
	int64_t accepts; /* not before: the process or the system had too few descriptors
			  */
	struct conn conns[PEER_CONNECTIONS];
	size_t n;
	struct bench_hosts hosts;
	struct pollfd fds[PEER_CONNECTIONS + 2];
};

/* "[::]" is both families, whatever net.ipv6.bindv6only says. */
static int set_options(int fd, int family)
{
	const int yes = 1, no = 0;

	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)))
		return -1;
	return family == AF_INET6
		       ? setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof(no))
		       : 0;
}

int peer_listen(struct address *at)
{
	int err, fd = socket(at->ss.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
			     0);

	if (fd < 0)
		return -errno;
	if (!set_options(fd, at->ss.ss_family) &&
	    !bind(fd, (const struct sockaddr *)&at->ss, at->len) &&
	    !listen(fd, BACKLOG) &&
	    !getsockname(fd, (struct sockaddr *)&at->ss, &at->len))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

/* It has ended: says so, counts it, and gives its place to the last one. */
static void finish(struct peer *p, size_t i, int err)
{
	struct conn *c = &p->conns[i];
	const bool served = !err && c->requests && !*c->refused;
	char what[160];

	conn_describe(c, err, what, sizeof(what));
	if (p->o->say && !c->silent)
		p->o->say(p->o->arg, c->client, what);
	p->done->served += served && !c->silent;
	p->done->failed += !served && !c->silent;
	conn_end(c);
	p->conns[i] = p->conns[--p->n];
	p->hosts.connections = p->n;
}

/* A client that has gone again, or one of the network's errors (accept(2)), is its own
 * affair; too few descriptors or too little memory are ours, and pass. */
static bool passes(int err)
{
	return err == EMFILE || err == ENFILE || err == ENOBUFS || err == ENOMEM;
}

static void accept_one(struct peer *p, int64_t now)
{
	const int yes = 1;
	int err, fd = accept4(p->o->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0) {
		p->accepts = passes(errno) ? now + PAUSE_MS : 0;
		return;
	}
	/* Else the last part of a message waits for the client's acknowledgement. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	p->conns[p->n].hosts = &p->hosts;
	err = conn_start(&p->conns[p->n++], p->ctx, fd,
			 (int64_t)(p->o->step_ms ? p->o->step_ms : PEER_STEP_MS));
	p->hosts.connections = p->n;
	if (err)
		finish(p, p->n - 1, err);
}

/* From the last to the first: the place of one that ends is taken by one that was. */
static void go_on(struct peer *p)
{
	for (size_t i = p->n; i-- > 0;) {
		struct conn *c = &p->conns[i];
		int err = -EAGAIN;

		if (p->fds[i + 2].revents || c->again ||
		    (c->wake_ns && conn_now_ns() >= c->wake_ns))
			err = conn_go(c);
		if (err == -EAGAIN && conn_now_ms() >= c->step_end)
			err = conn_late(c);
		if (err != -EAGAIN)
			finish(p, i, err);
	}
}

static int64_t sooner(int64_t a, int64_t b)
{
	return b && b < a ? b : a;
}

static int64_t ns(int64_t ms)
{
	return ms * 1000000;
}

/* What to wait for, and until when, in ns. */
static int64_t prepare(struct peer *p, int64_t now)
{
	const bool full = p->n == PEER_CONNECTIONS || now < p->accepts;
	int64_t until = ns(now + PEER_STEP_MS);

	p->fds[0] = (struct pollfd){ p->o->stop, POLLIN, 0 };
	p->fds[1] = (struct pollfd){ full ? -1 : p->o->listener, POLLIN, 0 };
	for (size_t i = 0; i < p->n; i++) {
		const struct conn *c = &p->conns[i];

		p->fds[i + 2] = (struct pollfd){ c->fd, conn_events(c), 0 };
		until = sooner(until, ns(c->step_end));
		until = sooner(until, c->again ? 1 : c->wake_ns);
	}
	until = sooner(until, ns(p->end));
	return sooner(until, now < p->accepts ? ns(p->accepts) : 0);
}

/* As poll(2), but until then, and more exactly. */
static int wait_until(struct peer *p, int64_t until)
{
	const int64_t left = until - conn_now_ns();
	const struct timespec t = { left > 0 ? left / 1000000000 : 0,
				    left > 0 ? left % 1000000000 : 0 };

	return ppoll(p->fds, (nfds_t)p->n + 2, &t, NULL);
}

static bool over(const struct peer *p, int64_t now)
{
	return (p->end && now >= p->end) ||
	       (p->o->max_served && p->done->served >= p->o->max_served);
}

static int serve(struct peer *p)
{
	for (;;) {
		int64_t now = conn_now_ms();
		int n;

		if (over(p, now))
			return 0;
		n = wait_until(p, prepare(p, now));
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n < 0)
			continue;
		if (p->fds[0].revents)
			return 0;
		go_on(p);
		if (p->fds[1].revents && p->n < PEER_CONNECTIONS)
			accept_one(p, now);
	}
}

/* No client is to make a certificate of each suite's kind necessary: one key does. */
static int make_context(struct ssl_ctx_st **out)
{
	cleanup_identity struct tls_identity id = { 0 };
	const struct tls_wants any = { 0 };
	int err;

	*out = NULL;
	tls_load_config();
	err = identity_make(&id);
	if (!err)
		*out = tls_context(TLS_SERVER, &id, &any, &err);
	if (*out)
		err = ktls_ssl_prepare(*out);
	if (err) {
		tls_context_free(*out);
		*out = NULL;
	}
	return err;
}

int peer_serve(const struct peer_options *o, struct peer_done *done)
{
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct peer *p = calloc(1, sizeof(*p));
	struct sigaction before;
	int err = p ? make_context(&p->ctx) : -ENOMEM;

	*done = (struct peer_done){ 0 };
	if (!err) {
		p->o = o;
		p->done = done;
		p->end = o->max_time_ms ? conn_now_ms() + (int64_t)o->max_time_ms : 0;
		/* libssl writes with write(2): to a client that has gone that would be
		 * the end. */
		sigaction(SIGPIPE, &ignore, &before);
		if (o->ready)
			o->ready(o->arg);
		err = serve(p);
		while (p->n)
			finish(p, p->n - 1, -ECANCELED);
		sigaction(SIGPIPE, &before, NULL);
		tls_context_free(p->ctx);
		bench_hosts_free(&p->hosts);
	}
	free(p);
	return err;
}
