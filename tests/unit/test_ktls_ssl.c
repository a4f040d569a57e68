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
	int n = -1;

	assert_int_equal(SSL_write(from, word, (int)strlen(word)), strlen(word));
	for (int i = 0; i < 8 && n < 0; i++)
		n = SSL_read(to, in, sizeof(in));
	assert_int_equal(n, strlen(word));
	assert_memory_equal(in, word, (size_t)n);
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

static void one_number(const struct number_row *row, bool server)
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

static void test_number(void **state)
{
	one_number(*state, false);
	one_number(*state, true);
}

/* ---- what libssl had decrypted ---- */

static void test_handed_over(void **state)
{
	char in[64];
	struct ends e;

	(void)state;
	ends_make(&e, false, KTLS_1_3, suite_of(KTLS_1_3));
	ktls_ssl_prepare(e.ctx);
	ends_connect(&e);
	shake(&e);
	assert_int_equal(SSL_write(e.peer, "first second", 12), 12);
	for (int i = 0; SSL_read(e.ssl, in, 6) < 0; i++)
		assert_in_range(i, 0, 8);
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

/* ---- reasons, with the connection going on in user space ---- */

enum trouble {
	UNPREPARED,
	PREPARED_LATE,
	UNFINISHED,
	CALLBACK_TAKEN,
	CALLBACK_CHAINED,
	KEYLOG_CHAINED,
	BIG_TAG,
	NO_KERNEL,
	NOT_CONNECTED,
	NO_CIPHER,
	NO_CRYPTO,
	ONLY_RX_FAILS,
	ONLY_TX_FAILS,
	HALF_A_RECORD,
	A_HEADER,
	UNSENT,
	MAX_FRAGMENT,
	NOT_WANTED,
	AUTHENTICATING,
	UPDATE_DUE,
	UPDATED,
	READ_AHEAD,
};

struct reason_row {
	const char *name;
	enum trouble trouble;
	enum ktls_reason tx, rx;
};

#define BOTH(reason_) reason_, reason_

static const struct reason_row reasons[] = {
	{ "unprepared", UNPREPARED, BOTH(KTLS_UNPREPARED) },
	{ "prepared after the handshake", PREPARED_LATE, BOTH(KTLS_UNPREPARED) },
	{ "before the handshake", UNFINISHED, BOTH(KTLS_UNFINISHED) },
	{ "another message callback", CALLBACK_TAKEN, BOTH(KTLS_UNCOUNTED) },
	{ "another message callback, chained", CALLBACK_CHAINED, BOTH(0) },
	{ "a key log callback of its own", KEYLOG_CHAINED, BOTH(0) },
	{ "a cipher with a short tag", BIG_TAG, BOTH(KTLS_CIPHER) },
	{ "no TLS in the kernel", NO_KERNEL, BOTH(KTLS_KERNEL_NO_TLS) },
	{ "closed by the peer", NOT_CONNECTED, BOTH(KTLS_KERNEL_SOCKET) },
	{ "the kernel knows no such cipher", NO_CIPHER, BOTH(KTLS_KERNEL_CIPHER) },
	{ "the kernel's crypto lacks it", NO_CRYPTO, BOTH(KTLS_KERNEL_CRYPTO) },
	{ "only RX refused", ONLY_RX_FAILS, 0, KTLS_KERNEL_REFUSED },
	{ "only TX refused", ONLY_TX_FAILS, KTLS_KERNEL_REFUSED, 0 },
	{ "half a record read", HALF_A_RECORD, 0, KTLS_PARTIAL },
	{ "a header read", A_HEADER, 0, KTLS_PARTIAL },
	{ "bytes unsent", UNSENT, KTLS_UNSENT, 0 },
	{ "smaller records agreed upon", MAX_FRAGMENT, KTLS_RECORD_SIZE, 0 },
	{ "not wanted", NOT_WANTED, BOTH(KTLS_NOT_ASKED) },
	{ "authentication under way", AUTHENTICATING, BOTH(KTLS_POST_HANDSHAKE) },
	{ "a KeyUpdate to be answered", UPDATE_DUE, KTLS_UNSENT, 0 },
	{ "KeyUpdates both ways before", UPDATED, BOTH(0) },
	{ "read-ahead", READ_AHEAD, BOTH(0) },
};

static unsigned keylog_lines;

static void own_keylog(const SSL *ssl, const char *line)
{
	(void)ssl;
	keylog_lines += *line != '\0';
}

static void own_messages(int sent, int version, int type, const void *buf, size_t len,
			 SSL *ssl, void *arg)
{
	(void)version;
	if (arg)
		ktls_ssl_message(sent, type, buf, len, ssl);
}

/* With what is in the context. */
static void trouble_before(struct ends *e, enum trouble t)
{
	if (t == KEYLOG_CHAINED)
		SSL_CTX_set_keylog_callback(e->ctx, own_keylog);
	if (t != UNPREPARED && t != PREPARED_LATE)
		assert_int_equal(ktls_ssl_prepare(e->ctx), 0);
	if (t == CALLBACK_TAKEN || t == CALLBACK_CHAINED) {
		SSL_CTX_set_msg_callback(e->ctx, own_messages);
		SSL_CTX_set_msg_callback_arg(e->ctx, t == CALLBACK_CHAINED ? e : NULL);
	}
	if (t == MAX_FRAGMENT)
		SSL_CTX_set_tlsext_max_fragment_length(e->ctx,
						       TLSEXT_max_fragment_length_4096);
	if (t == AUTHENTICATING)
		SSL_CTX_set_post_handshake_auth(e->peer_ctx, 1);
	if (t == READ_AHEAD)
		SSL_CTX_set_read_ahead(e->ctx, 1);
	soft.attach_err = t == NO_KERNEL ? -ENOENT : t == NOT_CONNECTED ? -ENOTCONN : 0;
	soft.install_err[KTLS_RX] = t == NO_CIPHER       ? -EINVAL
				    : t == NO_CRYPTO     ? -ENOENT
				    : t == ONLY_RX_FAILS ? -ENOMEM
							 : 0;
	soft.install_err[KTLS_TX] = t == ONLY_TX_FAILS   ? -ENOMEM
				    : t == ONLY_RX_FAILS ? 0
							 : soft.install_err[KTLS_RX];
}

static uint8_t part[256], unsent[1 << 20];
static size_t part_len;

/* The peer's record, of which only the beginning arrives. */
static void begin_record(struct ends *e, size_t len)
{
	char in[8];
	BIO *wire = SSL_get_wbio(e->peer), *mem = BIO_new(BIO_s_mem());

	BIO_up_ref(wire);
	SSL_set0_wbio(e->peer, mem);
	assert_int_equal(SSL_write(e->peer, "cut", 3), 3);
	part_len = (size_t)BIO_read(mem, part, sizeof(part));
	SSL_set0_wbio(e->peer, wire);
	assert_int_equal(write(e->peer_fd, part, len), len);
	assert_int_equal(SSL_read(e->ssl, in, sizeof(in)), -1);
	memmove(part, part + len, part_len -= len);
}

static void end_record(struct ends *e)
{
	char in[8];

	assert_int_equal(ktls_conn_recv(e->conn, in, sizeof(in)), -EAGAIN);
	assert_int_equal(write(e->peer_fd, part, part_len), part_len);
	assert_int_equal(ktls_conn_recv(e->conn, in, sizeof(in)), 3);
}

static void fill_socket(struct ends *e)
{
	size_t n;

	SSL_clear_mode(e->ssl, SSL_MODE_ENABLE_PARTIAL_WRITE);
	assert_int_equal(SSL_write_ex(e->ssl, unsent, sizeof(unsent), &n), 0);
}

static void drain_socket(struct ends *e)
{
	static uint8_t in[1 << 16];
	ssize_t n = -EAGAIN;
	size_t got = 0, some;

	while (got < sizeof(unsent)) {
		if (n == -EAGAIN)
			n = ktls_conn_send(e->conn, unsent, sizeof(unsent));
		if (SSL_read_ex(e->peer, in, sizeof(in), &some))
			got += some;
	}
	assert_int_equal(n, sizeof(unsent));
}

static int accept_any(int ok, X509_STORE_CTX *store)
{
	(void)ok, (void)store;
	return 1;
}

static void update(SSL *from, SSL *to, int type)
{
	char in[8];

	assert_true(SSL_key_update(from, type) && SSL_do_handshake(from));
	assert_int_equal(SSL_read(to, in, sizeof(in)), -1);
}

/* In the connection. */
static void trouble_after(struct ends *e, enum trouble t)
{
	if (t == PREPARED_LATE)
		assert_int_equal(ktls_ssl_prepare(e->ctx), 0);
	if (t == HALF_A_RECORD || t == A_HEADER)
		begin_record(e, t == A_HEADER ? 5 : 12);
	if (t == UNSENT)
		fill_socket(e);
	if (t == AUTHENTICATING) {
		SSL_set_verify(e->ssl, SSL_VERIFY_PEER, accept_any);
		assert_true(SSL_verify_client_post_handshake(e->ssl) &&
			    SSL_do_handshake(e->ssl));
	}
	if (t == UPDATE_DUE)
		update(e->peer, e->ssl, SSL_KEY_UPDATE_REQUESTED);
	if (t == UPDATED) {
		update(e->peer, e->ssl, SSL_KEY_UPDATE_REQUESTED);
		say(e->ssl, e->peer, "the first change");
		update(e->peer, e->ssl, SSL_KEY_UPDATE_NOT_REQUESTED);
		say(e->peer, e->ssl, "the second change");
	}
}

static void expect_reasons(const struct ends *e, const struct reason_row *row)
{
	assert_string_equal(ktls_reason_word(e->info.tx.reason),
			    ktls_reason_word(row->tx));
	assert_string_equal(ktls_reason_word(e->info.rx.reason),
			    ktls_reason_word(row->rx));
	assert_int_equal(e->info.tx.where, row->tx ? KTLS_USER : KTLS_KERNEL);
	assert_int_equal(e->info.rx.where, row->rx ? KTLS_USER : KTLS_KERNEL);
	assert_string_equal(ktls_conn_engine(e->conn),
			    row->tx || row->rx ? "OpenSSL (Userspace)" : "kTLS (Kernel)");
}

static void try_reason(const struct reason_row *row, bool server, uint16_t version)
{
	const enum trouble t = row->trouble;
	struct ends e;

	ends_make(&e, server, version,
		  t == BIG_TAG ? "ECDHE-ECDSA-AES128-CCM8:@SECLEVEL=0"
			       : suite_of(version));
	trouble_before(&e, t);
	ends_connect(&e);
	if (t != UNFINISHED)
		shake(&e);
	trouble_after(&e, t);
	assert_int_equal(
		ktls_ssl_attach(&e.conn, e.ssl, e.fd, t == NOT_WANTED ? 0 : KTLS_BOTH),
		0);
	ktls_conn_info(e.conn, &e.info);
	expect_reasons(&e, row);
	if (t == UNFINISHED)
		shake(&e);
	if (t == HALF_A_RECORD || t == A_HEADER)
		end_record(&e);
	if (t == UNSENT)
		drain_socket(&e);
	exchange(&e, t);
	finish(&e);
	ends_free(&e);
	memset(&soft.attach_err, 0, sizeof(soft.attach_err));
	memset(soft.install_err, 0, sizeof(soft.install_err));
}

static void test_reason(void **state)
{
	const struct reason_row *row = *state;
	const enum trouble t = row->trouble;

	keylog_lines = 0;
	if (t != BIG_TAG) {
		if (t != MAX_FRAGMENT)
			try_reason(row, true, KTLS_1_3);
		if (t != AUTHENTICATING)
			try_reason(row, false, KTLS_1_3);
	}
	if (t != AUTHENTICATING && t != UPDATE_DUE && t != UPDATED)
		try_reason(row, false, KTLS_1_2);
	assert_true(t != KEYLOG_CHAINED || keylog_lines >= 5);
}

int main(void)
{
	const struct unit_set sets[] = {
		UNIT_ROWS("cipher", ciphers, test_cipher),
		UNIT_ROWS("numbers", numbers, test_number),
		UNIT_ONE("what libssl had decrypted is handed over", test_handed_over),
		UNIT_ROWS("reasons", reasons, test_reason),
	};
	int rc;

	if (identity_make(&identity))
		return 1;
	rc = unit_run("ktls_ssl", sets, ARRAY_SIZE(sets));
	identity_free(&identity);
	return rc;
}
