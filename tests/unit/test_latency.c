/* SPDX-License-Identifier: MIT */
/* Where a message's time goes: stamps to stages, packets to the bytes they made readable.
 */
#include "../../lib/load/packet.h"
#include "../../lib/load/sequence.h"
#include "../../lib/load/stages.h"
#include "unit.h"

/* ---- stages ---- */

struct stages_row {
	const char *name;
	enum stages_needs needs;
	struct stamps t; /* nic, kernel, sent, woken, called, plain, parsed, done */
	const char *want;
};

static const struct stages_row stages_rows[] = {
	{ "all six",
	  STAGES_NIC,
	  { 1000, 1300, 500, 2000, 2100, 5000, 5400, 5500 },
	  "300 700 100 2900 400 100 = 4500" },
	{ "without the NIC",
	  STAGES_KERNEL,
	  { 0, 1300, 500, 2000, 2100, 5000, 5400, 5500 },
	  "- 700 100 2900 400 100 = 4200" },
	{ "a NIC's stamp that is not asked for is none",
	  STAGES_KERNEL,
	  { 1000, 1300, 500, 2000, 2100, 5000, 5400, 5500 },
	  "- 700 100 2900 400 100 = 4200" },
	{ "without the kernel",
	  STAGES_USER,
	  { 0, 0, 500, 2000, 2100, 5000, 5400, 5500 },
	  "- - 100 2900 400 100 = 3500" },
	{ "awake already: the wake-up was for what came before",
	  STAGES_KERNEL,
	  { 0, 2050, 500, 2000, 2100, 5000, 5400, 5500 },
	  "- 0 50 2900 400 100 = 3450, awake" },
	{ "it came while it was being received",
	  STAGES_KERNEL,
	  { 0, 2500, 500, 2000, 2100, 5000, 5400, 5500 },
	  "- 0 0 2500 400 100 = 3000, awake" },
	{ "awake, and nobody knows when it came",
	  STAGES_USER,
	  { 0, 0, 2050, 2000, 2100, 5000, 5400, 5500 },
	  "- - 0 2900 400 100 = 3400, awake" },
	{ "there was never a wake-up",
	  STAGES_KERNEL,
	  { 0, 1300, 500, 0, 2100, 5000, 5400, 5500 },
	  "- 0 800 2900 400 100 = 4200, awake" },
	{ "the kernel had it before the NIC: an error of stamps",
	  STAGES_NIC,
	  { 1400, 1300, 500, 2000, 2100, 5000, 5400, 5500 },
	  "0 700 100 2900 400 100 = 4100, 100 too much" },
	{ "no packet was found",
	  STAGES_KERNEL,
	  { 0, 0, 500, 2000, 2100, 5000, 5400, 5500 },
	  "unmatched" },
	{ "the NIC did not stamp it",
	  STAGES_NIC,
	  { 0, 1300, 500, 2000, 2100, 5000, 5400, 5500 },
	  "unmatched" },
	{ "before it was asked for",
	  STAGES_KERNEL,
	  { 0, 400, 500, 2000, 2100, 5000, 5400, 5500 },
	  "implausible" },
	{ "after it was decrypted",
	  STAGES_KERNEL,
	  { 0, 5001, 500, 2000, 2100, 5000, 5400, 5500 },
	  "implausible" },
	{ "the clock was set back",
	  STAGES_USER,
	  { 0, 0, 500, 2000, 2100, 1900, 5400, 5500 },
	  "implausible" },
};

static void describe(struct notes *n, const struct stages *s)
{
	if (s->unmatched || s->implausible) {
		assert_int_equal(s->total.count, 0);
		note(n, s->unmatched ? "unmatched" : "implausible");
		return;
	}
	for (int i = 0; i < STAGES; i++) {
		if (s->of[i].count)
			note(n, "%" PRIu64 " ", s->of[i].sum);
		else
			note(n, "- ");
	}
	note(n, "= %" PRIu64 "%s", s->total.sum, s->awake ? ", awake" : "");
	if (s->excess_ns)
		note(n, ", %" PRIu64 " too much", s->excess_ns);
}

/* The stages are the total, but for what stamps that contradict each other have put in.
 */
static void test_stages(void **state)
{
	const struct stages_row *row = *state;
	struct stages *s = calloc(1, sizeof(*s));
	struct notes n = { 0 };
	uint64_t sum = 0;

	assert_non_null(s);
	stages_add(s, &row->t, row->needs);
	describe(&n, s);
	assert_string_equal(n.text, row->want);
	for (int i = 0; i < STAGES; i++)
		sum += s->of[i].sum;
	assert_true(sum == s->total.sum + s->excess_ns);
	free(s);
}

/* ---- sequence ---- */

/* "anchor=N": TCP has had N bytes; "SEQ+LEN@TIME": a packet; "N?": since when? */
struct sequence_row {
	const char *name, *script, *want;
};

static const struct sequence_row sequence_rows[] = {
	{ "nothing was seen", "anchor=10 10?", "no -" },
	{ "in order", "1000+10@1 anchor=10 1010+5@2 1015+5@3 15? 20?", "yes 2 3" },
	{ "within a packet", "1000+10@1 anchor=10 1010+20@2 11? 29? 30?", "yes 2 2 2" },
	{ "beyond what came", "1000+10@1 anchor=10 1010+20@2 31?", "yes -" },
	{ "what the anchor stands on", "1000+10@1 anchor=10 10?", "yes 1" },
	{ "before the anchor", "1000+10@1 anchor=10 9?", "yes -" },
	{ "the first comes last", "1000+10@1 anchor=10 1020+10@2 1010+10@3 20? 30?",
	  "yes 3 3" },
	{ "three wait for one",
	  "1000+10@1 anchor=10 1040+10@2 1020+10@3 1030+10@4 1010+10@5 50?", "yes 5" },
	{ "sent again", "1000+10@1 anchor=10 1010+10@2 1010+10@9 20?", "yes 2" },
	{ "sent again with more", "1000+10@1 anchor=10 1010+10@2 1010+20@9 20? 30?",
	  "yes 2 9" },
	{ "round the corner", "4294967290+4@1 anchor=4 4294967294+4@2 2+8@3 8? 16?",
	  "yes 2 3" },
	{ "round the corner within a packet",
	  "4294967290+2@1 anchor=2 4294967292+20@2 22?", "yes 2" },
	{ "early, and round the corner",
	  "4294967290+2@1 anchor=2 4+10@2 4294967292+8@3 20?", "yes 3" },
	{ "a stream longer than the numbers",
	  "1000+10@1 anchor=4294967296 1010+10@2 4294967306?", "yes 2" },
	{ "TCP agrees", "1000+10@1 anchor=10 1010+10@2 anchor=20 20?", "yes yes 2" },
	{ "a packet was not seen",
	  "1000+10@1 anchor=10 1020+10@2 anchor=30 30? 1030+10@3 40?", "yes no - 3" },
	{ "more was seen than TCP has", "1000+10@1 anchor=10 1010+10@2 anchor=15 15?",
	  "yes no -" },
	{ "an acknowledgement", "1000+10@1 anchor=10 1010+0@2 10?", "yes 1" },
	{ "looked at from the middle on",
	  "1000+10@1 anchor=15 1015+5@2 anchor=20 1020+5@3 anchor=25 25?",
	  "yes no yes 3" },
};

static void play(struct notes *n, struct sequence *s, char *word)
{
	struct sequence_step step;
	uint64_t a = 0;
	unsigned len = 0, at = 0;
	const char *gap = n->len ? " " : "";

	if (sscanf(word, "anchor=%" SCNu64, &a) == 1) {
		note(n, "%s%s", gap, sequence_anchor(s, a) ? "yes" : "no");
	} else if (sscanf(word, "%" SCNu64 "+%u@%u", &a, &len, &at) == 3) {
		sequence_add(s, &(struct sequence_packet){ (uint32_t)a, len, at, 0 });
	} else {
		assert_int_equal(sscanf(word, "%" SCNu64 "?", &a), 1);
		if (sequence_find(s, a, &step))
			note(n, "%s%d", gap, (int)step.kernel_ns);
		else
			note(n, "%s-", gap);
	}
}

static void test_sequence(void **state)
{
	const struct sequence_row *row = *state;
	struct sequence *s = calloc(1, sizeof(*s));
	char script[256], *save = NULL;
	struct notes n = { 0 };

	assert_non_null(s);
	snprintf(script, sizeof(script), "%s", row->script);
	for (char *w = strtok_r(script, " ", &save); w; w = strtok_r(NULL, " ", &save))
		play(&n, s, w);
	assert_string_equal(n.text, row->want);
	free(s);
}

/* Packets in any order, some twice: as soon as all are there, each byte is readable since
 * the last of those at or before it came. */
static void test_shuffled(void **state)
{
	enum { N = 20, LEN = 100 };
	struct sequence *s = calloc(1, sizeof(*s));
	uint32_t random = 12345;

	(void)state;
	assert_non_null(s);
	for (int round = 0; round < 500; round++) {
		const uint32_t base = 0xffffff00u + (uint32_t)round * 7;
		int64_t came[N], since = 1;
		unsigned order[N];

		memset(s, 0, sizeof(*s));
		for (unsigned i = 0; i < N; i++)
			order[i] = i;
		for (unsigned i = N - 1; i; i--) {
			const unsigned k = (random = random * 1664525 + 1013904223) /
					   65536 % (i + 1);
			const unsigned x = order[i];

			order[i] = order[k];
			order[k] = x;
		}
		sequence_add(s, &(struct sequence_packet){ base - 10, 10, 1, 0 });
		assert_true(sequence_anchor(s, 10));
		for (unsigned i = 0; i < N; i++) {
			const uint32_t seq = base + order[i] * LEN;

			came[order[i]] = i + 2;
			sequence_add(s, &(struct sequence_packet){ seq, LEN, i + 2, 0 });
			if (i % 3 == 0)
				sequence_add(
					s, &(struct sequence_packet){ seq, LEN, 99, 0 });
		}
		assert_true(sequence_anchor(s, 10 + N * LEN));
		for (unsigned i = 0; i < N; i++) {
			struct sequence_step step;

			since = came[i] > since ? came[i] : since;
			assert_true(sequence_find(s, 10 + (i + 1) * LEN, &step));
			assert_true(step.kernel_ns == since);
		}
	}
	free(s);
}

/* ---- packets ---- */

struct packet_row {
	const char *name, *bytes; /* hexadecimal; "*N": N times 00 */
	const char *want;
};

#define V4(total, flags, proto)                                                          \
	"45 00 " total " 00 00 " flags " 40 " proto " 00 00 0a 00 00 01 0a 00 00 02 "
#define V6(len, next) "60 00 00 00 " len " " next " 40 *32 "
#define TCP(off, flags)                                                                  \
	"01 bb c3 50 12 34 56 78 00 00 00 00 " off " " flags " 20 00 00 00 00 00 "

static const struct packet_row packet_rows[] = {
	{ "IPv4", V4("00 32", "40 00", "06") TCP("50", "18"), "443>50000 305419896+10" },
	{ "IPv4 with options", "46 00 00 36 00 00 40 00 40 06 00 00 *12 " TCP("50", "10"),
	  "443>50000 305419896+10" },
	{ "TCP with options", V4("00 3e", "40 00", "06") TCP("80", "10") "*12 ",
	  "443>50000 305419896+10" },
	{ "an acknowledgement", V4("00 28", "40 00", "06") TCP("50", "10"),
	  "443>50000 305419896+0" },
	{ "padding of the link", V4("00 28", "40 00", "06") TCP("50", "10") "*6 ",
	  "443>50000 305419896+0" },
	{ "SYN", V4("00 28", "40 00", "06") TCP("50", "12"),
	  "443>50000 305419896+0 syn" },
	{ "FIN with data", V4("00 2a", "40 00", "06") TCP("50", "11"),
	  "443>50000 305419896+2 fin" },
	{ "RST", V4("00 28", "40 00", "06") TCP("50", "04"),
	  "443>50000 305419896+0 rst" },
	{ "64 KiB by GRO", V4("ff ff", "40 00", "06") TCP("50", "18"),
	  "443>50000 305419896+65495" },
	{ "UDP", V4("00 32", "40 00", "11") TCP("50", "18"), "none" },
	{ "more fragments", V4("00 32", "20 00", "06") TCP("50", "18"), "none" },
	{ "a later fragment", V4("00 32", "00 10", "06") TCP("50", "18"), "none" },
	{ "a length that is too short", V4("00 27", "40 00", "06") TCP("50", "18"),
	  "none" },
	{ "no length: a giant packet", V4("00 00", "40 00", "06") TCP("50", "18"),
	  "none" },
	{ "TCP's head is longer than the packet",
	  V4("00 2c", "40 00", "06") TCP("f0", "18"), "none" },
	{ "TCP's head is too short", V4("00 32", "40 00", "06") TCP("40", "18"), "none" },
	{ "IP's head is too short", "44 00 00 32 00 00 40 00 40 06 *30 ", "none" },
	{ "cut in TCP", V4("00 32", "40 00", "06") "01 bb c3 50 ", "none" },
	{ "cut in IP", "45 00 00 32 ", "none" },
	{ "IPv6", V6("00 1e", "06") TCP("50", "18"), "443>50000 305419896+10" },
	{ "IPv6 with an extension", V6("00 26", "3c") "06 00 *6 " TCP("50", "18"),
	  "443>50000 305419896+10" },
	{ "IPv6 with two", V6("00 36", "00") "3c 01 *14 06 00 *6 " TCP("50", "18"),
	  "443>50000 305419896+10" },
	{ "IPv6, a fragment", V6("00 26", "2c") "06 00 *6 " TCP("50", "18"), "none" },
	{ "an extension beyond the end", V6("00 26", "3c") "06 ff *6 " TCP("50", "18"),
	  "none" },
	{ "an extension that is cut", V6("00 26", "3c") "06 00 ", "none" },
	{ "extensions without end",
	  V6("00 60",
	     "3c") "3c 00 *6 3c 00 *6 3c 00 *6 3c 00 *6 3c 00 *6 3c 00 *6 3c 00 *6 "
		   "3c 00 *6 3c 00 *6 " TCP("50", "18"),
	  "none" },
	{ "cut in IPv6", "60 00 00 00 00 1e 06 40 *10 ", "none" },
	{ "another version", "55 *60 ", "none" },
	{ "nothing", "", "none" },
};

static size_t bytes_of(const char *text, uint8_t *out, size_t most)
{
	char copy[1024], *save = NULL;
	size_t n = 0;

	snprintf(copy, sizeof(copy), "%s", text);
	for (char *w = strtok_r(copy, " ", &save); w; w = strtok_r(NULL, " ", &save)) {
		const size_t times = *w == '*' ? (size_t)atoi(w + 1) : 1;

		assert_true(n + times <= most);
		memset(out + n, *w == '*' ? 0 : (int)strtoul(w, NULL, 16), times);
		n += times;
	}
	return n;
}

static void test_packet(void **state)
{
	const struct packet_row *row = *state;
	uint8_t bytes[512];
	const size_t n = bytes_of(row->bytes, bytes, sizeof(bytes));
	char *copy = exact_copy((const char *)bytes, n);
	struct notes said = { 0 };
	struct packet p;

	if (packet_parse((const uint8_t *)copy, n, &p))
		note(&said, "%u>%u %" PRIu32 "+%" PRIu32 "%s%s%s", p.from_port, p.to_port,
		     p.seq, p.len, p.syn ? " syn" : "", p.fin ? " fin" : "",
		     p.rst ? " rst" : "");
	else
		note(&said, "none");
	free(copy);
	assert_string_equal(said.text, row->want);
}

int main(void)
{
	static const struct unit_set sets[] = {
		UNIT_ROWS("stages", stages_rows, test_stages),
		UNIT_ROWS("sequence", sequence_rows, test_sequence),
		UNIT_ONE("packets in any order", test_shuffled),
		UNIT_ROWS("packet", packet_rows, test_packet),
	};

	return unit_run("latency", sets, ARRAY_SIZE(sets));
}
