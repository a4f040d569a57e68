// SPDX-License-Identifier: MIT
/* The bench for people: what its tables say, and that they stay in their columns. */
#include "../../lib/out/bench.h"
#include "unit.h"

static const char *const names[] = { "throughput",     "sender_cpu", "receiver_cpu",
				     "receiver_calls", "copies",     "latency_p99",
				     "latency_p999",   "handshake" };

/* OpenSSL has 0 as its ratio. */
struct sample {
	const char *unit;
	enum bench_source source;
	uint64_t value;
	enum bench_change change;
	uint64_t ratio, low, high;
};

static const struct sample samples[2][8] = {
	{ { "bytes_per_second", BENCH_MEASURED, 1 << 30, BENCH_NO_BASELINE, 0, 0, 0 },
	  { "ns_per_gib", BENCH_MEASURED, 500000000, BENCH_NO_BASELINE, 0, 0, 0 },
	  { "ns_per_gib", BENCH_MEASURED, 23700000000, BENCH_NO_BASELINE, 0, 0, 0 },
	  { "per_gib", BENCH_MEASURED, 133120, BENCH_NO_BASELINE, 0, 0, 0 },
	  { "bytes_per_gib", BENCH_DERIVED, 1 << 30, BENCH_NO_BASELINE, 0, 0, 0 },
	  { "ns", BENCH_MEASURED, 70000, BENCH_NO_BASELINE, 0, 0, 0 },
	  { "ns", BENCH_UNAVAILABLE, 0, BENCH_NO_BASELINE, 0, 0, 0 },
	  { "ns", BENCH_MEASURED, 176659000, BENCH_NO_BASELINE, 0, 0, 0 } },
	{ { "bytes_per_second", BENCH_MEASURED, 13ULL << 30, BENCH_BETTER, 13000, 12100,
	    14000 },
	  { "ns_per_gib", BENCH_MEASURED, 1200000000, BENCH_WORSE, 2400, 2300, 2500 },
	  { "ns_per_gib", BENCH_MEASURED, 700000000, BENCH_TOO_NOISY, 1000, 700, 1400 },
	  { "per_gib", BENCH_DERIVED, 36864, BENCH_BETTER, 277, 270, 280 },
	  { "bytes_per_gib", BENCH_DERIVED, 0, BENCH_NO_BASELINE, 0, 0, 0 },
	  { "ns", BENCH_MEASURED, 71000, BENCH_NO_DIFFERENCE, 1014, 990, 1050 },
	  { "ns", BENCH_UNAVAILABLE, 0, BENCH_NO_BASELINE, 0, 0, 0 },
	  { "ns", BENCH_MEASURED, 99000000, BENCH_BETTER, 560, 550, 570 } },
};

struct made {
	struct bench_figure_doc figures[2][8];
	struct bench_proof_doc proof;
	struct bench_result_doc results[3];
	struct bench_group_doc group;
	struct bench_advice_doc advice[4];
	struct bench_ceiling_doc ceilings[2];
	struct bench_doc doc;
};

static void make_results(struct made *m)
{
	for (int i = 0; i < 2; i++) {
		for (int k = 0; k < 8; k++) {
			const struct sample *s = &samples[i][k];

			m->figures[i][k] = (struct bench_figure_doc){
				.name = names[k],
				.unit = s->unit,
				.source = s->source,
				.why = "",
				.value = s->value,
				.low = s->value,
				.high = s->value,
				.change = s->change,
				.ratio_permille = s->ratio,
				.ratio_low_permille = s->low,
				.ratio_high_permille = s->high,
			};
		}
		m->results[i] = (struct bench_result_doc){ .mode = i ? "ktls" : "openssl",
							   .title = i ? "kTLS"
								      : "OpenSSL",
							   .present = true,
							   .reason = "",
							   .baseline = !i,
							   .figures = m->figures[i],
							   .n_figures = 8 };
	}
	m->results[2] = (struct bench_result_doc){ .mode = "ktls-zerocopy",
						   .title = "kTLS zero-copy",
						   .reason = "no NIC encrypts" };
	m->proof = (struct bench_proof_doc){ "payload", "1 of 9 rounds failed: lost",
					     false };
	m->results[1].proofs = &m->proof;
	m->results[1].n_proofs = 1;
}

static void make(struct made *m)
{
	*m = (struct made){ 0 };
	make_results(m);
	m->group = (struct bench_group_doc){ .workload = "bulk",
					     .direction = "send",
					     .tls = "TLSv1.3",
					     .suite = "TLS_AES_128_GCM_SHA256",
					     .cipher = "aes-gcm-128",
					     .message_bytes = 16384,
					     .connections = 1,
					     .results = m->results,
					     .n_results = 3 };
	m->advice[0] = (struct bench_advice_doc){ "bulk", "on", "ktls", "kTLS on." };
	m->advice[1] = (struct bench_advice_doc){ "receive", "unknown", "",
						  "Who knows." };
	m->advice[2] = (struct bench_advice_doc){ "rpc", "off", "ktls", "kTLS off." };
	m->advice[3] = (struct bench_advice_doc){ "close", "unknown", "", "Who knows." };
	m->ceilings[0] =
		(struct bench_ceiling_doc){ .cipher = "aes-gcm-128",
					    .libcrypto_bytes_per_second = 4ULL << 30,
					    .kernel_bytes_per_second = 2ULL << 30,
					    .kernel_source = "",
					    .af_alg_bytes_per_second = 1ULL << 30 };
	m->ceilings[1] = (struct bench_ceiling_doc){ .cipher = "sm4-gcm",
						     .kernel_source = "",
						     .af_alg_reason = "no AF_ALG" };
	m->doc = (struct bench_doc){
		.ended = "time",
		.path = "loopback",
		.answer = "kTLS gains here.",
		.rounds = 9,
		.run_ms = 70,
		.host = { "edge17", "6.12.1", "3.5.7", "A processor", 2, "metal", "" },
		.noise = { .quiet = true, .text = "quiet enough", .known = true },
		.groups = &m->group,
		.n_groups = 1,
		.ceilings = m->ceilings,
		.n_ceilings = 2,
		.advice = m->advice,
		.n_advice = 4,
	};
}

static const struct line_row {
	const char *name, *line;
} lines[] = {
	{ "answer", "kTLS gains here.\n" },
	{ "advice",
	  "\n\n  bulk       kTLS on.\n  receive, close\n             Who knows.\n"
	  "  rpc        kTLS off.\n\n" },
	{ "head", "\n                       throughput          sender CPU        "
		  "receiver CPU\n" },
	{ "baseline", "\n  OpenSSL              1024 MiB/s          500 ms/GiB          "
		      "23.7 s/GiB\n" },
	{ "beside it", "\n  kTLS                13312 MiB/s x13     1200 ms/GiB +140 %   "
		       "700 ms/GiB ?\n" },
	{ "absent", "\n  kTLS zero-copy: absent, no NIC encrypts\n" },
	{ "two columns", "\n                             OpenSSL        kTLS source   "
			 "change\n" },
	{ "many times", "\n  throughput              1024 MiB/s 13312 MiB/s measured x13 "
			"(x12 to x14)\n" },
	{ "percent", "\n  sender: CPU             500 ms/GiB 1200 ms/GiB measured +140 % "
		     "(+130 to +150)\n" },
	{ "noisy",
	  "\n  receiver: CPU           23.7 s/GiB  700 ms/GiB measured too noisy\n" },
	{ "derived by one of two", "\n  receiver: system calls     130/MiB    36.0/MiB "
				   "derived  -72 % (-73 to -72)\n" },
	{ "derived", "\n  copied by the sender        1.00 x      0.00 x derived\n" },
	{ "the same",
	  "\n  latency: p99               70.0 us     71.0 us measured no difference\n" },
	{ "no value", "\n  latency: p99.9                   -           -\n" },
	{ "slow",
	  "\n  TLS handshake               177 ms    99000 us measured -44 % (-45 to -43)\n" },
	{ "a proof that is wrong", "X ktls, payload: 1 of 9 rounds failed: lost\n" },
	{ "ceiling",
	  "\n  one core   aes-gcm-128: libcrypto 4096 MiB/s, kernel 2048 "
	  "MiB/s (derived),\n             kernel at least 1024 MiB/s (measured "
	  "over AF_ALG)\n" },
	{ "no ceiling",
	  "\n  one core   sm4-gcm: libcrypto does not have it; not measured "
	  "over AF_ALG: no\n             AF_ALG\n" },
	{ "how it ended", "9 rounds of 70 ms, then the time was over; medians" },
	{ "what the mark is",
	  "\n  ?          too noisy, or fewer than 6 rounds: nothing can "
	  "be concluded from" },
};

static void test_line(void **state)
{
	const struct line_row *r = *state;
	const struct text_style style = { 0 };
	struct made m;
	char *text;

	make(&m);
	text = bench_text(&m.doc, &style);
	if (!text || !strstr(text, r->line))
		fail_msg("no %s in\n%s", r->line, text ? text : "");
	free(text);
}

static void test_columns(void **state)
{
	const struct text_style style = { 0 };
	struct made m;
	char *text;

	(void)state;
	make(&m);
	text = bench_text(&m.doc, &style);
	assert_non_null(text);
	assert_null(strstr(text, " \n"));
	for (const char *p = text; *p; p += strcspn(p, "\n") + 1)
		if (strcspn(p, "\n") > 80)
			fail_msg("too long: %s", p);
	free(text);
}

int main(void)
{
	const struct unit_set sets[] = {
		UNIT_ROWS("line", lines, test_line),
		UNIT_ONE("columns", test_columns),
	};

	return unit_run("bench_text", sets, ARRAY_SIZE(sets));
}
