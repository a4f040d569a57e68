/* SPDX-License-Identifier: MIT */
/* The field tables of ktlsctl.facts/1. */
#include "../host/cleanup.h"
#include "export.h"

static const struct field cause_rows[] = {
	FIELD(FIELD_STR, struct export_cause, cause, "stable id, see ktlsctl explain"),
	FIELD(FIELD_STR, struct export_cause, check, "check id"),
	FIELD(FIELD_STR, struct export_cause, link, "the broken link of the chain"),
	FIELD_WORD(struct export_cause, level, verdict_words,
		   "fail: broken; unknown: could not find out; warn: a limit"),
	FIELD(FIELD_STR, struct export_cause, summary, "in a sentence"),
};
FIELDS(export_cause_fields, struct export_cause, cause_rows, "The first broken link.");

static const struct field counts_rows[] = {
	FIELD(FIELD_U64, struct counts, ok, "findings"),
	FIELD(FIELD_U64, struct counts, info, "findings"),
	FIELD(FIELD_U64, struct counts, warn, "findings"),
	FIELD(FIELD_U64, struct counts, fail, "findings"),
	FIELD(FIELD_U64, struct counts, unknown, "findings"),
	FIELD(FIELD_U64, struct counts, skip, "findings"),
	FIELD(FIELD_U64, struct counts, waived,
	      "findings, counted in none of the others"),
};
FIELDS(counts_fields, struct counts, counts_rows, "Findings of each level.");

static const struct field check_rows[] = {
	FIELD(FIELD_STR, struct export_check, category, "of the check"),
	FIELD(FIELD_STR, struct export_check, check, "its id"),
	FIELD(FIELD_STR, struct export_check, reason, "slug of its worst answer"),
	FIELD_WORD(struct export_check, level, verdict_words, "its worst level"),
	FIELD(FIELD_U64, struct export_check, findings, "that are warn, fail or unknown"),
};
FIELDS(check_fields, struct export_check, check_rows, "A check that is not ok.");

static const struct field unknown_rows[] = {
	FIELD(FIELD_STR, struct export_unknown, part,
	      "tls_stat, sockets, owners, programs, nic_features, nic_counters or tune"),
	FIELD(FIELD_STR, struct export_unknown, why, "in words"),
};
FIELDS(unknown_fields, struct export_unknown, unknown_rows, "What is left out, and why.");

static const struct field sessions_rows[] = {
	FIELD(FIELD_STR, struct export_sessions, direction, "tx or rx"),
	FIELD(FIELD_STR, struct export_sessions, mode, "sw or device (by label)"),
	FIELD(FIELD_U64, struct export_sessions, sessions, "sockets now"),
	FIELD(FIELD_U64, struct export_sessions, opened, "keys set up so far"),
};
FIELDS(sessions_fields, struct export_sessions, sessions_rows, "What the kernel counts.");

static const struct field counter_rows[] = {
	FIELD(FIELD_STR, struct export_counter, name, "as in /proc/net/tls_stat"),
	FIELD(FIELD_U64, struct export_counter, value, "now"),
};
FIELDS(counter_fields, struct export_counter, counter_rows, "A counter of the kernel.");

static const struct field rekeys_rows[] = {
	FIELD(FIELD_STR, struct export_rekeys, direction, "tx or rx"),
	FIELD(FIELD_U64, struct export_rekeys, changed, "keys changed"),
	FIELD(FIELD_U64, struct export_rekeys, errors, "keys that could not be"),
};
FIELDS(rekeys_fields, struct export_rekeys, rekeys_rows, "Changes of keys.");

static const struct field mode_rows[] = {
	FIELD(FIELD_STR, struct export_mode, tx, "none, sw, hw, hw-record or unknown"),
	FIELD(FIELD_STR, struct export_mode, rx, "likewise"),
	FIELD(FIELD_U64, struct export_mode, sockets, "with both"),
};
FIELDS(mode_fields, struct export_mode, mode_rows, "Sockets on kTLS.");

static const struct field use_rows[] = {
	FIELD(FIELD_STR, struct export_use, service,
	      "a systemd unit or the name of a process, without what is numbered in it; "
	      "other: those beyond the first few"),
	FIELD(FIELD_U64, struct export_use, connections, "of TCP, encrypted or not"),
	FIELD(FIELD_U64, struct export_use, on_ktls, "of these on kTLS"),
};
FIELDS(use_fields, struct export_use, use_rows, "A service's use of kTLS.");

static const struct field coverage_rows[] = {
	FIELD(FIELD_U64, struct export_use, connections,
	      "of programs that speak TLS, encrypted or not"),
	FIELD(FIELD_U64, struct export_use, on_ktls, "of these on kTLS"),
};
FIELDS(coverage_fields, struct export_use, coverage_rows, "The host's use of kTLS.");

static const struct field nic_rows[] = {
	FIELD(FIELD_STR, struct export_nic, device, "interface"),
	FIELD(FIELD_STR, struct export_nic, driver, "kernel driver"),
};
FIELDS(nic_fields, struct export_nic, nic_rows, "A network card.");

static const struct field offload_rows[] = {
	FIELD(FIELD_STR, struct export_offload, device, "interface"),
	FIELD(FIELD_STR, struct export_offload, direction, "tx or rx"),
	FIELD(FIELD_BOOL, struct export_offload, active, "switched on"),
};
FIELDS(offload_fields, struct export_offload, offload_rows,
       "TLS offload that a NIC has.");

static const struct field nic_counter_rows[] = {
	FIELD(FIELD_STR, struct export_nic_counter, device, "interface"),
	FIELD(FIELD_STR, struct export_nic_counter, name,
	      "the same for all drivers, as in ktlsctl stat"),
	FIELD(FIELD_U64, struct export_nic_counter, value, "now"),
};
FIELDS(nic_counter_fields, struct export_nic_counter, nic_counter_rows,
       "A counter of a driver.");

static const struct field tune_rows[] = {
	FIELD(FIELD_U64, struct export_tune, applied_keys,
	      "set by ktlsctl tune, to hold"),
	FIELD(FIELD_U64, struct export_tune, drifted_keys,
	      "of these not as they were set"),
	FIELD(FIELD_U64, struct export_tune, unverified_keys,
	      "of these not readable, or of a device that is gone"),
};
FIELDS(tune_fields, struct export_tune, tune_rows, "As ktlsctl tune verify has it.");

static const struct field expected_rows[] = {
	FIELD(FIELD_STR, struct export_expected, service, "name of the process"),
	FIELD(FIELD_BOOL, struct export_expected, tx, "shall send through the kernel"),
	FIELD(FIELD_BOOL, struct export_expected, rx, "shall receive through it"),
	FIELD(FIELD_BOOL, struct export_expected, hw, "shall do so in a NIC"),
};
FIELDS(expected_fields, struct export_expected, expected_rows,
       "Out of /etc/ktlsctl/ktlsctl.conf.");

#define LIST(member_, sub_, help_)                                                       \
	FIELD_ARRAY(FIELD_LIST, struct export_doc, member_, sub_, help_)

static const struct field rows[] = {
	FIELD(FIELD_STR, struct export_doc, tool_version, "ktlsctl that made it"),
	FIELD(FIELD_STR, struct export_doc, time,
	      "when the host was looked at, RFC 3339"),
	FIELD(FIELD_U64, struct export_doc, time_seconds, "the same since the epoch"),
	FIELD(FIELD_U64, struct export_doc, duration_us, "how long it took"),
	FIELD(FIELD_STR, struct export_doc, host,
	      "node name; the folder's of a snapshot"),
	FIELD(FIELD_STR, struct export_doc, kernel, "uname -r"),
	FIELD(FIELD_STR, struct export_doc, os, "PRETTY_NAME of os-release"),
	FIELD(FIELD_STR, struct export_doc, openssl, "version at run time"),
	FIELD_WORD(struct export_doc, status, status_words, "the answer"),
	FIELD(FIELD_STR, struct export_doc, headline, "the answer in a sentence"),
	FIELD_SUB(FIELD_PTR, struct export_doc, cause, &export_cause_fields,
		  "null: every link holds"),
	FIELD_SUB(FIELD_OBJ, struct export_doc, counts, &counts_fields, "of findings"),
	LIST(checks, &check_fields, "those with a finding that is warn, fail or unknown"),
	LIST(unknown, &unknown_fields,
	     "what could not be found out; it is left out below"),
	LIST(sessions, &sessions_fields, "directions of sockets, as the kernel counts"),
	LIST(counters, &counter_fields, "of the kernel, beside sessions and rekeys"),
	LIST(rekeys, &rekeys_fields, "empty where the kernel cannot change keys"),
	LIST(strange, &counter_fields, "counters whose names are not known here"),
	LIST(sockets, &mode_fields, "on kTLS, by who encrypts"),
	FIELD_SUB(FIELD_PTR, struct export_doc, coverage, &coverage_fields,
		  "null: not known"),
	LIST(services, &use_fields, "that speak TLS; empty when coverage is null"),
	LIST(nics, &nic_fields, "network cards"),
	LIST(offloads, &offload_fields, "TLS offload of those that have it"),
	LIST(nic_counters, &nic_counter_fields, "of TLS, by the drivers"),
	FIELD_SUB(FIELD_PTR, struct export_doc, tune, &tune_fields, "null: not known"),
	LIST(expected, &expected_fields, "services that shall use kTLS"),
	LIST(expected_use, &use_fields, "what those do whose connections are known"),
};

const struct fields export_fields = {
	.name = "ktlsctl.facts/1",
	.help = "What ktlsctl export tells, for facts.d of Ansible; the metrics are "
		"read out of the same document.",
	.size = sizeof(struct export_doc),
	.f = rows,
	.n = ARRAY_SIZE(rows),
};

char *export_json(const struct export_doc *d)
{
	return doc_to_json(&export_fields, d, true);
}
