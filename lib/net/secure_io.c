// SPDX-License-Identifier: MIT
/* Data of a connection, both directions at once, by the kernel or by libssl. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "secure_priv.h"
#include "tls.h"

enum {
	PIPE_ROOM = 1 << 20,
	/* Records, or reads of them, that bring nothing: more of them are no accident. */
	FRUITLESS_MAX = 1024,
};

/* ---- sending ---- */

static void start(struct secure *s, enum secure_tx tx, const struct wire_op *op)
{
	s->tx = tx;
	wire_start(s->w, WIRE_TX, op);
}

static void send_records(struct secure *s)
{
	start(s, TX_RECORDS,
	      &(struct wire_op){ .what = WIRE_SEND,
				 .buf = s->out.p + s->out.at,
				 .len = s->out.len - s->out.at });
}

static void send_data(struct secure *s)
{
	start(s, TX_DATA,
	      &(struct wire_op){
		      .what = WIRE_SEND, .buf = (void *)s->data, .len = s->data_len });
}

static void send_file(struct secure *s)
{
	const size_t most = s->file_left < PIPE_ROOM ? s->file_left : PIPE_ROOM;

	if (s->in_pipe)
		start(s, TX_DRAIN,
		      &(struct wire_op){ .what = WIRE_SPLICE,
					 .from = s->pipe[0],
					 .at = -1,
					 .len = s->in_pipe,
					 .more = s->file_left });
	else
		start(s, TX_FILL,
		      &(struct wire_op){ .what = WIRE_SPLICE,
					 .fd = s->pipe[1],
					 .from = s->file,
					 .at = s->file_at,
					 .len = most });
}

/* The first of what waits; the others keep their turn. */
static void send_control(struct secure *s)
{
	const bool update = s->answers & KTLS_DO_ANSWER;
	const uint8_t *body = update ? ktls_key_update : ktls_no_renegotiation;
	const size_t len = update ? sizeof(ktls_key_update)
				  : sizeof(ktls_no_renegotiation);

	s->tx_action = update ? KTLS_DO_ANSWER : KTLS_DO_DECLINE;
	s->answers &= ~s->tx_action;
	memcpy(s->tx_body, body, len);
	ktls_message(s->tx_message, s->tx_body, len);
	ktls_message_set_type(s->tx_message,
			      update ? KTLS_RECORD_HANDSHAKE : KTLS_RECORD_ALERT);
	start(s, TX_CONTROL,
	      &(struct wire_op){ .what = WIRE_SENDMSG, .msg = &s->tx_message->msg });
}

/* What has been done, and what is left of it. */
static int account(struct secure *s, size_t n)
{
	switch (s->tx) {
	case TX_RECORDS:
		s->out.at += n;
		if (s->out.at == s->out.len)
			s->out.at = s->out.len = 0;
		return 0;
	case TX_DATA:
		s->data += n;
		s->data_len -= n;
		ktls_conn_sent(s->k, n);
		return 0;
	case TX_FILL:
		s->in_pipe = n;
		s->file_at += (int64_t)n;
		s->file_left -= n;
		return n ? 0 : -ENODATA; /* the file has become shorter */
	case TX_DRAIN:
		s->in_pipe -= n;
		ktls_conn_sent(s->k, n);
		return 0;
	case TX_CONTROL:
		return s->tx_action == KTLS_DO_ANSWER ? ktls_conn_next_tx(s->k) : 0;
	case TX_IDLE:
		break;
	}
	return 0;
}

static void begin_next(struct secure *s)
{
	s->tx = TX_IDLE;
	if (s->tx_err)
		return;
	if (s->out.at < s->out.len)
		send_records(s);
	else if (s->data_len)
		send_data(s);
	else if (s->in_pipe)
		send_file(s);
	else if (s->answers)
		send_control(s);
	else if (s->file_left)
		send_file(s);
}

/* As far as it goes without waiting. */
static void go_on(struct secure *s)
{
	while (s->tx != TX_IDLE && !wire_busy(s->w, WIRE_TX)) {
		ssize_t n = wire_result(s->w, WIRE_TX);
		int err = n < 0 ? (int)n : account(s, (size_t)n);

		if (err)
			s->tx_err = err;
		begin_next(s);
	}
	if (s->tx == TX_IDLE)
		begin_next(s);
}

bool secure_sending(struct secure *s)
{
	go_on(s);
	return s->tx != TX_IDLE;
}

int secure_send_error(const struct secure *s)
{
	return s->tx_err;
}

/* As many records as the buffer holds go out by one call. */
static ssize_t encrypt(struct secure *s, const char *data, size_t len)
{
	size_t taken = 0;

	while (taken < len && s->out.len < SECURE_ROOM) {
		ssize_t n = ktls_conn_send(s->k, data + taken, len - taken);

		if (n <= 0) {
			s->tx_err = n ? (int)n : -EPROTO;
			s->reason = tls_reason();
			return s->tx_err;
		}
		taken += (size_t)n;
	}
	return (ssize_t)taken;
}

ssize_t secure_give(struct secure *s, const char *data, size_t len)
{
	ssize_t n = (ssize_t)len;

	if (secure_sending(s))
		return -EAGAIN;
	if (s->tx_err)
		return s->tx_err;
	if (s->tx_kernel) {
		s->data = (const uint8_t *)data;
		s->data_len = len;
	} else {
		n = encrypt(s, data, len);
	}
	go_on(s);
	return n;
}

static int open_pipe(struct secure *s)
{
	if (s->pipe[0] >= 0)
		return 0;
	if (pipe2(s->pipe, O_CLOEXEC))
		return -errno;
	fcntl(s->pipe[1], F_SETPIPE_SZ, PIPE_ROOM); /* less will do, too */
	return 0;
}

ssize_t secure_give_file(struct secure *s, int file, int64_t at, size_t len)
{
	int err;

	if (secure_sending(s))
		return -EAGAIN;
	if (s->tx_err)
		return s->tx_err;
	if (!s->tx_kernel)
		return -EOPNOTSUPP;
	err = open_pipe(s);
	if (err)
		return err;
	s->file = file;
	s->file_at = at;
	s->file_left = len;
	go_on(s);
	return (ssize_t)len;
}

/* ---- receiving ---- */

static const char fruitless[] = "many records came, and no data";

static int fail(struct secure *s, int err, const char *reason)
{
	s->rx_err = err;
	s->reason = reason;
	return err;
}

static void begin_receive(struct secure *s)
{
	struct wire_op op = { .what = WIRE_RECV, .buf = s->in.p, .len = s->in.size };

	if (s->rx_kernel) {
		ktls_message(s->rx_message, s->plain, SECURE_ROOM);
		op = (struct wire_op){ .what = WIRE_RECVMSG, .msg = &s->rx_message->msg };
	} else if (s->times) {
		op.what = WIRE_RECVMSG;
		op.msg = secure_stamped_message(s);
	}
	s->rx_begun = true;
	wire_start(s->w, WIRE_RX, &op);
}

/* Bytes that have come, or why not: -EAGAIN they are still to come. */
static ssize_t receive(struct secure *s)
{
	if (!s->rx_begun)
		begin_receive(s);
	if (wire_busy(s->w, WIRE_RX))
		return -EAGAIN;
	s->rx_begun = false;
	if (s->times && !s->rx_kernel)
		secure_stamped_read(s);
	return wire_result(s->w, WIRE_RX);
}

/* Several records at once: whoever writes them to a file has fewer calls to make. */
static ssize_t decrypt(struct secure *s)
{
	size_t got = 0;

	while (SECURE_ROOM - got >= KTLS_DATA_MAX) {
		ssize_t n = ktls_conn_recv(s->k, s->plain + got, SECURE_ROOM - got);

		if (n <= 0 && got)
			break; /* it will say so again */
		if (n <= 0)
			return n;
		got += (size_t)n;
	}
	return (ssize_t)got;
}

static ssize_t take_user(struct secure *s)
{
	for (unsigned tries = 0; tries < FRUITLESS_MAX; tries++) {
		ssize_t n = decrypt(s);

		if (s->tx == TX_IDLE)
			go_on(s); /* what libssl answered */
		if (n != -EAGAIN)
			return n < 0 ? fail(s, (int)n, tls_reason()) : n;
		if (s->rx_end)
			return -EPIPE;
		n = receive(s);
		if (n < 0)
			return n == -EAGAIN ? n : fail(s, (int)n, "");
		s->in.at = 0;
		s->in.len = (size_t)n;
		s->rx_end = !n;
	}
	return fail(s, -EPROTO, fruitless);
}

static const char *alert_text(struct secure *s, int action)
{
	struct ktls_info info;

	ktls_conn_info(s->k, &info);
	if (action & KTLS_DO_ABORT)
		return tls_alert_text(info.alert);
	return "the peer broke the protocol";
}

/* 0: read on; 1: close_notify. */
static int digest(struct secure *s, uint8_t type, size_t n)
{
	int action = ktls_conn_digest(s->k, type, s->plain, n);

	if (action < 0)
		return fail(s, action, "");
	s->answers |= (unsigned)action & (KTLS_DO_ANSWER | KTLS_DO_DECLINE);
	if (action & KTLS_DO_ABORT)
		return fail(s, -ECONNABORTED, alert_text(s, action));
	if (action & KTLS_DO_FAIL)
		return fail(s, -EPROTO, alert_text(s, action));
	go_on(s);
	return action & KTLS_DO_CLOSE ? 1 : 0;
}

static ssize_t take_kernel(struct secure *s)
{
	if (ktls_conn_pending(s->k))
		return ktls_conn_recv(s->k, s->plain, SECURE_ROOM);
	for (unsigned tries = 0; tries < FRUITLESS_MAX; tries++) {
		ssize_t n = receive(s);
		uint8_t type;
		int closed;

		if (n < 0)
			return n == -EAGAIN ? n : fail(s, (int)n, "");
		type = ktls_message_type(s->rx_message);
		if (!n && !type)
			return -EPIPE;
		if (type == KTLS_RECORD_DATA && n) {
			ktls_conn_received(s->k, (size_t)n);
			return n;
		}
		closed = digest(s, type, (size_t)n);
		if (closed)
			return closed < 0 ? closed : 0;
	}
	return fail(s, -EPROTO, fruitless);
}

ssize_t secure_take(struct secure *s, const char **data)
{
	ssize_t n = s->rx_err;

	*data = (const char *)s->plain;
	if (n)
		return n;
	go_on(s);
	return s->rx_kernel ? take_kernel(s) : take_user(s);
}

int secure_wait(struct secure *s, int64_t end_ns)
{
	int err = wire_wait(s->w, end_ns);

	go_on(s);
	return err;
}
