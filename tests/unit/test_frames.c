/* SPDX-License-Identifier: MIT */
/* The frames of a WebSocket: bytes in, messages out, and the other way round. */
#include "unit.h"

#include <errno.h>

#include "../../lib/net/frames.h"
#include "hex.h"

/* ---- received ---- */

struct feed_row {
	const char *name, *bytes;
	/* What was told: its name, its length, its frames, its bytes; then the error. */
	const char *told;
	const char *answer; /* NULL: a masked one */
};

enum { MOST = 300 };

/* RFC 6455, 5.7, and what breaks it. */
static const struct feed_row from_server[] = {
	{ "a text", "81 05 48 65 6c 6c 6f", "text 5/1 'Hello'", "" },
	{ "a text in two", "01 03 48 65 6c 80 02 6c 6f", "text 5/2 'Hello'", "" },
	{ "a binary", "82 02 00 ff", "binary 2/1 '\\0\\377'", "" },
	{ "an empty text", "81 00", "text 0/1 ''", "" },
	{ "empty fragments", "01 00 00 00 80 00", "text 0/3 ''", "" },
	{ "a ping amid a message", "01 01 61 89 01 70 80 01 62",
	  "ping 1/1 'p' text 2/2 'ab'", NULL },
	{ "two messages", "81 01 61 82 01 62", "text 1/1 'a' binary 1/1 'b'", "" },
	{ "a pong", "8a 01 78", "pong 1/1 'x'", "" },
	{ "a text with a NUL", "81 03 61 00 62", "text 3/1 'a\\0b'", "" },
	{ "UTF-8 over a fragment's border", "01 01 c3 80 01 a4", "text 2/2 '\\303\\244'",
	  "" },
	{ "half a character", "81 01 c3", "-EILSEQ a text of it is not UTF-8", NULL },
	{ "binary is not asked", "82 01 c3", "binary 1/1 '\\303'", "" },
	{ "nothing behind a close", "88 02 03 e8 81 01 61",
	  "close 1000 0/1 '' closed 1000", NULL },
	{ "half a code", "88 01 03", "-EPROTO it closed with half a code", NULL },
	{ "a code that is never sent", "88 02 03 ed",
	  "-EPROTO it closed with a code that is not to be sent", NULL },
	{ "code 999", "88 02 03 e7",
	  "-EPROTO it closed with a code that is not to be sent", NULL },
	{ "code 1015", "88 02 03 f7",
	  "-EPROTO it closed with a code that is not to be sent", NULL },
	{ "code 5000", "88 02 13 88",
	  "-EPROTO it closed with a code that is not to be sent", NULL },
	{ "a masked frame of a server", "81 85 37 fa 21 3d 7f 9f 4d 51 58",
	  "-EPROTO a frame is masked, which a server's must not be", NULL },
	{ "a reserved bit", "c1 01 61", "-EPROTO a frame has reserved bits set", NULL },
	{ "another reserved bit", "91 01 61", "-EPROTO a frame has reserved bits set",
	  NULL },
	{ "opcode 3", "83 01 61", "-EPROTO a frame has an opcode that there is not",
	  NULL },
	{ "opcode 11", "8b 00", "-EPROTO a frame has an opcode that there is not", NULL },
	{ "a fragment alone", "80 01 61", "-EPROTO a fragment came without a beginning",
	  NULL },
	{ "a message amid another", "01 01 61 81 01 62",
	  "-EPROTO a message began amid another one", NULL },
	{ "a long ping", "89 7e 00 7e",
	  "-EPROTO a frame's head is malformed, or a control frame is too long or in "
	  "fragments",
	  NULL },
	{ "half a ping", "09 01 61",
	  "-EPROTO a frame's head is malformed, or a control frame is too long or in "
	  "fragments",
	  NULL },
	{ "a length that is longer than it needs", "82 7e 00 01 61",
	  "-EPROTO a frame's head is malformed, or a control frame is too long or in "
	  "fragments",
	  NULL },
	{ "a length of 64 bits with the highest", "82 7f 80 00 00 00 00 00 00 01 61",
	  "-EPROTO a frame's head is malformed, or a control frame is too long or in "
	  "fragments",
	  NULL },
	{ "a message of 2^62 bytes", "82 7f 40 00 00 00 00 00 00 00 61",
	  "-EMSGSIZE a message is announced that is longer than is borne", NULL },
	{ "one byte more than is borne", "82 7e 01 2d 61",
	  "-EMSGSIZE a message is announced that is longer than is borne", NULL },
	{ "more than is borne in two", "02 01 61 80 7e 01 2c 62",
	  "-EMSGSIZE a message is announced that is longer than is borne", NULL },
	{ "half a head", "81", "", "" },
	{ "half a message", "81 05 48 65", "", "" },
};

static const struct feed_row from_client[] = {
	{ "a masked text", "81 85 37 fa 21 3d 7f 9f 4d 51 58", "text 5/1 'Hello'", "" },
	{ "a ping with a body", "89 85 37 fa 21 3d 7f 9f 4d 51 58", "ping 5/1 'Hello'",
	  "8a 05 48 65 6c 6c 6f" },
	{ "several pings", "89 80 00 00 00 00 89 81 00 00 00 00 31",
	  "ping 0/1 '' ping 1/1 '1'", "8a 01 31" },
	{ "a surrogate", "81 83 00 00 00 00 ed a0 80",
	  "-EILSEQ a text of it is not UTF-8", "88 02 03 ef" },
	{ "a close", "88 82 00 00 00 00 03 e8", "close 1000 0/1 '' closed 1000",
	  "88 02 03 e8" },
	{ "a close without a code", "88 80 00 00 00 00", "close 1005 0/1 '' closed 1005",
	  "88 00" },
	{ "a close with a reason", "88 84 00 00 00 00 0f a0 6f 6b",
	  "close 4000 2/1 'ok' closed 4000", "88 02 0f a0" },
	{ "a reason that is not UTF-8", "88 83 00 00 00 00 03 e8 ff",
	  "-EILSEQ a text of it is not UTF-8", "88 02 03 ef" },
	{ "a client without a mask", "81 01 61",
	  "-EPROTO a frame is not masked, as a client's has to be", "88 02 03 ea" },
};

static void note_bytes(struct notes *n, const char *p, size_t len)
{
	note(n, "'");
	for (size_t i = 0; i < len; i++) {
		const unsigned char c = (unsigned char)p[i];

		note(n, c >= ' ' && c <= '~' ? "%c" : "\\%o", c);
	}
	note(n, "'");
}

static int hear(void *arg, const struct frame_message *m)
{
	static const char *const names[] = { [FRAME_TEXT] = "text",
					     [FRAME_BINARY] = "binary",
					     [FRAME_CLOSE] = "close",
					     [FRAME_PING] = "ping",
					     [FRAME_PONG] = "pong" };
	struct notes *n = arg;

	note(n, "%s%s ", n->len ? " " : "", names[m->what]);
	if (m->what == FRAME_CLOSE)
		note(n, "%u ", m->code);
	note(n, "%zu/%u ", m->len, m->parts);
	note_bytes(n, m->data, m->len);
	return 0;
}

static const char *error_name(int err)
{
	return err == -EPROTO     ? "-EPROTO"
	       : err == -EMSGSIZE ? "-EMSGSIZE"
	       : err == -EILSEQ   ? "-EILSEQ"
				  : "?";
}

/* By so many bytes at a time, each piece without a byte behind it. */
static void feed_by(const struct feed_row *row, bool server, size_t step)
{
	struct notes n = { .len = 0 };
	const struct frames_options o = { server, MOST, &n, hear };
	uint8_t bytes[64], wanted[64];
	const size_t len = unhex(row->bytes, bytes, sizeof(bytes));
	struct frames *f;
	const char *out;
	size_t n_out;
	int err = 0;

	assert_int_equal(frames_new(&f, &o), 0);
	for (size_t at = 0; at < len && !err && !frames_closed(f); at += step) {
		const size_t part = len - at < step ? len - at : step;
		char *copy = exact_copy((const char *)bytes + at, part);

		err = frames_feed(f, copy, part);
		free(copy);
	}
	if (err)
		note(&n, "%s%s %s", n.len ? " " : "", error_name(err), frames_reason(f));
	if (frames_closed(f))
		note(&n, " closed %u", frames_closed(f));
	assert_string_equal(n.text, row->told);
	/* Not a byte is taken any more. */
	if (err || frames_closed(f))
		assert_int_equal(frames_feed(f, "\x81\1x", 3), err);
	n_out = frames_take(f, &out);
	if (row->answer) {
		assert_int_equal(n_out, unhex(row->answer, wanted, sizeof(wanted)));
		assert_memory_equal(out, wanted, n_out);
	} else {
		assert_true(n_out && out[1] & 0x80); /* masked */
	}
	frames_free(f);
}

static void feed(const struct feed_row *row, bool server)
{
	feed_by(row, server, SIZE_MAX / 2);
	feed_by(row, server, 1);
	feed_by(row, server, 3);
}

static void test_from_server(void **state)
{
	feed(*state, false);
}

static void test_from_client(void **state)
{
	feed(*state, true);
}

/* ---- sent, and received by the other kind ---- */

struct put_row {
	const char *name;
	size_t len, piece;
	unsigned parts; /* 0: it is refused */
	bool server;
};

static const struct put_row messages[] = {
	{ "nothing", 0, 0, 1, false },
	{ "nothing, in pieces", 0, 7, 1, false },
	{ "125 bytes", 125, 0, 1, false },
	{ "126 bytes", 126, 0, 1, true },
	{ "65535 bytes", 65535, 0, 1, false },
	{ "65536 bytes", 65536, 0, 1, true },
	{ "as much as is borne", 100000, 0, 1, false },
	{ "one more", 100001, 0, 0, false },
	{ "a piece as large as it is", 1000, 1000, 1, false },
	{ "even pieces", 4000, 1000, 4, true },
	{ "odd pieces", 4001, 1000, 5, false },
	{ "single bytes", 300, 1, 300, false },
	{ "too many pieces", 100000, 1, 0, false },
};

struct got {
	const char *wanted;
	size_t len;
	unsigned parts, times;
};

static int compare(void *arg, const struct frame_message *m)
{
	struct got *g = arg;

	g->times++;
	g->parts = m->parts;
	assert_int_equal(m->what, FRAME_BINARY);
	assert_int_equal(m->len, g->len);
	assert_memory_equal(m->data, g->wanted, m->len);
	return 0;
}

static void test_put(void **state)
{
	const struct put_row *row = *state;
	char *data = malloc(row->len + 1);
	struct got g = { data, row->len, 0, 0 };
	const struct frames_options from = { row->server, 100000, NULL, NULL };
	const struct frames_options to = { !row->server, 100000, &g, compare };
	struct frames *a, *b;
	const char *p;
	size_t n;

	for (size_t i = 0; i < row->len; i++)
		data[i] = (char)(i * 7 + (i >> 8));
	assert_int_equal(frames_new(&a, &from), 0);
	assert_int_equal(frames_new(&b, &to), 0);
	assert_int_equal(frames_put(a, FRAME_BINARY, data, row->len, row->piece),
			 row->parts ? 0 : -EMSGSIZE);
	assert_int_equal(frames_waiting(a), row->parts != 0);
	n = frames_take(a, &p);
	assert_int_equal(n != 0, row->parts != 0);
	assert_int_equal(frames_feed(b, p, n), 0);
	assert_int_equal(g.times, row->parts ? 1 : 0);
	assert_int_equal(g.parts, row->parts);
	frames_free(a);
	frames_free(b);
	free(data);
}

/* Nobody who does not take what is to be sent makes it grow without bound. */
static void test_bounds(void **state)
{
	const struct frames_options o = { true, 1000, NULL, NULL };
	char body[600] = "";
	const char *p;
	struct frames *f;

	(void)state;
	assert_int_equal(frames_new(&f, &o), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(frames_put(f, FRAME_BINARY, body, sizeof(body), 0), 0);
	assert_int_equal(frames_put(f, FRAME_BINARY, body, sizeof(body), 0), -EAGAIN);
	assert_int_equal(frames_put(f, FRAME_PING, body, 126, 0), -EMSGSIZE);
	for (int i = 0; i < 100000; i++)
		assert_int_equal(frames_feed(f, "\x89\x81\0\0\0\0x", 7), 0);
	assert_int_equal(frames_take(f, &p), 3 * 604 + 3);
	assert_memory_equal(p + 3 * 604, "\x8a\1x", 3);
	assert_int_equal(frames_take(f, &p), 0);
	assert_int_equal(frames_close(f, FRAME_CODE_AWAY, "done"), 0);
	assert_int_equal(frames_close(f, FRAME_CODE_AWAY, "done"), -EPIPE);
	assert_int_equal(frames_put(f, FRAME_BINARY, body, 1, 0), -EPIPE);
	assert_int_equal(frames_take(f, &p), 8);
	assert_memory_equal(p,
			    "\x88\6\x03\xe9"
			    "done",
			    8);
	assert_int_equal(frames_closing(f), FRAME_CODE_AWAY);
	frames_free(f);
}

/* What was taken stays while more is put. */
static void test_taken(void **state)
{
	const struct frames_options o = { true, 100000, NULL, NULL };
	char body[9000];
	const char *p, *q;
	struct frames *f;

	(void)state;
	memset(body, 'x', sizeof(body));
	assert_int_equal(frames_new(&f, &o), 0);
	assert_int_equal(frames_put(f, FRAME_TEXT, "one", 3, 0), 0);
	assert_int_equal(frames_take(f, &p), 5);
	assert_int_equal(frames_put(f, FRAME_BINARY, body, sizeof(body), 100), 0);
	assert_memory_equal(p, "\x81\3one", 5);
	assert_int_equal(frames_take(f, &q), sizeof(body) + 90 * 2);
	frames_free(f);
}

static void test_fragments(void **state)
{
	const struct frames_options o = { false, 1000, NULL, NULL };
	struct frames *f;
	int err;

	(void)state;
	assert_int_equal(frames_new(&f, &o), 0);
	err = frames_feed(f, "\2\0", 2);
	for (int i = 1; !err && i < 2 * FRAMES_PARTS_MAX; i++)
		err = frames_feed(f, "\0\0", 2);
	assert_int_equal(err, -EMSGSIZE);
	frames_free(f);
}

static int refuse(void *arg, const struct frame_message *m)
{
	(void)arg;
	(void)m;
	return -ENOSPC;
}

static void test_refusal(void **state)
{
	const struct frames_options o = { false, 1000, NULL, refuse };
	struct frames *f;

	(void)state;
	assert_int_equal(frames_new(&f, &o), 0);
	assert_int_equal(frames_feed(f, "\x81\1a\x81\1b", 6), -ENOSPC);
	assert_int_equal(frames_put(f, FRAME_TEXT, "x", 1, 0), -EPIPE);
	frames_free(f);
}

int main(void)
{
	static const struct unit_set sets[] = {
		UNIT_ROWS("from a server", from_server, test_from_server),
		UNIT_ROWS("from a client", from_client, test_from_client),
		UNIT_ROWS("put", messages, test_put),
		UNIT_ONE("bounds", test_bounds),
		UNIT_ONE("what was taken stays", test_taken),
		UNIT_ONE("too many fragments", test_fragments),
		UNIT_ONE("message() ends it", test_refusal),
	};

	return unit_run("frames", sets, ARRAY_SIZE(sets));
}
