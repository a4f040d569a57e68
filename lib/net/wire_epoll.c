// SPDX-License-Identifier: MIT
/* The socket does not block: each operation is tried, and again when epoll(7) says so. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "wire_priv.h"

static const int64_t day_ns = 86400000000000;

struct epoll {
	int ep, fd;
	uint32_t events; /* what it is asked to wait for */
};

static int open_epoll(void **state, const char **why)
{
	struct epoll *e = calloc(1, sizeof(*e));

	(void)why;
	*state = e;
	if (!e)
		return -ENOMEM;
	e->fd = -1;
	e->ep = epoll_create1(EPOLL_CLOEXEC);
	if (e->ep >= 0)
		return 0;
	free(e);
	return -errno;
}

static void close_epoll(void *state)
{
	struct epoll *e = state;

	close(e->ep);
	free(e);
}

static int take(void *state, int fd)
{
	struct epoll *e = state;
	struct epoll_event ev = { 0 };
	const int flags = fcntl(fd, F_GETFL);

	e->fd = fd;
	e->events = 0;
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) ||
	    epoll_ctl(e->ep, EPOLL_CTL_ADD, fd, &ev))
		return -errno;
	return 0;
}

static ssize_t call(const struct wire_op *op)
{
	loff_t at = op->at;
	const int more = op->more ? MSG_MORE : 0;

	switch (op->what) {
	case WIRE_CONNECT:
		return connect(op->fd, (const struct sockaddr *)&op->to.ss, op->to.len);
	case WIRE_RECV:
		return recv(op->fd, op->buf, op->len, 0);
	case WIRE_RECVMSG:
		return recvmsg(op->fd, op->msg, 0);
	case WIRE_SEND:
		return send(op->fd, op->buf, op->len, MSG_NOSIGNAL | more);
	case WIRE_SENDMSG:
		return sendmsg(op->fd, op->msg, MSG_NOSIGNAL);
	case WIRE_SPLICE:
		break;
	}
	return splice(op->from, op->at < 0 ? NULL : &at, op->fd, NULL, op->len,
		      SPLICE_F_NONBLOCK | (op->more ? SPLICE_F_MORE : 0));
}

static void try(struct wire_slot *s)
{
	ssize_t n;

	if (s->times)
		s->times->called_ns = wire_stamp_ns();
	do {
		n = call(&s->op);
	} while (n < 0 && errno == EINTR);
	s->result = n < 0 ? -errno : n;
	s->busy = s->result == -EAGAIN || s->result == -EINPROGRESS;
	if (s->times)
		s->times->returned_ns = wire_stamp_ns();
}

static void start(void *state, struct wire_slot *s, enum wire_side side)
{
	(void)state;
	(void)side;
	try(s);
}

/* A connection that was begun is finished when it can be written to. */
static void go_on(struct wire_slot *s)
{
	socklen_t len = sizeof(int);
	int err = 0;

	if (s->op.what != WIRE_CONNECT) {
		try(s);
		return;
	}
	if (getsockopt(s->op.fd, SOL_SOCKET, SO_ERROR, &err, &len))
		err = errno;
	s->result = -err;
	s->busy = false;
}

static int ask(struct epoll *e, const struct wire_slot s[WIRE_SIDES])
{
	struct epoll_event ev = { .events = (s[WIRE_RX].busy ? EPOLLIN | EPOLLRDHUP : 0) |
					    (s[WIRE_TX].busy ? EPOLLOUT : 0) };

	if (ev.events == e->events)
		return 0;
	e->events = ev.events;
	return epoll_ctl(e->ep, EPOLL_CTL_MOD, e->fd, &ev) ? -errno : 0;
}

static int await(void *state, struct wire_slot s[WIRE_SIDES], int64_t left_ns)
{
	struct epoll *e = state;
	struct epoll_event ev;
	int n, err = ask(e, s);

	if (err)
		return err;
	/* A day will do: it is asked again. */
	if (left_ns > day_ns)
		left_ns = day_ns;
	n = epoll_wait(e->ep, &ev, 1, (int)(left_ns / 1000000) + 1);
	if (n <= 0)
		return n && errno != EINTR ? -errno : 0;
	if (s[WIRE_RX].times)
		s[WIRE_RX].times->woken_ns = wire_stamp_ns();
	for (int i = 0; i < WIRE_SIDES; i++)
		if (s[i].busy &&
		    (ev.events & ((i == WIRE_TX ? EPOLLOUT : EPOLLIN | EPOLLRDHUP) |
				  EPOLLERR | EPOLLHUP)))
			go_on(&s[i]);
	return 0;
}

static void cancel(void *state, struct wire_slot s[WIRE_SIDES])
{
	(void)state;
	for (int i = 0; i < WIRE_SIDES; i++)
		s[i].busy = false;
}

const struct wire_engine_ops wire_epoll = {
	.engine = WIRE_EPOLL,
	.open = open_epoll,
	.close = close_epoll,
	.take = take,
	.start = start,
	.wait = await,
	.cancel = cancel,
};
