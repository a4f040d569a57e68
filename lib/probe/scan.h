/* SPDX-License-Identifier: MIT */
/*
 * What a server offers, asked by real handshakes: against the address given and no other,
 * not more at a time nor faster than told, and every wait has an end.
 */
#ifndef KTLSCTL_SCAN_H
#define KTLSCTL_SCAN_H

#include "../facts/facts.h"
#include "../net/address.h"
#include "../net/starttls.h"
#include "../out/scan.h"
#include "../tls/cipher.h"
#include "../tls/ktls.h"

struct arena;

enum {
	SCAN_ADDRESSES = 8, /* of a name that are tried */
	SCAN_PARALLEL = 4,  /* at most: a connection for each version */
};

struct scan_options {
	const char *host;       /* for Host: and the certificate */
	bool numeric;           /* it is an address */
	const char *servername; /* SNI; NULL: none */
	enum starttls_kind start;
	const struct address *addresses; /* tried in turn: the first that answers */
	size_t n_addresses;
	/* timeout: for each step of a connection; max_time: for all of it. */
	uint64_t timeout_ms, max_time_ms;
	uint64_t rate;     /* connections begun in a second */
	uint64_t parallel; /* 1 to SCAN_PARALLEL */
	bool ktls;         /* the handshakes ask for kTLS */
};

/*
 * Fills what the server says: address, answer, error, certificate, versions and counts.
 * 0 or -ENOMEM; all else is an answer.
 */
int scan_run(const struct scan_options *o, struct arena *a, struct scan_doc *out);

/* ---- what follows from it: pure ---- */

/* kTLS of this kernel, whatever the cipher. */
struct scan_way scan_kernel_way(const struct facts *f);

struct scan_case {
	uint16_t version;                 /* on the wire */
	const struct ktls_cipher *cipher; /* NULL: the kernel has none */
	enum ktls_option direction;
	enum tristate seen; /* in the kernel; unknown: not tried */
};
/* Whether this kernel and libssl could offload it. */
struct scan_way scan_suite_way(const struct facts *f, const struct scan_case *c);
/* How much of a suite kernels and this libssl can do, if the kernel has kTLS at all. */
enum scan_fit { SCAN_FIT_NONE, SCAN_FIT_TX, SCAN_FIT_BOTH };
enum scan_fit scan_fit(const struct facts *f, uint16_t version,
		       const struct ktls_cipher *cipher);
/* A connection of a client that asks for short records; one whose keys change. */
struct scan_way scan_fragment_way(const struct facts *f);
struct scan_way scan_update_way(const struct facts *f);

/* All verdicts of a document, its advice and its headline. 0 or -ENOMEM. */
int scan_judge(const struct facts *f, struct arena *a, struct scan_doc *d);
int scan_advise(const struct facts *f, struct arena *a, struct scan_doc *d);

/* "1.3" -> 0x0304 */
uint16_t scan_version_number(const char *word);

#endif
