/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "../host/cleanup.h"
#include "bench.h"

const char *const bench_source_words[] = { "measured", "derived", "unavailable", NULL };
const char *const bench_change_words[] = { "none",          "better",    "worse",
					   "no_difference", "too_noisy", NULL };

const struct bench_kind bench_kinds[] = {
	{ "throughput", "bytes_per_second", "throughput", true },
	{ "rate", "per_second", "operations", true },
	{ "sender_cpu", "ns_per_gib", "sender: CPU", false },
	{ "sender_user", "ns_per_gib", "sender: user", false },
	{ "sender_system", "ns_per_gib", "sender: system", false },
	{ "receiver_cpu", "ns_per_gib", "receiver: CPU", false },
	{ "receiver_user", "ns_per_gib", "receiver: user", false },
	{ "receiver_system", "ns_per_gib", "receiver: system", false },
	{ "softirq", "ns_per_gib", "softirq, whole host", false },
	{ "sender_calls", "per_gib", "sender: system calls", false },
	{ "receiver_calls", "per_gib", "receiver: system calls", false },
	{ "copies", "bytes_per_gib", "copied by the sender", false },
	{ "latency_mean", "ns", "latency: mean", false },
	{ "latency_p50", "ns", "latency: p50", false },
	{ "latency_p99", "ns", "latency: p99", false },
	{ "latency_p999", "ns", "latency: p99.9", false },
	{ "connect", "ns", "connecting", false },
	{ "handshake", "ns", "TLS handshake", false },
	{ "attach", "ns", "keys to the kernel", false },
	{ "crypto", "ns_per_gib", "encryption: CPU", false },
	{ "of_ceiling", "permille", "of the AEAD ceiling", true },
	{ "memory", "bytes_per_gib", "memory traffic", false },
	{ "instructions", "per_gib", "sender: instructions", false },
	{ 0 },
};
_Static_assert(ARRAY_SIZE(bench_kinds) == BENCH_FIGURES + 1, "a row for each figure");

static const struct field figure_rows[] = {
	FIELD(FIELD_STR, struct bench_figure_doc, name,
	      "throughput, rate, sender_cpu, latency_p99, ..."),
	FIELD(FIELD_STR, struct bench_figure_doc, unit,
	      "of value, low and high: bytes_per_second, ns_per_gib, ns, per_gib, ..."),
	FIELD_WORD(
		struct bench_figure_doc, source, bench_source_words,
		"measured in these rounds; derived: follows from how the mode works or "
		"from other figures; unavailable: there is no value"),
	FIELD(FIELD_STR, struct bench_figure_doc, why,
	      "how it was derived, or why there is none; of what is measured who did, "
	      "empty: it was here"),
	FIELD(FIELD_U64, struct bench_figure_doc, value, "median over the rounds"),
	FIELD(FIELD_U64, struct bench_figure_doc, low,
	      "lower end of the median's interval, at least 95 % by order statistics"),
	FIELD(FIELD_U64, struct bench_figure_doc, high, "its upper end"),
	FIELD_WORD(struct bench_figure_doc, change, bench_change_words,
		   "beside the baseline; none: nothing to compare with"),
	FIELD(FIELD_U64, struct bench_figure_doc, ratio_permille,
	      "median of the rounds' ratios to the baseline; 1000 is equal; 0: none"),
	FIELD(FIELD_U64, struct bench_figure_doc, ratio_low_permille,
	      "lower end of its interval, at least 95 %"),
	FIELD(FIELD_U64, struct bench_figure_doc, ratio_high_permille, "its upper end"),
};
FIELDS(figure_fields, struct bench_figure_doc, figure_rows, "A figure of a mode.");

static const struct field proof_rows[] = {
	FIELD(FIELD_STR, struct bench_proof_doc, witness,
	      "tls_stat, sock_diag, getsockopt, payload"),
	FIELD(FIELD_STR, struct bench_proof_doc, saw, "what it said"),
	FIELD(FIELD_BOOL, struct bench_proof_doc, right, "as it has to be for this mode"),
};
FIELDS(proof_fields, struct bench_proof_doc, proof_rows,
       "Who says that the mode named is the mode that ran.");

static const struct field result_rows[] = {
	FIELD(FIELD_STR, struct bench_result_doc, mode,
	      "openssl, ktls, ktls-sendfile, ktls-zerocopy, ktls-uring, plain, ..."),
	FIELD(FIELD_STR, struct bench_result_doc, title, "the same for people"),
	FIELD(FIELD_BOOL, struct bench_result_doc, present, "it was measured"),
	FIELD(FIELD_STR, struct bench_result_doc, reason,
	      "why it is absent; empty: it is not"),
	FIELD(FIELD_BOOL, struct bench_result_doc, baseline,
	      "the others of the group are compared with it"),
	FIELD(FIELD_U64, struct bench_result_doc, rounds, "that were measured"),
	FIELD(FIELD_U64, struct bench_result_doc, operations, "all rounds together"),
	FIELD(FIELD_U64, struct bench_result_doc, bytes, "of payload, likewise"),
	FIELD_ARRAY(FIELD_LIST, struct bench_result_doc, figures, &figure_fields,
		    "in the order that people read them"),
	FIELD_ARRAY(FIELD_LIST, struct bench_result_doc, proofs, &proof_fields,
		    "who says that the mode named is the mode that ran"),
};
FIELDS(result_fields, struct bench_result_doc, result_rows, "A mode of a group.");

static const struct field group_rows[] = {
	FIELD(FIELD_STR, struct bench_group_doc, workload, "bulk, rpc, websocket, close"),
	FIELD(FIELD_STR, struct bench_group_doc, direction,
	      "what the modes differ in: send, receive, both"),
	FIELD(FIELD_STR, struct bench_group_doc, tls, "TLSv1.2, TLSv1.3"),
	FIELD(FIELD_STR, struct bench_group_doc, suite, "as libssl names it"),
	FIELD(FIELD_STR, struct bench_group_doc, cipher,
	      "as the kernel's is named; empty: it has none"),
	FIELD(FIELD_U64, struct bench_group_doc, message_bytes,
	      "of payload in one write or message"),
	FIELD(FIELD_U64, struct bench_group_doc, connections, "at a time"),
	FIELD_ARRAY(FIELD_LIST, struct bench_group_doc, results, &result_fields,
		    "the modes, absent ones too"),
};
FIELDS(group_fields, struct bench_group_doc, group_rows,
       "One workload, version, cipher and size; its modes were measured alternately.");

static const struct field ceiling_rows[] = {
	FIELD(FIELD_STR, struct bench_ceiling_doc, cipher, "as the kernel's is named"),
	FIELD(FIELD_U64, struct bench_ceiling_doc, libcrypto_bytes_per_second,
	      "by libcrypto on one core, records of 16 KiB; 0: it does not have it"),
	FIELD(FIELD_U64, struct bench_ceiling_doc, kernel_bytes_per_second,
	      "by the kernel, derived from its modes; 0: not known"),
	FIELD(FIELD_STR, struct bench_ceiling_doc, kernel_source,
	      "how that is known, or why not"),
	{ .name = "af_alg_bytes_per_second",
	  .kind = FIELD_U64,
	  .off = offsetof(struct bench_ceiling_doc, af_alg_bytes_per_second),
	  .optional = true,
	  .help = "by the kernel, measured over AF_ALG: system calls and copies are part "
		  "of it, so the kernel does at least that; left out: not measured" },
	{ .name = "af_alg_reason",
	  .kind = FIELD_STR,
	  .off = offsetof(struct bench_ceiling_doc, af_alg_reason),
	  .optional = true,
	  .help = "why that was not measured" },
};
FIELDS(ceiling_fields, struct bench_ceiling_doc, ceiling_rows,
       "What one core can encrypt.");

static const struct field noise_rows[] = {
	FIELD(FIELD_BOOL, struct bench_noise_doc, quiet, "enough to conclude from"),
	FIELD(FIELD_STR, struct bench_noise_doc, text, "in words"),
	FIELD(FIELD_BOOL, struct bench_noise_doc, known, "/proc/stat could be read"),
	FIELD(FIELD_U64, struct bench_noise_doc, steal_permille,
	      "of all processors' time, taken by the hypervisor"),
	FIELD(FIELD_U64, struct bench_noise_doc, other_permille,
	      "likewise, used by other programs"),
	FIELD(FIELD_U64, struct bench_noise_doc, frequency_min_khz,
	      "of the first processor, as seen before each round; 0: not shown"),
	FIELD(FIELD_U64, struct bench_noise_doc, frequency_max_khz, "likewise"),
	FIELD(FIELD_U64, struct bench_noise_doc, spread_permille,
	      "half the interval of the baseline's throughput, as a part of it; the "
	      "widest"),
};
FIELDS(noise_fields, struct bench_noise_doc, noise_rows, "What disturbed the rounds.");

static const struct field host_rows[] = {
	{ .name = "name",
	  .kind = FIELD_STR,
	  .off = offsetof(struct bench_host_doc, name),
	  .optional = true,
	  .help = "node name" },
	FIELD(FIELD_STR, struct bench_host_doc, kernel, "uname -r"),
	FIELD(FIELD_STR, struct bench_host_doc, openssl, "version of libssl"),
	FIELD(FIELD_STR, struct bench_host_doc, cpu, "as it names itself"),
	FIELD(FIELD_U64, struct bench_host_doc, cpus, "that this program may use"),
	FIELD(FIELD_STR, struct bench_host_doc, environment,
	      "metal, virtual, emulated, unknown"),
	FIELD(FIELD_STR, struct bench_host_doc, label,
	      "what to keep in mind because of it; empty: nothing"),
};
FIELDS(host_fields, struct bench_host_doc, host_rows, "Where it was measured.");

static const struct field harness_rows[] = {
	FIELD(FIELD_U64, struct bench_harness_doc, operation_ns,
	      "an operation of which nothing goes anywhere"),
	FIELD(FIELD_U64, struct bench_harness_doc, sample_ns,
	      "one latency taken and put into the histogram; 0: not measured"),
	FIELD(FIELD_U64, struct bench_harness_doc, histogram_ns,
	      "of CPU: putting one into the histogram; 0: not measured"),
};
FIELDS(harness_fields, struct bench_harness_doc, harness_rows,
       "What the harness itself costs, in all figures alike.");

static const struct field advice_rows[] = {
	FIELD(FIELD_STR, struct bench_advice_doc, workload, "bulk, receive, rpc, ..."),
	FIELD(FIELD_STR, struct bench_advice_doc, advice,
	      "on, off, no_difference, depends, unknown: of kTLS"),
	FIELD(FIELD_STR, struct bench_advice_doc, mode, "the best one; empty: none"),
	FIELD(FIELD_STR, struct bench_advice_doc, text, "a sentence, with the reason"),
};
FIELDS(advice_fields, struct bench_advice_doc, advice_rows,
       "What follows for a workload.");

static const struct field bench_rows[] = {
	FIELD(FIELD_STR, struct bench_doc, tool_version, "ktlsctl that measured"),
	FIELD(FIELD_U64, struct bench_doc, time_ms, "since the epoch, when it began"),
	FIELD(FIELD_BOOL, struct bench_doc, complete, "every round was made"),
	FIELD(FIELD_STR, struct bench_doc, ended, "complete, interrupted, time"),
	FIELD(FIELD_STR, struct bench_doc, path, "loopback, netns NAME, peer ADDR:PORT"),
	FIELD(FIELD_STR, struct bench_doc, answer, "in one line"),
	FIELD(FIELD_U64, struct bench_doc, rounds, "that were made"),
	FIELD(FIELD_U64, struct bench_doc, run_ms, "of one mode in one round"),
	FIELD(FIELD_U64, struct bench_doc, total_ms, "of all of it"),
	FIELD_SUB(FIELD_OBJ, struct bench_doc, host, &host_fields, "where"),
	FIELD_SUB(FIELD_OBJ, struct bench_doc, noise, &noise_fields, "what disturbed it"),
	FIELD_SUB(FIELD_OBJ, struct bench_doc, harness, &harness_fields,
		  "what the harness itself costs"),
	FIELD_ARRAY(FIELD_LIST, struct bench_doc, ceilings, &ceiling_fields,
		    "one for each cipher"),
	FIELD_ARRAY(FIELD_LIST, struct bench_doc, groups, &group_fields,
		    "one for each workload, version, cipher and size"),
	FIELD_ARRAY(FIELD_LIST, struct bench_doc, advice, &advice_fields,
		    "what follows, one for each workload"),
};

const struct fields bench_fields = {
	.name = "ktlsctl.bench/1",
	.help = "What kernel TLS gains on this host, beside OpenSSL in user space.",
	.size = sizeof(struct bench_doc),
	.f = bench_rows,
	.n = ARRAY_SIZE(bench_rows),
};

const struct bench_figure_doc *bench_figure(const struct bench_result_doc *r,
					    enum bench_figure f)
{
	for (size_t i = 0; i < r->n_figures; i++)
		if (!strcmp(r->figures[i].name, bench_kinds[f].name))
			return &r->figures[i];
	return NULL;
}

const struct bench_result_doc *bench_result(const struct bench_group_doc *g,
					    const char *mode)
{
	for (size_t i = 0; i < g->n_results; i++)
		if (!strcmp(g->results[i].mode, mode))
			return &g->results[i];
	return NULL;
}

bool bench_advised(const struct bench_doc *d, size_t i, char *buf, size_t size)
{
	const char *text = d->advice[i].text;
	size_t len = 0;

	for (size_t k = 0; k < i; k++)
		if (!strcmp(d->advice[k].text, text))
			return false;
	*buf = '\0';
	for (size_t k = i; k < d->n_advice && len < size; k++)
		if (!strcmp(d->advice[k].text, text))
			len += (size_t)snprintf(buf + len, size - len, "%s%s",
						len ? ", " : "", d->advice[k].workload);
	return true;
}
