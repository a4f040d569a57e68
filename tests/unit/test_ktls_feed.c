/* SPDX-License-Identifier: MIT */
/*
 * A client or server that reads by itself and feeds libssl from memory, behind a proxy
 * that splits what comes at random bytes, and with data right behind the handshake: the
 * kernel gets every connection.
 */
#include "soft_kernel.h"

#include "ktls_ends.h"

static void connect_pair(int fds[2])
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
}

static void forget_socket(int fd)
{
	soft_forget(fd);
}

/* The same numbers every time, so that what fails once fails again. */
static uint32_t next_random(uint32_t *state, uint32_t below)
{
	*state = *state * 1664525 + 1013904223;
	return (*state >> 8) % below;
}

struct row {
	const char *name;
	uint16_t version;
	bool server;
};

static const struct row rows[] = {
	{ "TLS1.3 client", KTLS_1_3, false },
	{ "TLS1.3 server", KTLS_1_3, true },
	{ "TLS1.2 client", KTLS_1_2, false },
	{ "TLS1.2 server", KTLS_1_2, true },
};

struct split {
	struct ends e;
	struct ktls_feed feed;
	uint32_t random;
	bool done, peer_done, peer_spoke;
};

static const char hello[] = "what the peer says right behind its handshake";

static void use_memory(SSL *ssl)
{
	SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
	BIO_set_mem_eof_return(SSL_get_rbio(ssl), -1);
}

/* From memory to the socket, at most so much. */
static void pass(SSL *ssl, int fd, int most)
{
	uint8_t buf[4096];
	const int len = most < (int)sizeof(buf) ? most : (int)sizeof(buf);
	const int n = BIO_read(SSL_get_wbio(ssl), buf, len);

	if (n > 0)
		assert_int_equal(__real_send(fd, buf, (size_t)n, MSG_NOSIGNAL), n);
}

static void peer_turn(struct split *s)
{
	uint8_t buf[4096];
	const ssize_t n = recv(s->e.peer_fd, buf, sizeof(buf), 0);

	if (n > 0)
		assert_int_equal(BIO_write(SSL_get_rbio(s->e.peer), buf, (int)n), n);
	s->peer_done = s->peer_done || step(s->e.peer);
	if (s->peer_done && !s->peer_spoke) {
		assert_int_equal(SSL_write(s->e.peer, hello, sizeof(hello)),
				 sizeof(hello));
		s->peer_spoke = true;
	}
	pass(s->e.peer, s->e.peer_fd, 1 + (int)next_random(&s->random, 700));
}

static void our_turn(struct split *s)
{
	s->done = step(s->e.ssl);
	pass(s->e.ssl, s->e.fd, 4096);
	for (uint32_t i = next_random(&s->random, 3); !s->done && i; i--) {
		const ssize_t n = ktls_feed_read(&s->feed, s->e.ssl, s->e.fd);

		assert_true(n > 0 || n == -EAGAIN || n == -EBUSY);
	}
}

/* Some read in user space for a while, and end where a record does. */
static size_t linger(struct split *s, char *in)
{
	size_t got = 0, n;

	for (uint32_t i = next_random(&s->random, 12); i || !ktls_feed_whole(&s->feed);) {
		peer_turn(s);
		if (ktls_feed_read(&s->feed, s->e.ssl, s->e.fd) > 0 &&
		    SSL_read_ex(s->e.ssl, in, sizeof(hello), &n))
			got = n;
		i -= i > 0;
	}
	return got;
}

static void one_split(struct split *s)
{
	char in[sizeof(hello)];
	size_t got;
	ssize_t n;

	for (int i = 0; i < 20000 && !s->done; i++) {
		our_turn(s);
		peer_turn(s);
	}
	assert_true(s->done);
	got = next_random(&s->random, 2) ? linger(s, in) : 0;
	attach(&s->e);
	expect_kernel(&s->e);
	while (got < sizeof(hello)) {
		peer_turn(s);
		n = ktls_conn_recv(s->e.conn, in + got, sizeof(in) - got);
		assert_true(n > 0 || n == -EAGAIN);
		got += n > 0 ? (size_t)n : 0;
	}
	assert_memory_equal(in, hello, sizeof(hello));
	assert_int_equal(ktls_conn_send(s->e.conn, "ours", 4), 4);
	for (n = -1; n < 0;) {
		peer_turn(s);
		n = SSL_read(s->e.peer, in, sizeof(in));
	}
	assert_int_equal(n, 4);
}

/* 10,000 in all; the tools that slow everything down look at fewer. */
static unsigned how_many(void)
{
	const char *valgrind = getenv("VALGRIND");

	if (valgrind && *valgrind)
		return 10;
	if (unit_emulated())
		return 100;
#ifdef __SANITIZE_ADDRESS__
	return 100;
#else
	return 2500;
#endif
}

static void test_split(void **state)
{
	const struct row *row = *state;
	const struct ktls_cipher *c = ktls_cipher_of(KTLS_AES_GCM_128);
	struct split s = { 0 };

	ends_make(&s.e, row->server, row->version,
		  row->version == KTLS_1_3 ? c->suite13 : c->suite12);
	assert_int_equal(ktls_ssl_prepare(s.e.ctx), 0);
	for (unsigned i = 0; i < how_many(); i++) {
		ends_connect(&s.e);
		use_memory(s.e.ssl);
		use_memory(s.e.peer);
		s.feed = (struct ktls_feed){ 0 };
		s.done = s.peer_done = s.peer_spoke = false;
		s.random = i + 1;
		one_split(&s);
		ends_drop(&s.e);
	}
	ends_free(&s.e);
}

int main(void)
{
	const struct unit_set sets[] = {
		UNIT_ROWS("split at random bytes", rows, test_split),
	};
	int rc;

	unit_alarm(600);
	if (identity_make(&identity))
		return 1;
	rc = unit_run("ktls_feed", sets, ARRAY_SIZE(sets));
	identity_free(&identity);
	return rc;
}
