/* SPDX-License-Identifier: MIT */
/*
 * libktls from the handshake to close_notify, against libssl, on any machine: the kernel
 * is made of libcrypto, so what it decrypts had the right key and the right number.
 */
#include "soft_kernel.h"

#include <fcntl.h>
#include <signal.h>

#include "../../lib/tls/ssl_priv.h"
#include "ktls_ends.h"

static void connect_pair(int fds[2])
{
	const int room = 1 << 18;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	setsockopt(fds[1], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
}

static void forget_socket(int fd)
{
	soft_forget(fd);
}

static void test_cipher(void **state)
{
	const struct cipher_row *row = *state;
	const char *valgrind = getenv("VALGRIND");

	/* libcrypto 3.0 itself reads what it never wrote, already in the handshake. */
	if (row->cipher > KTLS_SM4_CCM && valgrind && *valgrind)
		skip();
	one_cipher(*state, false);
	one_cipher(*state, true);
}

static void test_number(void **state)
{
	one_number(*state, false);
	one_number(*state, true);
}

static void test_handed_over(void **state)
{
	(void)state;
	handed_over();
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
	AUTHENTICATED,
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
	{ "authentication done", AUTHENTICATED, BOTH(0) },
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
	if (t == AUTHENTICATING || t == AUTHENTICATED) {
		SSL_CTX_set_post_handshake_auth(e->ctx, 1);
		SSL_CTX_set_post_handshake_auth(e->peer_ctx, 1);
	}
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
static size_t part_len, part_sent;

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
	part_sent = len;
}

static void end_record(struct ends *e)
{
	char in[8];

	assert_int_equal(ktls_conn_recv(e->conn, in, sizeof(in)), -EAGAIN);
	assert_int_equal(write(e->peer_fd, part + part_sent, part_len - part_sent),
			 part_len - part_sent);
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
	if (t == AUTHENTICATED) {
		SSL *server = SSL_is_server(e->ssl) ? e->ssl : e->peer;
		SSL *client = SSL_is_server(e->ssl) ? e->peer : e->ssl;

		SSL_set_verify(server, SSL_VERIFY_PEER, accept_any);
		assert_true(SSL_verify_client_post_handshake(server) &&
			    SSL_do_handshake(server));
		say(server, client, "a request before");
		say(client, server, "its answer before");
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
	if (t != AUTHENTICATING && t != AUTHENTICATED && t != UPDATE_DUE && t != UPDATED)
		try_reason(row, false, KTLS_1_2);
	assert_true(t != KEYLOG_CHAINED || keylog_lines >= 5);
}

/* ---- control records ---- */

static void connected(struct ends *e, bool server, uint16_t version)
{
	ends_make(e, server, version, suite_of(version));
	assert_int_equal(ktls_ssl_prepare(e->ctx), 0);
	ends_connect(e);
	shake(e);
	attach(e);
	expect_kernel(e);
}

/* The peer's KeyUpdates, answered under the old key; then ours; on a kernel that can. */
static void test_key_update(void **state)
{
	struct ends e;
	char in[8];

	(void)state;
	for (int server = 0; server < 2; server++) {
		connected(&e, server, KTLS_1_3);
		for (unsigned i = 0; i < 3; i++) {
			assert_true(SSL_key_update(e.peer,
						   i % 2 ? SSL_KEY_UPDATE_NOT_REQUESTED
							 : SSL_KEY_UPDATE_REQUESTED) &&
				    SSL_do_handshake(e.peer));
			assert_int_equal(ktls_conn_recv(e.conn, in, sizeof(in)), -EAGAIN);
			exchange(&e, i);
		}
		ktls_conn_info(e.conn, &e.info);
		assert_int_equal(e.info.rx.rekeys, 3);
		assert_int_equal(e.info.tx.rekeys, 2);
		assert_true(e.info.secrets_locked);
		assert_int_equal(ktls_conn_rekey(e.conn, false), 0);
		exchange(&e, 4);
		assert_int_equal(ktls_conn_rekey(e.conn, true), 0);
		exchange(&e, 5);
		ktls_conn_info(e.conn, &e.info);
		assert_int_equal(e.info.rx.rekeys, 4);
		assert_int_equal(e.info.tx.rekeys, 4);
		finish(&e);
		ends_free(&e);
	}
}

/* The answer goes before any data when the socket was full; a request is answered once.
 */
static void test_answer_waits(void **state)
{
	struct ends e;
	char in[8];

	(void)state;
	connected(&e, false, KTLS_1_3);
	assert_true(SSL_key_update(e.peer, SSL_KEY_UPDATE_REQUESTED) &&
		    SSL_do_handshake(e.peer));
	soft.full = true;
	assert_int_equal(ktls_conn_recv(e.conn, in, sizeof(in)), -EAGAIN);
	assert_int_equal(ktls_conn_send(e.conn, "x", 1), -EAGAIN);
	assert_int_equal(ktls_conn_shutdown(e.conn), -EAGAIN);
	ktls_conn_info(e.conn, &e.info);
	assert_int_equal(e.info.tx.rekeys, 0);
	soft.full = false;
	exchange(&e, 1);
	ktls_conn_info(e.conn, &e.info);
	assert_int_equal(e.info.tx.rekeys, 1);
	finish(&e);
	ends_free(&e);
}

/* Before Linux 6.14. */
static void test_cannot_rekey(void **state)
{
	struct ends e;
	char in[8];

	(void)state;
	soft.cannot_rekey = true;
	connected(&e, false, KTLS_1_3);
	assert_int_equal(ktls_conn_rekey(e.conn, true), -EOPNOTSUPP);
	exchange(&e, 1); /* nothing was sent */
	assert_true(SSL_key_update(e.peer, SSL_KEY_UPDATE_NOT_REQUESTED) &&
		    SSL_do_handshake(e.peer));
	assert_int_equal(ktls_conn_recv(e.conn, in, sizeof(in)), -EKEYEXPIRED);
	assert_int_equal(ktls_conn_recv(e.conn, in, sizeof(in)), -EPROTO);
	assert_int_equal(ktls_conn_send(e.conn, in, sizeof(in)), -EPROTO);
	ends_free(&e);
	connected(&e, true, KTLS_1_2);
	assert_int_equal(ktls_conn_rekey(e.conn, false), -EOPNOTSUPP);
	exchange(&e, 2);
	finish(&e);
	ends_free(&e);
	soft.cannot_rekey = false;
}

/* A direction each with libssl: requests of the peer are answered by the other side. */
static void test_mixed_key_update(void **state)
{
	struct ends e;
	char in[8];

	(void)state;
	for (unsigned wants = KTLS_WANT_TX; wants <= KTLS_WANT_RX; wants++) {
		ends_make(&e, false, KTLS_1_3, suite_of(KTLS_1_3));
		ktls_ssl_prepare(e.ctx);
		ends_connect(&e);
		shake(&e);
		assert_int_equal(ktls_ssl_attach(&e.conn, e.ssl, e.fd, wants), 0);
		/* What cannot be known without /proc/net/tls_stat is asked. */
		for (unsigned i = 0; i < 3; i++) {
			assert_true(SSL_key_update(e.peer, SSL_KEY_UPDATE_REQUESTED) &&
				    SSL_do_handshake(e.peer));
			assert_int_equal(ktls_conn_recv(e.conn, in, sizeof(in)), -EAGAIN);
			exchange(&e, i);
		}
		assert_int_equal(ktls_conn_rekey(e.conn, true), 0);
		exchange(&e, 7);
		finish(&e);
		ends_free(&e);
	}
}

/* What the peer's record says, and what recv makes of it. */
struct end_row {
	const char *name;
	uint8_t type;
	const char *body;
	size_t len;
	int want, alert;
};

static const struct end_row ends_rows[] = {
	{ "a fatal alert", KTLS_RECORD_ALERT, "\x02\x50", 2, -ECONNABORTED, 80 },
	{ "an unknown message", KTLS_RECORD_HANDSHAKE, "\x63\0\0\0", 4, -EPROTO, 10 },
	{ "a KeyUpdate that is none", KTLS_RECORD_HANDSHAKE, "\x18\0\0\1\2", 5, -EPROTO,
	  47 },
	{ "a KeyUpdate too long", KTLS_RECORD_HANDSHAKE, "\x18\0\0\2\0\0", 6, -EPROTO,
	  50 },
	{ "something behind a KeyUpdate", KTLS_RECORD_HANDSHAKE, "\x18\0\0\1\0\x04", 6,
	  -EPROTO, 10 },
	{ "a request for a certificate", KTLS_RECORD_HANDSHAKE, "\x0d\0\0\1\0", 5,
	  -EPROTO, 10 },
	{ "a type nobody knows", 25, "x", 1, -EPROTO, 10 },
	{ "user_canceled", KTLS_RECORD_ALERT, "\x01\x5a", 2, -EAGAIN, -1 },
	{ "a ticket", KTLS_RECORD_HANDSHAKE, "\x04\0\0\3abc", 7, -EAGAIN, -1 },
	{ "two tickets in a record", KTLS_RECORD_HANDSHAKE, "\x04\0\0\1a\x04\0\0\1b", 10,
	  -EAGAIN, -1 },
	{ "half a ticket", KTLS_RECORD_HANDSHAKE, "\x04\0\0\x09xyz", 7, -EAGAIN, -1 },
};

/* Through a second kernel of ours, at the peer's end. */
static void test_end(void **state)
{
	const struct end_row *row = *state;
	struct ktls_conn *peer;
	struct ends e;
	char in[4];

	ends_make(&e, false, KTLS_1_3, suite_of(KTLS_1_3));
	SSL_CTX_set_num_tickets(e.peer_ctx, 0);
	ktls_ssl_prepare(e.ctx);
	ktls_ssl_prepare(e.peer_ctx);
	ends_connect(&e);
	soft_forget(e.peer_fd);
	shake(&e);
	attach(&e);
	assert_int_equal(ktls_ssl_attach(&peer, e.peer, e.peer_fd, KTLS_BOTH), 0);
	assert_int_equal(ktls_send_record(e.peer_fd, row->type, row->body, row->len),
			 row->len);
	assert_int_equal(ktls_conn_recv(e.conn, in, sizeof(in)), row->want);
	ktls_conn_info(e.conn, &e.info);
	assert_int_equal(e.info.alert, row->alert);
	if (row->want == -EPROTO) { /* and the peer is told */
		assert_int_equal(ktls_conn_recv(peer, in, sizeof(in)), -ECONNABORTED);
		ktls_conn_info(peer, &e.info);
		assert_int_equal(e.info.alert, row->alert);
	}
	ktls_conn_free(peer);
	soft_forget(e.peer_fd);
	ends_free(&e);
}

/* TLS 1.2: a renegotiation is declined, and the connection goes on. */
static void test_renegotiation(void **state)
{
	struct ends e;
	char in[8];

	(void)state;
	connected(&e, false, KTLS_1_2);
	assert_int_equal(SSL_renegotiate(e.peer), 1); /* HelloRequest */
	SSL_do_handshake(e.peer);
	assert_int_equal(ktls_conn_recv(e.conn, in, sizeof(in)), -EAGAIN);
	assert_int_equal(SSL_read(e.peer, in, sizeof(in)), -1);
	assert_int_equal(ERR_GET_REASON(ERR_peek_error()), SSL_R_NO_RENEGOTIATION);
	ERR_clear_error();
	ends_free(&e);
}

/* The stream ends without close_notify. */
static void test_cut_off(void **state)
{
	struct ends e;
	char in[8];

	(void)state;
	for (unsigned wants = 0; wants <= KTLS_BOTH; wants += KTLS_BOTH) {
		ends_make(&e, false, KTLS_1_3, suite_of(KTLS_1_3));
		ktls_ssl_prepare(e.ctx);
		ends_connect(&e);
		shake(&e);
		assert_int_equal(ktls_ssl_attach(&e.conn, e.ssl, e.fd, wants), 0);
		exchange(&e, 1);
		shutdown(e.peer_fd, SHUT_RDWR);
		assert_int_equal(ktls_conn_recv(e.conn, in, sizeof(in)), -EPIPE);
		ends_free(&e);
	}
}

/* ---- files, 0-RTT, accounts ---- */

static void test_sendfile(void **state)
{
	static uint8_t out[PAYLOAD], in[PAYLOAD];
	char path[] = "/tmp/ktls_ssl.XXXXXX";
	const int file = mkstemp(path);
	struct ends e;

	(void)state;
	assert_true(file >= 0 && !unlink(path));
	fill(out, sizeof(out), 9);
	assert_int_equal(write(file, out, sizeof(out)), sizeof(out));
	for (unsigned wants = 0; wants <= KTLS_BOTH; wants += KTLS_BOTH) {
		int64_t at = 100;
		size_t got = 0, n;

		ends_make(&e, true, KTLS_1_3, suite_of(KTLS_1_3));
		ktls_ssl_prepare(e.ctx);
		ends_connect(&e);
		shake(&e);
		assert_int_equal(ktls_ssl_attach(&e.conn, e.ssl, e.fd, wants), 0);
		while (got < sizeof(out) - 100) {
			if (at < PAYLOAD)
				assert_true(ktls_conn_sendfile(e.conn, file, &at,
							       PAYLOAD) > 0);
			while (SSL_read_ex(e.peer, in + got, sizeof(in) - got, &n))
				got += n;
		}
		assert_memory_equal(in, out + 100, got);
		assert_int_equal(ktls_conn_sendfile(e.conn, file, &at, 1), 0);
		ktls_conn_info(e.conn, &e.info);
		assert_int_equal(e.info.tx.bytes, sizeof(out) - 100);
		assert_in_range(e.info.tx.records_estimate, 7, 40);
		ends_free(&e);
	}
	close(file);
}

static void early(struct ends *e, SSL *client, SSL *server)
{
	bool a = false, b = false;
	char in[8];
	size_t n = 0;

	assert_true(SSL_write_early_data(client, "early", 5, &n));
	assert_int_equal(SSL_read_early_data(server, in, sizeof(in), &n),
			 SSL_READ_EARLY_DATA_SUCCESS);
	for (int i = 0; i < 20 && !(a && b); i++) {
		a = a || step(client);
		b = b ||
		    (SSL_read_early_data(server, in, sizeof(in), &n) ==
			     SSL_READ_EARLY_DATA_FINISH &&
		     step(server)) ||
		    (!SSL_in_init(server));
	}
	assert_int_equal(SSL_get_early_data_status(e->ssl), SSL_EARLY_DATA_ACCEPTED);
}

static void test_early_data(void **state)
{
	SSL_SESSION *session;
	struct ends e;

	(void)state;
	for (int server = 0; server < 2; server++) {
		ends_make(&e, server, KTLS_1_3, suite_of(KTLS_1_3));
		SSL_CTX_set_max_early_data(server ? e.ctx : e.peer_ctx, 1000);
		SSL_CTX_set_options(server ? e.ctx : e.peer_ctx, SSL_OP_NO_ANTI_REPLAY);
		assert_int_equal(ktls_ssl_prepare(e.ctx), 0);
		session = earlier(&e, server);
		ends_connect(&e);
		assert_true(SSL_set_session(server ? e.peer : e.ssl, session));
		SSL_SESSION_free(session);
		early(&e, server ? e.peer : e.ssl, server ? e.ssl : e.peer);
		attach(&e);
		assert_int_equal(e.info.tx.reason, KTLS_EARLY_DATA);
		assert_int_equal(e.info.rx.reason, KTLS_EARLY_DATA);
		exchange(&e, 1);
		finish(&e);
		ends_free(&e);
	}
}

/* A connection's memory comes back wiped, and only then to another. */
static void test_vault(void **state)
{
	enum { MANY = 700 };
	struct ktls_watch *w[MANY];
	const struct ktls_watch *again;

	(void)state;
	for (size_t i = 0; i < MANY; i++) {
		w[i] = ktls_vault_get();
		assert_non_null(w[i]);
		memset(w[i]->side[0].secret, 0x5a, sizeof(w[i]->side[0].secret));
		w[i]->side[0].secret_len = i;
	}
	for (size_t i = 0; i < MANY; i++)
		assert_int_equal(w[i]->side[0].secret_len, i);
	for (size_t i = 0; i < MANY; i++)
		ktls_vault_put(w[i]);
	for (size_t i = 0; i < sizeof(w[0]->side[0].secret); i++)
		assert_int_equal(w[0]->side[0].secret[i] == 0x5a, false);
	again = ktls_vault_get();
	assert_ptr_equal(again, w[MANY - 1]);
	assert_int_equal(again->side[0].secret_len, 0);
	ktls_vault_put(w[MANY - 1]);
}

int main(void)
{
	const struct unit_set sets[] = {
		UNIT_ROWS("cipher", ciphers, test_cipher),
		UNIT_ROWS("numbers", numbers, test_number),
		UNIT_ONE("what libssl had decrypted is handed over", test_handed_over),
		UNIT_ROWS("reasons", reasons, test_reason),
		UNIT_ONE("KeyUpdate", test_key_update),
		UNIT_ONE("KeyUpdate, answered when there is room", test_answer_waits),
		UNIT_ONE("KeyUpdate, on a kernel that cannot", test_cannot_rekey),
		UNIT_ONE("KeyUpdate, one direction with libssl", test_mixed_key_update),
		UNIT_ROWS("recv", ends_rows, test_end),
		UNIT_ONE("renegotiation is declined", test_renegotiation),
		UNIT_ONE("cut off", test_cut_off),
		UNIT_ONE("sendfile", test_sendfile),
		UNIT_ONE("early data", test_early_data),
		UNIT_ONE("the vault", test_vault),
	};
	int rc;

	/* What waits for bytes that never come would wait for ever. */
	unit_alarm(300);
	signal(SIGPIPE, SIG_IGN); /* of libssl, which does not know it */
	if (identity_make(&identity))
		return 1;
	rc = unit_run("ktls_ssl", sets, ARRAY_SIZE(sets));
	identity_free(&identity);
	return rc;
}
