/* SPDX-License-Identifier: MIT */
#include "../host/cleanup.h"
#include "request.h"

static const struct field direction_rows[] = {
	FIELD(FIELD_STR, struct request_direction_doc, where,
	      "who encrypts: user (libssl), or the kernel"),
	FIELD(FIELD_STR, struct request_direction_doc, reason,
	      "why it is not the kernel, as a word; empty: it is"),
	FIELD(FIELD_STR, struct request_direction_doc, text, "the reason as a sentence"),
	FIELD(FIELD_INT, struct request_direction_doc, error,
	      "the kernel's, as a negated errno; 0: none"),
	FIELD(FIELD_U64, struct request_direction_doc, bytes,
	      "of data since the handshake"),
	FIELD(FIELD_U64, struct request_direction_doc, records_estimate,
	      "records under the key at hand: an estimate"),
	FIELD(FIELD_U64, struct request_direction_doc, rekeys, "changes of the key"),
};
FIELDS(direction_fields, struct request_direction_doc, direction_rows,
       "One direction of a connection.");

static const struct field link_rows[] = {
	FIELD(FIELD_STR, struct request_link_doc, host, "as it stands in the URL"),
	FIELD(FIELD_U64, struct request_link_doc, port, "likewise"),
	FIELD(FIELD_STR, struct request_link_doc, address,
	      "ADDR:PORT that was tried last; empty: none"),
	FIELD(FIELD_U64, struct request_link_doc, addresses, "that the name has"),
	FIELD(FIELD_U64, struct request_link_doc, tried, "how many of them"),
	FIELD(FIELD_STR, struct request_link_doc, end,
	      "connected, no_name, no_address, certificate, handshake, no_ktls, fault"),
	FIELD(FIELD_STR, struct request_link_doc, why, "in words; empty: connected"),
	FIELD(FIELD_BOOL, struct request_link_doc, verified,
	      "its certificate is that of the host and was signed by a known authority"),
	FIELD(FIELD_STR, struct request_link_doc, tls, "TLSv1.2 or TLSv1.3; empty: none"),
	FIELD(FIELD_STR, struct request_link_doc, suite, "libssl's name of it"),
	FIELD(FIELD_STR, struct request_link_doc, cipher,
	      "the kernel's name of it; empty: it has none"),
	FIELD(FIELD_STR, struct request_link_doc, ktls,
	      "kTLS (Kernel) with both directions, else OpenSSL (Userspace)"),
	FIELD_SUB(FIELD_OBJ, struct request_link_doc, tx, &direction_fields, "sending"),
	FIELD_SUB(FIELD_OBJ, struct request_link_doc, rx, &direction_fields, "receiving"),
	FIELD(FIELD_U64, struct request_link_doc, dns_us, "looking up the name"),
	FIELD(FIELD_U64, struct request_link_doc, connect_us,
	      "connecting, all addresses together"),
	FIELD(FIELD_U64, struct request_link_doc, handshake_us, "of TLS"),
	FIELD(FIELD_U64, struct request_link_doc, ktls_us,
	      "giving the directions to the kernel"),
	FIELD(FIELD_U64, struct request_link_doc, requests, "that went over it"),
};
FIELDS(link_fields, struct request_link_doc, link_rows, "A connection.");

static const struct field exchange_rows[] = {
	FIELD(FIELD_STR, struct request_exchange_doc, method, "of the request"),
	FIELD(FIELD_STR, struct request_exchange_doc, url, "asked for"),
	FIELD(FIELD_U64, struct request_exchange_doc, connection,
	      "number of its connection, from 0"),
	FIELD(FIELD_U64, struct request_exchange_doc, status,
	      "of the answer; 0: there was none"),
	FIELD(FIELD_STR, struct request_exchange_doc, end,
	      "complete, truncated, closed, timed_out, broken, bad_http, output, input, "
	      "redirects, not_connected"),
	FIELD(FIELD_STR, struct request_exchange_doc, why, "in words; empty: complete"),
	FIELD(FIELD_U64, struct request_exchange_doc, received_bytes,
	      "of the answer's body"),
	FIELD(FIELD_U64, struct request_exchange_doc, sent_bytes,
	      "of the request's body"),
	FIELD(FIELD_U64, struct request_exchange_doc, first_byte_us,
	      "to the answer's first byte, connecting included; 0: none came"),
	FIELD(FIELD_U64, struct request_exchange_doc, total_us, "to its end"),
	FIELD(FIELD_U64, struct request_exchange_doc, times,
	      "it was made; what stands here is of the last time"),
};
FIELDS(exchange_fields, struct request_exchange_doc, exchange_rows,
       "A request and its answer.");

static const struct field request_rows[] = {
	FIELD(FIELD_STR, struct request_doc, tool_version, "ktlsctl that asked"),
	FIELD(FIELD_BOOL, struct request_doc, complete, "every answer is whole"),
	FIELD(FIELD_STR_OR_NULL, struct request_doc, failure,
	      "what went wrong, in words; null: nothing"),
	FIELD(FIELD_STR, struct request_doc, engine, "uring or epoll"),
	FIELD(FIELD_STR, struct request_doc, engine_why,
	      "why it is not io_uring; empty: it is"),
	FIELD_ARRAY(FIELD_LIST, struct request_doc, connections, &link_fields,
		    "in the order of time; at most 64"),
	FIELD(FIELD_U64, struct request_doc, connections_total, "how many there were"),
	FIELD_ARRAY(FIELD_LIST, struct request_doc, exchanges, &exchange_fields,
		    "one for each URL, and for each redirect that was followed"),
	FIELD(FIELD_U64, struct request_doc, total_us, "from the first to the last"),
};

const struct fields request_fields = {
	.name = "ktlsctl.request/1",
	.help = "Requests over HTTPS, and who encrypted them.",
	.size = sizeof(struct request_doc),
	.f = request_rows,
	.n = ARRAY_SIZE(request_rows),
};
