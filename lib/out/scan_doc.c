/* SPDX-License-Identifier: MIT */
#include "scan.h"

static const char *const offload_words[] = { "in_kernel", "could", "no", "unknown",
					     NULL };
static const char *const accept_words[] = { "accepted", "refused", "not_here", "unknown",
					    NULL };
static const char *const choice_words[] = { "unknown", "server", "client", NULL };
static const char *const fragment_words[] = { "unknown", "honoured", "ignored", "refused",
					      NULL };
static const char *const update_words[] = { "unknown", "answered", "ignored", "closed",
					    NULL };
static const char *const answer_words[] = { "complete",    "incomplete",  "no_handshake",
					    "no_starttls", "unreachable", NULL };

#define OPTIONAL(kind_, type_, member_, help_)                                           \
	{                                                                                \
		.name = #member_, .kind = (kind_), .off = offsetof(type_, member_),      \
		.optional = true, .help = (help_)                                        \
	}

static const struct field way_rows[] = {
	FIELD_WORD(struct scan_way, verdict, offload_words,
		   "in_kernel: this connection was; could: nothing known is in the way, "
		   "and it was not tried"),
	OPTIONAL(FIELD_STR, struct scan_way, reason, "permanent slug"),
	OPTIONAL(FIELD_STR, struct scan_way, why, "the same in a sentence"),
};
FIELDS(way_fields, struct scan_way, way_rows, "kTLS of this kernel and this OpenSSL");

static const struct field suite_rows[] = {
	FIELD(FIELD_STR, struct scan_suite, name, "as OpenSSL names it"),
	FIELD(FIELD_STR, struct scan_suite, cipher,
	      "of the kernel, as ss(8) names it; empty: kTLS has none for it"),
	FIELD_SUB(FIELD_OBJ, struct scan_suite, tx, &way_fields, "sending"),
	FIELD_SUB(FIELD_OBJ, struct scan_suite, rx, &way_fields, "receiving"),
};
FIELDS(suite_fields, struct scan_suite, suite_rows, NULL);

static const struct field version_rows[] = {
	FIELD(FIELD_STR, struct scan_version, version, "of TLS: 1.0 to 1.3"),
	FIELD_WORD(struct scan_version, accept, accept_words,
		   "not_here: the OpenSSL of ktlsctl cannot ask for it"),
	OPTIONAL(FIELD_STR, struct scan_version, note,
		 "how it refused, or what went wrong"),
	FIELD(FIELD_BOOL, struct scan_version, complete, "the list of suites is"),
	FIELD(FIELD_U64, struct scan_version, offered,
	      "suites that this OpenSSL has for the version, and offered"),
	FIELD_ARRAY(FIELD_LIST, struct scan_version, suites, &suite_fields,
		    "those accepted, in the order in which the server took them"),
	FIELD_WORD(struct scan_version, choice, choice_words,
		   "by whose order the suite is chosen"),
	FIELD(FIELD_BOOL, struct scan_version, talked,
	      "the next three are known, of one connection"),
	FIELD(FIELD_U64, struct scan_version, tickets, "for resumption"),
	FIELD(FIELD_U64, struct scan_version, largest_record_bytes,
	      "plain text of the largest record that came"),
	FIELD(FIELD_U64, struct scan_version, received_bytes, "of plain text in all"),
	FIELD_WORD(struct scan_version, max_fragment, fragment_words,
		   "max_fragment_length (RFC 6066), asked for with 512"),
	OPTIONAL(FIELD_STR, struct scan_version, max_fragment_note, "how it refused"),
	FIELD_WORD(struct scan_version, key_update, update_words,
		   "what the server did when it was asked to change its key; TLS 1.3"),
	OPTIONAL(FIELD_STR, struct scan_version, key_update_note, "what went wrong"),
};
FIELDS(version_fields, struct scan_version, version_rows, NULL);

static const struct field certificate_rows[] = {
	FIELD(FIELD_BOOL, struct scan_certificate, seen, "there was one"),
	FIELD(FIELD_BOOL, struct scan_certificate, valid,
	      "by the authorities of this host, and for this name"),
	OPTIONAL(FIELD_STR, struct scan_certificate, error, "what is wrong with it"),
	OPTIONAL(FIELD_STR, struct scan_certificate, subject, "whose it is"),
	OPTIONAL(FIELD_STR, struct scan_certificate, key, "kind and bits"),
	OPTIONAL(FIELD_STR, struct scan_certificate, not_after, "its last second"),
};
FIELDS(certificate_fields, struct scan_certificate, certificate_rows, NULL);

static const struct field advice_rows[] = {
	FIELD(FIELD_BOOL, struct scan_advice, needed,
	      "the server's suites or their order keep kTLS from connections"),
	OPTIONAL(FIELD_STR, struct scan_advice, text, "why"),
	OPTIONAL(FIELD_STR, struct scan_advice, order12,
		 "suites of TLS 1.2 and before, as OpenSSL takes them"),
	OPTIONAL(FIELD_STR, struct scan_advice, order13, "those of TLS 1.3"),
	FIELD_ARRAY(FIELD_STRS, struct scan_advice, nginx, NULL,
		    "lines for the http or server block"),
	FIELD_ARRAY(FIELD_STRS, struct scan_advice, openssl_cnf, NULL,
		    "lines for openssl.cnf"),
};
FIELDS(advice_fields, struct scan_advice, advice_rows, NULL);

static const struct field rows[] = {
	FIELD(FIELD_STR, struct scan_doc, tool_version, "ktlsctl that made it"),
	FIELD(FIELD_STR, struct scan_doc, kernel, "uname -r"),
	FIELD(FIELD_STR, struct scan_doc, openssl, "the one ktlsctl runs with"),
	FIELD(FIELD_STR, struct scan_doc, target, "HOST:PORT as it was given"),
	FIELD(FIELD_STR, struct scan_doc, starttls, "https, smtp, imap or postgres"),
	OPTIONAL(FIELD_STR, struct scan_doc, servername, "sent as SNI"),
	OPTIONAL(FIELD_STR, struct scan_doc, address, "the one that was scanned"),
	FIELD(FIELD_U64, struct scan_doc, addresses,
	      "of the name; the first that answered was scanned"),
	FIELD_WORD(struct scan_doc, answer, answer_words, "how far it came"),
	FIELD(FIELD_STR, struct scan_doc, headline, "the answer in a sentence"),
	OPTIONAL(FIELD_STR, struct scan_doc, error, "why it is not complete"),
	FIELD(FIELD_BOOL, struct scan_doc, tried,
	      "the handshakes for the suites asked for kTLS"),
	OPTIONAL(FIELD_STR, struct scan_doc, not_tried, "why they did not"),
	FIELD_SUB(FIELD_OBJ, struct scan_doc, kernel_ktls, &way_fields,
		  "of this kernel, whatever the suite"),
	FIELD_SUB(FIELD_OBJ, struct scan_doc, certificate, &certificate_fields,
		  "of the first connection that looked at it"),
	FIELD_ARRAY(FIELD_LIST, struct scan_doc, versions, &version_fields,
		    "the latest first"),
	FIELD_SUB(FIELD_OBJ, struct scan_doc, max_fragment, &way_fields,
		  "of a connection whose client asks for short records and gets them"),
	FIELD_SUB(FIELD_OBJ, struct scan_doc, key_update, &way_fields,
		  "of a connection whose keys change"),
	FIELD_SUB(FIELD_OBJ, struct scan_doc, advice, &advice_fields,
		  "what to write on the server, if it is one like this host"),
	FIELD(FIELD_U64, struct scan_doc, connections, "that were begun"),
	FIELD(FIELD_U64, struct scan_doc, duration_ms, "of all of it"),
};

const struct fields scan_fields = { .name = "ktlsctl.scan/1",
				    .help = "What a server offers, and what of it this "
					    "host could offload.",
				    .size = sizeof(struct scan_doc),
				    .f = rows,
				    .n = sizeof(rows) / sizeof(rows[0]) };
