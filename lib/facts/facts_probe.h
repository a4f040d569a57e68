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

enum path_verdict {
	PATH_OFFLOADED,  /* the label says so, and the driver counted all of it */
	PATH_LABEL_ONLY, /* labelled as in the NIC, and the NIC did not do it */
	PATH_SOFTWARE,   /* the kernel encrypts */
	PATH_USER_SPACE, /* libssl does */
	PATH_BROKEN, /* other data came than were sent; who encrypts is contradictory */
	PATH_UNKNOWN,
	PATH_VERDICT_COUNT
};
extern const char *const path_verdict_words[]; /* NULL-terminated */

/* What the socket says of a direction, while it is open. */
enum path_label {
	PATH_LABEL_UNKNOWN,
	PATH_LABEL_NONE, /* no keys in the kernel */
	PATH_LABEL_SW,
	PATH_LABEL_HW,
	PATH_LABEL_COUNT
};
extern const char *const path_label_words[]; /* NULL-terminated */

/* One direction of a connection to a peer, through a device. */
struct probe_path {
	const char *version;   /* "1.2", "1.3" */
	const char *suite;     /* as OpenSSL names it */
	const char *direction; /* "tx", "rx" */
	enum path_verdict verdict;
	const char *reason; /* permanent slug; "": offloaded, nothing to explain */
	const char *why;    /* the same in a sentence; "" */
	enum path_label label;
	uint64_t payload_bytes; /* that went in this direction */
	/* By how much the driver's counters of TLS rose meanwhile, and TlsTxDevice or
	 * TlsRxDevice: by all connections of the NIC, of the namespace. */
	uint64_t packets, bytes, opened;
	int err; /* -errno behind it, 0 */
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
	/* Through a NIC. device NULL: that was not asked for. */
	const char *device, *peer; /* "eth0", "10.9.0.2:4433" */
	const char *route;         /* the device that the way to it begins with; "" */
	struct probe_path *paths;
	size_t n_paths;
	/* Of this host's namespace, by these connections or others meanwhile. */
	struct counter *path_counted;
	size_t n_path_counted;
};

/* The cells of the core, all of which worked. */
bool probe_proved(const struct probe_facts *p);

extern const struct fields probe_facts_fields; /* for documents (probe_fields.c) */

#endif
