// SPDX-License-Identifier: MIT
/* The socket blocks, so that io_uring itself waits for it; both directions go into the
 * kernel by the same call that waits for one of them. */
#include <errno.h>

#include "../host/uring.h"
#include "wire_priv.h"

#ifdef HAVE_LIBURING
#include <liburing.h>
#include <poll.h>
#include <stdlib.h>

/* One for each direction, one to cancel each. */
enum { ENTRIES = 8 };

/* What says that a cancellation has ended, not an operation. */
static const uint64_t no_side = WIRE_SIDES;

struct uring {
	struct io_uring ring;
};

/* All of them are older than the feature; a filter or a back-port may differ. */
static bool has_operations(struct io_uring *ring)
{
	static const int wanted[] = { IORING_OP_CONNECT,      IORING_OP_RECV,
				      IORING_OP_RECVMSG,      IORING_OP_SEND,
				      IORING_OP_SENDMSG,      IORING_OP_SPLICE,
				      IORING_OP_ASYNC_CANCEL, IORING_OP_POLL_ADD };
	struct io_uring_probe *p = io_uring_get_probe_ring(ring);
	bool all = p;

	for (size_t i = 0; all && i < sizeof(wanted) / sizeof(wanted[0]); i++)
		all = io_uring_opcode_supported(p, wanted[i]);
	io_uring_free_probe(p);
	return all;
}

/* What is done is looked for only when somebody waits for it: fewer interruptions. */
static int set_up(struct io_uring *ring)
{
	int err = io_uring_queue_init(
		ENTRIES, ring, IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN);

	return err == -EINVAL ? io_uring_queue_init(ENTRIES, ring, 0) : err;
}

static int open_uring(void **state, const char **why)
{
	struct uring *u = calloc(1, sizeof(*u));
	int err = u ? set_up(&u->ring) : -ENOMEM;

	*why = uring_refusal(err);
	if (!err &&
	    (!(u->ring.features & IORING_FEAT_EXT_ARG) || !has_operations(&u->ring))) {
		io_uring_queue_exit(&u->ring);
		*why = "this kernel's io_uring is older than 5.11";
		err = -ENOTSUP;
	}
	if (err) {
		free(u);
		return err;
	}
	*why = "";
	*state = u;
	return 0;
}

static void close_uring(void *state)
{
	struct uring *u = state;

	io_uring_queue_exit(&u->ring);
	free(u);
}

static int take(void *state, int fd)
{
	(void)state;
	(void)fd;
	return 0;
}

static void prepare(struct io_uring_sqe *sqe, struct wire_op *op)
{
	const int more = op->more ? MSG_MORE : 0;

	switch (op->what) {
	case WIRE_CONNECT:
		io_uring_prep_connect(sqe, op->fd, (struct sockaddr *)&op->to.ss,
				      op->to.len);
		break;
	case WIRE_RECV:
		io_uring_prep_recv(sqe, op->fd, op->buf, op->len, 0);
		break;
	case WIRE_RECVMSG:
		io_uring_prep_recvmsg(sqe, op->fd, op->msg, 0);
		break;
	case WIRE_SEND:
		io_uring_prep_send(sqe, op->fd, op->buf, op->len, MSG_NOSIGNAL | more);
		break;
	case WIRE_SENDMSG:
		io_uring_prep_sendmsg(sqe, op->fd, op->msg, MSG_NOSIGNAL);
		break;
	case WIRE_SPLICE:
		io_uring_prep_splice(sqe, op->from, op->at, op->fd, -1, (unsigned)op->len,
				     op->more ? SPLICE_F_MORE : 0);
		break;
	}
}

static void submit(struct uring *u, struct wire_slot *s, uint64_t side)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&u->ring);

	if (!sqe) {
		s->result = -EBUSY;
		s->busy = false;
		return;
	}
	if (s->asking)
		io_uring_prep_poll_add(sqe, s->op.fd, POLLIN | POLLRDHUP);
	else
		prepare(sqe, &s->op);
	io_uring_sqe_set_data64(sqe, side);
}

static void start(void *state, struct wire_slot *s, enum wire_side side)
{
	s->asking = s->times;
	submit(state, s, side);
}

/* It is done: with the answer that something has come, receiving begins. */
static bool finish(struct uring *u, struct wire_slot *s, uint64_t side, int result)
{
	if (s->asking && result >= 0) {
		s->times->woken_ns = wire_stamp_ns();
		s->asking = false;
		s->times->called_ns = wire_stamp_ns();
		submit(u, s, side);
		return !s->busy;
	}
	if (s->times)
		s->times->returned_ns = wire_stamp_ns();
	s->asking = false;
	s->result = result;
	s->busy = false;
	return true;
}

/* Returns how many operations ended. */
static unsigned reap(struct uring *u, struct wire_slot s[WIRE_SIDES])
{
	struct io_uring_cqe *cqe;
	unsigned head, n = 0, ended = 0;

	io_uring_for_each_cqe(&u->ring, head, cqe)
	{
		const uint64_t side = io_uring_cqe_get_data64(cqe);

		n++;
		if (side >= no_side)
			continue;
		ended += finish(u, &s[side], side, cqe->res);
	}
	io_uring_cq_advance(&u->ring, n);
	return ended;
}

/* Blocks a signal now and then: that is no reason to give up. */
static bool passing(int err)
{
	return err == -EINTR || err == -EAGAIN;
}

static int await(void *state, struct wire_slot s[WIRE_SIDES], int64_t left_ns)
{
	struct uring *u = state;
	struct __kernel_timespec limit = { left_ns / 1000000000, left_ns % 1000000000 };
	struct io_uring_cqe *cqe;
	int err = io_uring_submit_and_wait_timeout(&u->ring, &cqe, 1, &limit, NULL);

	if (reap(u, s) || passing(err))
		return 0;
	return err < 0 && err != -ETIME ? err : 0;
}

/* A connection that is shut ends what waits for it, so this takes no time. */
static void cancel(void *state, struct wire_slot s[WIRE_SIDES])
{
	struct uring *u = state;

	for (uint64_t i = 0; i < WIRE_SIDES; i++) {
		struct io_uring_sqe *sqe = s[i].busy ? io_uring_get_sqe(&u->ring) : NULL;

		s[i].asking = false; /* else it would go on to receive */
		if (!sqe)
			continue;
		io_uring_prep_cancel64(sqe, i, 0);
		io_uring_sqe_set_data64(sqe, no_side);
	}
	while (s[WIRE_RX].busy || s[WIRE_TX].busy) {
		int err = io_uring_submit_and_wait(&u->ring, 1);

		if (!reap(u, s) && err < 0 && !passing(err))
			break;
	}
	s[WIRE_RX].busy = s[WIRE_TX].busy = false;
}

const struct wire_engine_ops wire_uring = {
	.engine = WIRE_URING,
	.open = open_uring,
	.close = close_uring,
	.take = take,
	.start = start,
	.wait = await,
	.cancel = cancel,
};
#else
static int open_uring(void **state, const char **why)
{
	(void)state;
	*why = "built without liburing";
	return -ENOTSUP;
}

const struct wire_engine_ops wire_uring = { .engine = WIRE_URING, .open = open_uring };
#endif
