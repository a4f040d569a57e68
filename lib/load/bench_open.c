// SPDX-License-Identifier: MIT
/* Connections of a run: TCP, the handshake, the keys to the kernel. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "bench_priv.h"
#include "load.h"

enum { ACCEPT_MS = 20 };

static void free_contexts(struct bench_world *w)
{
	tls_context_free(w->client);
	tls_context_free(w->client_kernel);
	tls_context_free(w->server_user);
	tls_context_free(w->server_kernel);
	w->client = w->client_kernel = w->server_user = w->server_kernel = NULL;
}

int bench_world_suite(struct bench_world *w, const struct bench_suite *s)
{
	const struct bench_peer *peer = w->o->peer;
	const struct tls_wants wants = { .version = s->version,
					 .suite = s->name,
					 .user_space = true,
					 .verify = peer ? peer->verify : NULL,
					 .ca_file = peer ? peer->ca_file : NULL };
	int err = 0;

	free_contexts(w);
	w->client = tls_context(TLS_CLIENT, NULL, &wants, &err);
	if (peer) {
		if (w->client)
			w->client_kernel = tls_context(TLS_CLIENT, NULL, &wants, &err);
		return w->client_kernel ? ktls_ssl_prepare(w->client_kernel) : err;
	}
	if (w->client)
		w->server_user = tls_context(TLS_SERVER, &w->id, &wants, &err);
	if (w->server_user)
		w->server_kernel = tls_context(TLS_SERVER, &w->id, &wants, &err);
	if (!w->server_kernel)
		return err;
	return ktls_ssl_prepare(w->server_kernel);
}

void bench_world_close(struct bench_world *w)
{
	free_contexts(w);
	identity_free(&w->id);
	free(w->payload);
	if (w->file >= 0)
		close(w->file);
}

int bench_limit(int fd, unsigned seconds)
{
	const struct timeval limit = { .tv_sec = seconds };
	const int on = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) ||
	    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)))
		return -errno;
	return 0;
}

/* A socket with a time limit is left by any signal, and so it is by what io_uring has to
 * do in a thread, such as ending the ring of the connection before; this goes on. */
int bench_connect(int fd, const struct address *at)
{
	struct pollfd p = { fd, POLLOUT, 0 };
	socklen_t len = sizeof(int);
	int n, err = 0;

	if (!connect(fd, (const struct sockaddr *)&at->ss, at->len))
		return 0;
	if (errno != EINTR)
		return errno == EINPROGRESS ? -ETIMEDOUT : -errno;
	do {
		n = poll(&p, 1, BENCH_WAIT_S * 1000);
	} while (n < 0 && errno == EINTR);
	if (n <= 0)
		return n ? -errno : -ETIMEDOUT;
	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len) ? -errno : -err;
}

int bench_listen(struct bench_world *w, struct bench_lane *l)
{
	struct sockaddr_in *loopback = (struct sockaddr_in *)&l->at.ss;

	if (w->n_there) {
		l->at = w->there[0];
	} else {
		l->at = (struct address){ .len = sizeof(*loopback) };
		*loopback = (struct sockaddr_in){
			.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)
		};
	}
	address_set_port(&l->at, 0);
	l->listener = peer_listen_in(w->o->netns, &l->at);
	return l->listener < 0 ? l->listener : 0;
}

/* The one before it has to be accepted. */
static bool wait_turn(const struct bench_side *s)
{
	const struct timespec pause = { .tv_nsec = 20000 };
	const uint64_t end = bench_deadline();

	while (atomic_load(&s->lane->accepted) < s->opened) {
		if (bench_now_ns() > end)
			return false;
		nanosleep(&pause, NULL);
	}
	return true;
}

/* Our port is told before anybody can see it: who accepts wants nobody else. */
static int connect_lane(struct bench_side *s)
{
	struct bench_lane *l = s->lane;
	struct address from = { .len = l->at.len };
	socklen_t len = sizeof(from.ss);
	int err, fd;

	if (!wait_turn(s))
		return -ETIMEDOUT;
	fd = socket(l->at.ss.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	from.ss.ss_family = l->at.ss.ss_family;
	err = bench_limit(fd, BENCH_WAIT_S);
	if (!err && (bind(fd, (struct sockaddr *)&from.ss, from.len) ||
		     getsockname(fd, (struct sockaddr *)&from.ss, &len)))
		err = -errno;
	if (!err) {
		atomic_store(&l->port, address_port(&from));
		err = bench_connect(fd, &l->at);
	}
	if (!err)
		return fd;
	close(fd);
	return err;
}

/* Not the fault of one who came and went. */
static bool is_ours(int err)
{
	return err == EMFILE || err == ENFILE || err == ENOBUFS || err == ENOMEM;
}

static int accept_lane(struct bench_side *s)
{
	struct bench_lane *l = s->lane;
	const uint64_t end = bench_deadline();

	while (bench_now_ns() < end) {
		struct pollfd p = { l->listener, POLLIN, 0 };
		struct address from = { .len = sizeof(from.ss) };
		int fd, err;

		if (atomic_load(&l->asked_all) && poll(&p, 1, 0) <= 0)
			return -ECANCELED;
		if (poll(&p, 1, ACCEPT_MS) <= 0)
			continue;
		fd = accept4(l->listener, (struct sockaddr *)&from.ss, &from.len,
			     SOCK_CLOEXEC);
		if (fd < 0 && is_ours(errno))
			return -errno;
		if (fd < 0)
			continue;
		if (address_port(&from) == atomic_load(&l->port)) {
			atomic_fetch_add(&l->accepted, 1);
			err = bench_limit(fd, BENCH_WAIT_S);
			if (!err)
				return fd;
			close(fd);
			return err;
		}
		close(fd);
	}
	return -ETIMEDOUT;
}

/* As above: libssl says then that it wants more. */
int bench_handshake(struct tls_stream *s)
{
	const uint64_t end = bench_deadline();
	int err;

	do {
		err = tls_stream_handshake(s);
	} while (err == -EAGAIN && bench_now_ns() < end);
	return err;
}

static int handshake(struct bench_side *s, struct bench_end *e)
{
	struct bench_world *w = s->run->w;
	const bool kernel = s->run->mode->kernel && s->which == BENCH_A;
	const bool server = s->which == BENCH_A && !w->o->peer;
	struct ssl_ctx_st *c = server   ? kernel ? w->server_kernel : w->server_user
			       : kernel ? w->client_kernel
					: w->client;
	int err = tls_stream_open(&e->s, c, server ? TLS_SERVER : TLS_CLIENT, e->fd);

	if (!err)
		err = bench_handshake(e->s);
	if (!err)
		return 0;
	s->why = "the handshake failed";
	if (e->s && *tls_stream_reason(e->s))
		s->why = tls_stream_reason(e->s);
	return err == -EAGAIN ? -ETIMEDOUT : err;
}

/* What the mode needs of the kernel. */
static unsigned wanted(const struct bench_group *g)
{
	return g->direction == BENCH_SEND      ? KTLS_WANT_TX
	       : g->direction == BENCH_RECEIVE ? KTLS_WANT_RX
					       : KTLS_BOTH;
}

static int attach(struct bench_side *s, struct bench_end *e)
{
	const unsigned wants = wanted(s->run->g);
	struct ktls_info info;
	int err = ktls_ssl_attach(&e->conn, tls_stream_ssl(e->s), e->fd, wants);

	if (err)
		return err;
	ktls_conn_info(e->conn, &info);
	if ((wants & KTLS_WANT_TX) && info.tx.where == KTLS_USER)
		s->why = ktls_reason_text(info.tx.reason);
	else if ((wants & KTLS_WANT_RX) && info.rx.where == KTLS_USER)
		s->why = ktls_reason_text(info.rx.reason);
	else
		return 0;
	return -EOPNOTSUPP;
}

int bench_open_end(struct bench_side *s, struct bench_end *e)
{
	const struct bench_mode *mode = s->run->mode;
	/* In a namespace of another name the other end listens. */
	const bool listens = (s->which == BENCH_A) == !s->run->w->n_there;
	const uint64_t begun = bench_now_ns();
	uint64_t connected, shaken, attached;
	int err = 0;

	*e = (struct bench_end){ .mode = s->which == BENCH_A || !mode->tls
						 ? mode
						 : &bench_openssl,
				 .file = s->run->w->file };
	s->why = "no connection";
	if (s->run->w->o->peer)
		e->fd = bench_peer_connect(s);
	else
		e->fd = listens ? accept_lane(s) : connect_lane(s);
	if (e->fd < 0)
		return e->fd;
	connected = bench_now_ns();
	if (mode->tls)
		err = handshake(s, e);
	shaken = bench_now_ns();
	if (!err && mode->kernel && s->which == BENCH_A)
		err = attach(s, e);
	attached = bench_now_ns();
	if (!err && e->mode->open && s->which == BENCH_A)
		err = e->mode->open(e, &s->why);
	if (!err && s->run->w->o->peer)
		err = bench_peer_join(s, e);
	if (err)
		return err;
	s->opened++;
	s->connect_ns += connected - begun;
	s->handshake_ns += shaken - connected;
	s->attach_ns += attached - shaken;
	return 0;
}

void bench_give_up(struct bench_side *s)
{
	atomic_store(&s->lane->asked_all, true);
	if (s->lane->listener >= 0)
		shutdown(s->lane->listener, SHUT_RDWR);
	for (size_t i = 0; i < s->n_ends; i++)
		if (s->ends[i].fd >= 0)
			shutdown(s->ends[i].fd, SHUT_RDWR);
}
