/* SPDX-License-Identifier: MIT */
/* A server that stops after so many bytes, for every number of them: nothing hangs, and
 * nothing that is not whole is called complete. */
#include "unit.h"

#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <openssl/ssl.h>

#include "../../lib/net/client.h"
#include "../../lib/net/tls.h"
#include "../../lib/net/upgrade.h"
#include "../../lib/net/websocket.h"

struct cut_row {
	const char *name;
	enum wire_engine engine;
	uint16_t version;
	bool reset;         /* it ends by RST */
	bool close_notify;  /* behind the whole answer */
	const char *answer; /* NULL: a WebSocket with one message and a close */
	bool until_close;   /* only close_notify tells that this is all */
	unsigned step;
};

#define LENGTH "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 4\r\n\r\nbody"
#define CHUNKS                                                                           \
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n"
#define REST "HTTP/1.1 200 OK\r\n\r\nbody"

static const struct cut_row rows[] = {
	{ "TLS 1.3, a length", WIRE_EPOLL, KTLS_1_3, false, false, LENGTH, false, 1 },
	{ "TLS 1.3, io_uring", WIRE_URING, KTLS_1_3, false, false, LENGTH, false, 1 },
	{ "TLS 1.2, chunks", WIRE_EPOLL, KTLS_1_2, false, false, CHUNKS, false, 1 },
	{ "TLS 1.3, until it closes", WIRE_EPOLL, KTLS_1_3, false, true, REST, true, 1 },
	{ "TLS 1.2, reset", WIRE_URING, KTLS_1_2, true, false, LENGTH, false, 3 },
	{ "TLS 1.3, a WebSocket", WIRE_EPOLL, KTLS_1_3, false, false, NULL, false, 1 },
	{ "TLS 1.2, a WebSocket, io_uring", WIRE_URING, KTLS_1_2, false, false, NULL,
	  false, 3 },
	{ "TLS 1.3, a WebSocket, reset", WIRE_EPOLL, KTLS_1_3, true, false, NULL, false,
	  7 },
};

/* ---- the server, in a child ---- */

struct server {
	const struct cut_row *row;
	struct ssl_ctx_st *context;
	size_t left; /* bytes that it may still send */
	int fd;
};

/* False: it was cut off. */
static bool put(struct server *s, BIO *out)
{
	char buf[4096];
	int n = BIO_read(out, buf, sizeof(buf));

	while (n > 0) {
		const size_t most = (size_t)n < s->left ? (size_t)n : s->left;

		if (most && send(s->fd, buf, most, MSG_NOSIGNAL) < 0)
			return false;
		s->left -= most;
		if (most < (size_t)n)
			return false;
		n = BIO_read(out, buf, sizeof(buf));
	}
	return true;
}

static bool get(struct server *s, BIO *in)
{
	char buf[4096];
	ssize_t n = recv(s->fd, buf, sizeof(buf), 0);

	return n > 0 && BIO_write(in, buf, (int)n) == n;
}

/* The frames come with the answer, in one record. */
static void answer_upgrade(SSL *ssl, const char *request)
{
	static const char frames[] = "\x81\4body\x88\2\x03\xe8", mark[] = "-Key: ";
	const char *key = strstr(request, mark);
	char accept[UPGRADE_ACCEPT], head[256];
	int n;

	if (!key || upgrade_accept(span(key + strlen(mark), UPGRADE_KEY - 1), accept))
		_exit(1);
	n = snprintf(head, sizeof(head),
		     "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
		     "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
		     accept);
	memcpy(head + n, frames, sizeof(frames));
	SSL_write(ssl, head, n + (int)sizeof(frames) - 1);
}

static void talk(struct server *s, SSL *ssl)
{
	BIO *in = SSL_get_rbio(ssl), *out = SSL_get_wbio(ssl);
	char request[1024] = "";
	int done = SSL_accept(ssl);

	while (done != 1) {
		if (!put(s, out) || !get(s, in))
			return;
		done = SSL_accept(ssl);
	}
	if (!put(s, out))
		return;
	while (SSL_read(ssl, request, sizeof(request) - 1) <= 0)
		if (!get(s, in))
			return;
	if (s->row->answer)
		SSL_write(ssl, s->row->answer, (int)strlen(s->row->answer));
	else
		answer_upgrade(ssl, request);
	if (s->row->close_notify)
		SSL_shutdown(ssl);
	/* A reset right behind the last byte could overtake the client's answer to it. */
	if (put(s, out) && s->row->reset)
		get(s, in);
}

static void serve_one(struct server *s)
{
	const struct linger hard = { 1, 0 };
	SSL *ssl = SSL_new(s->context);

	SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
	talk(s, ssl);
	SSL_free(ssl);
	if (s->row->reset)
		setsockopt(s->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	close(s->fd);
}

/* Under valgrind, which slows everything down, fewer places. */
static unsigned step_of(const struct cut_row *row)
{
	const char *valgrind = getenv("VALGRIND");

	return valgrind && *valgrind ? row->step * 50 : row->step;
}

/* The first connection gets no byte, the next step of them more, and so on. */
static pid_t start(const struct cut_row *row, int *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const struct tls_wants wants = { .version = row->version };
	socklen_t len = sizeof(a);
	struct tls_identity id = { 0 };
	struct server s = { .row = row };
	int listener = socket(AF_INET, SOCK_STREAM, 0), err;
	pid_t pid;

	assert_int_equal(bind(listener, (struct sockaddr *)&a, len), 0);
	assert_int_equal(listen(listener, 8), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&a, &len), 0);
	*port = ntohs(a.sin_port);
	pid = fork();
	if (pid) {
		close(listener);
		return pid;
	}
	if (identity_make(&id))
		_exit(1);
	s.context = tls_context(TLS_SERVER, &id, &wants, &err);
	for (size_t n = 0; s.context; n += step_of(row)) {
		s.left = n;
		s.fd = accept(listener, NULL, NULL);
		serve_one(&s);
	}
	_exit(1);
}

/* ---- the client ---- */

static int ignore(void *arg, const char *p, size_t n)
{
	(void)p;
	*(size_t *)arg += n;
	return 0;
}

/* Whether the answer was called whole; then it is. */
static bool ask(struct client *c, struct client_wants *w, const struct url *u)
{
	struct fetch_request r = {
		.method = "GET", .url = u, .body = { .fd = -1 }, .agent = "x"
	};
	struct fetch_result out = { .end = FETCH_CLOSED };
	size_t bytes = 0;
	const struct http_events events = { &bytes, ignore };
	struct client_link link;
	struct secure *s;
	struct http *h;
	bool again;

	w->end_ns = wire_now_ns() + w->connect_ns;
	assert_int_equal(http_new(&h, &events), 0);
	s = client_connect(c, u, &link, &again);
	if (s)
		fetch(s, h, &r, w->end_ns, &out);
	assert_int_not_equal(out.end, FETCH_TIMEOUT);
	assert_true(wire_now_ns() < w->end_ns);
	if (out.end == FETCH_WHOLE)
		assert_int_equal(bytes, 4);
	http_free(h);
	client_drop(c, false);
	return out.end == FETCH_WHOLE;
}

struct heard {
	unsigned texts, closes;
};

static int hear(void *arg, const struct frame_message *m)
{
	struct heard *h = arg;

	assert_true(m->what == FRAME_TEXT || m->what == FRAME_CLOSE);
	if (m->what == FRAME_TEXT)
		assert_memory_equal(m->data, "body", m->len);
	h->texts += m->what == FRAME_TEXT;
	h->closes += m->what == FRAME_CLOSE;
	return 0;
}

/* Whether the close came: then the message has come before it. */
static bool listen_once(struct client *c, struct client_wants *w, const struct url *u)
{
	struct heard heard = { 0 };
	const struct websocket_wants wants = {
		.url = u, .agent = "x", .arg = &heard, .message = hear
	};
	struct client_link link;
	struct websocket *ws;
	struct secure *s;
	bool again;
	int err;

	w->end_ns = wire_now_ns() + w->connect_ns;
	s = client_connect(c, u, &link, &again);
	if (!s)
		return false;
	assert_int_equal(websocket_new(&ws, s, &wants), 0);
	err = websocket_open(ws, w->end_ns);
	while (!err)
		err = websocket_go(ws, w->end_ns);
	assert_int_not_equal(err, -ETIMEDOUT);
	assert_true(wire_now_ns() < w->end_ns);
	assert_int_equal(err == -ESHUTDOWN, heard.closes);
	if (err != -ESHUTDOWN)
		assert_true(*websocket_reason(ws));
	else
		assert_int_equal(websocket_closed(ws), 1000);
	websocket_free(ws);
	client_drop(c, false);
	assert_true(heard.texts >= heard.closes);
	return heard.closes;
}

static struct url url_of(int port)
{
	char text[64];
	struct url u;

	snprintf(text, sizeof(text), "https://127.0.0.1:%d/", port);
	assert_null(url_parse(span(text, strlen(text)), &u));
	return u;
}

static void test_cut(void **state)
{
	const struct cut_row *row = *state;
	struct client_wants w = { .tls = { .insecure = true },
				  .engine = row->engine,
				  .connect_ns = 20000000000 };
	/* A signature takes a byte or two more or less: more than one has to come
	 * through. */
	size_t n = 0, whole = 0;
	struct client *c;
	char why[256];
	struct url u;
	int port, err;
	pid_t pid;

	err = client_new(&c, &w, why);
	if (err == -ENOTSUP)
		skip();
	assert_int_equal(err, 0);
	pid = start(row, &port);
	u = url_of(port);
	while (whole < 5 && n < 4096 / step_of(row)) {
		const bool fine = row->answer ? ask(c, &w, &u) : listen_once(c, &w, &u);

		whole += fine;
		n++;
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	client_free(c);
	assert_int_equal(whole, 5);
	/* A handshake and an answer are longer than this. */
	assert_true(n * step_of(row) > 600);
}

int main(void)
{
	static const struct unit_set sets[] = {
		UNIT_ROWS("cut", rows, test_cut),
	};

	signal(SIGPIPE, SIG_IGN);
	return unit_run("request_cut", sets, ARRAY_SIZE(sets));
}
