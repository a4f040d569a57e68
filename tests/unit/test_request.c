/* SPDX-License-Identifier: MIT */
/* Addresses of the web, answers of HTTP, and the two engines under a connection. */
#include "unit.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "../../lib/net/fetch.h"
#include "../../lib/net/wire.h"

/* ---- addresses ---- */

struct url_row {
	const char *name, *text;
	const char *back; /* authority, a blank, target; NULL: it is none */
};

static const struct url_row urls[] = {
	{ "plain", "https://example.org/a", "example.org /a" },
	{ "nothing behind the host", "https://example.org", "example.org /" },
	{ "upper case", "HTTPS://EXAMPLE.org/A", "example.org /A" },
	{ "a port", "https://h:8443/", "h:8443 /" },
	{ "an empty port", "https://h:/", "h /" },
	{ "its own port", "https://h:443/", "h /" },
	{ "a query alone", "https://h?q=1", "h /?q=1" },
	{ "a fragment", "https://h/a#b?c", "h /a" },
	{ "a fragment alone", "https://h#/x", "h /" },
	{ "an address", "https://192.0.2.1:1/", "192.0.2.1:1 /" },
	{ "IPv6", "https://[2001:DB8::1]:8443/x", "[2001:DB8::1]:8443 /x" },
	{ "encoded", "https://h/%20%0d", "h /%20%0d" },
	{ "no TLS", "http://h/", NULL },
	{ "another scheme", "ftp://h/", NULL },
	{ "no scheme", "h/a", NULL },
	{ "no host", "https:///a", NULL },
	{ "empty", "", NULL },
	{ "a password", "https://u:p@h/", NULL },
	{ "an @ behind the host", "https://h/@", "h /@" },
	{ "port 0", "https://h:0/", NULL },
	{ "a high port", "https://h:65536/", NULL },
	{ "a negative port", "https://h:-1/", NULL },
	{ "a port of letters", "https://h:https/", NULL },
	{ "a blank", "https://h/a b", NULL },
	{ "a line's end", "https://h/a\r\nX: y", NULL },
	{ "a line's end in the host", "https://h\r\nX: y/", NULL },
	{ "other letters", "https://m\303\274ller.example/", NULL },
	{ "other letters behind", "https://h/\303\274", NULL },
	{ "IPv6 without brackets", "https://::1/", NULL },
	{ "half a bracket", "https://[::1/", NULL },
	{ "no IPv6", "https://[h]/", NULL },
	{ "behind the bracket", "https://[::1]x/", NULL },
	{ "an empty part", "https://a..b/", NULL },
	{ "a WebSocket", "wss://h/a", NULL },
};

static const struct url_row sockets[] = {
	{ "plain", "wss://example.org/a?b", "example.org /a?b" },
	{ "upper case", "WSS://H:8443", "h:8443 /" },
	{ "its own port", "wss://h:443/", "h /" },
	{ "IPv6", "wss://[::1]:1/x", "[::1]:1 /x" },
	{ "no WebSocket", "https://h/a", NULL },
	{ "no TLS", "ws://h/a", NULL },
	{ "no host", "wss://", NULL },
	{ "empty", "", NULL },
};

static void compare_url(const struct url_row *row, const char *bad, const struct url *u)
{
	char authority[URL_AUTHORITY], back[URL_AUTHORITY + URL_TARGET];

	if (!row->back) {
		assert_non_null(bad);
		assert_string_equal(u->host, "");
		return;
	}
	assert_null(bad);
	url_authority(u, authority);
	snprintf(back, sizeof(back), "%s %s", authority, u->target);
	assert_string_equal(back, row->back);
}

static void test_url(void **state)
{
	const struct url_row *row = *state;
	struct url u;

	compare_url(row, url_parse(span(row->text, strlen(row->text)), &u), &u);
}

static void test_wss(void **state)
{
	const struct url_row *row = *state;
	struct url u;

	compare_url(row, url_parse_wss(span(row->text, strlen(row->text)), &u), &u);
}

static const struct url_row moves[] = {
	{ "whole", "https://other/x", "other /x" },
	{ "without the scheme", "//other:1/x", "other:1 /x" },
	{ "a path", "/x", "h:8 /x" },
	{ "beside it", "x", "h:8 /a/x" },
	{ "up", "../x", "h:8 /x" },
	{ "up and up", "../../../x", "h:8 /x" },
	{ "dots", "./y/./z/..", "h:8 /a/y/" },
	{ "a query", "?q", "h:8 /a/b?q" },
	{ "nothing", "", "h:8 /a/b?p" },
	{ "dots in a query", "/x?/../y", "h:8 /x?/../y" },
	{ "a colon in the path", "./a:b", "h:8 /a/a:b" },
	{ "no TLS", "http://other/x", NULL },
	{ "a script", "javascript:x", NULL },
	{ "a blank", "/a b", NULL },
};

static void test_move(void **state)
{
	static const char from[] = "https://h:8/a/b?p";
	const struct url_row *row = *state;
	char authority[URL_AUTHORITY], back[URL_AUTHORITY + URL_TARGET];
	struct url base, u;
	const char *bad;

	assert_null(url_parse(span(from, strlen(from)), &base));
	bad = url_resolve(&base, span(row->text, strlen(row->text)), &u);
	if (!row->back) {
		assert_non_null(bad);
		return;
	}
	assert_null(bad);
	url_authority(&u, authority);
	snprintf(back, sizeof(back), "%s %s", authority, u.target);
	assert_string_equal(back, row->back);
}

/* ---- answers ---- */

struct answer_row {
	const char *name, *text;
	bool head_only;
	int err; /* of feeding it, or of the end behind it */
	unsigned status;
	const char *body;
	bool keep_alive;
	size_t left; /* bytes behind the answer */
};

static const struct answer_row answers[] = {
	{ "a length", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", false, 0, 200,
	  "abc", true, 0 },
	{ "chunks",
	  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n2;x=y\r\n"
	  "bc\r\n0\r\nT: v\r\n\r\n",
	  false, 0, 200, "abc", true, 0 },
	{ "until it closes", "HTTP/1.1 200 OK\r\n\r\nabc", false, 0, 200, "abc", false,
	  0 },
	{ "Connection: close",
	  "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1"
	  "\r\n\r\na",
	  false, 0, 200, "a", false, 0 },
	{ "HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na", false, 0, 200, "a",
	  false, 0 },
	{ "HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", true, 0, 200, "", true,
	  0 },
	{ "204", "HTTP/1.1 204 No\r\n\r\n", false, 0, 204, "", true, 0 },
	{ "304 with a length", "HTTP/1.1 304 No\r\nContent-Length: 9\r\n\r\n", false, 0,
	  304, "", true, 0 },
	{ "100 before it",
	  "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Yes\r\nContent-Length: 1"
	  "\r\n\r\na",
	  false, 0, 201, "a", true, 0 },
	{ "103 with fields",
	  "HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n"
	  "Content-Length: 0\r\n\r\n",
	  false, 0, 200, "", true, 0 },
	{ "more behind it", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\naHTTP", false, 0,
	  200, "a", true, 4 },
	{ "cut in the body", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab", false,
	  -EPIPE, 200, "ab", true, 0 },
	{ "cut in a chunk",
	  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab", false, -EPIPE,
	  200, "ab", true, 0 },
	{ "cut before the last chunk",
	  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	  "1\r\na\r\n",
	  false, -EPIPE, 200, "a", true, 0 },
	{ "cut in the trailer",
	  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	  "1\r\na\r\n0\r\nT: v",
	  false, -EPIPE, 200, "a", true, 0 },
	{ "cut in the head", "HTTP/1.1 200 OK\r\nContent-Le", false, -EPIPE, 0, "", false,
	  0 },
	{ "only 100", "HTTP/1.1 100 Continue\r\n\r\n", false, -EPIPE, 0, "", false, 0 },
	{ "nothing", "", false, -EPIPE, 0, "", false, 0 },
	{ "no HTTP", "SSH-2.0-OpenSSH\r\n", false, -EBADMSG, 0, "", false, 0 },
	{ "a request", "GET / HTTP/1.1\r\n\r\n", false, -EBADMSG, 0, "", false, 0 },
	{ "a length that is none", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", false,
	  -EBADMSG, 0, "", false, 0 },
	{ "two lengths",
	  "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", false,
	  -EBADMSG, 0, "", false, 0 },
	{ "a length and chunks",
	  "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n"
	  "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	  false, -EBADMSG, 0, "", false, 0 },
	{ "a chunk of no number",
	  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", false, -EBADMSG,
	  200, "", true, 0 },
	{ "a chunk beyond all numbers",
	  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	  "fffffffffffffffff\r\n",
	  false, -EBADMSG, 200, "", true, 0 },
	{ "another protocol",
	  "HTTP/1.1 101 Go\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n", false, -EBADMSG,
	  0, "", false, 0 },
};

struct heard {
	char body[64];
	size_t len;
};

static int hear(void *arg, const char *p, size_t n)
{
	struct heard *h = arg;

	assert_true(h->len + n < sizeof(h->body));
	memcpy(h->body + h->len, p, n);
	h->len += n;
	return 0;
}

/* Fed by step bytes at a time. */
static void check_answer(const struct answer_row *row, size_t step)
{
	const size_t len = strlen(row->text);
	struct heard heard = { 0 };
	const struct http_events events = { &heard, hear };
	struct http *h;
	size_t at = 0;
	ssize_t n = 0;

	assert_int_equal(http_new(&h, &events), 0);
	http_begin(h, row->head_only);
	while (at < len && !http_answer(h)->done) {
		n = http_feed(h, row->text + at, step < len - at ? step : len - at);
		if (n < 0)
			break;
		at += (size_t)n;
	}
	assert_int_equal(n < 0 ? n : http_end(h), row->err);
	assert_int_equal(http_answer(h)->status, row->status);
	assert_string_equal(heard.body, row->body);
	if (!row->err) {
		assert_int_equal(http_answer(h)->keep_alive, row->keep_alive);
		assert_int_equal(len - at, row->left);
		assert_int_equal(http_answer(h)->received, strlen(row->body));
	}
	http_free(h);
}

static void test_answer(void **state)
{
	for (size_t step = 1; step <= 64; step = step < 8 ? step + 1 : step * 2)
		check_answer(*state, step);
}

static int ignore(void *arg, const char *p, size_t n)
{
	(void)arg;
	(void)p;
	(void)n;
	return 0;
}

/* Feeds first once, then again a thousand times; what came of it. */
static int flood(const char *first, const char *again)
{
	const struct http_events events = { NULL, ignore };
	struct http *h;
	ssize_t n;

	assert_int_equal(http_new(&h, &events), 0);
	n = http_feed(h, first, strlen(first));
	for (int i = 0; n >= 0 && i < 100000; i++)
		n = http_feed(h, again, strlen(again));
	http_free(h);
	return n < 0 ? (int)n : 0;
}

static void test_floods(void **state)
{
	static const char chunked[] =
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

	(void)state;
	assert_int_equal(flood("HTTP/1.1 200 OK\r\n", "Name: value of it\r\n"),
			 -EMSGSIZE);
	assert_int_equal(flood("HTTP/1.1 200 OK\r\nA: ", "a long value"), -EMSGSIZE);
	assert_int_equal(flood("HTTP/1.1 200 OK\r\n", "a-long-name"), -EMSGSIZE);
	assert_int_not_equal(flood("HTTP/1.1 200 ", "a long reason"), 0);
	assert_int_equal(flood("", "HTTP/1.1 100 Continue\r\n\r\n"), -EBADMSG);
	assert_int_not_equal(flood(chunked, "1;x=y\r\n"), 0);
	assert_int_not_equal(
		flood("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;",
		      "an extension"),
		0);
	assert_int_not_equal(flood("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
				   "0\r\n",
				   "Trailer: of no use\r\n"),
			     0);
	/* That one has no end, and takes no memory. */
	assert_int_equal(flood("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
			       "ffffffffffff\r\n",
			       "bytes of one chunk"),
			 0);
}

static void test_fields(void **state)
{
	static const char text[] = "HTTP/1.1 200 OK\r\nA: 1\r\nEmpty:\r\nLocation: /x\r\n"
				   "location: /y\r\nContent-Length: 0\r\n\r\n";
	const struct http_events events = { NULL, ignore };
	struct span value;
	struct http *h;

	(void)state;
	assert_int_equal(http_new(&h, &events), 0);
	for (size_t i = 0; i < sizeof(text) - 1; i++)
		assert_int_equal(http_feed(h, text + i, 1), 1);
	assert_true(http_field(h, "LOCATION", &value));
	assert_true(span_is(value, "/x"));
	assert_true(http_field(h, "empty", &value));
	assert_int_equal(value.len, 0);
	assert_false(http_field(h, "B", &value));
	http_free(h);
}

/* ---- the head of a request ---- */

static void test_head(void **state)
{
	static const char *const headers[] = { "X-A: 1", "host: other" };
	struct url u;
	struct fetch_request r = { .method = "PUT",
				   .url = &u,
				   .headers = headers,
				   .n_headers = 2,
				   .agent = "a/1",
				   .expect = true,
				   .body = { .fd = 0, .len = HTTP_NO_LENGTH } };
	char *head;

	(void)state;
	assert_null(url_parse(span("https://h:1/x", 13), &u));
	head = fetch_head(&r);
	assert_string_equal(head, "PUT /x HTTP/1.1\r\nUser-Agent: a/1\r\nAccept: */*\r\n"
				  "Content-Type: application/octet-stream\r\nX-A: 1\r\n"
				  "host: other\r\nTransfer-Encoding: chunked\r\n"
				  "Expect: 100-continue\r\n\r\n");
	free(head);
	r = (struct fetch_request){
		.method = "POST", .url = &u, .agent = "a/1", .body = { .fd = -1 }
	};
	head = fetch_head(&r);
	assert_string_equal(head, "POST /x HTTP/1.1\r\nHost: h:1\r\nUser-Agent: a/1\r\n"
				  "Accept: */*\r\nContent-Length: 0\r\n\r\n");
	free(head);
}

/* ---- the engines ---- */

struct engine_row {
	const char *name;
	enum wire_engine engine;
};

static const struct engine_row engines[] = { { "uring", WIRE_URING },
					     { "epoll", WIRE_EPOLL } };

static int64_t in_ms(int64_t ms)
{
	return wire_now_ns() + ms * 1000000;
}

/* A connection over loopback: ours on the wire, the other end's descriptor. */
static int connected(struct wire *w, int *fd)
{
	struct wire_op op = { .what = WIRE_CONNECT, .to = { .len = sizeof(op.to.ss) } };
	int listener = socket(AF_INET, SOCK_STREAM, 0), peer;
	struct sockaddr_in *sin = (struct sockaddr_in *)&op.to.ss;

	sin->sin_family = AF_INET;
	sin->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(listener, (struct sockaddr *)sin, sizeof(*sin)), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)sin, &op.to.len), 0);
	*fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(wire_take(w, *fd), 0);
	assert_int_equal(wire_do(w, WIRE_TX, &op, in_ms(5000)), 0);
	peer = accept(listener, NULL, NULL);
	close(listener);
	assert_true(peer >= 0);
	return peer;
}

static void test_engine(void **state)
{
	const struct engine_row *row = *state;
	struct wire_op rx = { .what = WIRE_RECV }, tx = { .what = WIRE_SEND };
	char in[8] = "", out[] = "there";
	const char *why;
	struct wire *w;
	int fd, peer;

	if (wire_open(&w, row->engine, &why))
		skip();
	assert_int_equal(wire_engine(w), row->engine);
	peer = connected(w, &fd);
	rx.buf = in;
	rx.len = sizeof(in);
	tx.buf = out;
	tx.len = sizeof(out);
	/* One waits while the other goes. */
	wire_start(w, WIRE_RX, &rx);
	assert_int_equal(wire_do(w, WIRE_TX, &tx, in_ms(5000)), sizeof(out));
	assert_true(wire_busy(w, WIRE_RX));
	assert_int_equal(wire_wait(w, in_ms(20)), -ETIMEDOUT);
	assert_int_equal(recv(peer, in, sizeof(in), 0), sizeof(out));
	assert_int_equal(send(peer, "back", 4, 0), 4);
	assert_int_equal(wire_wait(w, in_ms(5000)), 0);
	assert_int_equal(wire_result(w, WIRE_RX), 4);
	assert_memory_equal(in, "back", 4);
	assert_int_equal(wire_wait(w, in_ms(5000)), -EINVAL);
	/* What is ended does not touch the buffer any more. */
	wire_start(w, WIRE_RX, &rx);
	wire_cancel(w);
	assert_false(wire_busy(w, WIRE_RX));
	close(peer);
	close(fd);
	wire_free(w);
}

static void test_engine_refused(void **state)
{
	const struct engine_row *row = *state;
	struct wire_op op = { .what = WIRE_CONNECT };
	const char *why;
	struct wire *w;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (wire_open(&w, row->engine, &why))
		skip();
	assert_true(address_parse("127.0.0.1:1", &op.to));
	assert_int_equal(wire_take(w, fd), 0);
	assert_int_equal(wire_do(w, WIRE_TX, &op, in_ms(5000)), -ECONNREFUSED);
	close(fd);
	wire_free(w);
}

static void test_engine_splice(void **state)
{
	const struct engine_row *row = *state;
	struct wire_op op = { .what = WIRE_SPLICE, .at = 2, .len = 3 };
	char in[8] = "", path[] = "/tmp/ktlsctl-test-XXXXXX";
	const char *why;
	int fd, peer, p[2], file = mkstemp(path);
	struct wire *w;

	assert_int_equal(write(file, "abcdefg", 7), 7);
	unlink(path);
	if (wire_open(&w, row->engine, &why))
		skip();
	peer = connected(w, &fd);
	assert_int_equal(pipe(p), 0);
	op.from = file;
	op.fd = p[1];
	assert_int_equal(wire_do(w, WIRE_TX, &op, in_ms(5000)), 3);
	op = (struct wire_op){ .what = WIRE_SPLICE, .from = p[0], .at = -1, .len = 3 };
	assert_int_equal(wire_do(w, WIRE_TX, &op, in_ms(5000)), 3);
	assert_int_equal(recv(peer, in, sizeof(in), 0), 3);
	assert_memory_equal(in, "cde", 3);
	close(peer);
	close(fd);
	close(p[0]);
	close(p[1]);
	close(file);
	wire_free(w);
}

int main(void)
{
	static const struct unit_set sets[] = {
		UNIT_ROWS("url", urls, test_url),
		UNIT_ROWS("wss", sockets, test_wss),
		UNIT_ROWS("redirect", moves, test_move),
		UNIT_ROWS("answer", answers, test_answer),
		UNIT_ONE("floods", test_floods),
		UNIT_ONE("fields", test_fields),
		UNIT_ONE("the head of a request", test_head),
		UNIT_ROWS("engine", engines, test_engine),
		UNIT_ROWS("refused by", engines, test_engine_refused),
		UNIT_ROWS("splice by", engines, test_engine_splice),
	};

	return unit_run("request", sets, ARRAY_SIZE(sets));
}
