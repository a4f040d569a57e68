/* SPDX-License-Identifier: MIT */
/*
 * What a host tells its fleet: one document, and the table of metrics that are read out
 * of it. What is not known is not there (and named in `unknown`); it is never 0. Strings
 * are borrowed, or belong to the arena.
 */
#ifndef KTLSCTL_EXPORT_H
#define KTLSCTL_EXPORT_H

#include "applied.h"
#include "sockets.h"

struct export_cause {
	const char *cause, *check, *link;
	enum verdict level;
	const char *summary;
};

/* A check with findings that are warn, fail or unknown, and not waived. */
struct export_check {
	const char *category, *check, *reason; /* reason: of its worst finding */
	enum verdict level;                    /* the worst */
	uint64_t findings;
};

/* What could not be found out: tls_stat, sockets, owners, programs, nic_features,
 * nic_counters, tune. */
struct export_unknown {
	const char *part, *why;
};

struct export_sessions {
	const char *direction, *mode; /* "tx", "rx"; "sw", "device" */
	uint64_t sessions, opened;
};

struct export_counter {
	const char *name;
	uint64_t value;
};

struct export_rekeys {
	const char *direction;
	uint64_t changed, errors;
};

struct export_mode {
	const char *tx, *rx; /* "none", "sw", "hw", "hw-record", "unknown" */
	uint64_t sockets;
};

/* Of a service, or of all of them: then service is "". */
struct export_use {
	const char *service;
	uint64_t connections, on_ktls;
};

struct export_nic {
	const char *device, *driver;
};

struct export_offload {
	const char *device, *direction;
	bool active;
};

struct export_nic_counter {
	const char *device, *name;
	uint64_t value;
};

struct export_tune {
	uint64_t applied_keys, drifted_keys, unverified_keys;
};

struct export_expected {
	const char *service;
	bool tx, rx, hw;
};

struct export_doc {
	const char *tool_version, *time;
	uint64_t time_seconds, duration_us;
	const char *host, *kernel, *os, *openssl;
	enum status status;
	const char *headline;
	struct export_cause *cause; /* NULL: none */
	struct counts counts;
	struct export_check *checks;
	size_t n_checks;
	struct export_unknown *unknown;
	size_t n_unknown;
	struct export_sessions *sessions;
	size_t n_sessions;
	struct export_counter *counters; /* the others of tls_stat that are known */
	size_t n_counters;
	struct export_rekeys *rekeys; /* where the kernel can change keys */
	size_t n_rekeys;
	struct export_counter *strange; /* names that are not known here */
	size_t n_strange;
	struct export_mode *sockets;
	size_t n_sockets;
	struct export_use *coverage; /* NULL: not known */
	struct export_use *services;
	size_t n_services;
	struct export_nic *nics;
	size_t n_nics;
	struct export_offload *offloads;
	size_t n_offloads;
	struct export_nic_counter *nic_counters;
	size_t n_nic_counters;
	struct export_tune *tune; /* NULL: not known */
	struct export_expected *expected;
	size_t n_expected;
	struct export_use *expected_use; /* of those whose connections are known */
	size_t n_expected_use;
};

/* What the document is made of. sums and drift NULL: not known, and why. */
struct export_input {
	const struct report *report;
	const struct facts *facts;
	uint64_t duration_us;
	const struct sums_doc *sums;
	const char *why_no_sums;
	const char *why_no_owners;   /* NULL: it is known whose sockets they are */
	const char *why_no_programs; /* NULL: and which of those speak TLS */
	const struct drift_report *drift;
	const char *why_no_drift;
	const struct export_use *uses; /* of the services that are expected to use it */
	size_t n_uses;
};

/* 0 or -ENOMEM */
int export_make(const struct export_input *in, struct arena *a, struct export_doc *out);

/*
 * A label names no process, address or socket, and has few values in the life of a host:
 * what systemd and programs number is cut out of the name of a service
 * ("user@1000.service" is "user@.service"), and no more than EXPORT_SERVICES have a
 * series of their own.
 */
enum { EXPORT_SERVICES = 16, EXPORT_STRANGE = 32 };
const char *export_service_name(const char *name, struct arena *a);

extern const struct fields export_fields; /* ktlsctl.facts/1 */

enum metric_type { METRIC_GAUGE, METRIC_COUNTER, METRIC_UNTYPED };
extern const char *const metric_type_words[];

/* A metric is a column of the document. */
struct metric {
	const char *name;
	enum metric_type type;
	const char *labels; /* fields that are labels, blank-separated; "label=field" */
	const char *from;   /* the list or part of the document; NULL: itself */
	const char *only;   /* of the list, the item of this name; NULL: all */
	const char *value;  /* field; NULL: always 1; "*": all, by name in the label */
	const char *help;
};
extern const struct metric metrics[]; /* ends with a zeroed row */

/* The text format 0.0.4; free(3), NULL without memory. */
char *export_prometheus(const struct export_doc *d);
/* The same as one JSON document for facts.d of Ansible. */
char *export_json(const struct export_doc *d);

#endif
