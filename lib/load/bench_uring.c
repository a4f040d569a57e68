// SPDX-License-Identifier: MIT
/* kTLS over io_uring: each message is submitted and waited for by one call. */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "../host/uring.h"
#include "bench_priv.h"

#define URING_MODE                                                                       \
	.name = "ktls-uring", .title = "kTLS over io_uring",                             \
	.directions = BENCH_SEND | BENCH_RECEIVE | BENCH_BOTH, .tls = true,              \
	.kernel = true, .copies = 0, .copies_why = "as kTLS", .counted = BENCH_IO_NONE

#ifdef HAVE_LIBURING
#include <liburing.h>

enum { ENTRIES = 4 };

static int open_ring(struct bench_end *e, const char **why)
{
	struct io_uring *ring = calloc(1, sizeof(*ring));
	int err = ring ? io_uring_queue_init(ENTRIES, ring,
					     IORING_SETUP_SINGLE_ISSUER |
						     IORING_SETUP_DEFER_TASKRUN)
		       : -ENOMEM;

	if (err == -EINVAL)
		err = io_uring_queue_init(ENTRIES, ring, 0);
	if (err) {
		*why = uring_refusal(err);
		free(ring);
		return err;
	}
	e->ring = ring;
	return 0;
}

static void close_ring(struct bench_end *e)
{
	io_uring_queue_exit(e->ring);
	free(e->ring);
	e->ring = NULL;
}

/* What the one entry that was prepared came to. */
static ssize_t complete(struct bench_end *e)
{
	struct io_uring *ring = e->ring;
	struct io_uring_cqe *cqe;
	ssize_t n;

	do {
		e->calls++;
		n = io_uring_submit_and_wait(ring, 1);
	} while (n == -EINTR);
	if (n < 0)
		return n;
	n = io_uring_wait_cqe(ring, &cqe);
	if (n)
		return n;
	n = cqe->res;
	io_uring_cqe_seen(ring, cqe);
	return n;
}

static ssize_t put_ring(struct bench_end *e, const uint8_t *buf, size_t len)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(e->ring);

	if (!sqe)
		return -EBUSY;
	io_uring_prep_send(sqe, e->fd, buf, len, MSG_NOSIGNAL);
	return complete(e);
}

static ssize_t take_ring(struct bench_end *e, uint8_t *buf, size_t len)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(e->ring);
	ssize_t n;

	if (!sqe)
		return -EBUSY;
	io_uring_prep_recv(sqe, e->fd, buf, len, 0);
	n = complete(e);
	return n == -EIO ? bench_take_control(e, buf, len) : n;
}

const struct bench_mode bench_uring = {
	URING_MODE,        .put = put_ring,     .take = take_ring,
	.open = open_ring, .close = close_ring,
};
#else
static int no_ring(struct bench_end *e, const char **why)
{
	(void)e;
	*why = "built without liburing";
	return -ENOSYS;
}

const struct bench_mode bench_uring = {
	URING_MODE,
	.put = bench_put_fd,
	.take = bench_take_fd,
	.open = no_ring,
};
#endif
