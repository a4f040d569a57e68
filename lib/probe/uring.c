/* SPDX-License-Identifier: MIT */
/*
 * Sending and receiving through io_uring: IORING_OP_SEND, RECV and RECVMSG on a socket
 * with keys. That somebody forbids io_uring says nothing about TLS.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "../host/library.h"
#include "../host/uring.h"
#include "probe_priv.h"

#ifdef HAVE_LIBURING
#include <liburing.h>

enum { ENTRIES = 2 };

/* The three came with Linux 5.6 or before. */
static int has_operations(void)
{
	struct io_uring_probe *p = io_uring_get_probe();
	const bool all = p && io_uring_opcode_supported(p, IORING_OP_SEND) &&
			 io_uring_opcode_supported(p, IORING_OP_RECV) &&
			 io_uring_opcode_supported(p, IORING_OP_RECVMSG);

	io_uring_free_probe(p);
	return all ? 0 : -ENOSYS;
}

/* What the one entry that was prepared came to: as the system call, or -errno. The socket
 * does not block, so nothing of ours is in the kernel's hands afterwards. */
static ssize_t complete(struct io_uring *ring)
{
	struct __kernel_timespec limit = { WAIT_MS / 1000, WAIT_MS % 1000 * 1000000LL };
	struct io_uring_cqe *cqe;
	ssize_t n = io_uring_submit(ring);

	if (n < 0)
		return n;
	n = io_uring_wait_cqe_timeout(ring, &cqe, &limit);
	if (n)
		return n == -ETIME ? -ETIMEDOUT : n;
	n = cqe->res;
	io_uring_cqe_seen(ring, cqe);
	return n;
}

static ssize_t put_ring(void *arg, int fd, const uint8_t *data, size_t len)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(arg);

	if (!sqe)
		return -EBUSY;
	io_uring_prep_send(sqe, fd, data, len, MSG_NOSIGNAL);
	return complete(arg);
}

static ssize_t take_ring(void *arg, int fd, uint8_t *buf, size_t len)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(arg);

	if (!sqe)
		return -EBUSY;
	io_uring_prep_recv(sqe, fd, buf, len, 0);
	return complete(arg);
}

/* A record that is no data: not for IORING_OP_RECV, and its type comes with RECVMSG. */
static int take_alert(struct trial *t, struct io_uring *ring)
{
	uint8_t alert[] = { 1, 0 };
	const struct ktls_record r = { KTLS_RECORD_ALERT, alert, sizeof(alert), 0 };
	struct io_uring_sqe *sqe;
	struct ktls_message m;
	int err = trial_send(t, &r);
	ssize_t n;

	if (!err)
		err = pair_wait(&t->p, (struct pair_events){ { 0, POLLIN } });
	if (err)
		return err;
	n = take_ring(ring, t->p.fd[1], t->b->room, BENCH_ROOM);
	if (n != -EIO) {
		t->o.differed = "IORING_OP_RECV did not refuse a control record with EIO";
		return n < 0 && n != -EAGAIN ? (int)n : -EILSEQ;
	}
	sqe = io_uring_get_sqe(ring);
	if (!sqe)
		return -EBUSY;
	ktls_message(&m, t->b->room, BENCH_ROOM);
	io_uring_prep_recvmsg(sqe, t->p.fd[1], &m.msg, 0);
	n = complete(ring);
	if (n < 0)
		return (int)n;
	return n == sizeof(alert) && ktls_message_type(&m) == KTLS_RECORD_ALERT &&
			       !memcmp(t->b->room, alert, sizeof(alert))
		       ? 0
		       : -EILSEQ;
}

static int send_and_receive(struct trial *t, struct io_uring *ring)
{
	int err = trial_start(t, KTLS_TX);

	if (!err)
		err = stream_send(t->b, &t->p, (struct sender){ put_ring, ring }, 0,
				  TRIAL_BYTES);
	if (!err)
		err = trial_finish(t, TRIAL_BYTES);
	if (!err)
		err = trial_again(t);
	if (!err)
		err = trial_start(t, KTLS_RX);
	if (!err)
		err = trial_receive(t, take_ring, ring, TRIAL_BYTES);
	return err ? err : take_alert(t, ring);
}

int try_io_uring(struct trial *t)
{
	struct io_uring ring;
	int err = io_uring_queue_init(ENTRIES, &ring, 0);

	if (!err) {
		err = has_operations();
		if (err)
			io_uring_queue_exit(&ring);
	}
	if (err) {
		t->verdict = PROBE_UNKNOWN;
		t->note = uring_refusal(err);
		return err;
	}
	err = send_and_receive(t, &ring);
	io_uring_queue_exit(&ring);
	return err;
}

/* Neither its header nor the library tells: the version is pkg-config's. */
struct library library_liburing(void)
{
	return (struct library){ "liburing", LIBURING_VERSION, NULL };
}
#else
int try_io_uring(struct trial *t)
{
	t->verdict = PROBE_UNKNOWN;
	t->note = "built without liburing";
	return -ENOSYS;
}

struct library library_liburing(void)
{
	return (struct library){ "liburing", NULL, NULL };
}
#endif
