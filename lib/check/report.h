/* SPDX-License-Identifier: MIT */
/*
 * The result of a diagnosis: findings, and what they come to. Built by the runner from
 * facts, or read back from JSON. Owns everything below it: report_free().
 */
#ifndef KTLSCTL_REPORT_H
#define KTLSCTL_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct check;
struct facts;
struct fields;

enum verdict {
	VERDICT_OK,
	VERDICT_INFO,
	VERDICT_WARN,
	VERDICT_FAIL,
	VERDICT_UNKNOWN, /* could not find out */
	VERDICT_SKIP,    /* does not apply */
	VERDICT_COUNT
};
extern const char *const verdict_words[]; /* NULL-terminated */

enum status {
	STATUS_USED,        /* seen in use, in this network namespace */
	STATUS_WORKS,       /* proved */
	STATUS_SHOULD_WORK, /* nothing is in the way, not proved */
	STATUS_CANNOT_WORK,
	STATUS_UNKNOWN,
};
extern const char *const status_words[];

enum subject_kind { SUBJECT_HOST, SUBJECT_NIC, SUBJECT_PROCESS, SUBJECT_CONNECTION };
extern const char *const subject_words[];

struct subject {
	enum subject_kind kind;
	const char *name; /* "" for the host */
};

struct evidence {
	const char *where, *saw;
	const char *wanted; /* may be NULL */
};

struct remedy {
	const char *action;  /* a sentence */
	const char *command; /* to paste; NULL = there is none */
	const char *risk;    /* may be NULL */
	bool needs_root, needs_reboot;
	/* "KEY=VALUE" that `tune --fix` plans for it; none: it is nothing for tune. */
	const char **tunables;
	size_t n_tunables;
};

/* Somebody decided to live with it (/etc/ktlsctl/waivers.d). */
struct waived {
	const char *reason;
	const char *expires; /* "2027-03-31"; "" = never */
	const char *where;   /* "FILE:LINE" */
};

struct finding {
	const char *id, *category, *title; /* of the check */
	struct subject subject;
	enum verdict verdict;
	const char *reason; /* slug of this answer; the check's id when it gave none */
	const char *summary;
	struct evidence *evidence;
	size_t n_evidence;
	const char *why;
	struct remedy *remedy; /* NULL: nothing to do */
	const char **refs;
	size_t n_refs;
	struct waived *waived; /* NULL: it counts */
	uint64_t duration_us;  /* of the whole check, at its first finding */
	struct report *report;
};

/* The first broken link of the chain (checks/cause.c). */
struct cause {
	const char *id;    /* the finding's reason: "module-blacklisted" */
	const char *link;  /* "module" */
	const char *check; /* "tls-module" */
	struct subject subject;
	enum verdict verdict; /* fail; unknown; warn = works, but limited */
	const char *summary;
	struct remedy *remedy;
	bool waived; /* its finding is */
};

struct report_nic {
	const char *name, *driver;
};

/* Who was diagnosed. */
struct report_host {
	const char *name;   /* "" when a snapshot does not tell */
	const char *os;     /* "Debian GNU/Linux 12 (bookworm)" */
	const char *kernel; /* uname -r */
	const char *machine;
	const char *openssl;
	bool snapshot;
	struct report_nic *nics;
	size_t n_nics;
};

struct counts {
	uint64_t ok, info, warn, fail, unknown, skip;
	uint64_t waived; /* of any verdict, counted in none of the others */
};

/* Sockets on kTLS now, out of tls_stat. */
struct usage {
	uint64_t tx_software, rx_software, tx_device, rx_device;
};

struct report {
	struct arena *arena;
	bool failed;         /* memory ran out: the report is not complete */
	struct finding sink; /* takes what no memory was left for */
	const char *tool_version;
	const char *time; /* RFC 3339, UTC: when the facts were read */
	struct report_host host;
	struct subject subject; /* whose answer it is: the host's, or that of --pid */
	enum status status;
	struct cause *cause;  /* NULL: every link holds */
	const char *headline; /* the answer, one sentence without a full stop */
	struct usage *usage;  /* NULL: not known */
	struct counts counts;
	struct finding *findings;
	size_t n_findings;
};

/* The documents (lib/out writes and reads them). */
extern const struct fields report_fields; /* ktlsctl.report/1 */
extern const struct fields rollup_fields; /* ktlsctl.rollup/1 */

struct report *report_new(void);
void report_free(struct report *r);

/* Puts the worst first, otherwise keeps the order: fail, warn, unknown, info and what is
 * waived, ok, skip. */
void report_sort(struct report *r);
/* Keeps the findings keep() accepts, and counts what is left. */
void report_filter(struct report *r, bool (*keep)(void *arg, const struct finding *f),
		   void *arg);
/* How bad a verdict is, for sorting and --fail-on: skip < ok < info < unknown < warn <
 * fail */
int verdict_rank(enum verdict v);
/* The same for a finding: one that is waived is no worse than info. */
int finding_rank(const struct finding *f);
/* The status is unknown, and nobody decided to live with that. */
bool report_is_unknown(const struct report *r);

static inline void report_free_(struct report **r)
{
	report_free(*r);
}
#define cleanup_report __attribute__((cleanup(report_free_)))

#endif
