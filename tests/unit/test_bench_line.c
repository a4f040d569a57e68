// SPDX-License-Identifier: MIT
/* What bench and its peer say to each other, and the frames both make. */
#include <errno.h>

#include "../../lib/load/bench_serve.h"
#include "unit.h"

static const struct ask_row {
	const char *name, *line;
	int err;
	enum bench_ask_kind kind;
	uint64_t id, size, ms;
} asks[] = {
	{ "run", "bench/1 run 0 0 0", 0, BENCH_ASK_RUN, 0, 0, 0 },
	{ "sink", "bench/1 sink 7 64 0", 0, BENCH_ASK_SINK, 7, 64, 0 },
	{ "source", "bench/1 source 7 64 1000", 0, BENCH_ASK_SOURCE, 7, 64, 1000 },
	{ "with blanks", "bench/1 close 18446744073709551615 4194304 10000       ", 0,
	  BENCH_ASK_CLOSE, UINT64_MAX, 4194304, 10000 },
	{ "another version", "bench/2 run 0 0 0", -EPROTONOSUPPORT, 0, 0, 0, 0 },
	{ "no version", "bench/ run 0 0 0", -EPROTONOSUPPORT, 0, 0, 0, 0 },
	{ "another protocol", "ktlsctl.peer/1 exchange 1", -EBADMSG, 0, 0, 0, 0 },
	{ "no such kind", "bench/1 sing 7 64 0", -EBADMSG, 0, 0, 0, 0 },
	{ "a number less", "bench/1 sink 7 64", -EBADMSG, 0, 0, 0, 0 },
	{ "a number more", "bench/1 sink 7 64 0 0", -EBADMSG, 0, 0, 0, 0 },
	{ "a negative one", "bench/1 sink 7 -64 0", -EBADMSG, 0, 0, 0, 0 },
	{ "too large", "bench/1 sink 18446744073709551616 1 0", -EBADMSG, 0, 0, 0, 0 },
	{ "nothing", "", -EBADMSG, 0, 0, 0, 0 },
};

static void test_ask(void **state)
{
	const struct ask_row *r = *state;
	struct bench_ask a;

	assert_int_equal(bench_ask_parse(span_of_text(r->line), &a), r->err);
	assert_int_equal(a.kind, r->kind);
	assert_true(a.id == r->id && a.size == r->size && a.ms == r->ms);
}

static const struct reply_row {
	const char *name, *line;
	int err;
	uint64_t n;
	const char *no;
} replies[] = {
	{ "ok", "bench/1 ok 7", 0, 7, "" },
	{ "no", "bench/1 no such luck", 0, 0, "such luck" },
	{ "ok of nothing", "bench/1 ok", -EBADMSG, 0, "" },
	{ "ok of two", "bench/1 ok 7 8", -EBADMSG, 7, "" },
	{ "no without words", "bench/1 no", -EBADMSG, 0, "" },
	{ "neither", "bench/1 perhaps 7", -EBADMSG, 0, "" },
	{ "an older peer", "ktlsctl.peer/1 no this is no request", -EBADMSG, 0, "" },
	{ "a newer one", "bench/9 ok 7", -EPROTONOSUPPORT, 0, "" },
	{ "what a terminal would do", "bench/1 no \33[2J\377", 0, 0, "?[2J?" },
};

static void test_reply(void **state)
{
	const struct reply_row *r = *state;
	struct bench_reply out;

	assert_int_equal(bench_reply_parse(span_of_text(r->line), &out), r->err);
	assert_string_equal(out.no, r->no);
	assert_true(out.n == r->n);
}

#define HASH "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static const struct report_row {
	const char *name, *line;
	int err;
} reports[] = {
	{ "good", "bench/1 report 1 2 3 4 5 0 6 " HASH, 0 },
	{ "a short hash", "bench/1 report 1 2 3 4 5 0 6 0011", -EBADMSG },
	{ "a long hash", "bench/1 report 1 2 3 4 5 0 6 " HASH "0", -EBADMSG },
	{ "no hash", "bench/1 report 1 2 3 4 5 0 6", -EBADMSG },
	{ "an odd hash", "bench/1 report 1 2 3 4 5 0 6 X" HASH, -EBADMSG },
	{ "a number less", "bench/1 report 1 2 3 4 5 6 " HASH, -EBADMSG },
	{ "more", "bench/1 report 1 2 3 4 5 0 6 " HASH " 7", -EBADMSG },
	{ "no report", "bench/1 ok 7", -EBADMSG },
	{ "a newer one", "bench/2 report 1 2 3 4 5 0 6 " HASH, -EPROTONOSUPPORT },
};

static void test_report(void **state)
{
	const struct report_row *r = *state;
	struct bench_report out;

	assert_int_equal(bench_report_parse(span_of_text(r->line), &out), r->err);
	assert_true(r->err ? !out.in : out.in == 1 && out.out == 2 && out.hashed == 6);
	assert_int_equal(out.hash[1], r->err ? 0 : 0x11);
}

/* The longest of each fits, and what comes back says the same again. */
static void test_there_and_back(void **state)
{
	const struct bench_ask a = { BENCH_ASK_WEBSOCKET, UINT64_MAX, 4194304, 10000 };
	struct bench_report r = { UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX,
				  UINT64_MAX, UINT64_MAX, UINT64_MAX, { 0 } };
	struct bench_report back;
	struct bench_ask again;
	struct bench_reply reply = { 0 }, other;
	char line[BENCH_LINE], twice[BENCH_LINE];
	size_t n = bench_ask_print(&a, line);

	(void)state;
	assert_true(n <= BENCH_REQUEST && line[n - 1] == '\n');
	assert_int_equal(bench_ask_parse(span(line, n - 1), &again), 0);
	assert_int_equal(bench_ask_print(&again, twice), n);
	assert_memory_equal(line, twice, n);
	memset(r.hash, 0xfe, sizeof(r.hash));
	n = bench_report_print(&r, line);
	assert_true(n < BENCH_LINE && line[n - 1] == '\n');
	assert_int_equal(bench_report_parse(span(line, n - 1), &back), 0);
	assert_int_equal(bench_report_print(&back, twice), n);
	assert_memory_equal(line, twice, n);
	memset(reply.no, 'x', sizeof(reply.no) - 1);
	n = bench_reply_print(&reply, line);
	assert_true(n < BENCH_LINE && line[n - 1] == '\n');
	assert_int_equal(bench_reply_parse(span(line, n - 1), &other), 0);
	assert_string_equal(other.no, reply.no);
}

/* ---- frames: RFC 6455, 5.7 and 5.2 ---- */

static const struct frame_row {
	const char *name;
	size_t len, header;
	uint8_t begins[4]; /* of an echo */
} frames[] = {
	{ "small", 5, 6, { 0x82, 5 } },
	{ "the longest small one", 125, 6, { 0x82, 125 } },
	{ "of 16 bits", 126, 8, { 0x82, 126, 0, 126 } },
	{ "the longest of 16 bits", 65535, 8, { 0x82, 126, 255, 255 } },
	{ "of 64 bits", 65536, 14, { 0x82, 127, 0, 0 } },
};

static void test_frame(void **state)
{
	static const uint8_t mask[4] = { 0x37, 0xfa, 0x21, 0x3d };
	const struct frame_row *r = *state;
	uint8_t *payload = malloc(r->len), *frame = malloc(r->len + BENCH_FRAME_HEADER);
	size_t n;

	assert_true(payload && frame);
	bench_payload_fill(payload, r->len);
	n = bench_frame_header(frame, r->len, mask);
	assert_int_equal(n, r->header);
	assert_int_equal(frame[1] & 0x80, 0x80);
	bench_frame_mask(frame + n, payload, r->len, mask);
	assert_int_equal(frame[n], payload[0] ^ 0x37);
	bench_frame_answer(frame, n, r->len);
	assert_memory_equal(frame + 4, r->begins, n - 4 < 4 ? n - 4 : 4);
	assert_memory_equal(frame + n, payload, r->len);
	free(payload);
	free(frame);
}

int main(void)
{
	const struct unit_set sets[] = {
		UNIT_ROWS("ask", asks, test_ask),
		UNIT_ROWS("reply", replies, test_reply),
		UNIT_ROWS("report", reports, test_report),
		UNIT_ONE("there-and-back", test_there_and_back),
		UNIT_ROWS("frame", frames, test_frame),
	};

	return unit_run("bench_line", sets, ARRAY_SIZE(sets));
}
