// SPDX-License-Identifier: MIT
/* What follows for a workload, from what its modes are beside OpenSSL. */
#include "../../lib/host/arena.h"
#include "../../lib/load/bench_run.h"
#include "unit.h"

/* A mode beside OpenSSL, by throughput (or operations) and by CPU of its own end. */
struct beside {
	enum bench_change speed, cpu;
	uint64_t speed_permille, cpu_permille;
};

#define FASTER                                                                           \
	{                                                                                \
		BENCH_BETTER, BENCH_NO_DIFFERENCE, 1300, 1000                            \
	}
#define CHEAPER                                                                          \
	{                                                                                \
		BENCH_NO_DIFFERENCE, BENCH_BETTER, 1000, 700                             \
	}
#define SLOWER                                                                           \
	{                                                                                \
		BENCH_WORSE, BENCH_NO_DIFFERENCE, 800, 1000                              \
	}
#define DEARER                                                                           \
	{                                                                                \
		BENCH_NO_DIFFERENCE, BENCH_WORSE, 1000, 1400                             \
	}
#define SAME                                                                             \
	{                                                                                \
		BENCH_NO_DIFFERENCE, BENCH_NO_DIFFERENCE, 1000, 1000                     \
	}
#define MIXED                                                                            \
	{                                                                                \
		BENCH_BETTER, BENCH_WORSE, 1300, 1400                                    \
	}
#define NOISY                                                                            \
	{                                                                                \
		BENCH_TOO_NOISY, BENCH_TOO_NOISY, 1100, 900                              \
	}
#define HALF_NOISY                                                                       \
	{                                                                                \
		BENCH_TOO_NOISY, BENCH_NO_DIFFERENCE, 1100, 1000                         \
	}
#define FASTEST                                                                          \
	{                                                                                \
		BENCH_BETTER, BENCH_BETTER, 2000, 500                                    \
	}
#define ALONE                                                                            \
	{                                                                                \
		BENCH_NO_BASELINE, BENCH_NO_BASELINE, 0, 1                               \
	}
#define ABSENT                                                                           \
	{                                                                                \
		0                                                                        \
	}

static const struct advice_row {
	const char *name, *workload, *direction;
	struct beside ktls, sendfile; /* all zeroes: absent */
	const char *environment;      /* NULL: metal */
	bool loud;
	const char *advice, *mode, *text, *answer;
} advices[] = {
	{ "faster", "bulk", "send", FASTER, ABSENT, NULL, false, "on", "ktls",
	  "kTLS on (kTLS): throughput +30 % (+29 to +31), CPU +0 % (-1 to +1).",
	  "kTLS gains here." },
	{ "cheaper", "bulk", "send", CHEAPER, ABSENT, NULL, false, "on", "ktls",
	  "kTLS on", "kTLS gains here." },
	{ "the better of two", "bulk", "send", FASTER, FASTEST, NULL, false, "on",
	  "ktls-sendfile", "kTLS on (kTLS sendfile)", "kTLS gains here." },
	{ "one of two", "bulk", "send", SLOWER, CHEAPER, NULL, false, "on",
	  "ktls-sendfile", "kTLS on (kTLS sendfile)", "kTLS gains here." },
	{ "slower", "bulk", "send", SLOWER, ABSENT, NULL, false, "off", "ktls",
	  "Leave kTLS off: throughput -20 % (-21 to -19), CPU +0 % (-1 to +1); writing in",
	  "Leave kTLS off here: it costs more than it gains." },
	{ "dearer to receive", "bulk", "receive", DEARER, ABSENT, NULL, false, "off",
	  "ktls",
	  "Leave kTLS off: throughput +0 % (-1 to +1), CPU +40 % (+39 to +41); the kernel "
	  "decrypts a record at a time",
	  "Leave kTLS off here: it costs more than it gains." },
	{ "slower answers", "rpc", "both", SLOWER, ABSENT, NULL, false, "off", "ktls",
	  "Leave kTLS off: throughput -20 % (-21 to -19), CPU +0 % (-1 to +1); small "
	  "messages",
	  "Leave kTLS off here: it costs more than it gains." },
	{ "a connection each", "close", "both", DEARER, ABSENT, NULL, false, "off",
	  "ktls",
	  "Leave kTLS off: throughput +0 % (-1 to +1), CPU +40 % (+39 to +41); giving the "
	  "keys",
	  "Leave kTLS off here: it costs more than it gains." },
	{ "the same", "rpc", "both", SAME, ABSENT, NULL, false, "no_difference", "ktls",
	  "No difference worth a change: ", "kTLS makes no difference here." },
	{ "faster for more", "bulk", "send", MIXED, ABSENT, NULL, false, "depends",
	  "ktls", "It depends: throughput +30 % (+29 to +31), CPU +40 % (+39 to +41): ",
	  "kTLS gains here in one thing what it costs in another." },
	{ "wide intervals", "bulk", "send", NOISY, ABSENT, NULL, false, "unknown", "",
	  "Too noisy to conclude: the intervals are too wide",
	  "What kTLS gains here cannot be told from this run." },
	{ "one wide interval", "bulk", "send", HALF_NOISY, ABSENT, NULL, false, "unknown",
	  "", "Too noisy to conclude: the intervals are too wide",
	  "What kTLS gains here cannot be told from this run." },
	{ "a noisy host", "bulk", "send", FASTEST, ABSENT, NULL, true, "unknown", "",
	  "Too noisy to conclude: others.",
	  "What kTLS gains here cannot be told from this run." },
	{ "an emulator", "bulk", "send", FASTEST, ABSENT, "emulated", false, "unknown",
	  "", "An emulated processor: times do not tell",
	  "What kTLS gains here cannot be told from this run." },
	{ "without OpenSSL", "bulk", "send", ALONE, ABSENT, NULL, false, "unknown", "",
	  "OpenSSL was not measured beside it",
	  "What kTLS gains here cannot be told from this run." },
	{ "absent", "bulk", "send", ABSENT, ABSENT, NULL, false, "unknown", "",
	  "kTLS was not measured: no tls.", "kTLS was not measured here; OpenSSL was." },
};

struct made {
	struct bench_figure_doc figures[3][2];
	struct bench_result_doc results[3];
	struct bench_group_doc group;
	struct bench_doc doc;
};

static struct bench_figure_doc figure(const char *name, enum bench_change change,
				      uint64_t permille)
{
	return (struct bench_figure_doc){ .name = name,
					  .unit = "",
					  .why = "",
					  .value = 1,
					  .change = change,
					  .ratio_permille = permille,
					  .ratio_low_permille = permille - 10,
					  .ratio_high_permille = permille + 10 };
}

static void put_mode(struct made *m, int i, const struct beside *b, const char *direction)
{
	static const char *const names[] = { "openssl", "ktls", "ktls-sendfile" },
				 *const titles[] = { "OpenSSL", "kTLS", "kTLS sendfile" };
	const bool both = !strcmp(direction, "both");
	const bool receives = !strcmp(direction, "receive");

	m->figures[i][0] = figure(both ? "rate" : "throughput", b->speed,
				  b->speed_permille);
	m->figures[i][1] = figure(receives ? "receiver_cpu" : "sender_cpu", b->cpu,
				  b->cpu_permille);
	m->results[i] = (struct bench_result_doc){
		.mode = names[i],
		.title = titles[i],
		.present = b->cpu_permille,
		.reason = "no tls",
		.baseline = !i,
		.figures = m->figures[i],
		.n_figures = 2,
	};
}

static void test_advice(void **state)
{
	const struct advice_row *r = *state;
	const struct beside alone = ALONE, absent = ABSENT;
	struct arena *a = arena_new();
	struct made m = { 0 };
	const struct bench_advice_doc *x;

	put_mode(&m, 0, r->ktls.cpu_permille == alone.cpu_permille ? &absent : &alone,
		 r->direction);
	put_mode(&m, 1, &r->ktls, r->direction);
	put_mode(&m, 2, &r->sendfile, r->direction);
	m.group = (struct bench_group_doc){ .workload = r->workload,
					    .direction = r->direction,
					    .message_bytes = 1024,
					    .results = m.results,
					    .n_results = 3 };
	m.doc = (struct bench_doc){
		.host.environment = r->environment ? r->environment : "metal",
		.noise = { .quiet = !r->loud, .text = "others" },
		.groups = &m.group,
		.n_groups = 1,
	};
	assert_int_equal(bench_advise(&m.doc, a), 0);
	assert_int_equal(m.doc.n_advice, 1);
	x = &m.doc.advice[0];
	assert_string_equal(x->workload,
			    strcmp(r->direction, "receive") ? r->workload : "receive");
	assert_string_equal(x->advice, r->advice);
	assert_string_equal(x->mode, r->mode);
	if (strncmp(x->text, r->text, strlen(r->text)) != 0)
		fail_msg("%s", x->text);
	assert_string_equal(m.doc.answer, r->answer);
	arena_free(a);
}

/* Of several sizes the largest speaks, once. */
static void test_sizes(void **state)
{
	static const uint64_t sizes[] = { 64, 16384, 1024 };
	const struct beside none = ALONE, faster = FASTER, slower = SLOWER;
	struct bench_group_doc groups[3];
	struct arena *a = arena_new();
	struct made m[3] = { 0 };
	struct bench_doc d = { .host.environment = "metal",
			       .noise = { .quiet = true, .text = "" },
			       .groups = groups,
			       .n_groups = 3 };

	(void)state;
	for (int i = 0; i < 3; i++) {
		put_mode(&m[i], 0, &none, "send");
		put_mode(&m[i], 1, i == 1 ? &faster : &slower, "send");
		groups[i] = (struct bench_group_doc){ .workload = "bulk",
						      .direction = "send",
						      .message_bytes = sizes[i],
						      .results = m[i].results,
						      .n_results = 2 };
	}
	assert_int_equal(bench_advise(&d, a), 0);
	assert_int_equal(d.n_advice, 1);
	assert_string_equal(d.advice[0].advice, "on");
	groups[1].workload = "rpc";
	d.n_advice = 0;
	assert_int_equal(bench_advise(&d, a), 0);
	assert_int_equal(d.n_advice, 2);
	assert_string_equal(d.answer, "kTLS gains here for some workloads, not for all.");
	arena_free(a);
}

int main(void)
{
	const struct unit_set sets[] = {
		UNIT_ROWS("advice", advices, test_advice),
		UNIT_ONE("sizes", test_sizes),
	};

	return unit_run("bench_advice", sets, ARRAY_SIZE(sets));
}
