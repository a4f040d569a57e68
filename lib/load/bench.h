/* SPDX-License-Identifier: MIT */
/*
 * What kernel TLS gains here: the same handshake, cipher and bytes by several modes,
 * alternately. Two threads a connection, one for each end: the first has the mode, the
 * other is OpenSSL in user space always (or both plain TCP), so that modes differ in one
 * end only. Sockets block, as in the simplest program there can be.
 */
#ifndef KTLSCTL_LOAD_BENCH_H
#define KTLSCTL_LOAD_BENCH_H

#include "../host/arena.h"
#include "../net/address.h"
#include "../out/bench.h"
#include "../out/result.h"

enum bench_workload {
	BENCH_BULK,      /* one end has more to send than the path takes */
	BENCH_RPC,       /* a request, an answer of the same size, again */
	BENCH_WEBSOCKET, /* masked frames to many connections in turn, and their echo */
	BENCH_CLOSE,     /* connect, shake hands, one answer, close */
	BENCH_WORKLOADS
};
extern const char *const bench_workload_words[]; /* NULL-terminated */

struct bench_suite {
	uint16_t version; /* KTLS_1_2, KTLS_1_3 */
	const char *name; /* as OpenSSL names it */
};

enum { BENCH_SIZES_MAX = 8, BENCH_SUITES_MAX = 8, BENCH_CONNECTIONS_MAX = 256 };
enum { BENCH_SIZE_MAX = 4 << 20 };
enum { BENCH_PEER_CONNECTIONS = 60 }; /* of the 64 that a peer takes */

struct bench_progress {
	uint64_t done, total; /* runs of a mode; total 0: not known yet */
	uint64_t left_ms;
	const char *what; /* the workload at hand */
};

/* `ktlsctl serve` of another host as the other end. */
struct bench_peer {
	struct address at;
	const char *verify;  /* whom its certificate has to name; NULL: it is not
				verified */
	const char *ca_file; /* NULL: the authorities of this host */
};

struct bench_mode;
/* OpenSSL and kTLS alone, NULL-terminated. */
extern const struct bench_mode *const bench_user_or_kernel[];
extern const struct bench_mode *const bench_modes[]; /* likewise; all */
const char *bench_mode_name(const struct bench_mode *m);
/* Of its name; NULL: there is none such. */
const struct bench_mode *bench_mode_named(const char *name);

struct bench_options {
	unsigned workloads; /* 1 << enum bench_workload; 0: all of them */
	bool send_only;     /* of bulk: not the other way round as well */
	uint64_t sizes[BENCH_SIZES_MAX];
	size_t n_sizes; /* 0: those of the workload */
	struct bench_suite suites[BENCH_SUITES_MAX];
	size_t n_suites;      /* 0: TLS 1.3 with AES-128-GCM */
	uint64_t connections; /* 0: one; of websocket 16 */
	uint64_t total_ms;    /* all of it, about; 0: two minutes */
	size_t rounds;        /* so many, however long it takes; 0: as the time allows */
	bool quick;           /* fewer sizes, and half a minute */
	const char *netns;    /* the other end's; NULL: loopback */
	const struct bench_peer *peer; /* that is the other end; NULL: it is here */
	int stop; /* readable: it is to end with what there is; -1: none */
	void (*progress)(void *arg, const struct bench_progress *p); /* NULL */
	void *arg;
	const struct bench_mode *const *modes; /* NULL: all */
	bool load; /* the kernel may load algif_aead, for its own ceiling */
};

/* Whether the peer speaks this at all: 0, or -errno with why. */
int bench_peer_try(const struct bench_options *o, char why[160]);

/*
 * Fills out, whose strings are the arena's. Modes that are not to be had carry their
 * reason there.
 *
 *	-ENOMEM
 *	-EIO      libcrypto makes no certificate: tls_reason()
 *	-ENOENT, -EPERM, -EADDRNOTAVAIL  the namespace, as peer_addresses()
 *	-E2BIG    more sizes and suites than BENCH_GROUPS_MAX in all
 */
int bench_run(const struct bench_options *o, struct arena *a, struct bench_doc *out);

/*
 * Pure. The first groups of two measurements, by kTLS where both have it, else by
 * OpenSSL: kept only if it is better for sure. -ENOMEM
 */
int bench_gain(const struct bench_doc *before, const struct bench_doc *after,
	       struct arena *a, struct tune_gain *g);

#endif
