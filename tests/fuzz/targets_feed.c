/* SPDX-License-Identifier: MIT */
/* Where libssl and the kernel hand a connection over: records for the one, cut where they
 * end, and what the callbacks of libssl tell meanwhile. */
#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/ssl.h>

#include "../../lib/tls/ssl_priv.h"
#include "targets.h"

/* One for all inputs: to make it costs more than everything else here. It lives as long
 * as the program does. */
static SSL_CTX *context(void)
{
	static SSL_CTX *ctx;

	if (!ctx) {
		ctx = SSL_CTX_new(TLS_method());
		if (!ctx || ktls_ssl_prepare(ctx))
			abort();
	}
	return ctx;
}

static SSL *new_ssl(bool server)
{
	BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());
	SSL *ssl = SSL_new(context());

	if (!in || !out || !ssl)
		abort();
	SSL_set_bio(ssl, in, out);
	if (server)
		SSL_set_accept_state(ssl);
	else
		SSL_set_connect_state(ssl);
	return ssl;
}

/* How many bytes of a record are still to come behind so many of them. */
static size_t left(const uint8_t *p, size_t len)
{
	while (len >= KTLS_HEADER) {
		const size_t whole = KTLS_HEADER + ((size_t)p[3] << 8 | p[4]);

		if (len < whole)
			return whole - len;
		p += whole;
		len -= whole;
	}
	return len ? KTLS_HEADER - len : 0;
}

/* As the bytes would come: never more than is wanted, and by pieces of step. */
static const char *feed(SSL *ssl, const uint8_t *p, size_t len, size_t step)
{
	struct ktls_feed f = { 0 };

	for (size_t at = 0, n; at < len; at += n) {
		n = ktls_feed_want(&f);
		if (!n || n > KTLS_FEED_MAX)
			return "it wants nothing, or more than there is room for";
		if (left(p, at) && n > left(p, at))
			return "it wants bytes of the next record";
		if (!ktls_feed_put(&f, ssl, p, n + 1))
			return "it takes more than it wanted";
		n = n < step ? n : step;
		n = n < len - at ? n : len - at;
		if (ktls_feed_put(&f, ssl, p + at, n))
			return "it does not take what it wanted";
		if (ktls_feed_whole(&f) != !left(p, at + n))
			return "it is wrong about the end of a record";
	}
	return NULL;
}

/* A line of the key log, as libssl writes them. */
static void tell_secret(SSL *ssl, const uint8_t *p, size_t len)
{
	char line[256];

	memcpy(line, p, len);
	line[len] = '\0';
	SSL_CTX_get_keylog_callback(SSL_get_SSL_CTX(ssl))(ssl, line);
}

/* Messages: what kind, how long, body. */
static const char *tell(SSL *ssl, const uint8_t *p, const uint8_t *end)
{
	static const int types[] = { SSL3_RT_HEADER, SSL3_RT_HANDSHAKE, SSL3_RT_ALERT,
				     SSL3_RT_APPLICATION_DATA };
	const struct ktls_watch *w;

	while (end - p >= 2) {
		const uint8_t kind = p[0];
		const size_t n = p[1] < end - p - 2 ? p[1] : (size_t)(end - p - 2);

		p += 2;
		if (kind & 8)
			tell_secret(ssl, p, n);
		else
			ktls_ssl_message(kind & 4, types[kind & 3], p, n, ssl);
		p += n;
		w = ktls_watch_of(ssl);
		for (int i = 0; w && i < 2; i++)
			if (w->side[i].secret_len > KTLS_SECRET_MAX)
				return "a secret is longer than its room";
	}
	return NULL;
}

/* The first byte chooses: which end, what is told, and how many bytes come at a time. */
const char *fuzz_tls_feed(const char *data, size_t len)
{
	const uint8_t *p = (const uint8_t *)data;
	const char *bad;
	SSL *ssl;

	if (!len)
		return NULL;
	ssl = new_ssl(*p & 1);
	bad = *p & 2 ? tell(ssl, p + 1, p + len)
		     : feed(ssl, p + 1, len - 1, (size_t)(*p >> 2) + 1);
	SSL_free(ssl);
	return bad;
}
