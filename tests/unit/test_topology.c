/* SPDX-License-Identifier: MIT */
/* Lists of processors, and what TCP counts. */
#include <errno.h>

#include "unit.h"

static const struct {
	const char *name;
	const char *text;
	const char *want; /* NULL: no list */
} lists[] = {
	{ "one", "0\n", "0" },
	{ "a range", "0-3\n", "0-3" },
	{ "ranges and single ones", "0-3,8,10-11", "0-3,8,10-11" },
	{ "out of order and overlapping", "9,2-4,3-5,1", "1-5,9" },
	{ "across words", "62-65,127,128", "62-65,127-128" },
	{ "the last one", "8191", "8191" },
	{ "nothing", "", "" },
	{ "an empty line", "\n", "" },
	{ "beyond what there is room for", "1,8192,18446744073709551615", "1" },
	{ "a range that goes too far", "8190-18446744073709551615", "8190-8191" },
	{ "a number too big for anything", "18446744073709551616", NULL },
	{ "backwards", "3-1", NULL },
	{ "no number", "0-x", NULL },
	{ "half a range", "1-", NULL },
	{ "two dashes", "1-2-3", NULL },
	{ "a comma at the end", "1,", NULL },
	{ "two commas", "1,,2", NULL },
	{ "negative", "-1", NULL },
	{ "a step is for writing only", "0-31:2/4", NULL },
};

static void test_list(void **state)
{
	const typeof(lists[0]) *row = *state;
	cleanup_arena struct arena *a = arena_new();
	size_t len = strlen(row->text);
	cleanup_free char *copy = exact_copy(row->text, len);
	struct cpus c = { 0 };

	assert_int_equal(parse_cpulist(span(copy, len), &c), row->want != NULL);
	assert_string_equal(cpus_text(&c, a), row->want ? row->want : "");
}

/* Every other one: the longest text there is. */
static void test_longest(void **state)
{
	cleanup_arena struct arena *a = arena_new();
	struct cpus c, again = { 0 };
	const char *text;

	(void)state;
	memset(&c, 0xaa, sizeof(c));
	text = cpus_text(&c, a);
	assert_true(parse_cpulist(span_of_text(text), &again));
	assert_memory_equal(&c, &again, sizeof(c));
}

static void test_sets(void **state)
{
	struct cpus a = { 0 }, b = { 0 };

	(void)state;
	assert_false(cpus_overlap(&a, &a));
	parse_cpulist(span_of_text("0-63"), &a);
	parse_cpulist(span_of_text("64"), &b);
	assert_false(cpus_overlap(&a, &b));
	cpus_add(&a, &b);
	assert_true(cpus_overlap(&a, &b));
}

static const struct {
	const char *name, *text;
	const char *want; /* NULL: no mask */
} masks[] = {
	{ "one", "1\n", "1" },
	{ "none", "0\n", "0" },
	{ "zeros in front", "000f", "f" },
	{ "words", "00000000,0000010f\n", "10f" },
	{ "a higher word", "00000003,00000000", "300000000" },
	{ "capitals", "AF", "af" },
	{ "nothing", "", NULL },
	{ "no digit", "0-3", NULL },
	{ "a list", "8,x", NULL },
	{ "a byte that looks like a digit in part", "\x11", NULL },
};

static void test_mask(void **state)
{
	const typeof(masks[0]) *row = *state;
	cleanup_arena struct arena *a = arena_new();
	cleanup_free char *copy = exact_copy(row->text, strlen(row->text));
	struct cpus c = { 0 };

	assert_int_equal(parse_cpumask(span(copy, strlen(row->text)), &c),
			 row->want != NULL);
	assert_string_equal(cpus_hex(&c, a), row->want ? row->want : "0");
}

/* All the processors there is room for, and one digit more. */
static void test_widest(void **state)
{
	cleanup_arena struct arena *a = arena_new();
	char text[CPUS_MAX / 4 + 2];
	struct cpus c = { 0 };

	(void)state;
	memset(text, 'f', sizeof(text));
	assert_true(parse_cpumask(span(text, CPUS_MAX / 4), &c));
	assert_int_equal(strlen(cpus_hex(&c, a)), CPUS_MAX / 4);
	assert_string_equal(cpus_text(&c, a), "0-8191");
	assert_false(parse_cpumask(span(text, CPUS_MAX / 4 + 1), &c));
}

static const struct {
	const char *name, *text;
	uint64_t want;
} memory[] = {
	{ "among others", "MemTotal:        1012 kB\nMemFree: 5 kB\n", 1012 * 1024 },
	{ "further down", "x\nMemFree: 5 kB\nMemTotal: 7 kB", 7 * 1024 },
	{ "no number", "MemTotal: x kB\n", 0 },
	{ "too much", "MemTotal: 18446744073709551615 kB\n", 0 },
	{ "nothing", "", 0 },
};

static void test_memory(void **state)
{
	const typeof(memory[0]) *row = *state;

	assert_int_equal(parse_meminfo(span_of_text(row->text)), row->want);
}

#define NAMES "Tcp: RtoAlgorithm MaxConn InSegs OutSegs RetransSegs InErrs\n"

static const struct {
	const char *name;
	const char *text;
	int ret;
	uint64_t out, again;
} snmp[] = {
	{ "two lines among others",
	  "Ip: Forwarding\nIp: 1\n" NAMES "Tcp: 1 -1 70000 38825 7 0\nUdp: x\nUdp: 1\n",
	  0, 38825, 7 },
	{ "in another order", "Tcp: RetransSegs OutSegs\nTcp: 1 2\n", 0, 2, 1 },
	{ "no values", NAMES, -EBADMSG, 0, 0 },
	{ "too few values", NAMES "Tcp: 1 -1 5 6\n", -EBADMSG, 6, 0 },
	{ "no such name", "Tcp: InSegs OutSegs\nTcp: 1 2\n", -EBADMSG, 2, 0 },
	{ "no number", NAMES "Tcp: 1 -1 5 x 1 0\n", -EBADMSG, 0, 1 },
	{ "nothing", "", -EBADMSG, 0, 0 },
};

static void test_snmp(void **state)
{
	const typeof(snmp[0]) *row = *state;
	struct tcp_facts t = { 0 };

	assert_int_equal(parse_snmp(span_of_text(row->text), &t), row->ret);
	if (row->ret)
		return;
	assert_int_equal(t.out_segments, row->out);
	assert_int_equal(t.retransmitted, row->again);
}

int main(void)
{
	static const struct unit_set sets[] = {
		UNIT_ROWS("cpulist", lists, test_list),
		UNIT_ONE("cpulist: the longest", test_longest),
		UNIT_ONE("cpulist: sets", test_sets),
		UNIT_ROWS("cpumask", masks, test_mask),
		UNIT_ONE("cpumask: the widest", test_widest),
		UNIT_ROWS("memory", memory, test_memory),
		UNIT_ROWS("snmp", snmp, test_snmp),
	};

	return unit_run("topology", sets, ARRAY_SIZE(sets));
}
