// SPDX-License-Identifier: MIT
/* A connection whose directions are with the kernel or with libssl: the calls are one. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include <openssl/ssl.h>

#include "ssl_priv.h"

enum { CHUNK = KTLS_DATA_MAX };

static bool in_kernel(const struct ktls_direction *d)
{
	return d->where != KTLS_USER;
}

/* What libssl decrypted before the kernel took over; so much it has without its BIO. */
static void drain(struct ktls_conn *c)
{
	size_t got = 0, n = 0;

	while (got < c->handed_len &&
	       SSL_read_ex(c->ssl, c->handed + got, c->handed_len - got, &n))
		got += n;
	c->handed_len = got;
}

static int make_room(struct ktls_conn *c)
{
	c->handed_len = (size_t)SSL_pending(c->ssl);
	c->handed = c->handed_len ? malloc(c->handed_len) : NULL;
	return c->handed_len && !c->handed ? -ENOMEM : 0;
}

/* From here on libssl could only do harm on the socket: what it wrote would be encrypted
 * twice. Its BIOs are kept, because they may close the socket when they go. */
static void cut_off(struct ktls_conn *c)
{
	BIO *none;

	if (in_kernel(&c->info.tx) && (none = BIO_new(BIO_s_null()))) {
		c->held[KTLS_SENT] = SSL_get_wbio(c->ssl);
		BIO_up_ref(c->held[KTLS_SENT]);
		SSL_set0_wbio(c->ssl, none);
	}
	if (in_kernel(&c->info.rx) && (none = BIO_new(BIO_s_null()))) {
		c->held[KTLS_RECEIVED] = SSL_get_rbio(c->ssl);
		BIO_up_ref(c->held[KTLS_RECEIVED]);
		SSL_set0_rbio(c->ssl, none);
	}
}

int ktls_ssl_attach(struct ktls_conn **out, SSL *ssl, int fd, unsigned wants)
{
	struct ktls_conn *c = calloc(1, sizeof(*c));

	*out = NULL;
	if (!c)
		return -ENOMEM;
	*c = (struct ktls_conn){ .ssl = ssl, .fd = fd, .wants = wants, .can_rekey = -1 };
	c->watch = ktls_watch_of(ssl);
	c->info.alert = -1;
	if (make_room(c)) {
		free(c);
		return -ENOMEM;
	}
	ktls_takeover(c);
	c->control = (struct ktls_control){ .version = c->info.version,
					    .server = SSL_is_server(ssl),
					    .alert = -1 };
	if (in_kernel(&c->info.rx))
		drain(c);
	else
		c->handed_len = 0;
	cut_off(c);
	*out = c;
	return 0;
}

void ktls_conn_free(struct ktls_conn *c)
{
	if (!c)
		return;
	if (c->watch)
		ktls_watch_wipe(c->watch);
	BIO_free_all(c->held[KTLS_SENT]);
	BIO_free_all(c->held[KTLS_RECEIVED]);
	if (c->handed)
		OPENSSL_cleanse(c->handed, c->handed_len);
	free(c->handed);
	free(c->chunk);
	free(c);
}

void ktls_conn_info(const struct ktls_conn *c, struct ktls_info *out)
{
	*out = c->info;
	out->tickets = c->control.tickets;
	if (out->alert < 0 && c->watch)
		out->alert = c->watch->alert;
	out->secrets_locked = c->watch && c->watch->locked &&
			      c->watch->side[KTLS_SENT].secret_len;
}

const char *ktls_conn_engine(const struct ktls_conn *c)
{
	const bool tx = in_kernel(&c->info.tx) || !(c->wants & KTLS_WANT_TX);
	const bool rx = in_kernel(&c->info.rx) || !(c->wants & KTLS_WANT_RX);

	return c->wants && tx && rx ? "kTLS (Kernel)" : "OpenSSL (Userspace)";
}

int ktls_conn_fd(const struct ktls_conn *c)
{
	return c->fd;
}

size_t ktls_conn_pending(const struct ktls_conn *c)
{
	if (in_kernel(&c->info.rx))
		return c->handed_len - c->handed_at;
	return (size_t)SSL_pending(c->ssl);
}

static void count(struct ktls_direction *d, size_t data)
{
	d->bytes += data;
	d->records_estimate += (data + KTLS_DATA_MAX - 1) / KTLS_DATA_MAX;
}

void ktls_conn_sent(struct ktls_conn *c, size_t data)
{
	count(&c->info.tx, data);
}

void ktls_conn_received(struct ktls_conn *c, size_t data)
{
	count(&c->info.rx, data);
}

/* Whether data may go now. */
static int may_send(struct ktls_conn *c)
{
	if (c->ended)
		return -EPROTO;
	if (c->shut)
		return -ESHUTDOWN;
	return c->owed ? ktls_settle(c) : 0;
}

ssize_t ktls_conn_send(struct ktls_conn *c, const void *buf, size_t len)
{
	ssize_t n = may_send(c);

	if (n || !len)
		return n;
	if (!in_kernel(&c->info.tx)) {
		n = ktls_user_send(c, buf, len);
	} else {
		n = send(c->fd, buf, len, MSG_NOSIGNAL);
		n = n < 0 ? -errno : n;
	}
	if (n > 0)
		ktls_conn_sent(c, (size_t)n);
	return n;
}

/* libssl wants the bytes that it could not send again: they stay until they are gone. */
static ssize_t send_chunk(struct ktls_conn *c, int file, int64_t *offset, size_t len)
{
	ssize_t n;

	if (!c->chunk)
		c->chunk = malloc(CHUNK);
	if (!c->chunk)
		return -ENOMEM;
	n = pread(file, c->chunk, len < CHUNK ? len : CHUNK, *offset);
	if (n <= 0)
		return n ? -errno : 0;
	n = ktls_user_send(c, c->chunk, (size_t)n);
	if (n > 0)
		*offset += n;
	return n;
}

/* Programs with another off_t than ours have the same int64_t. */
_Static_assert(sizeof(off_t) == sizeof(int64_t), "files of any size");

ssize_t ktls_conn_sendfile(struct ktls_conn *c, int file, int64_t *offset, size_t len)
{
	ssize_t n = may_send(c);
	off_t at = *offset;

	if (n || !len)
		return n;
	if (!in_kernel(&c->info.tx)) {
		n = send_chunk(c, file, offset, len);
	} else {
		n = sendfile(c->fd, file, &at, len);
		n = n < 0 ? -errno : n;
		*offset = at;
	}
	if (n > 0)
		ktls_conn_sent(c, (size_t)n);
	return n;
}

static ssize_t recv_handed(struct ktls_conn *c, void *buf, size_t len)
{
	const size_t left = c->handed_len - c->handed_at;
	const size_t n = left < len ? left : len;

	memcpy(buf, c->handed + c->handed_at, n);
	OPENSSL_cleanse(c->handed + c->handed_at, n);
	c->handed_at += n;
	c->info.rx.bytes += n; /* its record was counted by libssl's header */
	return (ssize_t)n;
}

/* What the actions come to for who reads. 0: nothing, read on. */
static int heed(struct ktls_conn *c, int act)
{
	const uint8_t fatal[2] = { 2, (uint8_t)c->control.alert };
	int err;

	if (act < 0)
		return act;
	if (act & KTLS_DO_FAIL) {
		if (in_kernel(&c->info.tx))
			ktls_send_record(c->fd, KTLS_RECORD_ALERT, fatal, sizeof(fatal));
		return -EPROTO;
	}
	if (act & KTLS_DO_ABORT)
		return -ECONNABORTED;
	c->owed |= (unsigned)act & (KTLS_DO_ANSWER | KTLS_DO_DECLINE);
	err = c->owed ? ktls_settle(c) : 0;
	return err == -EAGAIN ? 0 : err; /* it goes with what is sent next */
}

static ssize_t recv_kernel(struct ktls_conn *c, void *buf, size_t len)
{
	uint8_t type;
	ssize_t n;
	int err;

	for (;;) {
		n = ktls_recv_record(c->fd, &type, buf, len);
		if (n < 0)
			return n;
		if (!n && !type)
			return -EPIPE;
		if (type == KTLS_RECORD_DATA && n && !c->control.have) {
			ktls_conn_received(c, (size_t)n);
			return n;
		}
		err = heed(c, ktls_conn_digest(c, type, buf, (size_t)n));
		if (err || c->info.closed)
			return err;
	}
}

ssize_t ktls_conn_recv(struct ktls_conn *c, void *buf, size_t len)
{
	ssize_t n;

	if (!len)
		return 0;
	if (in_kernel(&c->info.rx) && c->handed_at < c->handed_len)
		return recv_handed(c, buf, len);
	if (c->info.closed)
		return 0;
	if (c->ended)
		return -EPROTO;
	if (in_kernel(&c->info.rx))
		n = recv_kernel(c, buf, len);
	else
		n = ktls_user_recv(c, buf, len);
	if (n < 0 && n != -EAGAIN && n != -EINTR)
		c->ended = true;
	return n;
}

int ktls_conn_shutdown(struct ktls_conn *c)
{
	ssize_t n = 0;

	if (c->shut || c->ended)
		return 0;
	if (c->owed)
		n = ktls_settle(c);
	if (n)
		return (int)n;
	if (in_kernel(&c->info.tx))
		n = ktls_send_record(c->fd, KTLS_RECORD_ALERT, ktls_close_notify,
				     sizeof(ktls_close_notify));
	else
		n = ktls_user_shutdown(c);
	if (n < 0)
		return (int)n;
	c->shut = true;
	return 0;
}
