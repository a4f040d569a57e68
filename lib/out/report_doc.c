/* SPDX-License-Identifier: MIT */
/* The report as documents: field tables for JSON and the roll-up, and the Nagios line. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "../host/arena.h"
#include "../host/cleanup.h"
#include "render.h"
#include "utf8.h"

static const struct field subject_rows[] = {
	FIELD_WORD(struct subject, kind, subject_words, "what kind of thing"),
	FIELD(FIELD_STR, struct subject, name, "its name; empty for the host"),
};
FIELDS(subject_fields, struct subject, subject_rows, "What is spoken of.");

static const struct field evidence_rows[] = {
	FIELD(FIELD_STR, struct evidence, where, "where it was read"),
	FIELD(FIELD_STR, struct evidence, saw, "what was there"),
	FIELD(FIELD_STR_OR_NULL, struct evidence, wanted, "what would have been right"),
};
FIELDS(evidence_fields, struct evidence, evidence_rows, "What a finding rests on.");

static const struct field remedy_rows[] = {
	FIELD(FIELD_STR, struct remedy, action, "what to do, in words"),
	FIELD(FIELD_STR_OR_NULL, struct remedy, command, "to paste into a shell"),
	FIELD(FIELD_STR_OR_NULL, struct remedy, risk, "what it may break"),
	FIELD(FIELD_BOOL, struct remedy, needs_root, "needs root"),
	FIELD(FIELD_BOOL, struct remedy, needs_reboot, "takes effect after a reboot"),
	{ .name = "tunables",
	  .kind = FIELD_STRS,
	  .off = offsetof(struct remedy, tunables),
	  .count_off = offsetof(struct remedy, n_tunables),
	  .optional = true,
	  .help = "KEY=VALUE, or a rule, that ktlsctl tune --fix plans" },
};
FIELDS(remedy_fields, struct remedy, remedy_rows, "What can be done.");

static const struct field waived_rows[] = {
	FIELD(FIELD_STR, struct waived, reason, "of the one who decided"),
	FIELD(FIELD_STR, struct waived, expires, "last day, UTC; empty: never"),
	FIELD(FIELD_STR, struct waived, where, "file and line of the waiver"),
};
FIELDS(waived_fields, struct waived, waived_rows, "A decision to live with it.");

static const struct field finding_rows[] = {
	FIELD(FIELD_STR, struct finding, id, "check id, permanent"),
	FIELD(FIELD_STR, struct finding, category, "its folder"),
	FIELD(FIELD_STR, struct finding, title, "what is checked"),
	FIELD_SUB(FIELD_OBJ, struct finding, subject, &subject_fields,
		  "what it is about"),
	FIELD_WORD(struct finding, verdict, verdict_words, "the answer"),
	FIELD(FIELD_STR, struct finding, reason, "slug of this very answer, permanent"),
	FIELD(FIELD_STR, struct finding, summary, "the answer in a sentence"),
	FIELD_ARRAY(FIELD_LIST, struct finding, evidence, &evidence_fields,
		    "what was seen"),
	FIELD(FIELD_STR, struct finding, why, "why it matters"),
	FIELD_SUB(FIELD_PTR, struct finding, remedy, &remedy_fields,
		  "null: nothing to do"),
	FIELD_ARRAY(FIELD_STRS, struct finding, refs, NULL, "where it can be read up"),
	FIELD_SUB(FIELD_PTR, struct finding, waived, &waived_fields, "null: it counts"),
	FIELD(FIELD_U64, struct finding, duration_us,
	      "of the check, at its first finding"),
};
FIELDS(finding_fields, struct finding, finding_rows, "One answer of one check.");

static const struct field cause_rows[] = {
	FIELD(FIELD_STR, struct cause, id, "the finding's reason, permanent"),
	FIELD(FIELD_STR, struct cause, link, "the broken link of the chain"),
	FIELD(FIELD_STR, struct cause, check, "check id"),
	FIELD_SUB(FIELD_OBJ, struct cause, subject, &subject_fields, "whose"),
	FIELD_WORD(
		struct cause, verdict, verdict_words,
		"fail: broken; unknown: could not find out; warn: works, with a limit"),
	FIELD(FIELD_STR, struct cause, summary, "in a sentence"),
	FIELD_SUB(FIELD_PTR, struct cause, remedy, &remedy_fields, "null: none is known"),
	FIELD(FIELD_BOOL, struct cause, waived, "its finding is"),
};

const struct fields cause_fields = {
	.help = "The first link of the chain that fails.",
	.size = sizeof(struct cause),
	.f = cause_rows,
	.n = ARRAY_SIZE(cause_rows),
};

static const struct field nic_rows[] = {
	FIELD(FIELD_STR, struct report_nic, name, "interface"),
	FIELD(FIELD_STR, struct report_nic, driver, "kernel driver"),
};
FIELDS(nic_fields, struct report_nic, nic_rows, "A network interface with a driver.");

static const struct field host_rows[] = {
	FIELD(FIELD_STR, struct report_host, name,
	      "node name; the folder's for a snapshot"),
	FIELD(FIELD_STR, struct report_host, os, "PRETTY_NAME of os-release"),
	FIELD(FIELD_STR, struct report_host, kernel, "uname -r"),
	FIELD(FIELD_STR, struct report_host, machine, "uname -m"),
	FIELD(FIELD_STR, struct report_host, openssl, "version at run time"),
	FIELD(FIELD_BOOL, struct report_host, snapshot, "read from a folder, not live"),
	FIELD_ARRAY(FIELD_LIST, struct report_host, nics, &nic_fields, "its NICs"),
};

const struct fields report_host_fields = {
	.help = "Who was diagnosed.",
	.size = sizeof(struct report_host),
	.f = host_rows,
	.n = ARRAY_SIZE(host_rows),
};

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
FIELDS(counts_fields, struct counts, counts_rows, "Findings of each verdict.");

static const struct field usage_rows[] = {
	FIELD(FIELD_U64, struct usage, tx_software, "sockets that send, kernel software"),
	FIELD(FIELD_U64, struct usage, rx_software,
	      "sockets that receive, kernel software"),
	FIELD(FIELD_U64, struct usage, tx_device, "sockets that send, NIC (label only)"),
	FIELD(FIELD_U64, struct usage, rx_device,
	      "sockets that receive, NIC (label only)"),
};

const struct fields report_usage_fields = {
	.help = "kTLS sockets of this network namespace now.",
	.size = sizeof(struct usage),
	.f = usage_rows,
	.n = ARRAY_SIZE(usage_rows),
};

static const struct field report_rows[] = {
	FIELD(FIELD_STR, struct report, tool_version, "ktlsctl that made it"),
	FIELD(FIELD_STR, struct report, time, "when the facts were read, RFC 3339 UTC"),
	FIELD_SUB(FIELD_OBJ, struct report, host, &report_host_fields,
		  "who was diagnosed"),
	FIELD_SUB(FIELD_OBJ, struct report, subject, &subject_fields,
		  "whose answer it is: the host's, or that of the process of --pid"),
	FIELD_WORD(struct report, status, status_words, "the answer"),
	FIELD_SUB(FIELD_PTR, struct report, cause, &cause_fields,
		  "null: every link holds"),
	FIELD(FIELD_STR, struct report, headline, "the answer in a sentence"),
	FIELD_SUB(FIELD_PTR, struct report, usage, &report_usage_fields,
		  "null: not known"),
	FIELD_SUB(FIELD_OBJ, struct report, counts, &counts_fields,
		  "of the findings below"),
	FIELD_ARRAY(FIELD_LIST, struct report, findings, &finding_fields, "worst first"),
};

const struct fields report_fields = {
	.name = "ktlsctl.report/1",
	.help = "A diagnosis.",
	.size = sizeof(struct report),
	.f = report_rows,
	.n = ARRAY_SIZE(report_rows),
};

/* The roll-up: one short line a host, for fleets. */
struct rollup_finding {
	const char *id, *reason;
	enum verdict verdict;
	const char *subject;
	bool waived;
};

struct rollup {
	const char *tool_version, *time, *host;
	const char *process; /* "" */
	enum status status;
	const char *cause; /* NULL: none */
	const char *kernel, *os, *openssl;
	struct report_nic *nics;
	size_t n_nics;
	struct rollup_finding *findings;
	size_t n_findings;
};

static const struct field rollup_finding_rows[] = {
	FIELD(FIELD_STR, struct rollup_finding, id, "check id"),
	FIELD_WORD(struct rollup_finding, verdict, verdict_words, "the answer"),
	FIELD(FIELD_STR, struct rollup_finding, reason, "slug of the answer"),
	{ .name = "subject",
	  .kind = FIELD_STR,
	  .off = offsetof(struct rollup_finding, subject),
	  .optional = true,
	  .help = "when it is not the host" },
	{ .name = "waived",
	  .kind = FIELD_BOOL,
	  .off = offsetof(struct rollup_finding, waived),
	  .optional = true,
	  .help = "true: somebody decided to live with it" },
};
FIELDS(rollup_finding_fields, struct rollup_finding, rollup_finding_rows,
       "A finding, short.");

static const struct field rollup_rows[] = {
	FIELD(FIELD_STR, struct rollup, tool_version, "ktlsctl that made it"),
	FIELD(FIELD_STR, struct rollup, time, "when the facts were read, RFC 3339 UTC"),
	FIELD(FIELD_STR, struct rollup, host, "node name"),
	{ .name = "process",
	  .kind = FIELD_STR,
	  .off = offsetof(struct rollup, process),
	  .optional = true,
	  .help = "whose answer it is, of --pid; left out: the host's" },
	FIELD_WORD(struct rollup, status, status_words, "the answer"),
	FIELD(FIELD_STR_OR_NULL, struct rollup, cause, "cause id"),
	FIELD(FIELD_STR, struct rollup, kernel, "uname -r"),
	FIELD(FIELD_STR, struct rollup, os, "PRETTY_NAME of os-release"),
	FIELD(FIELD_STR, struct rollup, openssl, "version at run time"),
	FIELD_ARRAY(FIELD_LIST, struct rollup, nics, &nic_fields, "its NICs"),
	FIELD_ARRAY(FIELD_LIST, struct rollup, findings, &rollup_finding_fields,
		    "fail, warn, unknown and info"),
};

const struct fields rollup_fields = {
	.name = "ktlsctl.rollup/1",
	.help = "A diagnosis in one line.",
	.size = sizeof(struct rollup),
	.f = rollup_rows,
	.n = ARRAY_SIZE(rollup_rows),
};

char *report_json(const struct report *r)
{
	return doc_to_json(&report_fields, r, true);
}

static void add_rollup_findings(struct rollup *u, const struct report *r)
{
	for (size_t i = 0; i < r->n_findings; i++) {
		const struct finding *f = &r->findings[i];

		if (f->verdict == VERDICT_OK || f->verdict == VERDICT_SKIP)
			continue;
		u->findings[u->n_findings++] = (struct rollup_finding){
			f->id, f->reason, f->verdict, f->subject.name, f->waived
		};
	}
}

char *report_ndjson(const struct report *r)
{
	struct rollup u = {
		.tool_version = r->tool_version,
		.time = r->time,
		.host = r->host.name,
		.process = r->subject.name,
		.status = r->status,
		.cause = r->cause ? r->cause->id : NULL,
		.kernel = r->host.kernel,
		.os = r->host.os,
		.openssl = r->host.openssl,
		.nics = r->host.nics,
		.n_nics = r->host.n_nics,
	};
	cleanup_free char *json = NULL;
	char *line = NULL;

	u.findings = calloc(r->n_findings + 1, sizeof(*u.findings));
	if (!u.findings)
		return NULL;
	add_rollup_findings(&u, r);
	json = doc_to_json(&rollup_fields, &u, false);
	free(u.findings);
	if (!json || asprintf(&line, "%s\n", json) < 0)
		return NULL;
	return line;
}

/* One line; | and newlines have a meaning to the reader of it. */
char *report_nagios(const struct report *r)
{
	static const char *const words[] = { "OK", "WARNING", "CRITICAL", "UNKNOWN" };
	const struct counts *c = &r->counts;
	int state = r->counts.fail         ? 2
		    : report_is_unknown(r) ? 3
		    : r->counts.warn       ? 1
					   : 0;
	cleanup_free char *clean = utf8_clean(r->headline);
	const struct usage none = { 0 }, *u = r->usage ? r->usage : &none;
	char *line;

	if (!clean)
		return NULL;
	for (char *p = clean; *p; p++)
		if (*p == '|' || *p == '\n')
			*p = ' ';
	if (asprintf(&line,
		     "KTLS %s - %s | fail=%" PRIu64 ";;0 warn=%" PRIu64
		     " unknown=%" PRIu64 " ok=%" PRIu64 " tx_software=%" PRIu64
		     " rx_software=%" PRIu64 " tx_device=%" PRIu64 " rx_device=%" PRIu64
		     "\n",
		     words[state], clean, c->fail, c->warn, c->unknown, c->ok,
		     u->tx_software, u->rx_software, u->tx_device, u->rx_device) < 0)
		return NULL;
	return line;
}

struct error_doc {
	const char *error;
};

static const struct field error_rows[] = {
	FIELD(FIELD_STR, struct error_doc, error, "what was wrong, in a sentence"),
};

const struct fields error_fields = {
	.name = "ktlsctl.error/1",
	.help = "In place of a document that could not be made.",
	.size = sizeof(struct error_doc),
	.f = error_rows,
	.n = ARRAY_SIZE(error_rows),
};

char *error_json(const char *message, bool indent)
{
	const struct error_doc doc = { message };

	return doc_to_json(&error_fields, &doc, indent);
}
