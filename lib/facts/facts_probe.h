/* SPDX-License-Identifier: MIT */
/*
 * What was tried instead of read (lib/probe fills it). See facts.h. Strings are constants
 * or belong to the arena of struct facts.
 */
#ifndef KTLSCTL_FACTS_PROBE_H
#define KTLSCTL_FACTS_PROBE_H

#include "fact.h"

struct fields;

enum probe_verdict {
	PROBE_UNTRIED,
	PROBE_WORKS,
	PROBE_NO_WITNESS,    /* works, but this libcrypto has no such cipher to compare */
	PROBE_UNDEFINED,     /* not defined by any standard: ARIA with TLS 1.3 */
	PROBE_NOT_IN_KERNEL, /* EINVAL, or an option that it does not know */
	PROBE_NO_CRYPTO,     /* ENOENT: the algorithm is missing or forbidden */
	PROBE_REFUSED,       /* refused, as it should be (MSG_ZEROCOPY) */
	PROBE_NO_EFFECT,     /* accepted, and does nothing here */
	PROBE_USER_SPACE,    /* the handshake is good, the records stay in user space */
	PROBE_BROKEN,        /* it does something else than it should: differed */
	PROBE_UNKNOWN,       /* could not be found out: err, or time was over */
	PROBE_VERDICT_COUNT
};
extern const char *const probe_verdict_words[]; /* NULL-terminated */

/* One version, cipher and direction on a loopback connection of the kernel alone. */
struct probe_cell {
	const char *version;   /* "1.2", "1.3" */
	const char *cipher;    /* "aes-gcm-128" */
	const char *direction; /* "tx", "rx" */
	enum probe_verdict verdict;
	int err;              /* -errno behind the verdict, 0 */
	const char *differed; /* what was not as it should be; "" */
	uint64_t duration_us;
};

/* Something beside sending and receiving: "sendfile", "rekey", ... */
struct probe_feature {
	const char *id;
	enum probe_verdict verdict;
	int err;
	const char *note; /* "" */
	/* Of records that no peer should send: a CVE, or words. "": it is none. */
	const char *resembles;
	uint64_t duration_us;
};

/* A real handshake of the host's libssl with itself over loopback. */
struct probe_handshake {
	const char *version; /* "1.2", "1.3" */
	const char *suite;   /* as OpenSSL names it */
	enum probe_verdict tx, rx;
	/* The witnesses: what libssl says, what sock_diag says (or the four bytes of
	 * getsockopt), what tls_stat counted. */
	bool bio_tx, bio_rx, kernel_tx, kernel_rx, counted_tx, counted_rx;
	bool agree; /* all witnesses say the same */
	int err;
	const char *note; /* "" */
	uint64_t duration_us;
};

struct probe_facts {
	/* where NULL: nothing was tried, see skipped. -ETIMEDOUT, -EPIPE: it did not come
	 * to its end (the kernel never answered; the child died). */
	struct source src;
	const char *skipped; /* why nothing was tried; NULL */
	bool ulp;            /* the TLS ULP could be attached */
	int ulp_err;         /* -errno when not */
	bool core; /* the two AES-128-GCM connections alone, nothing else was tried */
	bool private_netns; /* in a network namespace of its own */
	struct probe_cell *cells;
	size_t n_cells;
	struct probe_feature *features;
	size_t n_features;
	struct probe_handshake *handshakes;
	size_t n_handshakes;
	/* Lines of tls_stat that rose meanwhile, and by how much: all of it ours in a
	 * namespace of its own, elsewhere what others did as well. */
	struct counter *counted;
	size_t n_counted;
};

/* The cells of the core, all of which worked. */
bool probe_proved(const struct probe_facts *p);

extern const struct fields probe_facts_fields; /* for documents (probe_fields.c) */

#endif
