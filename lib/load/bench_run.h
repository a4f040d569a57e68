/* SPDX-License-Identifier: MIT */
/* Between the files that make a document of runs; nobody else includes it but tests. */
#ifndef KTLSCTL_LOAD_BENCH_RUN_H
#define KTLSCTL_LOAD_BENCH_RUN_H

#include "../facts/lines.h"
#include "bench_priv.h"

#define BENCH_GIB 1073741824.0

/* One mode of a group, over its rounds; v[f][r] < 0: not known of that round. */
struct bench_tally {
	const struct bench_mode *mode;
	bool present;
	char reason[160];
	double v[BENCH_FIGURES][BENCH_ROUNDS_MAX];
	size_t n;      /* rounds */
	size_t failed; /* of them; the first one's reason above */
	struct histogram *latency;
	uint64_t operations, bytes, irq_ns;
	bool calls_measured[2];
	struct bench_proof proof[BENCH_WITNESSES];
	uint64_t opened_tx, opened_rx; /* by tls_stat, in all of its runs */
	uint64_t runs;
	bool counted;           /* there is a tls_stat */
	uint64_t setup_ns;      /* of its first run */
	const char *ceiling_of; /* in words, what BENCH_OF_CEILING is a part of */
};

enum { BENCH_MODES_MAX = 8, BENCH_GROUPS_MAX = 128 };

struct bench_set {
	struct bench_group g;
	struct bench_tally *tallies[BENCH_MODES_MAX];
	size_t n_tallies;
	const char *absent; /* why none of its modes runs; NULL */
};

/* What the host has used and suffered, at one time: bench_noise.c. */
struct bench_times {
	bool known;
	uint64_t total, steal, irq; /* ticks of all processors */
	uint64_t busy;              /* likewise, of whatever threads are charged with */
	uint64_t ours_ns;           /* CPU of this process */
};
void bench_times_read(struct bench_times *t);
/* Pure: the first line of /proc/stat; known stays false of another one. */
void bench_times_parse(struct span line, struct bench_times *t);
uint64_t bench_tick_ns(void);
/* from, to: around all of it. */
void bench_noise(const struct bench_times *from, const struct bench_times *to,
		 struct bench_noise_doc *n);
/* Adds what the first processor runs at now. */
void bench_frequency(struct bench_noise_doc *n);
/* The sentence, when all is known. -ENOMEM */
int bench_noise_say(struct bench_noise_doc *n, struct arena *a);
int bench_host(struct bench_host_doc *out, struct arena *a);

/* TlsTxSw and TlsTxDevice together, and likewise for receiving; false: no tls_stat. */
bool bench_tls_stat(uint64_t *tx, uint64_t *rx);

/* Bytes in a second; 0: libcrypto does not have it. */
uint64_t bench_aead(const struct ktls_cipher *cipher);
/* The same of whatever seals a record of 16 KiB at each call; 0: it said false. */
uint64_t bench_seal_rate(bool (*one)(void *arg), void *arg);
/* The same by the kernel, through AF_ALG; 0: not to be had, and why. load: it may load
 * modules for that. */
uint64_t bench_alg(const struct ktls_cipher *c, bool load, char why[160]);
/* "3.0.22"; constant. */
const char *bench_openssl_version(void);

/* bench_harness.c */
void bench_harness(struct bench_harness_doc *h);

/* bench_plan.c: the groups that o asks for; the number, or -E2BIG. */
int bench_plan(const struct bench_options *o, struct bench_set *sets);

/* bench_make.c: the document of what was tallied. -ENOMEM */
struct bench_made {
	const struct bench_world *w;
	const struct bench_set *sets;
	size_t n_sets;
	struct arena *a;
	struct bench_doc *d;
};
int bench_make(const struct bench_made *m);
/* bench_ceiling.c: one for each cipher of the groups; -ENOMEM. What follows from the
 * groups, when they stand. */
int bench_ceilings(const struct bench_made *m);
void bench_ceilings_derive(struct bench_doc *d);
/* NULL: its cipher has none. */
const struct bench_ceiling_doc *bench_ceiling_of(const struct bench_doc *d,
						 const struct bench_set *s);
/* Bytes in a second that a mode is measured by, 0: not known; and whose they are. */
uint64_t bench_ceiling(const struct bench_ceiling_doc *c, const struct bench_mode *mode,
		       const char **whose);
/* bench_advice.c: when the groups stand. -ENOMEM */
int bench_advise(struct bench_doc *d, struct arena *a);

#endif
