/* SPDX-License-Identifier: MIT */
/*
 * libktls from the handshake to close_notify, against libssl: what the unit test does
 * with a kernel of libcrypto, and the laboratory with real ones. Whoever includes it has
 * the assertions of cmocka, a function that connects two sockets, and one that is told of
 * a descriptor that will be another socket.
 */
#ifndef KTLSCTL_KTLS_ENDS_H
#define KTLSCTL_KTLS_ENDS_H

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "../../lib/net/tls.h"
#include "../../lib/tls/ktls_ssl.h"

static void connect_pair(int fds[2]);
static void forget_socket(int fd);

static struct tls_identity identity;

/* Both ends of a connection: ours with libktls, the peer's with libssl alone. */
struct ends {
	int fd, peer_fd;
	SSL_CTX *ctx, *peer_ctx;
	SSL *ssl, *peer;
	struct ktls_conn *conn;
	struct ktls_info info;
};

static SSL_CTX *context(bool server, uint16_t version, const char *suite)
{
	const struct tls_wants w = { .version = version, .suite = suite };
	SSL_CTX *c;
	int err;

	c = tls_context(server ? TLS_SERVER : TLS_CLIENT, &identity, &w, &err);
	assert_non_null(c);
	SSL_CTX_clear_options(c, SSL_OP_ENABLE_KTLS);
	return c;
}

static void ends_make(struct ends *e, bool server, uint16_t version, const char *suite)
{
	memset(e, 0, sizeof(*e));
	e->ctx = context(server, version, suite);
	e->peer_ctx = context(!server, version, suite);
}

static void ends_connect(struct ends *e)
{
	int fds[2];

	connect_pair(fds);
	e->fd = fds[0];
	e->peer_fd = fds[1];
	forget_socket(e->fd);
	e->ssl = SSL_new(e->ctx);
	e->peer = SSL_new(e->peer_ctx);
	assert_true(SSL_set_fd(e->ssl, e->fd) && SSL_set_fd(e->peer, e->peer_fd));
	if (SSL_CTX_get_ssl_method(e->ctx) == TLS_server_method()) {
		SSL_set_accept_state(e->ssl);
		SSL_set_connect_state(e->peer);
	} else {
		SSL_set_connect_state(e->ssl);
		SSL_set_accept_state(e->peer);
	}
}

static bool step(SSL *s)
{
	const int ret = SSL_do_handshake(s);

	if (ret == 1)
		return true;
	assert_in_range(SSL_get_error(s, ret), SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE);
	return false;
}

static void shake(struct ends *e)
{
	bool a = false, b = false;

	for (int i = 0; i < 10000 && !(a && b); i++) {
		a = a || step(e->ssl);
		b = b || step(e->peer);
	}
	assert_true(a && b);
}

static void attach(struct ends *e)
{
	assert_int_equal(ktls_ssl_attach(&e->conn, e->ssl, e->fd, KTLS_BOTH), 0);
	ktls_conn_info(e->conn, &e->info);
}

static void ends_drop(struct ends *e)
{
	ktls_conn_free(e->conn);
	SSL_free(e->ssl);
	SSL_free(e->peer);
	forget_socket(e->fd);
	close(e->fd);
	close(e->peer_fd);
	e->conn = NULL;
	e->ssl = e->peer = NULL;
}

static void ends_free(struct ends *e)
{
	ends_drop(e);
	SSL_CTX_free(e->ctx);
	SSL_CTX_free(e->peer_ctx);
}

enum { PAYLOAD = 100000 };

static void fill(uint8_t *p, size_t len, unsigned seed)
{
	for (size_t i = 0; i < len; i++)
		p[i] = (uint8_t)((i * 2654435761u + seed) >> 13);
}

/* Nothing has moved: a while of that is a failure. */
static void idle(unsigned *times, bool moved)
{
	*times = moved ? 0 : *times + 1;
	assert_true(*times < 10000);
	if (*times > 100)
		poll(NULL, 0, 1);
}

/* A payload each way, and byte for byte the same. */
static void exchange(struct ends *e, unsigned seed)
{
	static uint8_t out[PAYLOAD], in[PAYLOAD];
	size_t sent = 0, got = 0, n;
	unsigned times = 0;
	ssize_t rc;

	fill(out, sizeof(out), seed);
	while (got < sizeof(out)) {
		rc = ktls_conn_send(e->conn, out + sent, sizeof(out) - sent);
		assert_true(rc >= 0 || rc == -EAGAIN);
		sent += rc > 0 ? (size_t)rc : 0;
		n = 0;
		if (SSL_read_ex(e->peer, in + got, sizeof(in) - got, &n))
			got += n;
		idle(&times, rc > 0 || n);
	}
	assert_memory_equal(in, out, sizeof(out));
	fill(out, sizeof(out), seed + 1);
	for (sent = got = 0; got < sizeof(out);) {
		if (SSL_write_ex(e->peer, out + sent, sizeof(out) - sent, &n))
			sent += n;
		rc = ktls_conn_recv(e->conn, in + got, sizeof(in) - got);
		assert_true(rc > 0 || rc == -EAGAIN);
		got += rc > 0 ? (size_t)rc : 0;
		idle(&times, rc > 0);
	}
	assert_memory_equal(in, out, sizeof(out));
}

/* A little patience: what was sent need not be there at once. */
static int read_patiently(SSL *ssl, void *buf, int len)
{
	struct pollfd p = { SSL_get_fd(ssl), POLLIN, 0 };
	int n = SSL_read(ssl, buf, len);

	for (int i = 0; i < 8 && n < 0; i++) {
		poll(&p, 1, 500);
		n = SSL_read(ssl, buf, len);
	}
	return n;
}

static ssize_t recv_patiently(struct ktls_conn *c, void *buf, size_t len)
{
	struct pollfd p = { ktls_conn_fd(c), POLLIN, 0 };
	ssize_t n = ktls_conn_recv(c, buf, len);

	for (int i = 0; i < 8 && n == -EAGAIN; i++) {
		poll(&p, 1, 500);
		n = ktls_conn_recv(c, buf, len);
	}
	return n;
}

/* close_notify from us, then from the peer, and heard by both. */
static void finish(struct ends *e)
{
	uint8_t byte;

	assert_int_equal(ktls_conn_shutdown(e->conn), 0);
	assert_int_equal(read_patiently(e->peer, &byte, 1), 0);
	assert_int_equal(SSL_get_shutdown(e->peer), SSL_RECEIVED_SHUTDOWN);
	assert_int_equal(ktls_conn_send(e->conn, "x", 1), -ESHUTDOWN);
	assert_int_equal(SSL_shutdown(e->peer), 1);
	assert_int_equal(recv_patiently(e->conn, &byte, 1), 0);
	ktls_conn_info(e->conn, &e->info);
	assert_true(e->info.closed);
}

static void expect_kernel(struct ends *e)
{
	if (e->info.tx.reason || e->info.rx.reason)
		print_message("# tx %s, rx %s\n", ktls_reason_word(e->info.tx.reason),
			      ktls_reason_word(e->info.rx.reason));
	assert_int_equal(e->info.tx.where, KTLS_KERNEL);
	assert_int_equal(e->info.rx.where, KTLS_KERNEL);
	assert_string_equal(ktls_conn_engine(e->conn), "kTLS (Kernel)");
}

/* ---- every cipher, both ends, however many tickets there are ---- */

struct cipher_row {
	const char *name;
	uint16_t version, cipher;
};

#define CIPHER(word_, number_)                                                           \
	{ "TLS1.2 " word_, KTLS_1_2, number_ },                                          \
	{                                                                                \
		"TLS1.3 " word_, KTLS_1_3, number_                                       \
	}

static const struct cipher_row ciphers[] = {
	CIPHER("aes-gcm-128", KTLS_AES_GCM_128),
	CIPHER("aes-gcm-256", KTLS_AES_GCM_256),
	CIPHER("aes-ccm-128", KTLS_AES_CCM_128),
	CIPHER("chacha20-poly1305", KTLS_CHACHA20_POLY1305),
	{ "TLS1.2 aria-gcm-128", KTLS_1_2, KTLS_ARIA_GCM_128 },
	{ "TLS1.2 aria-gcm-256", KTLS_1_2, KTLS_ARIA_GCM_256 },
};

static inline void one_cipher(const struct cipher_row *row, bool server)
{
	const struct ktls_cipher *c = ktls_cipher_of(row->cipher);
	struct ends e;

	ends_make(&e, server, row->version,
		  row->version == KTLS_1_3 ? c->suite13 : c->suite12);
	assert_int_equal(ktls_ssl_prepare(e.ctx), 0);
	ends_connect(&e);
	shake(&e);
	attach(&e);
	expect_kernel(&e);
	assert_string_equal(e.info.cipher, c->word);
	exchange(&e, row->cipher);
	finish(&e);
	ends_free(&e);
}

/* ---- the numbers: tickets, resumption, what went before ---- */

struct number_row {
	const char *name;
	uint16_t version;
	unsigned tickets;
	bool resumed;
	bool before; /* a word each way in user space, so the tickets are read */
};

static const struct number_row numbers[] = {
	{ "no ticket", KTLS_1_3, 0, false, false },
	{ "one ticket", KTLS_1_3, 1, false, false },
	{ "two tickets", KTLS_1_3, 2, false, false },
	{ "five tickets", KTLS_1_3, 5, false, false },
	{ "no ticket, some data", KTLS_1_3, 0, false, true },
	{ "one ticket, read", KTLS_1_3, 1, false, true },
	{ "two tickets, read", KTLS_1_3, 2, false, true },
	{ "five tickets, read", KTLS_1_3, 5, false, true },
	{ "resumed, one ticket", KTLS_1_3, 1, true, false },
	{ "resumed, two tickets", KTLS_1_3, 2, true, false },
	{ "resumed, five tickets", KTLS_1_3, 5, true, false },
	{ "resumed, five tickets, read", KTLS_1_3, 5, true, true },
	{ "TLS 1.2", KTLS_1_2, 2, false, false },
	{ "TLS 1.2, some data", KTLS_1_2, 2, false, true },
	{ "TLS 1.2, resumed", KTLS_1_2, 2, true, false },
	{ "TLS 1.2, resumed, some data", KTLS_1_2, 2, true, true },
};

static void say(SSL *from, SSL *to, const char *word)
{
	char in[64];

	assert_int_equal(SSL_write(from, word, (int)strlen(word)), strlen(word));
	assert_int_equal(read_patiently(to, in, sizeof(in)), strlen(word));
	assert_memory_equal(in, word, strlen(word));
}

static const struct ktls_cipher *common_cipher(void)
{
	return ktls_cipher_of(KTLS_AES_GCM_128);
}

static const char *suite_of(uint16_t version)
{
	return version == KTLS_1_3 ? common_cipher()->suite13 : common_cipher()->suite12;
}

/* A connection before this one, of which only the session is left. */
static SSL_SESSION *earlier(struct ends *e, bool server)
{
	SSL_SESSION *session;

	ends_connect(e);
	shake(e);
	say(e->ssl, e->peer, "there");
	say(e->peer, e->ssl, "and back");
	session = SSL_get1_session(server ? e->peer : e->ssl);
	assert_non_null(session);
	/* Who forgets to close is not to be resumed. */
	SSL_shutdown(e->ssl);
	SSL_shutdown(e->peer);
	ends_drop(e);
	return session;
}

static inline void one_number(const struct number_row *row, bool server)
{
	SSL_SESSION *session = NULL;
	struct ends e;

	ends_make(&e, server, row->version, suite_of(row->version));
	SSL_CTX_set_num_tickets(server ? e.ctx : e.peer_ctx, row->tickets);
	assert_int_equal(ktls_ssl_prepare(e.ctx), 0);
	if (row->resumed)
		session = earlier(&e, server);
	ends_connect(&e);
	if (session)
		assert_true(SSL_set_session(server ? e.peer : e.ssl, session));
	SSL_SESSION_free(session);
	shake(&e);
	assert_int_equal(SSL_session_reused(e.ssl), row->resumed);
	if (row->before) {
		say(e.ssl, e.peer, "one");
		say(e.peer, e.ssl, "two");
		say(e.ssl, e.peer, "three");
	}
	attach(&e);
	expect_kernel(&e);
	exchange(&e, row->tickets);
	finish(&e);
	if (!server && row->version == KTLS_1_3 && !row->before)
		assert_int_equal(e.info.tickets, row->resumed ? 1 : row->tickets);
	ends_free(&e);
}

/* ---- what libssl had decrypted ---- */

static inline void handed_over(void)
{
	char in[64];
	struct ends e;

	ends_make(&e, false, KTLS_1_3, suite_of(KTLS_1_3));
	ktls_ssl_prepare(e.ctx);
	ends_connect(&e);
	shake(&e);
	assert_int_equal(SSL_write(e.peer, "first second", 12), 12);
	assert_int_equal(read_patiently(e.ssl, in, 6), 6);
	assert_int_equal(SSL_pending(e.ssl), 6);
	attach(&e);
	expect_kernel(&e);
	assert_int_equal(ktls_conn_pending(e.conn), 6);
	assert_int_equal(ktls_conn_recv(e.conn, in, 4), 4);
	assert_int_equal(ktls_conn_recv(e.conn, in + 4, 4), 2);
	assert_memory_equal(in, "second", 6);
	assert_int_equal(ktls_conn_pending(e.conn), 0);
	exchange(&e, 1);
	/* Whoever still calls libssl does no harm on the socket. */
	assert_true(SSL_write(e.ssl, "x", 1) <= 1 && SSL_read(e.ssl, in, 1) <= 0);
	exchange(&e, 2);
	finish(&e);
	ends_free(&e);
}

#endif
