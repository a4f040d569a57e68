/* SPDX-License-Identifier: MIT */
/*
 * What `ktlsctl bench` measured, as a document. A group is a question: one workload, one
 * version and cipher, one size; its results are the modes, measured alternately. Numbers
 * are whole, with the unit beside them. Strings are borrowed, and never NULL.
 */
#ifndef KTLSCTL_OUT_BENCH_H
#define KTLSCTL_OUT_BENCH_H

#include <stdint.h>

#include "render.h"

/* Where a figure is from; the words are those of the document. */
enum bench_source {
	BENCH_MEASURED, /* by the kernel or a clock, in these rounds */
	BENCH_DERIVED,  /* follows from how the mode works, or from other figures */
	BENCH_UNAVAILABLE,
};
extern const char *const bench_source_words[]; /* NULL-terminated */

/* A figure beside that of the baseline. */
enum bench_change {
	BENCH_NO_BASELINE, /* it is the baseline, or there is none */
	BENCH_BETTER,
	BENCH_WORSE,
	BENCH_NO_DIFFERENCE, /* the interval holds 1 */
	BENCH_TOO_NOISY,     /* the interval is too wide to say even that, or too few
				rounds */
};
extern const char *const bench_change_words[];

/* What may be figures, in the order that people read them. */
struct bench_kind {
	const char *name; /* in the document: "throughput" */
	const char *unit; /* "bytes_per_second", "ns_per_gib", "per_gib", ... */
	const char *title;
	bool more_is_better;
};
extern const struct bench_kind bench_kinds[]; /* ends with a zeroed row */
enum bench_figure {
	BENCH_THROUGHPUT,    /* bytes_per_second of payload */
	BENCH_RATE,          /* per_second: messages, or connections of `close` */
	BENCH_SENDER_CPU,    /* ns_per_gib; of rpc, websocket, close: the end with
				the mode, which answers, or asks a peer */
	BENCH_SENDER_USER,   /* of that, in user space */
	BENCH_SENDER_SYSTEM, /* of that, in the kernel */
	BENCH_RECEIVER_CPU,
	BENCH_RECEIVER_USER,
	BENCH_RECEIVER_SYSTEM,
	BENCH_SOFTIRQ,        /* ns_per_gib, of the whole host: /proc/stat */
	BENCH_SENDER_CALLS,   /* per_gib: system calls */
	BENCH_RECEIVER_CALLS, /* per_gib */
	BENCH_COPIES,         /* bytes_per_gib that the sender's processor copies */
	BENCH_LATENCY_MEAN,   /* ns */
	BENCH_LATENCY_P50,
	BENCH_LATENCY_P99,
	BENCH_LATENCY_P999,
	BENCH_CONNECT,      /* ns: TCP */
	BENCH_HANDSHAKE,    /* ns: TLS */
	BENCH_ATTACH,       /* ns: giving the keys to the kernel */
	BENCH_CRYPTO,       /* ns_per_gib: what it costs more than plain TCP */
	BENCH_OF_CEILING,   /* permille: throughput of what a core encrypts; where the
			     * keys are the kernel's through AF_ALG, if it was measured */
	BENCH_MEMORY,       /* bytes_per_gib moved from and to memory */
	BENCH_INSTRUCTIONS, /* per_gib, of the sender */
	BENCH_FIGURES
};

struct bench_figure_doc {
	const char *name;         /* of bench_kinds[] */
	const char *unit;         /* but ns_per_operation, per_1000_operations where it
				   * is not bulk */
	enum bench_source source; /* BENCH_UNAVAILABLE: no value */
	const char *why;          /* how it was derived, or why it is not to be had */
	uint64_t value;           /* median over the rounds */
	uint64_t low, high;       /* 95 % interval of that median */
	enum bench_change change; /* with the three below 0: nothing to compare with */
	/* Median of the rounds' ratios to the baseline, and its interval; 1000 is equal.
	 */
	uint64_t ratio_permille, ratio_low_permille, ratio_high_permille;
};

/* Who says that the mode named is the mode that ran. */
struct bench_proof_doc {
	const char *witness; /* "tls_stat", "sock_diag", "getsockopt", "payload" */
	const char *saw;     /* "TlsTxSw +9" */
	bool right;
};

struct bench_result_doc {
	const char *mode;  /* "openssl", "ktls", "ktls-sendfile", ... */
	const char *title; /* "kTLS sendfile" */
	bool present;
	const char *reason; /* why it is absent; "" */
	bool baseline;      /* the others are compared with it */
	uint64_t rounds, operations, bytes;
	struct bench_figure_doc *figures;
	size_t n_figures;
	struct bench_proof_doc *proofs;
	size_t n_proofs;
};

struct bench_group_doc {
	const char *workload;  /* bulk, rpc, websocket, close */
	const char *direction; /* send, receive, both: what the modes differ in */
	const char *tls, *suite, *cipher; /* "TLSv1.3"; libssl's name; the kernel's */
	uint64_t message_bytes, connections;
	struct bench_result_doc *results;
	size_t n_results;
};

/* What one core of this processor encrypts, in records of 16 KiB. */
struct bench_ceiling_doc {
	const char *cipher;
	uint64_t libcrypto_bytes_per_second; /* 0: it does not have it */
	uint64_t kernel_bytes_per_second;    /* 0: not known */
	const char *kernel_source;           /* how that is known; or why not */
	/* The same through AF_ALG, with its calls and copies: at least that. */
	uint64_t af_alg_bytes_per_second; /* 0: not measured */
	const char *af_alg_reason;        /* why not; "" or NULL */
};

struct bench_noise_doc {
	bool quiet;                                    /* enough to conclude from */
	const char *text;                              /* a sentence */
	bool known;                                    /* /proc/stat could be read */
	uint64_t steal_permille, other_permille;       /* of all processors' time */
	uint64_t frequency_min_khz, frequency_max_khz; /* 0: not shown */
	/* Half the interval of the baseline's throughput, of its median; the widest. */
	uint64_t spread_permille;
};

struct bench_host_doc {
	const char *name; /* of the node; NULL or "": a document does not say */
	const char *kernel, *openssl, *cpu;
	uint64_t cpus;
	const char *environment; /* metal, virtual, emulated, unknown */
	const char *label;       /* what to keep in mind because of it; "" */
};

/* What the harness itself costs; in the figures, and the same for all modes. */
struct bench_harness_doc {
	uint64_t operation_ns; /* one operation of which nothing goes anywhere */
	uint64_t sample_ns;    /* one latency, its clocks and all; 0: not measured */
	uint64_t histogram_ns; /* of that, putting it into the histogram */
};

struct bench_advice_doc {
	const char *workload;
	const char *advice; /* on, off, no_difference, depends, unknown */
	const char *mode;   /* that was best; "" */
	const char *text;   /* a sentence, with the reason */
};

struct bench_doc {
	const char *tool_version;
	uint64_t time_ms;   /* since the epoch, when it began */
	bool complete;      /* every round was made */
	const char *ended;  /* "complete", "interrupted", "time" */
	const char *path;   /* "loopback", "netns NAME", "peer ADDR:PORT" */
	const char *answer; /* the first line for people */
	uint64_t rounds, run_ms, total_ms;
	struct bench_host_doc host;
	struct bench_noise_doc noise;
	struct bench_harness_doc harness;
	struct bench_ceiling_doc *ceilings;
	size_t n_ceilings;
	struct bench_group_doc *groups;
	size_t n_groups;
	struct bench_advice_doc *advice;
	size_t n_advice;
};

extern const struct fields bench_fields; /* ktlsctl.bench/1 */

/* NULL: it was not measured. */
const struct bench_figure_doc *bench_figure(const struct bench_result_doc *r,
					    enum bench_figure f);
const struct bench_result_doc *bench_result(const struct bench_group_doc *g,
					    const char *mode);

/* "bulk, rpc": all that advice i is of, in the same words. False: an earlier one is. */
bool bench_advised(const struct bench_doc *d, size_t i, char *buf, size_t size);

/* free(3); NULL without memory */
char *bench_text(const struct bench_doc *d, const struct text_style *style);
/* A page for the browser, likewise. */
char *bench_html(const struct bench_doc *d);

#endif
