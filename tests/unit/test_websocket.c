/* SPDX-License-Identifier: MIT */
/* A WebSocket's client: what of a handshake's answer it believes, and a server in a child
 * that answers, or says what it should not. */
#include "unit.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "../../lib/net/client.h"
#include "../../lib/net/tls.h"
#include "../../lib/net/upgrade.h"
#include "../../lib/net/websocket.h"
#include "hex.h"

/* RFC 6455, 1.3 */
static const char key[] = "dGhlIHNhbXBsZSBub25jZQ==";

#define ACCEPT  "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
#define SWITCH  "HTTP/1.1 101 Switching Protocols\r\n"
#define UPGRADE "Upgrade: websocket\r\n"
#define CONNECT "Connection: Upgrade\r\n"

/* ---- answers ---- */

struct answer_row {
	const char *name, *text;
	const char *bad; /* NULL: it is believed; "": it is not even HTTP */
};

static const struct answer_row answers[] = {
	{ "as it should be", SWITCH UPGRADE CONNECT ACCEPT "\r\n", NULL },
	{ "other letters",
	  SWITCH "uPgRaDe: WebSocket\r\n"
		 "CONNECTION: keep-alive , UPGRADE\r\n" ACCEPT "\r\n",
	  NULL },
	{ "no Upgrade", SWITCH CONNECT ACCEPT "\r\n",
	  "it does not say that it goes on as a WebSocket" },
	{ "another Upgrade", SWITCH "Upgrade: h2c\r\n" CONNECT ACCEPT "\r\n",
	  "it does not say that it goes on as a WebSocket" },
	{ "no Connection", SWITCH UPGRADE ACCEPT "\r\n",
	  "it does not say that it goes on as a WebSocket" },
	{ "half a word", SWITCH UPGRADE "Connection: upgraded\r\n" ACCEPT "\r\n",
	  "it does not say that it goes on as a WebSocket" },
	{ "no key", SWITCH UPGRADE CONNECT "\r\n", "it accepts no key" },
	{ "another key",
	  SWITCH UPGRADE CONNECT
	  "Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n",
	  "it accepts another key than this one" },
	{ "an empty key", SWITCH UPGRADE CONNECT "Sec-WebSocket-Accept:\r\n\r\n",
	  "it accepts another key than this one" },
	{ "the key in small letters",
	  SWITCH UPGRADE CONNECT
	  "Sec-WebSocket-Accept: s3pplmbitxaq9kygzzhzrbk+xoo=\r\n\r\n",
	  "it accepts another key than this one" },
	{ "the key twice", SWITCH UPGRADE CONNECT ACCEPT ACCEPT "\r\n",
	  "it accepts the key twice" },
	{ "an extension",
	  SWITCH UPGRADE CONNECT ACCEPT
	  "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
	  "it wants an extension that nobody offered" },
	{ "a subprotocol",
	  SWITCH UPGRADE CONNECT ACCEPT "Sec-WebSocket-Protocol: chat\r\n\r\n",
	  "it wants a subprotocol that nobody offered" },
	{ "no HTTP", "SSH-2.0-OpenSSH_9.2\r\n", "" },
	{ "HTTP/2", "HTTP/2 101 x\r\n\r\n", "" },
};

static void test_answer(void **state)
{
	const struct http_events none = { NULL, NULL };
	const struct answer_row *row = *state;
	const size_t len = strlen(row->text);
	const char *bad;
	ssize_t used;
	struct http *h;
	char *text = malloc(len + 2);

	memcpy(text, row->text, len);
	memcpy(text + len, "\x81", 2);
	assert_int_equal(http_new(&h, &none), 0);
	http_begin_upgrade(h);
	used = http_feed(h, text, len + 1);
	free(text);
	if (row->bad && !*row->bad) {
		assert_int_equal(used, -EBADMSG);
		http_free(h);
		return;
	}
	assert_int_equal(used, len); /* what follows is no HTTP */
	assert_int_equal(http_answer(h)->status, 101);
	assert_true(http_answer(h)->done);
	bad = upgrade_check_answer(h, key);
	if (row->bad)
		assert_string_equal(bad, row->bad);
	else
		assert_null(bad);
	/* Who did not ask for it does not get it. */
	http_begin(h, false);
	assert_int_equal(http_feed(h, row->text, len), -EBADMSG);
	http_free(h);
}

/* A no with a body, which nobody reads. */
static void test_refused(void **state)
{
	static const char text[] =
		"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno";
	const struct http_events none = { NULL, NULL };
	struct http *h;

	(void)state;
	assert_int_equal(http_new(&h, &none), 0);
	http_begin_upgrade(h);
	assert_int_equal(http_feed(h, text, sizeof(text) - 1), sizeof(text) - 1);
	assert_int_equal(http_answer(h)->status, 403);
	assert_true(http_answer(h)->done);
	http_free(h);
}

/* ---- requests ---- */

#define GET       "GET /echo?a HTTP/1.1\r\nHost: h\r\n"
#define KEY       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define VERSION13 "Sec-WebSocket-Version: 13\r\n"

static const struct answer_row requests[] = {
	{ "as it should be", GET UPGRADE CONNECT KEY VERSION13 "\r\n", NULL },
	{ "no WebSocket", GET "\r\n", "it wants no WebSocket" },
	{ "no Connection", GET UPGRADE KEY VERSION13 "\r\n", "it wants no WebSocket" },
	{ "version 8", GET UPGRADE CONNECT KEY "Sec-WebSocket-Version: 8\r\n\r\n",
	  "it wants another version than 13" },
	{ "no key", GET UPGRADE CONNECT VERSION13 "\r\n", "its key is none" },
	{ "two keys", GET UPGRADE CONNECT KEY KEY VERSION13 "\r\n", "its key is none" },
	{ "a short key", GET UPGRADE CONNECT VERSION13 "Sec-WebSocket-Key: AAAA\r\n\r\n",
	  "its key is none" },
	{ "a key that is no Base64",
	  GET UPGRADE CONNECT VERSION13
	  "Sec-WebSocket-Key: dGhlIHNhbXBs*SBub25jZQ==\r\n\r\n",
	  "its key is none" },
	{ "a body", "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx", "" },
	{ "no HTTP", "\x16\x03\x01\x02", "" },
};

static void test_request(void **state)
{
	const struct http_events none = { NULL, NULL };
	const struct answer_row *row = *state;
	const size_t len = strlen(row->text);
	struct span got;
	const char *bad;
	ssize_t used = 0;
	struct http *h;

	assert_int_equal(http_new(&h, &none), 0);
	http_begin_request(h);
	for (size_t i = 0; i < len && used >= 0; i++)
		used = http_feed(h, row->text + i, 1);
	if (row->bad && !*row->bad) {
		assert_int_equal(used, -EBADMSG);
		http_free(h);
		return;
	}
	assert_true(http_answer(h)->done);
	assert_string_equal(http_method(h), "GET");
	assert_string_equal(http_target(h), "/echo?a");
	bad = upgrade_check_request(h, &got);
	if (row->bad)
		assert_string_equal(bad, row->bad);
	else
		assert_null(bad);
	if (!bad)
		assert_true(span_is(got, key));
	http_free(h);
}

/* ---- a server in a child ---- */

struct talk_row {
	const char *name;
	const char *says; /* frames, behind the handshake; NULL: it echoes */
	bool ping;        /* the client does, too */
	int err;
	const char *told; /* with the reason behind it */
};

static const struct talk_row talks[] = {
	{ "an echo", NULL, true, 0, "text 5 pong 8 binary 70000/1 close 1000 " },
	{ "a message and a close", "81 02 68 69 88 02 03 e8", false, -ESHUTDOWN,
	  "text 2 close 1000 " },
	{ "a ping, and no pong", "89 01 61", true, -ETIMEDOUT,
	  "ping 1 no pong came within 40 ms" },
	{ "the pong of another ping", "8a 01 61", true, -ETIMEDOUT,
	  "pong 1 no pong came within 40 ms" },
	{ "a masked frame", "81 81 00 00 00 00 61", false, -EPROTO,
	  "a frame is masked, which a server's must not be" },
	{ "a reserved bit", "81 01 61 a1 01 61", false, -EPROTO,
	  "text 1 a frame has reserved bits set" },
	{ "an announcement of 2^62 bytes", "82 7f 40 00 00 00 00 00 00 00 61", false,
	  -EMSGSIZE, "a message is announced that is longer than is borne" },
	{ "no UTF-8", "81 01 ff", false, -EILSEQ, "a text of it is not UTF-8" },
};

enum { MOST = 100000 };

static int echo(void *arg, const struct frame_message *m)
{
	struct frames **f = arg;

	if (m->what != FRAME_TEXT && m->what != FRAME_BINARY)
		return 0;
	return frames_put(*f, m->what, m->data, m->len, 0);
}

static void send_all(struct tls_stream *s, const char *p, size_t n)
{
	while (n) {
		ssize_t sent = tls_stream_write(s, p, n);

		if (sent <= 0)
			_exit(1);
		p += sent;
		n -= (size_t)sent;
	}
}

/* The head of a request, which comes in one record; its answer. */
static void shake_hands(struct tls_stream *s)
{
	static const char mark[] = "Sec-WebSocket-Key: ";
	char text[4096] = "", accept[UPGRADE_ACCEPT], head[256];
	const char *at;
	int n;

	if (tls_stream_handshake(s) || tls_stream_read(s, text, sizeof(text) - 1) <= 0)
		_exit(1);
	at = strstr(text, mark);
	if (!at || upgrade_accept(span(at + strlen(mark), UPGRADE_KEY - 1), accept))
		_exit(1);
	n = snprintf(head, sizeof(head),
		     SWITCH UPGRADE CONNECT "Sec-WebSocket-Accept: %s\r\n\r\n", accept);
	send_all(s, head, (size_t)n);
}

static void serve_echo(struct tls_stream *s)
{
	struct frames *f = NULL;
	const struct frames_options o = { true, MOST, &f, echo };
	char buf[4096];
	const char *p;
	ssize_t n;
	size_t out;

	if (frames_new(&f, &o))
		_exit(1);
	while ((n = tls_stream_read(s, buf, sizeof(buf))) > 0) {
		if (frames_feed(f, buf, (size_t)n))
			_exit(1);
		while ((out = frames_take(f, &p)))
			send_all(s, p, out);
	}
	frames_free(f);
}

static void serve(const struct talk_row *row, int listener)
{
	const struct tls_wants wants = { 0 };
	struct tls_identity id = { 0 };
	struct tls_stream *s;
	struct ssl_ctx_st *c;
	uint8_t bytes[64];
	char rest[4096];
	int err;

	if (identity_make(&id))
		_exit(1);
	c = tls_context(TLS_SERVER, &id, &wants, &err);
	if (!c || tls_stream_open(&s, c, TLS_SERVER, accept(listener, NULL, NULL)))
		_exit(1);
	shake_hands(s);
	if (!row->says) {
		serve_echo(s);
		return;
	}
	send_all(s, (const char *)bytes, unhex(row->says, bytes, sizeof(bytes)));
	while (tls_stream_read(s, rest, sizeof(rest)) > 0)
		;
}

static pid_t start(const struct talk_row *row, int *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	pid_t pid;

	assert_int_equal(bind(listener, (struct sockaddr *)&a, len), 0);
	assert_int_equal(listen(listener, 8), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&a, &len), 0);
	*port = ntohs(a.sin_port);
	pid = fork();
	if (!pid) {
		serve(row, listener);
		_exit(0);
	}
	close(listener);
	return pid;
}

/* ---- the client ---- */

struct heard {
	struct notes notes;
	struct websocket *w;
};

static int hear(void *arg, const struct frame_message *m)
{
	static const char *const names[] = { [FRAME_TEXT] = "text",
					     [FRAME_BINARY] = "binary",
					     [FRAME_CLOSE] = "close",
					     [FRAME_PING] = "ping",
					     [FRAME_PONG] = "pong" };
	struct heard *h = arg;

	note(&h->notes, "%s %zu", names[m->what],
	     m->what == FRAME_CLOSE ? m->code : m->len);
	note(&h->notes, m->what == FRAME_BINARY ? "/%u " : " ", m->parts);
	return 0;
}

static void say_something(struct websocket *w)
{
	static const char large[70000];

	assert_int_equal(websocket_ping(w), 0);
	assert_int_equal(websocket_ping(w), -EBUSY);
	assert_int_equal(websocket_put(w, FRAME_TEXT, "hello", 5, 2), 0);
	assert_int_equal(websocket_put(w, FRAME_BINARY, large, 70000, 1000), 0);
}

static int run(const struct talk_row *row, struct websocket *w, int64_t end_ns)
{
	int err = websocket_open(w, end_ns);

	assert_int_equal(err, 0);
	assert_int_equal(websocket_status(w), 101);
	if (row->ping && row->says)
		assert_int_equal(websocket_ping(w), 0);
	if (!row->says) {
		say_something(w);
		while (!err && (websocket_pinged(w) || !websocket_pong_ns(w)))
			err = websocket_go(w, end_ns);
		assert_int_equal(err, 0);
		return websocket_close(w, FRAME_CODE_NORMAL, end_ns);
	}
	while (!err)
		err = websocket_go(w, end_ns);
	return err;
}

static void test_talk(void **state)
{
	struct client_wants want = { .tls = { .insecure = true },
				     .connect_ns = 60000000000 };
	const struct talk_row *row = *state;
	struct heard heard = { .notes = { .len = 0 } };
	struct url u;
	const struct websocket_wants wants = { .url = &u,
					       .agent = "x",
					       .most = MOST,
					       .pong_ns = row->says ? 40000000 : 0,
					       .arg = &heard,
					       .message = hear };
	char text[64], why[256];
	struct client_link link;
	struct secure *s;
	struct client *c;
	bool again;
	int port, err;
	pid_t pid = start(row, &port);

	snprintf(text, sizeof(text), "wss://127.0.0.1:%d/", port);
	assert_null(url_parse_wss(span(text, strlen(text)), &u));
	want.end_ns = wire_now_ns() + want.connect_ns;
	assert_int_equal(client_new(&c, &want, why), 0);
	s = client_connect(c, &u, &link, &again);
	if (!s)
		fail_msg("%s: %s", client_end_words[link.end], link.why);
	assert_int_equal(websocket_new(&heard.w, s, &wants), 0);
	err = run(row, heard.w, want.end_ns);
	assert_int_equal(err, row->err);
	note(&heard.notes, "%s", websocket_reason(heard.w));
	assert_string_equal(heard.notes.text, row->told);
	/* The other end is told why, and is not waited for. */
	if (row->says)
		websocket_close(heard.w, FRAME_CODE_AWAY, wire_now_ns() + 20000000);
	websocket_free(heard.w);
	client_drop(c, false);
	client_free(c);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

int main(void)
{
	static const struct unit_set sets[] = {
		UNIT_ROWS("answer", answers, test_answer),
		UNIT_ONE("a no with a body", test_refused),
		UNIT_ROWS("request", requests, test_request),
		UNIT_ROWS("talk", talks, test_talk),
	};

	signal(SIGPIPE, SIG_IGN);
	return unit_run("websocket", sets, ARRAY_SIZE(sets));
}
