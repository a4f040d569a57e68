/* SPDX-License-Identifier: MIT */
/* The peer: addresses, what is said, and a real one among bad clients. */
#include "unit.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "../../lib/load/load.h"
#include "../../lib/net/peer.h"
#include "../../lib/net/tls.h"
#include "../../lib/probe/path.h"

/* ---- addresses ---- */

struct address_row {
	const char *name, *text;
	const char *back; /* NULL: it is none */
};

static const struct address_row addresses[] = {
	{ "v4", "127.0.0.1:4433", "127.0.0.1:4433" },
	{ "v6", "[::1]:4433", "[::1]:4433" },
	{ "any port", "127.0.0.1:0", "127.0.0.1:0" },
	{ "the last port", "10.0.0.1:65535", "10.0.0.1:65535" },
	{ "with a scope", "[fe80::1%lo]:1", "[fe80::1%lo]:1" },
	{ "one port too many", "127.0.0.1:65536", NULL },
	{ "a negative port", "127.0.0.1:-1", NULL },
	{ "a name of a port", "127.0.0.1:https", NULL },
	{ "no port", "127.0.0.1", NULL },
	{ "an empty port", "127.0.0.1:", NULL },
	{ "no host", ":4433", NULL },
	{ "empty", "", NULL },
	{ "v6 without brackets", "::1:4433", NULL },
	{ "half a bracket", "[::1:4433", NULL },
	{ "empty brackets", "[]:1", NULL },
	{ "a name", "localhost:4433", NULL },
	{ "a number as address", "10.1:80", "10.0.0.1:80" },
	{ "too long",
	  "[aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	  "aaaaaaaaaaaaaaaaaa]:1",
	  NULL },
};

static void test_address(void **state)
{
	const struct address_row *row = *state;
	char text[ADDRESS_TEXT];
	struct address a;

	assert_int_equal(address_parse(row->text, &a), row->back != NULL);
	if (!row->back)
		return;
	address_text(&a, text);
	assert_string_equal(text, row->back);
	address_set_port(&a, 7);
	assert_int_equal(address_port(&a), 7);
}

static void test_route(void **state)
{
	struct address a;
	struct route r;

	(void)state;
	assert_true(address_parse("127.0.0.1:1", &a));
	assert_int_equal(route_to(&a, NULL, &r), 0);
	assert_int_equal(r.ifindex, 1);
	assert_true(r.local);
	assert_int_equal(route_to(&a, &a, &r), 0);
	assert_int_equal(r.ifindex, 1);
}

/* ---- what is said ---- */

struct request_row {
	const char *name, *line;
	int err;
	const char *kind;
	uint64_t bytes;
};

static const struct request_row requests[] = {
	{ "good", "ktlsctl.peer/1 exchange 16384", 0, "exchange", 16384 },
	{ "a kind that nobody has", "ktlsctl.peer/1 publish 1", 0, "publish", 1 },
	{ "the largest number", "ktlsctl.peer/1 x 18446744073709551615", 0, "x",
	  UINT64_MAX },
	{ "a larger one", "ktlsctl.peer/1 x 18446744073709551616", -EBADMSG, "", 0 },
	{ "a negative one", "ktlsctl.peer/1 x -1", -EBADMSG, "", 0 },
	{ "another version", "ktlsctl.peer/2 exchange 1", -EPROTONOSUPPORT, "", 0 },
	{ "no version", "ktlsctl.peer/ exchange 1", -EPROTONOSUPPORT, "", 0 },
	{ "something else", "GET / HTTP/1.1", -EBADMSG, "", 0 },
	{ "empty", "", -EBADMSG, "", 0 },
	{ "blanks", "   \t ", -EBADMSG, "", 0 },
	{ "no number", "ktlsctl.peer/1 exchange", -EBADMSG, "", 0 },
	{ "no kind", "ktlsctl.peer/1", -EBADMSG, "", 0 },
	{ "more", "ktlsctl.peer/1 exchange 1 2", -EBADMSG, "", 0 },
	{ "a long kind", "ktlsctl.peer/1 exchangeexchange 1", -EBADMSG, "", 0 },
	{ "an odd kind", "ktlsctl.peer/1 ex/change 1", -EBADMSG, "", 0 },
};

static void test_request(void **state)
{
	const struct request_row *row = *state;
	struct peer_request r;

	assert_int_equal(peer_request_parse(span_of_text(row->line), &r), row->err);
	if (row->err)
		return;
	assert_string_equal(r.kind, row->kind);
	assert_int_equal(r.bytes, row->bytes);
}

struct answer_row {
	const char *name, *line;
	int err;
	const char *why;
};

static const struct answer_row answers[] = {
	{ "ok", "ktlsctl.peer/1 ok", 0, "" },
	{ "no", "ktlsctl.peer/1 no so many", 0, "so many" },
	{ "no reason", "ktlsctl.peer/1 no", -EBADMSG, "" },
	{ "ok, but", "ktlsctl.peer/1 ok but", -EBADMSG, "" },
	{ "neither", "ktlsctl.peer/1 perhaps", -EBADMSG, "" },
	{ "another version", "ktlsctl.peer/9 ok", -EPROTONOSUPPORT, "" },
	{ "a web server", "HTTP/1.1 400 Bad Request", -EBADMSG, "" },
	{ "what a terminal would do", "ktlsctl.peer/1 no \33[2J\377", 0, "?[2J?" },
};

static void test_answer(void **state)
{
	const struct answer_row *row = *state;
	char why[PEER_LINE];

	assert_int_equal(peer_answer_parse(span_of_text(row->line), why), row->err);
	assert_string_equal(why, row->why);
}

static void test_there_and_back(void **state)
{
	const struct peer_request r = { "exchange", UINT64_MAX };
	char line[PEER_LINE], why[PEER_LINE], longest[2 * PEER_LINE];
	struct peer_request back;
	size_t len = peer_request_print(&r, line);

	(void)state;
	assert_int_equal(line[len - 1], '\n');
	assert_int_equal(peer_request_parse(span(line, len - 1), &back), 0);
	assert_memory_equal(&back, &r, sizeof(r));
	len = peer_answer_print(NULL, line);
	assert_int_equal(peer_answer_parse(span(line, len - 1), why), 0);
	assert_string_equal(why, "");
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	len = peer_answer_print(longest, line);
	assert_true(len < PEER_LINE);
	assert_int_equal(line[len - 1], '\n');
	assert_int_equal(peer_answer_parse(span(line, len - 1), why), 0);
}

/* ---- a real one ---- */

static bool below_valgrind(void)
{
	const char *preload = getenv("LD_PRELOAD");

	return preload && strstr(preload, "vgpreload");
}

struct server {
	pid_t pid;
	int stop; /* closing it ends the server */
	FILE *said;
	struct address at;
};

static void write_line(void *arg, const char *client, const char *what)
{
	(void)client;
	dprintf(*(int *)arg, "%s\n", what);
}

static _Noreturn void be_server(int listener, int stop, int said, uint64_t served)
{
	const struct peer_options o = { .listener = listener,
					.stop = stop,
					.max_served = served,
					.step_ms = below_valgrind() ? 2500 : 1200,
					.say = write_line,
					.arg = &said };
	struct peer_done done;
	int err = peer_serve(&o, &done);

	dprintf(said, "served %" PRIu64 " failed %" PRIu64 "\n", done.served,
		done.failed);
	_exit(err ? 1 : 0);
}

static void expect_said(struct server *s, const char *what)
{
	char line[256] = "";

	assert_non_null(fgets(line, sizeof(line), s->said));
	line[strcspn(line, "\n")] = '\0';
	if (!strstr(line, what))
		fail_msg("the peer says '%s', not '%s'", line, what);
}

static int plain(const struct server *s)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(connect(fd, (const struct sockaddr *)&s->at.ss, s->at.len), 0);
	return fd;
}

static void start(struct server *s, uint64_t served)
{
	int stop[2], said[2], listener;

	assert_true(address_parse("127.0.0.1:0", &s->at));
	listener = peer_listen(&s->at);
	assert_true(listener >= 0);
	assert_int_equal(pipe(stop), 0);
	assert_int_equal(pipe(said), 0);
	s->pid = fork();
	if (!s->pid) {
		close(stop[1]);
		close(said[0]);
		be_server(listener, stop[0], said[1], served);
	}
	close(listener);
	close(stop[0]);
	close(said[1]);
	s->stop = stop[1];
	s->said = fdopen(said[0], "r");
	assert_non_null(s->said);
	/* The clients' time is not to pass while it makes its keys. */
	close(plain(s));
	expect_said(s, "handshake: ");
}

/* failed: beside the client of start(). */
static void end(struct server *s, unsigned served, unsigned failed)
{
	char last[64];
	int status;

	snprintf(last, sizeof(last), "served %u failed %u", served, failed + 1);
	close(s->stop);
	expect_said(s, last);
	assert_int_equal(waitpid(s->pid, &status, 0), s->pid);
	assert_int_equal(status, 0);
	fclose(s->said);
}

static const struct handshake_plan tls12 = { .version = KTLS_1_2,
					     .suite = "ECDHE-ECDSA-AES128-GCM-SHA256" };
static const struct handshake_plan tls13 = { .version = KTLS_1_3,
					     .suite = "TLS_AES_128_GCM_SHA256" };

static void open_link(const struct server *s, struct path_link *l,
		      const struct handshake_plan *row)
{
	*l = (struct path_link){ .fd = -1, .reason = "" };
	assert_int_equal(link_connect(l, &s->at), 0);
	assert_int_equal(link_handshake(l, row), 0);
}

/* The server has nothing but what others did wrong, and this client. */
static void be_served(struct server *s)
{
	static const struct handshake_plan *const rows[] = { &tls12, &tls13 };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct path_link l;

		open_link(s, &l, rows[i]);
		assert_int_equal(link_exchange(&l, 1), 0);
		assert_int_equal(link_exchange(&l, 300000), 0);
		link_close(&l);
		expect_said(s, "2 requests, 300001 bytes each way");
	}
}

static void test_good(void **state)
{
	struct server s;

	(void)state;
	start(&s, 2);
	be_served(&s);
	end(&s, 2, 0);
}

static void test_stop(void **state)
{
	struct path_link l;
	struct server s;

	(void)state;
	start(&s, 0);
	open_link(&s, &l, &tls13);
	assert_int_equal(link_exchange(&l, 1), 0);
	close(s.stop);
	s.stop = -1;
	expect_said(&s, "waiting for a request: Operation canceled");
	end(&s, 0, 1);
	link_close(&l);
}

/* Bytes that are no TLS; sent says which. */
struct bad_row {
	const char *name, *sent;
	size_t len;
	bool closes;
	const char *said; /* of the server */
};

#define BYTES(s_) s_, sizeof(s_) - 1

static const struct bad_row bad_clients[] = {
	{ "a web client", BYTES("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), false,
	  "handshake: http request" },
	{ "zeros", BYTES("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), false,
	  "handshake: " },
	{ "an alert", BYTES("\25\3\3\0\2\2\50"), false, "handshake: " },
	{ "a huge record", BYTES("\26\3\1\377\377\1"), false, "handshake: " },
	{ "application data first", BYTES("\27\3\3\0\20aaaaaaaaaaaaaaaa"), false,
	  "handshake: " },
	{ "gone at once", BYTES(""), true, "handshake: " },
	{ "gone after a header", BYTES("\26\3\1"), true, "handshake: " },
	{ "nothing, for ever", BYTES(""), false, "handshake: Connection timed out" },
	{ "a part, for ever", BYTES("\26\3\1\0\200\1\0"), false,
	  "handshake: Connection timed out" },
};

static void test_bad(void **state)
{
	const struct bad_row *row = *state;
	struct server s;
	int fd;

	start(&s, 0);
	fd = plain(&s);
	assert_int_equal(write(fd, row->sent, row->len), row->len);
	if (row->closes)
		close(fd);
	expect_said(&s, row->said);
	be_served(&s);
	if (!row->closes)
		close(fd);
	end(&s, 2, 1);
}

/* Good TLS with something in it that is no good request. */
struct odd_row {
	const char *name, *sent;
	size_t len;
	const char *said;
};

#define SOCKET(path_)                                                                    \
	BYTES("GET " path_ " HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n"              \
	      "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"                     \
	      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")

static const struct odd_row odd_clients[] = {
	{ "a web client", BYTES("GET /x HTTP/1.1\r\n\r\n"),
	  "refused: there is no such path" },
	{ "another version", BYTES("ktlsctl.peer/2 exchange 1\n"),
	  "refused: another version" },
	{ "another kind", BYTES("ktlsctl.peer/1 relay 1\n"), "refused: no such kind" },
	{ "nothing to do", BYTES("ktlsctl.peer/1 exchange 0\n"), "refused: so many" },
	{ "too much", BYTES("ktlsctl.peer/1 exchange 4194305\n"), "refused: so many" },
	{ "far too much", BYTES("ktlsctl.peer/1 exchange 18446744073709551615\n"),
	  "refused: so many" },
	{ "data before the answer", BYTES("ktlsctl.peer/1 exchange 1\nx"),
	  "refused: this is no request" },
	{ "a line without end",
	  BYTES("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
	  "refused: this is no request" },
	{ "half a line, for ever", BYTES("ktlsctl.peer/1 "),
	  "waiting for a request: Connection timed out" },
	{ "half a head, for ever", BYTES("GET /echo HTTP/1.1\r\n"),
	  "waiting for a request: Connection timed out" },
	/* It is asked whether it is there, and does not say. */
	{ "no pong", SOCKET("/echo"), "WebSocket: Connection timed out" },
	{ "no answer to a close", SOCKET("/publish?count=1&rate=0"),
	  "refused: it did not answer the close" },
	{ "data that stop half-way", BYTES("ktlsctl.peer/1 exchange 100\n"),
	  "request: Connection timed out" },
};

static void test_odd(void **state)
{
	const struct odd_row *row = *state;
	struct path_link l;
	struct server s;

	start(&s, 0);
	open_link(&s, &l, &tls12);
	assert_int_equal(tls_stream_write(l.s, row->sent, row->len), row->len);
	expect_said(&s, row->said);
	link_close(&l);
	be_served(&s);
	end(&s, 2, 1);
}

/* The bytes of all its requests are counted together. */
static void test_budget(void **state)
{
	struct path_link l;
	struct server s;

	(void)state;
	start(&s, 0);
	open_link(&s, &l, &tls13);
	for (size_t left = PEER_BYTES_MAX; left; left -= 1 << 19)
		assert_int_equal(link_exchange(&l, 1 << 19), 0);
	assert_int_equal(link_exchange(&l, 1), -ECONNREFUSED);
	assert_string_equal(l.reason, "so many bytes are not given");
	link_close(&l);
	expect_said(&s, "refused: so many");
	end(&s, 0, 1);
}

/* Who fills all places does not keep others out for longer than a step. */
static void test_many(void **state)
{
	int fd[PEER_CONNECTIONS + 8];
	struct path_link l;
	struct server s;

	(void)state;
	start(&s, 1);
	for (size_t i = 0; i < ARRAY_SIZE(fd); i++)
		fd[i] = plain(&s);
	open_link(&s, &l, &tls13);
	assert_int_equal(link_exchange(&l, 1000), 0);
	link_close(&l);
	for (size_t i = 0; i < ARRAY_SIZE(fd); i++)
		expect_said(&s, "");
	for (size_t i = 0; i < ARRAY_SIZE(fd); i++)
		close(fd[i]);
	fclose(s.said);
	close(s.stop);
	assert_int_equal(waitpid(s.pid, NULL, 0), s.pid);
}

/* Something else that speaks TLS answers the client. */
static void test_stranger(void **state)
{
	cleanup_identity struct tls_identity id = { 0 };
	const struct tls_wants any = { 0 };
	struct ssl_ctx_st *c;
	struct tls_stream *t;
	struct pollfd p = { .events = POLLIN };
	struct server s;
	struct path_link l;
	char room[64];
	int err, listener;

	(void)state;
	assert_true(address_parse("127.0.0.1:0", &s.at));
	listener = peer_listen(&s.at);
	assert_int_equal(identity_make(&id), 0);
	c = tls_context(TLS_SERVER, &id, &any, &err);
	assert_non_null(c);
	s.pid = fork();
	if (!s.pid) {
		poll(&(struct pollfd){ listener, POLLIN, 0 }, 1, 5000);
		p.fd = accept(listener, NULL, NULL);
		if (tls_stream_open(&t, c, TLS_SERVER, p.fd) || tls_stream_handshake(t) ||
		    tls_stream_read(t, room, sizeof(room)) < 0 ||
		    tls_stream_write(t, "HTTP/1.1 400 Bad Request\r\n", 26) != 26)
			_exit(1);
		tls_stream_shutdown(t);
		_exit(0);
	}
	close(listener);
	tls_context_free(c);
	open_link(&s, &l, &tls13);
	assert_int_equal(link_exchange(&l, 1000), -EBADMSG);
	link_close(&l);
	assert_int_equal(waitpid(s.pid, &err, 0), s.pid);
	assert_int_equal(err, 0);
}

/* Nothing listens; nothing answers within the time of a step is too long for a test. */
static void test_nobody(void **state)
{
	struct path_link l = { .fd = -1, .reason = "" };
	struct address a;
	int listener;

	(void)state;
	assert_true(address_parse("127.0.0.1:0", &a));
	listener = peer_listen(&a);
	close(listener);
	assert_int_equal(link_connect(&l, &a), -ECONNREFUSED);
	link_close(&l);
}

struct spawn_row {
	const char *name, *netns;
};

static const struct spawn_row spawns[] = {
	{ "not there", "nosuch-namespace" },
	{ "empty", "" },
	{ "a path", "../../proc/self/ns/net" },
	{ "itself", "." },
	{ "above", ".." },
};

static void test_spawn(void **state)
{
	const struct spawn_row *row = *state;
	struct peer_child p;

	assert_int_equal(peer_spawn(row->netns, &p), -ENOENT);
	assert_int_equal(p.pid, 0);
}

/* valgrind translates libssl when it first runs, which takes longer than a step; what is
 * forked afterwards has it. */
static void warm_up(void)
{
	static const struct handshake_plan *const rows[] = { &tls12, &tls13 };
	cleanup_identity struct tls_identity id = { 0 };
	const char *reason;

	for (size_t i = 0; i < ARRAY_SIZE(rows) && !identity_make(&id); i++) {
		struct tls_pair *p;

		if (tls_pair_open(&p, &id, rows[i], &reason))
			continue;
		while (tls_pair_handshake(p) == -ETIMEDOUT)
			;
		tls_pair_send(p, TLS_CLIENT, 100);
		tls_pair_free(p);
		identity_free(&id);
	}
}

int main(void)
{
	static const struct unit_set sets[] = {
		UNIT_ROWS("address", addresses, test_address),
		UNIT_ONE("the way to loopback", test_route),
		UNIT_ROWS("request", requests, test_request),
		UNIT_ROWS("answer", answers, test_answer),
		UNIT_ONE("there and back", test_there_and_back),
		UNIT_ONE("a good client", test_good),
		UNIT_ONE("told to end", test_stop),
		UNIT_ROWS("a bad client", bad_clients, test_bad),
		UNIT_ROWS("an odd client", odd_clients, test_odd),
		UNIT_ONE("all it may ask for", test_budget),
		UNIT_ONE("more clients than places", test_many),
		UNIT_ONE("a peer that is none", test_stranger),
		UNIT_ONE("nobody there", test_nobody),
		UNIT_ROWS("namespace", spawns, test_spawn),
	};

	signal(SIGPIPE, SIG_IGN);
	if (below_valgrind())
		warm_up();
	return unit_run("peer", sets, ARRAY_SIZE(sets));
}
