/* SPDX-License-Identifier: MIT */
/* A host on which everything is right, and what can be wrong with it. */
#ifndef KTLSCTL_GOOD_H
#define KTLSCTL_GOOD_H

#include "../../lib/check/check.h"
#include "unit.h"

/*
 * Debian 13 with Linux 7.3, the tls module loaded and named in modules-load.d, fast
 * AES-GCM, OpenSSL 3.5 with Options = KTLS, one NIC whose driver can offload. Some
 * sessions were, none is open. Strings are constant: there is no arena to be freed.
 */
void good_facts(struct facts *f);

/* What makes it worse (or better); rows of tests name up to four of them. */
typedef void (*tweak_fn)(struct facts *f);
enum { MAX_TWEAKS = 4 };
void tweaked_facts(struct facts *f, const tweak_fn *tweaks);

/* One group as it is when nobody asked, or when its reader got err. */
void group_lost(struct facts *f, unsigned bit, int err);

/* Counters of tls_stat, instead of those that are there; ends with { NULL }. */
void set_counters(struct facts *f, const struct counter *counters);

/* One setting, as its file below /proc/sys would hold it. */
void set_sysctl(struct facts *f, enum sysctl_key key, const char *text);

/* The module is on the disk and not loaded; this caller may load it. */
void unloaded(struct facts *f);
void unprivileged(struct facts *f);
void without_tls(struct facts *f);       /* CONFIG_TLS is not set, and so no module */
void blacklisted(struct facts *f);       /* by a line of modprobe.d */
void no_openssl_ktls(struct facts *f);   /* built without it */
void openssl_3_0(struct facts *f);       /* 3.0.22 */
void option_off(struct facts *f);        /* Options = -KTLS */
void caller_unreadable(struct facts *f); /* EACCES */
void in_use(struct facts *f);            /* 1 sends, 2 receive, in software */
void never_used(struct facts *f);        /* all counters 0 */
void proved(struct facts *f);            /* the core of a probe works */
void probe_broken(struct facts *f);      /* TLS 1.3 is not received as it was sent */
void in_docker(struct facts *f);
void in_userns(struct facts *f);
void no_offload_built(struct facts *f); /* CONFIG_MLX5_EN_TLS is not set */
void slow_aes(struct facts *f);

/*
 * A row: the facts, and what the check says to them. The worst of its findings has the
 * verdict, and one of them verdict and reason.
 */
struct check_row {
	const char *name;
	const struct check *check;
	tweak_fn tweaks[MAX_TWEAKS];
	enum verdict verdict;
	const char *reason; /* NULL: the check's id */
};

const char *check_row_id(const void *row);
void test_check_row(void **state);
#define UNIT_CHECKS(rows_)                                                               \
	{                                                                                \
		NULL, (rows_), ARRAY_SIZE(rows_), sizeof((rows_)[0]), test_check_row,    \
			check_row_id                                                     \
	}
/* Every answer in the outcomes of the checks of the rows has a row. */
void all_outcomes_have_rows(const struct check_row *rows, size_t n);

/* A row: what a finding says beyond its verdict; "!...": what none of them says. */
struct said_row {
	const char *name;
	const struct check *check;
	tweak_fn tweaks[MAX_TWEAKS];
	const char *said;
};

void test_said(void **state);

/* Tweaks of one statement or two, of a group that is not there, of one counter. */
#define TWEAK(name_, ...)                                                                \
	static void name_(struct facts *f)                                               \
	{                                                                                \
		__VA_ARGS__                                                              \
	}
#define LOST(name_, bit_, err_) TWEAK(name_, group_lost(f, bit_, err_);)
#define COUNTER(name_, counter_, value_)                                                 \
	static void name_(struct facts *f)                                               \
	{                                                                                \
		static const struct counter c[] = { { counter_, value_ }, { NULL, 0 } }; \
		set_counters(f, c);                                                      \
	}

#endif
