// SPDX-License-Identifier: MIT
/* libssl over one socket, with errors as numbers. */
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdlib.h>

#include "tls.h"

struct tls_stream {
	SSL *ssl;
	short wants; /* of poll(2), after -EAGAIN */
	const char *reason;
};

/* What a call of libssl that gave ret means. errno is still that of the call. */
static int outcome(struct tls_stream *s, int ret)
{
	const int err = -errno;

	switch (SSL_get_error(s->ssl, ret)) {
	case SSL_ERROR_NONE:
		return 0;
	case SSL_ERROR_WANT_READ:
		s->wants = POLLIN;
		return -EAGAIN;
	case SSL_ERROR_WANT_WRITE:
		s->wants = POLLOUT;
		return -EAGAIN;
	case SSL_ERROR_ZERO_RETURN:
		return -EPIPE;
	case SSL_ERROR_SYSCALL:
		s->reason = tls_reason();
		return err ? err : -EPIPE;
	default:
		s->reason = tls_reason();
		return -EPROTO;
	}
}

/* SSL_get_error() looks at the queue too, so an older message must not be in it. */
static void before_call(void)
{
	ERR_clear_error();
	errno = 0;
}

int tls_stream_handshake(struct tls_stream *s)
{
	before_call();
	return outcome(s, SSL_do_handshake(s->ssl));
}

ssize_t tls_stream_write(struct tls_stream *s, const void *buf, size_t len)
{
	size_t n = 0;
	int err;

	before_call();
	err = outcome(s, SSL_write_ex(s->ssl, buf, len, &n));
	return err ? err : (ssize_t)n;
}

ssize_t tls_stream_read(struct tls_stream *s, void *buf, size_t len)
{
	size_t n = 0;
	int err;

	before_call();
	err = outcome(s, SSL_read_ex(s->ssl, buf, len, &n));
	return err ? err : (ssize_t)n;
}

int tls_stream_shutdown(struct tls_stream *s)
{
	int ret;

	before_call();
	ret = SSL_shutdown(s->ssl);
	if (ret < 0)
		return outcome(s, ret);
	s->wants = POLLIN;
	return ret ? 0 : -EAGAIN;
}

short tls_stream_events(const struct tls_stream *s)
{
	return s->wants;
}

const char *tls_stream_reason(const struct tls_stream *s)
{
	return s->reason;
}

const char *tls_stream_suite(const struct tls_stream *s)
{
	const char *name = SSL_get_cipher_name(s->ssl);

	return name ? name : "";
}

const char *tls_stream_version(const struct tls_stream *s)
{
	return SSL_get_version(s->ssl);
}

struct ssl_st *tls_stream_ssl(const struct tls_stream *s)
{
	return s->ssl;
}

/* By number: the macros are constant 0 where the headers were made without kTLS. */
bool tls_stream_bio(const struct tls_stream *s, enum ktls_option direction)
{
	if (direction == KTLS_TX)
		return BIO_ctrl(SSL_get_wbio(s->ssl), BIO_CTRL_GET_KTLS_SEND, 0, NULL) >
		       0;
	return BIO_ctrl(SSL_get_rbio(s->ssl), BIO_CTRL_GET_KTLS_RECV, 0, NULL) > 0;
}

/* Whether a client has anything to offer. */
static bool offers_suite(SSL *ssl)
{
	STACK_OF(SSL_CIPHER) *s = SSL_get1_supported_ciphers(ssl);
	const bool any = s && sk_SSL_CIPHER_num(s) > 0;

	sk_SSL_CIPHER_free(s);
	return any;
}

/* The socket is connected before libssl gets it: 3.0.0 to 3.0.3 ask for the ULP then. */
static int prepare(struct tls_stream *s, SSL_CTX *c, enum tls_end end, int fd)
{
	s->ssl = SSL_new(c);
	if (!s->ssl || !SSL_set_fd(s->ssl, fd))
		return -EIO;
	if (end == TLS_SERVER)
		SSL_set_accept_state(s->ssl);
	else
		SSL_set_connect_state(s->ssl);
	return end == TLS_SERVER || offers_suite(s->ssl) ? 0 : -ENOTSUP;
}

int tls_stream_open(struct tls_stream **out, SSL_CTX *c, enum tls_end end, int fd)
{
	struct tls_stream *s = calloc(1, sizeof(*s));
	int err = s ? prepare(s, c, end, fd) : -ENOMEM;

	*out = NULL;
	if (err) {
		tls_stream_free(s);
		return err;
	}
	s->reason = "";
	s->wants = end == TLS_SERVER ? POLLIN : POLLOUT;
	*out = s;
	return 0;
}

void tls_stream_free(struct tls_stream *s)
{
	if (s)
		SSL_free(s->ssl);
	free(s);
}
