/* SPDX-License-Identifier: MIT */
/* What a probe found, as rows of a document. */
#include <string.h>

#include "../host/cleanup.h"
#include "../out/field.h"
#include "facts_probe.h"

const char *const probe_verdict_words[] = {
	[PROBE_UNTRIED] = "untried",
	[PROBE_WORKS] = "works",
	[PROBE_NO_WITNESS] = "works_without_witness",
	[PROBE_UNDEFINED] = "undefined",
	[PROBE_NOT_IN_KERNEL] = "not_in_kernel",
	[PROBE_NO_CRYPTO] = "crypto_missing",
	[PROBE_REFUSED] = "refused",
	[PROBE_NO_EFFECT] = "no_effect",
	[PROBE_USER_SPACE] = "user_space",
	[PROBE_BROKEN] = "broken",
	[PROBE_UNKNOWN] = "unknown",
	[PROBE_VERDICT_COUNT] = NULL,
};

const char *const path_verdict_words[] = {
	[PATH_OFFLOADED] = "offloaded", [PATH_LABEL_ONLY] = "label_only",
	[PATH_SOFTWARE] = "software",   [PATH_USER_SPACE] = "user_space",
	[PATH_BROKEN] = "broken",       [PATH_UNKNOWN] = "unknown",
	[PATH_VERDICT_COUNT] = NULL,
};

const char *const path_label_words[] = {
	[PATH_LABEL_UNKNOWN] = "unknown", [PATH_LABEL_NONE] = "none",
	[PATH_LABEL_SW] = "sw",           [PATH_LABEL_HW] = "hw",
	[PATH_LABEL_COUNT] = NULL,
};

#define ERROR(type_)                                                                     \
	FIELD_NAMED("error", FIELD_INT, type_, err, "0 or the negated errno behind it")
#define DURATION(type_) FIELD(FIELD_U64, type_, duration_us, "how long it took")
#define VERDICT(type_, member_, help_)                                                   \
	FIELD_WORD(type_, member_, probe_verdict_words, help_)

static const struct field source_rows[] = {
	FIELD(FIELD_STR_OR_NULL, struct source, where, "null: nothing was tried"),
	FIELD_NAMED("error", FIELD_INT, struct source, err,
		    "0 or a negated errno: it did not come to its end"),
};
FIELDS(source_fields, struct source, source_rows, NULL);

static const struct field cell_rows[] = {
	FIELD(FIELD_STR, struct probe_cell, version, "1.2 or 1.3"),
	FIELD(FIELD_STR, struct probe_cell, cipher, "as ss(8) spells it"),
	FIELD(FIELD_STR, struct probe_cell, direction, "tx or rx"),
	VERDICT(struct probe_cell, verdict, "what came of it"),
	ERROR(struct probe_cell),
	FIELD(FIELD_STR, struct probe_cell, differed, "of what is broken: what differed"),
	DURATION(struct probe_cell),
};
FIELDS(cell_fields, struct probe_cell, cell_rows,
       "A version, cipher and direction of the kernel alone.");

static const struct field feature_rows[] = {
	FIELD(FIELD_STR, struct probe_feature, id, "permanent slug"),
	VERDICT(struct probe_feature, verdict, "what came of it"),
	ERROR(struct probe_feature),
	FIELD(FIELD_STR, struct probe_feature, note, "empty: there is nothing to add"),
	FIELD(FIELD_STR, struct probe_feature, resembles,
	      "of records that no peer should send: a CVE, or words; else empty"),
	DURATION(struct probe_feature),
};
FIELDS(feature_fields, struct probe_feature, feature_rows,
       "Something beside sending and receiving.");

static const struct field handshake_rows[] = {
	FIELD(FIELD_STR, struct probe_handshake, version, "1.2 or 1.3"),
	FIELD(FIELD_STR, struct probe_handshake, suite, "as OpenSSL names it"),
	VERDICT(struct probe_handshake, tx, "sending"),
	VERDICT(struct probe_handshake, rx, "receiving"),
	FIELD(FIELD_BOOL, struct probe_handshake, bio_tx, "libssl: the kernel sends"),
	FIELD(FIELD_BOOL, struct probe_handshake, bio_rx, "libssl: the kernel receives"),
	FIELD(FIELD_BOOL, struct probe_handshake, kernel_tx, "kernel: keys for sending"),
	FIELD(FIELD_BOOL, struct probe_handshake, kernel_rx, "kernel: for receiving"),
	FIELD(FIELD_BOOL, struct probe_handshake, counted_tx, "tls_stat rose, sending"),
	FIELD(FIELD_BOOL, struct probe_handshake, counted_rx, "tls_stat rose, receiving"),
	FIELD(FIELD_BOOL, struct probe_handshake, agree, "they all say the same"),
	ERROR(struct probe_handshake),
	FIELD(FIELD_STR, struct probe_handshake, note, "empty: there is nothing to add"),
	DURATION(struct probe_handshake),
};
FIELDS(handshake_fields, struct probe_handshake, handshake_rows,
       "A handshake of libssl with itself.");

static const struct field counter_rows[] = {
	FIELD(FIELD_STR, struct counter, name, "line of tls_stat"),
	FIELD(FIELD_U64, struct counter, value, "by how much it rose"),
};
FIELDS(counter_fields, struct counter, counter_rows, NULL);

static const struct field path_rows[] = {
	FIELD(FIELD_STR, struct probe_path, version, "1.2 or 1.3"),
	FIELD(FIELD_STR, struct probe_path, suite, "as OpenSSL names it"),
	FIELD(FIELD_STR, struct probe_path, direction, "tx or rx"),
	FIELD_WORD(struct probe_path, verdict, path_verdict_words, "who encrypts"),
	FIELD(FIELD_STR, struct probe_path, reason,
	      "permanent slug; empty: offloaded, nothing to explain"),
	FIELD(FIELD_STR, struct probe_path, why, "the reason in a sentence"),
	FIELD_WORD(struct probe_path, label, path_label_words,
		   "what the socket says of itself"),
	FIELD(FIELD_U64, struct probe_path, payload_bytes, "what went in this direction"),
	FIELD(FIELD_U64, struct probe_path, packets,
	      "by how much the driver's counter of TLS packets rose"),
	FIELD(FIELD_U64, struct probe_path, bytes, "the same of bytes"),
	FIELD(FIELD_U64, struct probe_path, opened,
	      "by how much TlsTxDevice or TlsRxDevice rose"),
	ERROR(struct probe_path),
	DURATION(struct probe_path),
};
FIELDS(path_fields, struct probe_path, path_rows,
       "A direction of a connection through a network interface.");

/* Left out where nothing went through a device. */
#define THROUGH(kind_, member_, help_)                                                   \
	{                                                                                \
		.name = #member_, .kind = (kind_),                                       \
		.off = offsetof(struct probe_facts, member_), .optional = true,          \
		.help = (help_)                                                          \
	}
#define THROUGH_LIST(member_, sub_, help_)                                               \
	{                                                                                \
		.name = #member_, .kind = FIELD_LIST,                                    \
		.off = offsetof(struct probe_facts, member_),                            \
		.count_off = offsetof(struct probe_facts, n_##member_), .sub = (sub_),   \
		.optional = true, .help = (help_)                                        \
	}

static const struct field probe_rows[] = {
	FIELD_SUB(FIELD_OBJ, struct probe_facts, src, &source_fields, "how it went"),
	FIELD(FIELD_STR_OR_NULL, struct probe_facts, skipped,
	      "why nothing was tried, if nothing was"),
	FIELD(FIELD_BOOL, struct probe_facts, ulp, "the TLS ULP could be attached"),
	FIELD_NAMED("ulp_error", FIELD_INT, struct probe_facts, ulp_err,
		    "the negated errno when not"),
	FIELD(FIELD_BOOL, struct probe_facts, core, "AES-128-GCM alone was tried"),
	FIELD(FIELD_BOOL, struct probe_facts, private_netns,
	      "in a network namespace of its own"),
	FIELD_ARRAY(FIELD_LIST, struct probe_facts, cells, &cell_fields, "the kernel"),
	FIELD_ARRAY(FIELD_LIST, struct probe_facts, features, &feature_fields,
		    "what else it can do"),
	FIELD_ARRAY(FIELD_LIST, struct probe_facts, handshakes, &handshake_fields,
		    "libssl with the kernel"),
	FIELD_ARRAY(FIELD_LIST, struct probe_facts, counted, &counter_fields,
		    "lines of tls_stat that rose meanwhile"),
	THROUGH(FIELD_STR_OR_NULL, device, "the interface that was probed through"),
	THROUGH(FIELD_STR_OR_NULL, peer, "who answered at the other end"),
	THROUGH(FIELD_STR_OR_NULL, route, "the interface that the way to it begins with"),
	THROUGH_LIST(paths, &path_fields, "who encrypts on the way through the device"),
	THROUGH_LIST(path_counted, &counter_fields,
		     "lines of this host's tls_stat that rose meanwhile"),
};

const struct fields probe_facts_fields = {
	.help = "Connections over loopback with throw-away keys, and what came of them.",
	.size = sizeof(struct probe_facts),
	.f = probe_rows,
	.n = ARRAY_SIZE(probe_rows),
};

bool probe_proved(const struct probe_facts *p)
{
	static const char *const versions[] = { "1.2", "1.3" };
	static const char *const directions[] = { "tx", "rx" };
	unsigned seen = 0;

	if (!p->src.where || p->src.err)
		return false;
	for (size_t i = 0; i < p->n_cells; i++) {
		const struct probe_cell *c = &p->cells[i];

		if (strcmp(c->cipher, "aes-gcm-128") || c->verdict != PROBE_WORKS)
			continue;
		for (unsigned v = 0; v < 4; v++)
			if (!strcmp(c->version, versions[v / 2]) &&
			    !strcmp(c->direction, directions[v % 2]))
				seen |= 1U << v;
	}
	return seen == 0xf;
}
