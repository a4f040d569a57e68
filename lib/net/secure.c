// SPDX-License-Identifier: MIT
/* A connection from its handshake to its end. */
#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "secure_priv.h"
#include "tls.h"

static bool make_buffer(struct secure_buffer *b, size_t size)
{
	/* Zeroed, because valgrind does not see what io_uring writes. */
	b->p = calloc(1, size);
	b->size = size;
	return b->p;
}

static bool is_address(const char *host)
{
	struct in6_addr a;

	return inet_pton(AF_INET, host, &a) == 1 || inet_pton(AF_INET6, host, &a) == 1;
}

/* A server is told the name that it is asked for, never an address (RFC 6066, 3). */
static bool set_host(SSL *ssl, const char *host)
{
	X509_VERIFY_PARAM *p = SSL_get0_param(ssl);

	if (is_address(host))
		return X509_VERIFY_PARAM_set1_ip_asc(p, host);
	SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	return SSL_set1_host(ssl, host) && SSL_set_tlsext_host_name(ssl, host);
}

static bool set_bios(struct secure *s)
{
	BIO *in = secure_bio(s->bio_method, &s->in);
	BIO *out = secure_bio(s->bio_method, &s->out);

	if (in && out) {
		SSL_set_bio(s->ssl, in, out);
		return true;
	}
	BIO_free(in);
	BIO_free(out);
	return false;
}

static bool prepare(struct secure *s, SSL_CTX *c, const char *host)
{
	s->plain = calloc(1, SECURE_ROOM);
	s->rx_message = calloc(1, sizeof(*s->rx_message));
	s->tx_message = malloc(sizeof(*s->tx_message));
	s->bio_method = secure_bio_method();
	s->ssl = SSL_new(c);
	if (!s->plain || !s->rx_message || !s->tx_message || !s->bio_method || !s->ssl ||
	    !make_buffer(&s->in, SECURE_ROOM) || !make_buffer(&s->out, SECURE_OUT) ||
	    !set_bios(s) || !set_host(s->ssl, host))
		return false;
	SSL_set_connect_state(s->ssl);
	return true;
}

int secure_new(struct secure **out, SSL_CTX *c, struct wire *w, int fd, const char *host)
{
	struct secure *s = calloc(1, sizeof(*s));

	*out = NULL;
	if (!s)
		return -ENOMEM;
	s->w = w;
	s->fd = fd;
	s->pipe[0] = s->pipe[1] = -1;
	s->reason = "";
	if (!prepare(s, c, host)) {
		ERR_clear_error();
		secure_free(s);
		return -ENOMEM;
	}
	*out = s;
	return 0;
}

/* What the wire has under way points here. */
void secure_free(struct secure *s)
{
	if (!s)
		return;
	wire_cancel(s->w);
	wire_watch(s->w, NULL);
	ktls_conn_free(s->k);
	SSL_free(s->ssl);
	secure_bio_method_free(s->bio_method);
	for (int i = 0; i < 2; i++)
		if (s->pipe[i] >= 0)
			close(s->pipe[i]);
	free(s->in.p);
	free(s->out.p);
	free(s->plain);
	free(s->rx_message);
	free(s->stamped);
	free(s->tx_message);
	free(s);
}

static int flush(struct secure *s, int64_t end_ns)
{
	while (s->out.at < s->out.len) {
		const struct wire_op op = { .what = WIRE_SEND,
					    .buf = s->out.p + s->out.at,
					    .len = s->out.len - s->out.at };
		ssize_t n = wire_do(s->w, WIRE_TX, &op, end_ns);

		if (n < 0)
			return (int)n;
		s->out.at += (size_t)n;
	}
	s->out.at = s->out.len = 0;
	return 0;
}

/* One record and no byte of the next: the kernel is to find it where it looks for it. */
static int feed(struct secure *s, int64_t end_ns)
{
	const struct wire_op op = { .what = WIRE_RECV,
				    .buf = s->plain,
				    .len = ktls_feed_want(&s->feed) };
	ssize_t n = wire_do(s->w, WIRE_RX, &op, end_ns);

	if (n <= 0)
		return n ? (int)n : -EPIPE;
	return ktls_feed_put(&s->feed, s->ssl, s->plain, (size_t)n);
}

static int failed(struct secure *s)
{
	const long verdict = SSL_get_verify_result(s->ssl);

	s->reason = tls_reason();
	if (verdict == X509_V_OK || SSL_get_verify_mode(s->ssl) == SSL_VERIFY_NONE)
		return -EPROTO;
	s->reason = X509_verify_cert_error_string(verdict);
	return -EKEYREJECTED;
}

int secure_handshake(struct secure *s, int64_t end_ns)
{
	for (;;) {
		int ret, end, err;

		ERR_clear_error();
		ret = SSL_do_handshake(s->ssl);
		end = ret == 1 ? SSL_ERROR_NONE : SSL_get_error(s->ssl, ret);
		if (end != SSL_ERROR_NONE && end != SSL_ERROR_WANT_READ) {
			err = failed(s);
			flush(s, end_ns); /* the alert that tells the peer why */
			return err;
		}
		err = flush(s, end_ns);
		if (!err && end == SSL_ERROR_NONE)
			return 0;
		if (!err)
			err = feed(s, end_ns);
		if (err)
			return err;
	}
}

int secure_attach(struct secure *s, unsigned wants, bool look)
{
	struct ktls_info info;
	int err = ktls_ssl_attach(&s->k, s->ssl, s->fd, wants);

	if (err)
		return err;
	ktls_conn_info(s->k, &info);
	if (look && (info.rx.where != KTLS_USER || info.tx.where != KTLS_USER))
		ktls_conn_look(s->k);
	s->rx_kernel = info.rx.where != KTLS_USER;
	s->tx_kernel = info.tx.where != KTLS_USER;
	return 0;
}

bool secure_info(const struct secure *s, struct ktls_info *out)
{
	if (s->k)
		ktls_conn_info(s->k, out);
	return s->k;
}

const char *secure_version(const struct secure *s)
{
	return SSL_get_version(s->ssl);
}

bool secure_verified(const struct secure *s)
{
	return SSL_get_verify_mode(s->ssl) != SSL_VERIFY_NONE &&
	       SSL_get_verify_result(s->ssl) == X509_V_OK;
}

const char *secure_reason(const struct secure *s)
{
	return s->reason;
}

void secure_abort(struct secure *s)
{
	wire_cancel(s->w);
	s->rx_err = s->tx_err = -ECANCELED;
	s->tx = TX_IDLE;
}

/* With both directions as they come: what libssl wants to say goes out by way of out. */
void secure_close(struct secure *s, int64_t end_ns)
{
	struct wire_op op = { .what = WIRE_SENDMSG, .msg = &s->tx_message->msg };

	if (!s->k || secure_sending(s) || s->tx_err)
		return;
	if (!s->tx_kernel) {
		ktls_conn_shutdown(s->k);
		flush(s, end_ns);
		return;
	}
	memcpy(s->tx_body, ktls_close_notify, sizeof(ktls_close_notify));
	ktls_message(s->tx_message, s->tx_body, sizeof(ktls_close_notify));
	ktls_message_set_type(s->tx_message, KTLS_RECORD_ALERT);
	wire_do(s->w, WIRE_TX, &op, end_ns);
}
