// SPDX-License-Identifier: MIT
/* What may be concluded from rounds; and the harness, with a mode that is slow on
 * purpose. */
#include <time.h>
#include <unistd.h>

#include "../../lib/host/arena.h"
#include "../../lib/load/bench_run.h"
#include "unit.h"

/* ---- ranks: against the tables of order statistics, and against themselves ---- */

static const struct rank_row {
	const char *name;
	size_t n;
	int rank; /* from 0 */
} ranks[] = {
	{ "none", 0, -1 },        { "one", 1, -1 },    { "five", 5, -1 },
	{ "six", 6, 0 },          { "eight", 8, 0 },   { "nine", 9, 1 },
	{ "eleven", 11, 1 },      { "twelve", 12, 2 }, { "fifteen", 15, 3 },
	{ "seventeen", 17, 4 },   { "twenty", 20, 5 }, { "forty", 40, 13 },
	{ "sixty-four", 64, 23 },
};

static void test_rank(void **state)
{
	const struct rank_row *r = *state;

	assert_int_equal(bench_rank(r->n), r->rank);
}

/* P(median outside) of the interval from rank k of n: twice the sum of n over i, i <= k.
 */
static double outside(size_t n, int k)
{
	double sum = 0, term = 1;

	for (int i = 0; i <= k; i++) {
		sum += term;
		term = term * (double)(n - (size_t)i) / (i + 1);
	}
	for (size_t i = 0; i < n; i++)
		sum /= 2;
	return 2 * sum;
}

static void test_coverage(void **state)
{
	(void)state;
	for (size_t n = BENCH_ROUNDS_MIN; n <= BENCH_ROUNDS_MAX; n++) {
		const int k = bench_rank(n);

		assert_true(k >= 0 && outside(n, k) <= 0.05);
		assert_true(outside(n, k + 1) > 0.05);
	}
}

/* ---- intervals ---- */

static const struct interval_row {
	const char *name;
	double v[12];
	size_t n;
	double median, low, high;
} intervals[] = {
	{ "nothing", { 0 }, 0, 0, 0, 0 },
	{ "one value", { 7 }, 1, 7, 7, 7 },
	{ "an even number", { 4, 1, 3, 2 }, 4, 2.5, 1, 4 },
	{ "six: all of them", { 6, 5, 4, 3, 2, 1 }, 6, 3.5, 1, 6 },
	{ "nine: without the ends", { 9, 1, 8, 2, 7, 3, 6, 4, 5 }, 9, 5, 2, 8 },
	{ "one far away", { 1, 1, 1, 1, 1, 1, 1, 1, 1000 }, 9, 1, 1, 1 },
	{ "twelve", { 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1 }, 12, 6.5, 3, 10 },
};

static void test_interval(void **state)
{
	const struct interval_row *r = *state;
	const struct bench_interval i = bench_interval_of(r->v, r->n);

	assert_true(i.median == r->median && i.low == r->low && i.high == r->high);
}

/* ---- verdicts ---- */

static const struct judge_row {
	const char *name;
	struct bench_interval ratio;
	size_t n;
	bool more;
	enum bench_change change;
} verdicts[] = {
	{ "faster", { 1.2, 1.1, 1.3 }, 9, true, BENCH_BETTER },
	{ "slower", { 0.8, 0.7, 0.9 }, 9, true, BENCH_WORSE },
	{ "less CPU", { 0.8, 0.7, 0.9 }, 9, false, BENCH_BETTER },
	{ "more CPU", { 1.2, 1.1, 1.3 }, 9, false, BENCH_WORSE },
	{ "a little faster, surely", { 1.02, 1.01, 1.03 }, 9, true, BENCH_BETTER },
	{ "the same", { 1.0, 0.97, 1.04 }, 9, true, BENCH_NO_DIFFERENCE },
	{ "it touches 1", { 1.05, 1.0, 1.1 }, 9, true, BENCH_NO_DIFFERENCE },
	{ "too wide to say", { 1.05, 0.8, 1.3 }, 9, true, BENCH_TOO_NOISY },
	{ "too few rounds", { 3, 2.9, 3.1 }, 5, true, BENCH_TOO_NOISY },
	{ "as few as may be", { 3, 2.9, 3.1 }, 6, true, BENCH_BETTER },
};

static void test_judge(void **state)
{
	const struct judge_row *r = *state;

	assert_int_equal(bench_judge(&r->ratio, r->n, r->more), r->change);
}

static void test_ratio(void **state)
{
	const double v[] = { 10, -1, 30, 40, 50, 60, 70 };
	const double base[] = { 10, 10, 10, -1, 10, 0, 10 };
	size_t used;
	const struct bench_interval i = bench_ratio_of(v, base, ARRAY_SIZE(v), &used);

	(void)state;
	assert_int_equal(used, 4);
	assert_true(i.median == 4 && i.low == 1 && i.high == 7);
}

static void test_unpaired(void **state)
{
	const struct bench_interval before = { 10, 8, 12 }, after = { 20, 18, 24 };
	const struct bench_interval none = { 0 };
	const struct bench_interval r = bench_unpaired(&after, &before);

	(void)state;
	assert_true(r.median == 2 && r.low == 1.5 && r.high == 3);
	assert_true(bench_unpaired(&after, &none).high == 0);
}

/* ---- before and after ---- */

struct side {
	bool ktls;
	uint64_t rounds, low, value, high;
};

static const struct gain_row {
	const char *name;
	struct side before, after;
	const char *mode;
	bool kept;
	uint64_t ratio, low, high;
} gains[] = {
	{ "better for sure",
	  { true, 9, 90, 100, 110 },
	  { true, 9, 190, 200, 220 },
	  "ktls",
	  true,
	  2000,
	  1727,
	  2444 },
	{ "better, perhaps",
	  { true, 9, 90, 100, 110 },
	  { true, 9, 109, 120, 130 },
	  "ktls",
	  false,
	  1200,
	  991,
	  1444 },
	{ "they touch",
	  { true, 9, 90, 100, 110 },
	  { true, 9, 110, 120, 130 },
	  "ktls",
	  false,
	  1200,
	  1000,
	  1444 },
	{ "worse",
	  { true, 9, 90, 100, 110 },
	  { true, 9, 45, 50, 55 },
	  "ktls",
	  false,
	  500,
	  409,
	  611 },
	{ "without kTLS",
	  { false, 9, 90, 100, 110 },
	  { false, 9, 190, 200, 220 },
	  "openssl",
	  true,
	  2000,
	  1727,
	  2444 },
	{ "kTLS after it alone",
	  { false, 9, 90, 100, 110 },
	  { true, 9, 190, 200, 220 },
	  "openssl",
	  true,
	  2000,
	  1727,
	  2444 },
	{ "too few rounds",
	  { true, 9, 90, 100, 110 },
	  { true, 5, 190, 200, 220 },
	  "openssl",
	  false,
	  0,
	  0,
	  0 },
};

/* OpenSSL and kTLS with the same figures. */
struct made {
	struct bench_figure_doc figure;
	struct bench_result_doc results[2];
	struct bench_group_doc group;
	struct bench_doc doc;
};

static void make_doc(struct made *m, const struct side *s)
{
	*m = (struct made){ .figure = { .name = "throughput",
					.unit = "bytes_per_second",
					.value = s->value,
					.low = s->low,
					.high = s->high } };
	for (int i = 0; i < 2; i++)
		m->results[i] = (struct bench_result_doc){
			.mode = i ? "ktls" : "openssl",
			.present = !i || s->ktls,
			.reason = "",
			.rounds = s->rounds,
			.figures = &m->figure,
			.n_figures = 1,
		};
	m->group = (struct bench_group_doc){ .workload = "bulk",
					     .direction = "send",
					     .results = m->results,
					     .n_results = 2 };
	m->doc = (struct bench_doc){ .groups = &m->group, .n_groups = 1 };
}

static void test_gain(void **state)
{
	const struct gain_row *r = *state;
	struct arena *a = arena_new();
	struct made before, after;
	struct tune_gain g;

	make_doc(&before, &r->before);
	make_doc(&after, &r->after);
	assert_int_equal(bench_gain(&before.doc, &after.doc, a, &g), 0);
	assert_string_equal(g.mode, r->mode);
	assert_int_equal(g.kept, r->kept);
	assert_int_equal(g.ratio_permille, r->ratio);
	assert_int_equal(g.ratio_low_permille, r->low);
	assert_int_equal(g.ratio_high_permille, r->high);
	assert_true(*g.text);
	arena_free(a);
}

/* ---- what disturbs it ---- */

static const struct stat_row {
	const char *name, *line;
	bool known;
	uint64_t total, busy, irq, steal;
} stats[] = {
	{ "ticks", "cpu  100 20 30 400 5 0 60 7 0 0", true, 622, 210, 60, 7 },
	{ "interrupts have their own", "cpu  100 20 30 400 5 1 60 7 0 0", true, 623, 150,
	  61, 7 },
	{ "one processor", "cpu0 100 20 30 400 5 0 60 7 0 0", false, 0, 0, 0, 0 },
	{ "an old kernel", "cpu  100 20 30 400 5", false, 0, 0, 0, 0 },
	{ "nothing", "", false, 0, 0, 0, 0 },
};

static void test_stat(void **state)
{
	const struct stat_row *r = *state;
	struct bench_times t = { 0 };

	bench_times_parse(span(r->line, strlen(r->line)), &t);
	assert_int_equal(t.known, r->known);
	assert_int_equal(t.total, r->total);
	assert_int_equal(t.busy, r->busy);
	assert_int_equal(t.irq, r->irq);
	assert_int_equal(t.steal, r->steal);
}

static void test_noise(void **state)
{
	struct bench_noise_doc n = { .known = true,
				     .other_permille = 151,
				     .frequency_min_khz = 2100000,
				     .frequency_max_khz = 3049000 };
	struct arena *a = arena_new();

	(void)state;
	assert_int_equal(bench_noise_say(&n, a), 0);
	assert_false(n.quiet);
	assert_string_equal(n.text,
			    "other programs use too much: 0.0 % of the processors "
			    "stolen, 15.1 % used by others, the first one at "
			    "2.10 to 3.05 GHz");
	arena_free(a);
}

/* ---- the harness, with a mode that is slow on purpose ---- */

enum { WASTED_NS = 10000000, ROUNDS = 12, SIZE = 16384 };

static uint64_t used_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* As OpenSSL, but for a busy loop in the way of each write; by the thread's own clock, so
 * that other work of the machine is no part of it. */
static ssize_t put_slowly(struct bench_end *e, const uint8_t *buf, size_t len)
{
	const uint64_t end = used_ns() + WASTED_NS;

	while (len <= SIZE && used_ns() < end)
		;
	return bench_openssl.put(e, buf, len);
}

static struct bench_mode slow;

static void test_slowed(void **state)
{
	const struct bench_mode *const modes[] = { &bench_openssl, &slow, NULL };
	const struct bench_options o = { .workloads = 1U << BENCH_BULK,
					 .sizes = { SIZE },
					 .n_sizes = 1,
					 .rounds = ROUNDS,
					 .total_ms = 2000,
					 .send_only = true,
					 .stop = -1,
					 .modes = modes };
	struct arena *a = arena_new();
	const struct bench_result_doc *r;
	const struct bench_figure_doc *f;
	struct bench_doc d;

	(void)state;
	slow = bench_openssl;
	slow.name = "slow";
	slow.directions = BENCH_SEND;
	slow.put = put_slowly;
	assert_non_null(a);
	assert_int_equal(bench_run(&o, a, &d), 0);
	assert_int_equal(d.n_groups, 1);
	r = bench_result(&d.groups[0], "slow");
	assert_true(r && r->present);
	assert_int_equal(r->rounds, ROUNDS);
	f = bench_figure(r, BENCH_THROUGHPUT);
	assert_non_null(f);
	assert_int_equal(f->change, BENCH_WORSE);
	assert_true(f->ratio_high_permille < 1000 &&
		    f->ratio_low_permille <= f->ratio_permille &&
		    f->ratio_permille <= f->ratio_high_permille);
	assert_int_equal(bench_figure(r, BENCH_SENDER_CPU)->change, BENCH_WORSE);
	arena_free(a);
}

/* ---- a mode that fails while the clock runs ---- */

static struct bench_mode frail;
static size_t opened, fails_from, fails_until; /* the first connection is for warmth */

static int count_open(struct bench_end *e, const char **why)
{
	(void)e;
	(void)why;
	opened++;
	return 0;
}

static ssize_t put_or_fail(struct bench_end *e, const uint8_t *buf, size_t len)
{
	if (len <= SIZE && opened > fails_from && opened <= fails_until)
		return -ENOLINK;
	return bench_plain.put(e, buf, len);
}

static const struct frail_row {
	const char *name;
	size_t from, until;
	bool present, right;
	const char *says;
} frails[] = {
	{ "never", 0, 0, true, true, "262144 bytes byte for byte as sent" },
	{ "in one round", 2, 3, true, false, "1 of 6 rounds failed: " },
	{ "in all rounds", 1, 99, false, false, "" },
};

static void test_frail(void **state)
{
	const struct frail_row *row = *state;
	const struct bench_mode *const modes[] = { &frail, NULL };
	const struct bench_options o = { .workloads = 1U << BENCH_BULK,
					 .sizes = { SIZE },
					 .n_sizes = 1,
					 .rounds = 6,
					 .total_ms = 1,
					 .send_only = true,
					 .stop = -1,
					 .modes = modes };
	struct arena *a = arena_new();
	const struct bench_result_doc *r;
	struct bench_doc d;

	frail = bench_plain;
	frail.name = "frail";
	frail.open = count_open;
	frail.put = put_or_fail;
	opened = 0;
	fails_from = row->from;
	fails_until = row->until;
	assert_int_equal(bench_run(&o, a, &d), 0);
	r = bench_result(&d.groups[0], "frail");
	assert_int_equal(r->present, row->present);
	if (row->present) {
		const struct bench_proof_doc *p = &r->proofs[r->n_proofs - 1];

		assert_string_equal(p->witness, "payload");
		assert_int_equal(p->right, row->right);
		assert_int_equal(strncmp(p->saw, row->says, strlen(row->says)), 0);
	} else {
		assert_non_null(strstr(r->reason, strerror(ENOLINK)));
	}
	arena_free(a);
}

/* Every workload moves what it should, as OpenSSL and as plain TCP. */
static void test_workloads(void **state)
{
	const struct bench_mode *const modes[] = { &bench_openssl, &bench_plain, NULL };
	const struct bench_options o = { .sizes = { 200 },
					 .n_sizes = 1,
					 .rounds = 1,
					 .connections = 2,
					 .total_ms = 1,
					 .stop = -1,
					 .modes = modes };
	struct arena *a = arena_new();
	struct bench_doc d;

	(void)state;
	assert_non_null(a);
	assert_int_equal(bench_run(&o, a, &d), 0);
	assert_int_equal(d.n_groups, 5);
	for (size_t i = 0; i < d.n_groups; i++) {
		for (size_t k = 0; k < 2; k++) {
			const struct bench_result_doc *r = &d.groups[i].results[k];

			assert_string_equal(r->reason, "");
			assert_true(r->present && r->operations && r->bytes);
			for (size_t p = 0; p < r->n_proofs; p++)
				assert_true(r->proofs[p].right);
		}
	}
	arena_free(a);
}

/* ---- what one core encrypts ---- */

static const struct aead_row {
	const char *name;
} aeads[] = {
	{ "aes-gcm-128" },
	{ "aes-ccm-128" }, /* which wants to be told everything earlier */
	{ "chacha20-poly1305" },
};

/* libcrypto has all of these. The kernel says what it does, or why it does not: never
 * both, and never nothing. */
static void test_aead(void **state)
{
	const struct aead_row *r = *state;
	const struct ktls_cipher *c = ktls_cipher_named(r->name, strlen(r->name));
	char why[160] = "of another call";
	uint64_t rate;

	assert_non_null(c);
	assert_true(bench_aead(c) > 0);
	rate = bench_alg(c, false, why);
	assert_int_equal(!rate, *why != '\0');
}

static unsigned sealed;

static bool ten_times(void *arg)
{
	(void)arg;
	return ++sealed < 10;
}

static void test_rate_of_failure(void **state)
{
	(void)state;
	sealed = 0;
	assert_int_equal(bench_seal_rate(ten_times, NULL), 0);
}

/* Whose ceiling it is a part of: the kernel's only where it was measured, and only of a
 * mode whose keys are the kernel's. */
static const struct ceiling_row {
	const char *name;
	const struct bench_mode *mode;
	struct bench_ceiling_doc c;
	uint64_t rate;
	const char *of;
} ceilings[] = {
	{ "OpenSSL",
	  &bench_openssl,
	  { .libcrypto_bytes_per_second = 3, .af_alg_bytes_per_second = 2 },
	  3,
	  "libcrypto" },
	{ "kTLS",
	  &bench_ktls,
	  { .libcrypto_bytes_per_second = 3, .af_alg_bytes_per_second = 2 },
	  2,
	  "AF_ALG" },
	{ "kTLS without AF_ALG",
	  &bench_ktls,
	  { .libcrypto_bytes_per_second = 3, .kernel_bytes_per_second = 9 },
	  3,
	  "libcrypto" },
	{ "nothing known", &bench_openssl, { 0 }, 0, "libcrypto" },
};

static void test_ceiling(void **state)
{
	const struct ceiling_row *r = *state;
	const char *of;

	assert_int_equal(bench_ceiling(&r->c, r->mode, &of), r->rate);
	assert_non_null(strstr(of, r->of));
}

/* Whoever ends it before it began gets no complete nothing. */
static void test_stopped(void **state)
{
	struct bench_options o = { .workloads = 1U << BENCH_RPC };
	struct arena *a = arena_new();
	struct bench_doc d;
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	close(ends[1]); /* the other one is readable */
	o.stop = ends[0];
	assert_int_equal(bench_run(&o, a, &d), 0);
	close(ends[0]);
	assert_string_equal(d.ended, "interrupted");
	assert_false(d.complete);
	for (size_t i = 0; i < d.n_groups; i++)
		for (size_t k = 0; k < d.groups[i].n_results; k++)
			assert_string_equal(d.groups[i].results[k].reason,
					    "interrupted before it was tried");
	arena_free(a);
}

/* What it cannot have becomes a reason, and no failure. */
static void test_no_suite(void **state)
{
	const struct bench_options o = { .workloads = 1U << BENCH_RPC,
					 .suites = { { KTLS_1_3, "TLS_NO_SUCH" } },
					 .n_suites = 1,
					 .rounds = 1,
					 .stop = -1 };
	struct arena *a = arena_new();
	struct bench_doc d;

	(void)state;
	assert_int_equal(bench_run(&o, a, &d), 0);
	for (size_t i = 0; i < d.n_groups; i++)
		for (size_t k = 0; k < d.groups[i].n_results; k++)
			assert_true(!d.groups[i].results[k].present &&
				    *d.groups[i].results[k].reason);
	arena_free(a);
}

int main(void)
{
	const struct unit_set sets[] = {
		UNIT_ROWS("rank", ranks, test_rank),
		UNIT_ONE("coverage", test_coverage),
		UNIT_ROWS("interval", intervals, test_interval),
		UNIT_ROWS("judge", verdicts, test_judge),
		UNIT_ONE("ratio", test_ratio),
		UNIT_ONE("unpaired", test_unpaired),
		UNIT_ROWS("gain", gains, test_gain),
		UNIT_ROWS("stat", stats, test_stat),
		UNIT_ONE("noise", test_noise),
		UNIT_ONE("slowed", test_slowed),
		UNIT_ROWS("frail", frails, test_frail),
		UNIT_ONE("workloads", test_workloads),
		UNIT_ONE("stopped", test_stopped),
		UNIT_ONE("no-suite", test_no_suite),
		UNIT_ROWS("aead", aeads, test_aead),
		UNIT_ONE("rate-of-failure", test_rate_of_failure),
		UNIT_ROWS("ceiling", ceilings, test_ceiling),
	};

	return unit_run("bench", sets, ARRAY_SIZE(sets));
}
