/* SPDX-License-Identifier: MIT */
/*
 * libktls from the handshake to close_notify, against libssl, on any machine: the kernel
 * is made of libcrypto, so what it decrypts had the right key and the right number.
 */
#include "soft_kernel.h"

#include <fcntl.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "../../lib/net/tls.h"
#include "../../lib/tls/ktls_ssl.h"

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
	const int room = 1 << 18;
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	setsockopt(fds[1], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	e->fd = fds[0];
	e->peer_fd = fds[1];
	soft_forget(e->fd);
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

	for (int i = 0; i < 20 && !(a && b); i++) {
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
	soft_forget(e->fd);
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

/* A payload each way, and byte for byte the same. */
static void exchange(struct ends *e, unsigned seed)
{
	static uint8_t out[PAYLOAD], in[PAYLOAD];
	size_t sent = 0, got = 0, n;
	ssize_t rc;

	fill(out, sizeof(out), seed);
	while (got < sizeof(out)) {
		rc = ktls_conn_send(e->conn, out + sent, sizeof(out) - sent);
		assert_true(rc >= 0 || rc == -EAGAIN);
		sent += rc > 0 ? (size_t)rc : 0;
		if (SSL_read_ex(e->peer, in + got, sizeof(in) - got, &n))
			got += n;
	}
	assert_memory_equal(in, out, sizeof(out));
	fill(out, sizeof(out), seed + 1);
	for (sent = got = 0; got < sizeof(out);) {
		if (SSL_write_ex(e->peer, out + sent, sizeof(out) - sent, &n))
			sent += n;
		rc = ktls_conn_recv(e->conn, in + got, sizeof(in) - got);
		assert_true(rc > 0 || rc == -EAGAIN);
		got += rc > 0 ? (size_t)rc : 0;
	}
	assert_memory_equal(in, out, sizeof(out));
}

/* close_notify from us, then from the peer, and heard by both. */
static void finish(struct ends *e)
{
	uint8_t byte;

	assert_int_equal(ktls_conn_shutdown(e->conn), 0);
	assert_int_equal(SSL_read(e->peer, &byte, 1), 0);
	assert_int_equal(SSL_get_shutdown(e->peer), SSL_RECEIVED_SHUTDOWN);
	assert_int_equal(ktls_conn_send(e->conn, "x", 1), -ESHUTDOWN);
	assert_int_equal(SSL_shutdown(e->peer), 1);
	assert_int_equal(ktls_conn_recv(e->conn, &byte, 1), 0);
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

#define CIPHER(word_, number_) { "TLS1.2 " word_, KTLS_1_2, number_ }, \
	{ "TLS1.3 " word_, KTLS_1_3, number_ }

static const struct cipher_row ciphers[] = {
	CIPHER("aes-gcm-128", KTLS_AES_GCM_128),
	CIPHER("aes-gcm-256", KTLS_AES_GCM_256),
	CIPHER("aes-ccm-128", KTLS_AES_CCM_128),
	CIPHER("chacha20-poly1305", KTLS_CHACHA20_POLY1305),
	{ "TLS1.2 aria-gcm-128", KTLS_1_2, KTLS_ARIA_GCM_128 },
	{ "TLS1.2 aria-gcm-256", KTLS_1_2, KTLS_ARIA_GCM_256 },
};

static void one_cipher(const struct cipher_row *row, bool server)
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

static void test_cipher(void **state)
{
	one_cipher(*state, false);
	one_cipher(*state, true);
}

int main(void)
{
	const struct unit_set sets[] = {
		UNIT_ROWS("cipher", ciphers, test_cipher),
	};
	int rc;

	if (identity_make(&identity))
		return 1;
	rc = unit_run("ktls_ssl", sets, ARRAY_SIZE(sets));
	identity_free(&identity);
	return rc;
}
