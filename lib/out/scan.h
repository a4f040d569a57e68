/* SPDX-License-Identifier: MIT */
/*
 * What a server offers, and what of it this host could offload. Filled by lib/probe;
 * strings are constants or belong to the arena of whoever made it.
 */
#ifndef KTLSCTL_OUT_SCAN_H
#define KTLSCTL_OUT_SCAN_H

#include <stddef.h>
#include <stdint.h>

#include "render.h"

enum scan_offload {
	SCAN_SEEN,  /* the connection to this server was in the kernel */
	SCAN_COULD, /* nothing known is in the way; it was not tried */
	SCAN_NO,
	SCAN_UNKNOWN,
};

struct scan_way {
	enum scan_offload verdict;
	const char *reason; /* permanent slug; "": nothing to explain */
	const char *why;    /* the same in a sentence; "" */
};

struct scan_suite {
	const char *name;   /* as OpenSSL names it */
	const char *cipher; /* as the kernel's table names it; "": it has none for it */
	struct scan_way tx, rx;
	bool tried;          /* the handshake asked for kTLS, and then: */
	bool bio_tx, bio_rx; /* libssl said that the kernel has the keys */
};

enum scan_accept {
	SCAN_ACCEPTED,
	SCAN_REFUSED,
	SCAN_NOT_HERE, /* this libssl cannot ask for it */
	SCAN_ACCEPT_UNKNOWN,
};

enum scan_choice { SCAN_CHOICE_UNKNOWN, SCAN_CHOICE_SERVER, SCAN_CHOICE_CLIENT };

enum scan_fragment {
	SCAN_FRAGMENT_UNKNOWN,
	SCAN_FRAGMENT_HONOURED,
	SCAN_FRAGMENT_IGNORED,
	SCAN_FRAGMENT_REFUSED, /* no handshake with it */
};

enum scan_update {
	SCAN_UPDATE_UNKNOWN,
	SCAN_UPDATE_ANSWERED,
	SCAN_UPDATE_IGNORED, /* it went on with its old key */
	SCAN_UPDATE_CLOSED,  /* it ended the connection */
};

struct scan_version {
	const char *version; /* "1.3" */
	enum scan_accept accept;
	const char *note;          /* how it refused, or why it is not known; "" */
	bool complete;             /* the list of suites is */
	struct scan_suite *suites; /* in the order in which the server chose them */
	size_t n_suites;
	uint64_t offered; /* suites that this libssl has for the version */
	enum scan_choice choice;
	/* Of one connection without kTLS, that was talked over. */
	bool talked;
	uint64_t tickets;
	uint64_t largest_record_bytes; /* plain text of the server */
	uint64_t received_bytes;
	enum scan_fragment max_fragment;
	const char *max_fragment_note;
	enum scan_update key_update; /* TLS 1.3 */
	const char *key_update_note;
};

struct scan_certificate {
	bool seen;
	bool valid;
	const char *error;   /* ""; what is wrong with it */
	const char *subject; /* one line; "" */
	const char *key;     /* "RSA 2048" */
	const char *not_after;
};

/* What to write, and why. */
struct scan_advice {
	bool needed;                   /* something is to be changed for kTLS */
	const char *text;              /* a sentence */
	const char *order12, *order13; /* "": none */
	const char **nginx;
	size_t n_nginx;
	const char **openssl_cnf;
	size_t n_openssl_cnf;
};

enum scan_answer {
	SCAN_COMPLETE,
	SCAN_INCOMPLETE, /* something could not be found out */
	SCAN_NO_TLS,     /* not one handshake */
	SCAN_NO_STARTTLS,
	SCAN_UNREACHABLE,
};

struct scan_doc {
	const char *tool_version, *kernel, *openssl;
	const char *target, *starttls,
		*servername; /* as given; servername "": none sent */
	const char *address; /* the one that was scanned; "" */
	uint64_t addresses;  /* of the name */
	enum scan_answer answer;
	const char *headline;        /* one sentence without a full stop */
	const char *error;           /* why it is not complete; "" */
	bool tried;                  /* the handshakes asked for kTLS */
	const char *not_tried;       /* why not; "" */
	struct scan_way kernel_ktls; /* whatever the cipher */
	struct scan_certificate certificate;
	struct scan_version *versions; /* the latest first */
	size_t n_versions;
	struct scan_way max_fragment; /* kTLS with a client that asks for it */
	struct scan_way key_update;   /* kTLS when somebody asks for new keys */
	struct scan_advice advice;
	uint64_t connections, duration_ms;
};

extern const struct fields scan_fields; /* ktlsctl.scan/1 */

/* free(3); NULL without memory */
char *scan_text(const struct scan_doc *d, const struct text_style *style);

#endif
