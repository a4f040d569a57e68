/* SPDX-License-Identifier: MIT */
/*
 * libktls on a real kernel, a line an answer, for the case libktls: "matrix" is what the
 * unit test does, over loopback; "client PORT" and "server PORT CERT KEY" are one end of
 * a connection, whose other is a program that nobody here wrote. A line of standard input
 * is sent, but "!rekey", "!rekey-ask" and "!close"; what comes goes to standard output.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../../lib/host/cleanup.h"

#define CHECK(what_)                                                                     \
	do {                                                                             \
		if (!(what_)) {                                                          \
			printf("FAILED line %d: %s\n", __LINE__, #what_);                \
			exit(1);                                                         \
		}                                                                        \
	} while (0)
#define assert_true(a_)                 CHECK(a_)
#define assert_non_null(a_)             CHECK((a_) != NULL)
#define assert_int_equal(a_, b_)        CHECK((long long)(a_) == (long long)(b_))
#define assert_in_range(a_, b_, c_)     CHECK((a_) >= (b_) && (a_) <= (c_))
#define assert_string_equal(a_, b_)     CHECK(!strcmp(a_, b_))
#define assert_memory_equal(a_, b_, n_) CHECK(!memcmp(a_, b_, n_))
#define print_message                   printf

#include "../../unit/ktls_ends.h"

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static int listen_on(uint16_t port, struct sockaddr_in *a)
{
	const int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(*a);

	*a = (struct sockaddr_in){ .sin_family = AF_INET,
				   .sin_port = htons(port),
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)a, len) || listen(fd, 1) ||
	    getsockname(fd, (struct sockaddr *)a, &len))
		die("listen");
	return fd;
}

static int connect_to(const struct sockaddr_in *a)
{
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (connect(fd, (const struct sockaddr *)a, sizeof(*a)))
		die("connect");
	return fd;
}

static void connect_pair(int fds[2])
{
	struct sockaddr_in a;
	cleanup_close int listener = listen_on(0, &a);

	fds[0] = connect_to(&a);
	fds[1] = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (fds[1] < 0 || fcntl(fds[0], F_SETFL, O_NONBLOCK) ||
	    fcntl(fds[1], F_SETFL, O_NONBLOCK))
		die("accept");
}

static void forget_socket(int fd)
{
	(void)fd;
}

/* No Debian kernel has ARIA as an AEAD cipher: the reason, and user space. */
static void no_crypto(void)
{
	struct ends e;

	ends_make(&e, false, KTLS_1_2, ktls_cipher_of(KTLS_ARIA_GCM_128)->suite12);
	ktls_ssl_prepare(e.ctx);
	ends_connect(&e);
	shake(&e);
	attach(&e);
	printf("aria: tx %s %s, rx %s %s\n", ktls_reason_word(e.info.tx.reason),
	       strerrorname_np(-e.info.tx.err), ktls_reason_word(e.info.rx.reason),
	       strerrorname_np(-e.info.rx.err));
	exchange(&e, 1);
	finish(&e);
	ends_free(&e);
}

/* libssl asked the kernel itself, and got what it can: with 3.0 not TLS 1.3 receive. */
static void adopted(uint16_t version, bool server)
{
	struct ends e;

	ends_make(&e, server, version, suite_of(version));
	SSL_CTX_set_options(e.ctx, SSL_OP_ENABLE_KTLS);
	ktls_ssl_prepare(e.ctx);
	ends_connect(&e);
	shake(&e);
	attach(&e);
	expect_kernel(&e);
	exchange(&e, 2);
	finish(&e);
	ends_free(&e);
}

/* Smaller records agreed upon, which the peer insists on: a kernel can since 6.19. */
static void small_records(void)
{
	struct ends e;

	for (uint16_t version = KTLS_1_2; version <= KTLS_1_3; version++) {
		ends_make(&e, false, version, suite_of(version));
		SSL_CTX_set_tlsext_max_fragment_length(e.ctx,
						       TLSEXT_max_fragment_length_1024);
		ktls_ssl_prepare(e.ctx);
		ends_connect(&e);
		shake(&e);
		attach(&e);
		printf("small: tx %s %s, rx %s\n", ktls_where_text(e.info.tx.where),
		       ktls_reason_word(e.info.tx.reason),
		       ktls_where_text(e.info.rx.where));
		exchange(&e, 3);
		finish(&e);
		ends_free(&e);
	}
}

/* Tickets come byte by byte to who reads so. */
static void read_bytes(void)
{
	struct ends e;
	char in[4];

	ends_make(&e, false, KTLS_1_3, suite_of(KTLS_1_3));
	ktls_ssl_prepare(e.ctx);
	ends_connect(&e);
	shake(&e);
	attach(&e);
	for (size_t i = 0; i < 4; i++) {
		assert_true(SSL_write(e.peer, &"word"[i], 1) == 1);
		assert_int_equal(recv_patiently(e.conn, in + i, 1), 1);
	}
	assert_memory_equal(in, "word", 4);
	finish(&e);
	ends_free(&e);
}

static void matrix(void)
{
	alarm(90);
	for (size_t i = 0; i < sizeof(ciphers) / sizeof(ciphers[0]); i++) {
		if (ciphers[i].cipher > KTLS_SM4_CCM)
			continue;
		one_cipher(&ciphers[i], false);
		one_cipher(&ciphers[i], true);
		printf("%s works\n", ciphers[i].name);
	}
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		one_number(&numbers[i], false);
		one_number(&numbers[i], true);
		printf("%s works\n", numbers[i].name);
	}
	handed_over();
	printf("handed over works\n");
	for (int server = 0; server < 2; server++) {
		adopted(KTLS_1_2, server);
		adopted(KTLS_1_3, server);
	}
	printf("adopted works\n");
	read_bytes();
	printf("bytes works\n");
	small_records();
	no_crypto();
}

static const char *word(int err)
{
	return err ? strerrorname_np(-err) : "works";
}

/* false: nothing more is to be sent. */
static bool line(struct ktls_conn *c, const char *text)
{
	const size_t len = strlen(text);

	if (!strcmp(text, "!close\n"))
		return false;
	if (!strcmp(text, "!rekey\n"))
		printf("rekey %s\n", word(ktls_conn_rekey(c, false)));
	else if (!strcmp(text, "!rekey-ask\n"))
		printf("rekey-ask %s\n", word(ktls_conn_rekey(c, true)));
	else
		assert_int_equal(ktls_conn_send(c, text, len), len);
	return true;
}

/* false: the connection is at its end. */
static bool arrived(struct ktls_conn *c)
{
	char in[4096];
	ssize_t n = ktls_conn_recv(c, in, sizeof(in));

	if (n > 0)
		fwrite(in, 1, (size_t)n, stdout);
	else if (n != -EAGAIN)
		printf("recv %s\n", n ? strerrorname_np((int)-n) : "closed");
	return n > 0 || n == -EAGAIN;
}

static void talk(struct ktls_conn *c)
{
	struct pollfd p[2] = { { 0, POLLIN, 0 }, { ktls_conn_fd(c), POLLIN, 0 } };
	char text[4096];
	bool open = true;

	while (open && poll(p, 2, -1) > 0) {
		if (p[0].revents && (!fgets(text, sizeof(text), stdin) || !line(c, text)))
			break;
		if (p[1].revents)
			open = arrived(c);
	}
	printf("shutdown %s\n", word(ktls_conn_shutdown(c)));
}

static void tell(struct ktls_conn *c)
{
	struct ktls_info i;

	ktls_conn_info(c, &i);
	printf("%s: %s %s tx %s %s, rx %s %s\n", ktls_conn_engine(c),
	       ktls_version_of(i.version) ? ktls_version_of(i.version)->word : "?",
	       i.cipher, ktls_where_text(i.tx.where), ktls_reason_word(i.tx.reason),
	       ktls_where_text(i.rx.where), ktls_reason_word(i.rx.reason));
	if (!ktls_conn_look(c)) {
		ktls_conn_info(c, &i);
		printf("look: tx %s, rx %s\n", ktls_where_text(i.tx.where),
		       ktls_where_text(i.rx.where));
	}
}

static void one_end(SSL_CTX *ctx, int fd, bool server)
{
	struct ktls_conn *c;
	SSL *ssl;

	assert_int_equal(ktls_ssl_prepare(ctx), 0);
	ssl = SSL_new(ctx);
	assert_true(ssl && SSL_set_fd(ssl, fd));
	assert_int_equal(server ? SSL_accept(ssl) : SSL_connect(ssl), 1);
	assert_int_equal(ktls_ssl_attach(&c, ssl, fd, KTLS_BOTH), 0);
	tell(c);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	talk(c);
	ktls_conn_free(c);
	SSL_free(ssl);
	SSL_CTX_free(ctx);
}

int main(int argc, char **argv)
{
	struct sockaddr_in a;
	SSL_CTX *ctx;
	int fd, err;

	setvbuf(stdout, NULL, _IOLBF, 0);
	setvbuf(stdin, NULL, _IONBF, 0); /* poll() and fgets() have to agree */
	if (argc == 2 && !strcmp(argv[1], "matrix")) {
		assert_int_equal(identity_make(&identity), 0);
		matrix();
		identity_free(&identity);
	} else if (argc == 3 && !strcmp(argv[1], "client")) {
		a = (struct sockaddr_in){ .sin_family = AF_INET,
					  .sin_port = htons((uint16_t)atoi(argv[2])),
					  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
		ctx = tls_context(TLS_CLIENT, NULL, &(struct tls_wants){ 0 }, &err);
		one_end(ctx, connect_to(&a), false);
	} else if (argc == 5 && !strcmp(argv[1], "server")) {
		fd = listen_on((uint16_t)atoi(argv[2]), &a);
		ctx = SSL_CTX_new(TLS_server_method());
		assert_true(
			SSL_CTX_use_certificate_file(ctx, argv[3], SSL_FILETYPE_PEM) &&
			SSL_CTX_use_PrivateKey_file(ctx, argv[4], SSL_FILETYPE_PEM));
		printf("ready\n");
		one_end(ctx, accept(fd, NULL, NULL), true);
	} else {
		return 2;
	}
	return 0;
}
