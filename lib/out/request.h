/* SPDX-License-Identifier: MIT */
/* What `ktlsctl request` did, as a document. Strings are borrowed. */
#ifndef KTLSCTL_OUT_REQUEST_H
#define KTLSCTL_OUT_REQUEST_H

#include <stdint.h>

#include "render.h"

struct request_direction_doc {
	const char *where;  /* "kernel", "user", ... */
	const char *reason; /* "" with the kernel */
	const char *text;   /* the same as a sentence */
	int error;
	uint64_t bytes, records_estimate, rekeys;
};

struct request_link_doc {
	const char *host, *address;
	uint64_t port, addresses, tried;
	const char *end, *why;
	bool verified;
	const char *tls, *suite, *cipher;
	const char *ktls; /* "kTLS (Kernel)", "OpenSSL (Userspace)"; "" before it */
	struct request_direction_doc tx, rx;
	uint64_t dns_us, connect_us, handshake_us, ktls_us, requests;
};

struct request_exchange_doc {
	const char *method, *url;
	uint64_t connection; /* its number in connections, from 0 */
	uint64_t status;     /* 0: no answer */
	const char *end, *why;
	uint64_t received_bytes, sent_bytes;
	uint64_t first_byte_us, total_us; /* since it was begun, with its connection */
	uint64_t times;
};

struct request_doc {
	const char *tool_version;
	bool complete;
	const char *failure; /* NULL */
	const char *engine, *engine_why;
	struct request_link_doc *connections;
	size_t n_connections;
	uint64_t connections_total;
	struct request_exchange_doc *exchanges;
	size_t n_exchanges;
	uint64_t total_us;
};

extern const struct fields request_fields; /* ktlsctl.request/1 */

#endif
