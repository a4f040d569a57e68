// SPDX-License-Identifier: MIT
/*
 * libssl connected with itself. One loop drives both ends: each does what it can, and
 * when neither can go on, poll(2) waits for the sockets.
 */
#include <errno.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <string.h>
#include <time.h>

#include "../host/cleanup.h"
#include "handshake.h"

enum { DATA_MAX = 1 << 20, ROOM = 65536 };

struct end {
	SSL *ssl;
	int fd;
	short wants; /* of poll(2), after -EAGAIN */
	bool done;
	size_t left; /* bytes of the message still to send, or to receive */
};

struct tls_pair {
	struct end ends[TLS_ENDS];
	EVP_MD_CTX *hash; /* of what was received */
	const char *reason;
	size_t len; /* of the message */
	uint8_t data[DATA_MAX], room[ROOM];
};

/* Does what can be done now: 0 all of it, -EAGAIN not yet, -errno. */
typedef int (*act_fn)(struct tls_pair *p, struct end *e);

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* What a call of libssl that gave ret means. errno is still that of the call. */
static int outcome(struct tls_pair *p, struct end *e, int ret)
{
	const int err = -errno;

	switch (SSL_get_error(e->ssl, ret)) {
	case SSL_ERROR_NONE:
		return 0;
	case SSL_ERROR_WANT_READ:
		e->wants = POLLIN;
		return -EAGAIN;
	case SSL_ERROR_WANT_WRITE:
		e->wants = POLLOUT;
		return -EAGAIN;
	case SSL_ERROR_ZERO_RETURN:
		return -EPIPE;
	case SSL_ERROR_SYSCALL:
		p->reason = tls_reason();
		return err ? err : -EPIPE;
	default:
		p->reason = tls_reason();
		return -EPROTO;
	}
}

/* SSL_get_error() looks at the queue too, so an older message must not be in it. */
static void before_call(void)
{
	ERR_clear_error();
	errno = 0;
}

static int shake(struct tls_pair *p, struct end *e)
{
	before_call();
	return outcome(p, e, SSL_do_handshake(e->ssl));
}

static int send_some(struct tls_pair *p, struct end *e)
{
	while (e->left) {
		size_t n;
		int err;

		before_call();
		err = outcome(
			p, e,
			SSL_write_ex(e->ssl, p->data + p->len - e->left, e->left, &n));
		if (err)
			return err;
		e->left -= n;
	}
	return 0;
}

static int receive_some(struct tls_pair *p, struct end *e)
{
	while (e->left) {
		size_t n;
		int err;

		before_call();
		err = outcome(p, e, SSL_read_ex(e->ssl, p->room, ROOM, &n));
		if (err)
			return err;
		if (n > e->left || !EVP_DigestUpdate(p->hash, p->room, n))
			return -EILSEQ;
		e->left -= n;
	}
	return 0;
}

static int say_goodbye(struct tls_pair *p, struct end *e)
{
	int ret;

	before_call();
	ret = SSL_shutdown(e->ssl);
	if (ret < 0)
		return outcome(p, e, ret);
	e->wants = POLLIN;
	return ret ? 0 : -EAGAIN;
}

/* One end after the other; -EAGAIN when neither could go on to its end. */
static int act_both(struct tls_pair *p, const act_fn acts[TLS_ENDS])
{
	for (int i = 0; i < TLS_ENDS; i++) {
		struct end *e = &p->ends[i];
		int err = e->done ? 0 : acts[i](p, e);

		if (err && err != -EAGAIN)
			return err;
		e->done = !err;
	}
	return p->ends[0].done && p->ends[1].done ? 0 : -EAGAIN;
}

static int wait_for_either(struct tls_pair *p, int64_t until)
{
	struct pollfd f[TLS_ENDS];
	int64_t left = until - now_ms();
	int n;

	for (int i = 0; i < TLS_ENDS; i++) {
		const struct end *e = &p->ends[i];

		f[i] = (struct pollfd){ e->done ? -1 : e->fd, e->wants, 0 };
	}
	if (left <= 0)
		return -ETIMEDOUT;
	n = poll(f, TLS_ENDS, (int)left);
	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	return n ? 0 : -ETIMEDOUT;
}

static int drive(struct tls_pair *p, act_fn client, act_fn server)
{
	const act_fn acts[TLS_ENDS] = { client, server };
	const int64_t until = now_ms() + PROBE_STEP_MS;
	int err;

	p->ends[0].done = p->ends[1].done = false;
	for (;;) {
		err = act_both(p, acts);
		if (err == -EAGAIN)
			err = wait_for_either(p, until);
		else
			break;
		if (err)
			break;
	}
	ERR_clear_error();
	return err;
}

int tls_pair_handshake(struct tls_pair *p)
{
	return drive(p, shake, shake);
}

/* Another beginning for every length, so that no message is a part of the last one. */
static void fill(struct tls_pair *p, size_t len)
{
	uint32_t x = (uint32_t)len * 2654435761u | 1;

	for (size_t i = 0; i < len; i++) {
		x ^= x << 13;
		x ^= x >> 17;
		x ^= x << 5;
		p->data[i] = (uint8_t)x;
	}
	p->len = len;
}

static int compare(struct tls_pair *p)
{
	uint8_t sent[EVP_MAX_MD_SIZE], got[EVP_MAX_MD_SIZE];
	unsigned n_sent, n_got;

	if (!EVP_Digest(p->data, p->len, sent, &n_sent, EVP_sha256(), NULL) ||
	    !EVP_DigestFinal_ex(p->hash, got, &n_got))
		return -EIO;
	return n_sent == n_got && !memcmp(sent, got, n_sent) ? 0 : -EILSEQ;
}

int tls_pair_send(struct tls_pair *p, enum tls_end from, size_t len)
{
	int err;

	if (len > DATA_MAX)
		return -EMSGSIZE;
	fill(p, len);
	p->ends[0].left = p->ends[1].left = len;
	if (!EVP_DigestInit_ex(p->hash, EVP_sha256(), NULL))
		return -EIO;
	err = from == TLS_CLIENT ? drive(p, send_some, receive_some)
				 : drive(p, receive_some, send_some);
	return err ? err : compare(p);
}

int tls_pair_shutdown(struct tls_pair *p)
{
	return drive(p, say_goodbye, say_goodbye);
}

const char *tls_pair_reason(const struct tls_pair *p)
{
	return p->reason;
}

const char *tls_pair_suite(const struct tls_pair *p)
{
	const char *name = SSL_get_cipher_name(p->ends[TLS_CLIENT].ssl);

	return name ? name : "";
}

int tls_pair_fd(const struct tls_pair *p, enum tls_end end)
{
	return p->ends[end].fd;
}

/* By number: the macros are constant 0 where the headers were made without kTLS. */
bool tls_pair_bio(const struct tls_pair *p, enum tls_end end, enum ktls_option direction)
{
	SSL *ssl = p->ends[end].ssl;

	if (direction == KTLS_TX)
		return BIO_ctrl(SSL_get_wbio(ssl), BIO_CTRL_GET_KTLS_SEND, 0, NULL) > 0;
	return BIO_ctrl(SSL_get_rbio(ssl), BIO_CTRL_GET_KTLS_RECV, 0, NULL) > 0;
}

/* Whether the client has anything to offer. */
static bool offers_suite(SSL *ssl)
{
	STACK_OF(SSL_CIPHER) *s = SSL_get1_supported_ciphers(ssl);
	const bool any = s && sk_SSL_CIPHER_num(s) > 0;

	sk_SSL_CIPHER_free(s);
	return any;
}

/* The socket is connected before libssl gets it: 3.0.0 to 3.0.3 ask for the ULP then. */
static int open_end(struct tls_pair *p, enum tls_end end, const struct tls_identity *id,
		    const struct handshake_plan *row)
{
	struct end *e = &p->ends[end];
	int err;
	SSL_CTX *c = tls_context(end, id, row, &err);

	if (!c)
		return err;
	e->ssl = SSL_new(c);
	SSL_CTX_free(c);
	if (!e->ssl || !SSL_set_fd(e->ssl, e->fd))
		return -EIO;
	if (end == TLS_SERVER)
		SSL_set_accept_state(e->ssl);
	else
		SSL_set_connect_state(e->ssl);
	return end == TLS_SERVER || offers_suite(e->ssl) ? 0 : -ENOTSUP;
}

static int open_ends(struct tls_pair *p, const struct tls_identity *id,
		     const struct handshake_plan *row)
{
	int fd[TLS_ENDS];
	int err = loopback_pair(fd);

	if (err)
		return err;
	for (int i = 0; i < TLS_ENDS; i++)
		p->ends[i].fd = fd[i];
	p->hash = EVP_MD_CTX_new();
	if (!p->hash)
		return -EIO;
	for (int i = 0; i < TLS_ENDS && !err; i++)
		err = open_end(p, i, id, row);
	return err;
}

int tls_pair_open(struct tls_pair **out, const struct tls_identity *id,
		  const struct handshake_plan *row, const char **reason)
{
	struct tls_pair *p = calloc(1, sizeof(*p));
	int err = -ENOMEM;

	*out = NULL;
	*reason = "";
	if (!p)
		return err;
	p->reason = "";
	p->ends[TLS_CLIENT].fd = p->ends[TLS_SERVER].fd = -1;
	err = open_ends(p, id, row);
	if (err) {
		*reason = tls_reason();
		tls_pair_free(p);
		return err;
	}
	*out = p;
	return 0;
}

/* libssl cleanses what it knows of the connection. */
void tls_pair_free(struct tls_pair *p)
{
	if (!p)
		return;
	for (int i = 0; i < TLS_ENDS; i++) {
		SSL_free(p->ends[i].ssl);
		if (p->ends[i].fd >= 0)
			close(p->ends[i].fd);
	}
	EVP_MD_CTX_free(p->hash);
	free(p);
}
