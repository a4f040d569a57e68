/* SPDX-License-Identifier: MIT */
/*
 * What a fleet needs of one host, out of a roll-up or of a full report. Fields that are
 * not needed are not looked at, so that documents of other versions of ktlsctl do.
 */
#ifndef KTLSCTL_FLEET_ENTRY_H
#define KTLSCTL_FLEET_ENTRY_H

#include "../check/report.h"
#include "split.h"

struct entry_finding {
	const char *id, *reason, *subject; /* subject: NULL or "" is the host */
	enum verdict verdict;
	bool waived;
	const void *waiver; /* of a report; NULL: none */
};

struct entry_cause {
	const char *id, *check;
};

struct entry {
	const char *time, *host, *kernel, *openssl;
	enum status status;
	const char *process;      /* of a roll-up, likewise; NULL */
	enum subject_kind about;  /* of a report: only that of a host is of use */
	const char *cause;        /* of a roll-up */
	struct entry_cause *full; /* of a report */
	struct report_nic *nics;
	size_t n_nics;
	struct entry_finding *findings;
	size_t n_findings;
};

enum entry_kind { ENTRY_ROLLUP, ENTRY_REPORT, ENTRY_KINDS };

/* Why something was passed over. */
enum entry_bad { BAD_JSON, BAD_SCHEMA, BAD_LONG, BAD_KINDS };

struct entry_problem {
	enum entry_bad bad;
	uint64_t line;
	const char *why; /* a clause */
};

/* What the documents of a stream are given to; all return 0 or -errno. */
struct entry_reader {
	int (*take)(const struct entry *e, enum entry_kind kind, void *arg);
	int (*problem)(const struct entry_problem *p, void *arg);
	void *arg;
	struct arena *arena; /* for one document at a time */
};

/* All documents of a piece; arg: a struct entry_reader. 0, or what that returned. */
int entries_of_piece(const struct piece *p, void *arg);

/* "2026-11-21T11:39:51Z" as 20261121113951; 0 when it is none */
uint64_t entry_time(const char *text);

#endif
