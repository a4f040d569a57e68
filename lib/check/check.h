/* SPDX-License-Identifier: MIT */
/*
 * A check is a pure function: facts in, findings out. It reads no file, keeps no state
 * and prints nothing, so a test fills a struct and looks at the report. This is the one
 * header a check includes.
 */
#ifndef KTLSCTL_CHECK_H
#define KTLSCTL_CHECK_H

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../facts/facts.h"
#include "report.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* One of the answers a check can give, for `ktlsctl explain`. */
struct outcome {
	enum verdict verdict;
	const char *reason; /* NULL: the check's id */
	const char *meaning;
	const char *remedy; /* in words; NULL: nothing to do */
};

struct check {
	const char *id; /* permanent kebab-case slug, never used again for another */
	const char *category; /* the folder it lies in */
	const char *title;    /* a few words */
	const char *why;      /* a paragraph: why anybody should care */
	const char *refs; /* where it can be read up, space-separated; NULL if nowhere */
	/* Every answer but "could not find out" (the runner's) that run() can give; ends
	 * with a zeroed row. A reason is a permanent slug, as an id is. */
	const struct outcome *outcomes;
	/* Fact groups without which there is no answer: if one could not be read, the
	 * runner says UNKNOWN and run() is not called. */
	unsigned needs;
	/* Groups it looks at and can do without; run() asks their source. */
	unsigned uses;
	/* Says something once at least, also when all is well. */
	void (*run)(const struct facts *f, struct report *r);
};

/* NULL-terminated, in reading order (checks/table.c). */
extern const struct check *const checks[];

const struct check *check_find(const char *id);
/* By its id, or by the slug of one of its answers (the id of a cause). */
const struct check *check_by_word(const char *word);
bool check_category_exists(const char *category);

/*
 * Runs every check of table over f. The report holds copies of all strings, except those
 * of the checks, so f may go before it. NULL without memory.
 */
/* Facts (a mask) that the checks of a table ask for. */
unsigned checks_mask(const struct check *const *table);
struct report *checks_run(const struct check *const *table, const struct facts *f);

/*
 * Root cause (checks/cause.c): the first broken link for a subject, its verdict fail,
 * unknown, or warn when nothing is broken and something only limited. NULL: every link
 * holds. *link names the link.
 */
const struct finding *cause_find(const struct report *r, const struct subject *s,
				 const char **link);
/* Makes the finding the report's cause; link is copied by reference. */
void blame(struct report *r, const struct finding *f, const char *link);
/* Sets status, cause and headline from the findings. */
void report_conclude(struct report *r, const struct facts *f);

/* Marks the findings that f->policy waives (waive.c). */
void report_waive(struct report *r, const struct facts *f);

/*
 * What a check calls. say() adds a finding and returns it for the rest; strings are
 * copied into the report. A report that ran out of memory swallows everything and tells
 * so in the end (report->failed), so the returned pointer is never NULL.
 */
struct finding *say(struct report *r, enum verdict v, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* What the finding is about, when it is not the host as a whole. */
void about(struct finding *f, enum subject_kind kind, const char *name);
/* The slug of this very answer; the id of a cause. */
void because(struct finding *f, const char *reason);
/* wanted NULL: nothing in particular was wanted. saw is formatted. */
void evidence(struct finding *f, const char *where, const char *wanted, const char *fmt,
	      ...) __attribute__((format(printf, 4, 5)));

enum remedy_flags { REMEDY_ROOT = 1, REMEDY_REBOOT = 2 };
/*
 * What to do: one sentence, and the command to paste (NULL: there is none). risk NULL:
 * none worth a word.
 */
void remedy(struct finding *f, const char *action, const char *command, unsigned flags,
	    const char *risk);
/* After remedy(): `tune --fix` can do it, by this KEY=VALUE (lib/tune/tunables.c). */
void mended_by(struct finding *f, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/*
 * The same for what depends on the distribution (/etc/os-release): the package to
 * install, the boot file to write, or the sentence that only an upgrade helps (distro.c).
 */
enum distro_fix {
	FIX_KERNEL,      /* boot a kernel built with CONFIG_TLS */
	FIX_MODULES,     /* bring the tls module of the running kernel back */
	FIX_LOAD,        /* load the module now and at every boot */
	FIX_BOOT,        /* load it at every boot */
	FIX_OPENSSL,     /* an OpenSSL with kTLS */
	FIX_OPENSSL_NEW, /* OpenSSL 3.2 or later */
	FIX_COUNT
};
void remedy_distro(struct finding *fi, const struct facts *f, enum distro_fix fix);
/* s as one word of a shell. */
const char *shell_quoted(struct report *r, const char *s);

/* Shorthands for what several checks ask. */
bool kernel_lacks_tls(const struct facts *f);      /* known: built without CONFIG_TLS */
bool os_is(const struct facts *f, const char *id); /* ID or one of ID_LIKE */
bool in_container(const struct facts *f);
/* Known: the module is not loaded, and tls-module says why it cannot be. */
bool module_barred(const struct facts *f);

/* The kernel can change the keys of a connection (TLS 1.3 KeyUpdate). */
enum tristate kernel_rekeys(const struct facts *f);

/* A defect of net/tls (defects.c). */
struct kernel_defect {
	const char *id; /* of the CVE record, or a word of ours where there is none */
	const char *what;
	const char *since; /* first affected release */
	const char *fixed; /* blank-separated: the first mended one of each branch */
	bool remote; /* a peer can do it to a receiving socket of an ordinary set-up */
	/* The record names every branch that was maintained: another one ended without.
	 */
	bool complete;
	bool device; /* only where a NIC encrypts */
};
extern const struct kernel_defect kernel_defects[]; /* ends with a zeroed row */
extern const uint64_t kernel_defects_date;          /* when the table was made */
enum defect_state {
	DEFECT_NOT_AFFECTED,
	DEFECT_FIXED,
	DEFECT_OPEN,
	DEFECT_NOT_ESTABLISHED
};
/* version: kernel.stable, not NULL. */
enum defect_state defect_state(const struct kernel_defect *d, const char *version);
/* The first defect a peer can use that is not known to be absent from this kernel, and
 * why not; NULL: there is none. version: kernel.stable, NULL for a vendor's number. */
const struct kernel_defect *defect_feared(const char *version, enum defect_state *why);

/*
 * Programs (programs.c). Those a check of processes speaks of: the one of --pid if there
 * is such, else all that were found.
 */
struct program_list {
	const struct program *v;
	size_t n;
};
struct program_list programs_asked(const struct facts *f);
/* Its name as a subject: "nginx", or "nginx/812" where that alone is not enough. */
const char *program_name(struct report *r, const struct facts *f,
			 const struct program *p);
/* The process of --pid, also when it could not be looked at. */
const char *target_name(struct report *r, const struct facts *f);
/* Worth a finding of its own: a known server, or the process of --pid. The others are
 * counted together. */
bool program_prominent(const struct facts *f, const struct program *p);
bool program_is(const struct program *p, const char *app);
/* The OpenSSL of a program, with several of them the most able; NULL: none. */
const struct tls_library *program_openssl(const struct facts *f, const struct program *p);
/* Built with kTLS; what is known of the OpenSSL we run with counts for the same file. */
enum tristate library_ktls(const struct facts *f, const struct program *p,
			   const struct tls_library *l);
/* Its openssl.cnf switches kTLS on; unknown where it is not the one that was read. */
enum tristate program_cnf_asks(const struct facts *f, const struct program *p);
/* It asks its OpenSSL for kTLS, as far as configuration tells. */
enum tristate program_asks(const struct facts *f, const struct program *p);
/* Processes there are that were not looked at: "no program" would be too much said. */
bool programs_incomplete(const struct facts *f);
/* One line of evidence a program that keep() accepts and that is not prominent, the
 * first few; n of them. keep() accepts only what has a TLS library. */
typedef bool (*program_test)(const struct facts *f, const struct program *p, int what);
void evidence_programs(struct finding *fi, const struct facts *f, program_test keep,
		       int what);

/* An answer about a program, and the same about several. */
struct program_answer {
	enum verdict verdict;
	const char *reason;
	const char *one, *several; /* one: "NAME ..."; several: "N programs ..." */
};
/* Says it once of those that keep() accepts and that are not prominent, with their
 * evidence; the rest is the caller's. NULL: there are none. */
struct finding *say_programs(const struct facts *f, struct report *r, program_test keep,
			     int what, const struct program_answer *a);

/*
 * Production readiness of one workload (ready.c): the conditions it can go with, the
 * weightiest first. Strings are borrowed until ready_conclude().
 */
struct ready_condition {
	const char *reason;
	const char *what; /* ends the sentence "WORKLOAD: go, but ..." */
	const char *where, *saw;
	const char *action; /* the remedy */
};
struct ready {
	const struct facts *f;
	struct report *r;
	const char *workload;
	struct ready_condition conditions[8];
	size_t n;
	bool unknown; /* something was not to be told, and said */
};
/* True, and SKIP said, where kTLS cannot work at all. */
bool ready_blocked(const struct ready *y);
void ready_but(struct ready *y, struct ready_condition c);
/* UNKNOWN for a kernel whose number does not tell; otherwise its open defects. */
struct ready_slugs {
	const char *vendor, *remote, *defects;
};
void ready_kernel(struct ready *y, const struct ready_slugs *slugs, const char *remote,
		  bool device);
/* nginx with HTTP/2, kTLS and OpenSSL 3.2 or later answers EIO. */
void ready_nginx_http2(struct ready *y, const char *reason);
/* Says OK or WARN, about the NIC when it is not NULL; nothing after an UNKNOWN. */
void ready_conclude(const struct ready *y, const struct nic *nic);

/* The setting, if it is n numbers; else says UNKNOWN and returns NULL. */
const struct sysctl_value *sysctl_numbers(const struct facts *f, struct report *r,
					  enum sysctl_key key, unsigned n);

/* A gauge of tls_stat; summed per CPU without a lock, it can be below zero for a moment:
 * then 0. */
uint64_t tls_gauge(const struct tls_stat_facts *s, const char *name);

/* What kernel_lacks_tls() looks at. */
#define TLS_FACTS (FACT_KCONFIG | FACT_ULP | FACT_MODULE | FACT_TLS_STAT)

/* What the checks of NICs ask (nics.c). A driver that can offload TLS: */
struct offload_driver {
	const char *name;
	bool rx;          /* what comes in as well; all of them what goes out */
	enum kopt option; /* needed beside CONFIG_TLS_DEVICE; KOPT_COUNT: none */
};
const struct offload_driver *offload_driver(const char *name); /* NULL: none such */

/* A device of its own, not one made of others or of nothing (bond, VLAN, veth). */
bool nic_is_own(const struct nic *nic);
/* The driver, "" if nobody tells. */
const char *nic_driver(const struct facts *f, const struct nic *nic);
/* Calls fn for every chosen NIC that is a device of its own; says one SKIP if none is. */
typedef void (*nic_fn)(const struct facts *f, struct report *r, const struct nic *nic);
void each_nic(const struct facts *f, struct report *r, nic_fn fn);
/* The same, or one SKIP where the kernel has no kTLS. */
void each_tls_nic(const struct facts *f, struct report *r, nic_fn fn);
/* say() and about() of a NIC; its name stands before the sentence. */
struct finding *say_nic(struct report *r, enum verdict v, const struct nic *nic,
			const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* What ethtool tells of it. NULL: nothing, which they say (UNKNOWN). A driver without
 * statistics has none, which is an answer. */
const struct nic_settings *settings_or_say(const struct facts *f, struct report *r,
					   const struct nic *nic);
const struct nic_stats *stats_or_say(const struct facts *f, struct report *r,
				     const struct nic *nic);
bool feature_on(const struct nic_settings *s, const char *name); /* in effect */
/* In effect, or the device has it and it can be switched on. */
bool feature_there(const struct nic_settings *s, const char *name);
/* The NIC has one of both TLS offloads. */
enum tristate nic_can_tls(const struct facts *f, const struct nic *nic);
/* "on", "off [fixed]", "off [asked for]" ..., as ethtool -k puts it. */
const char *feature_text(const struct nic_settings *s, const char *name);
/* The kernel drops TLS offload of what goes out without it. */
bool tx_checksum_on(const struct nic_settings *s);
/* The NICs that a device is or stands on in the end, through bonds and bridges. */
void nics_below(const struct facts *f, const struct nic *nic,
		void (*fn)(void *arg, const struct nic *nic), void *arg);
/* Those that are part of a bond themselves. */
void bond_ports(const struct facts *f, const struct nic *bond,
		void (*fn)(void *arg, const struct nic *nic), void *arg);
/* Whether a bond passes TLS offload on to its NICs, or what is in the way. */
enum bond_passes { BOND_PASSES, BOND_MODE, BOND_HASH, BOND_UNKNOWN };
enum bond_passes bond_passes(const struct nic *bond);

/* A string that lives as long as the report, for the arguments above. */
const char *text(struct report *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
