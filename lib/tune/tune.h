/* SPDX-License-Identifier: MIT */
/*
 * Changing a host like a transaction. A profile (wishes, each with a reason) and the
 * facts make a plan, which is pure: nothing is touched by it. Applying one writes down
 * what was, then changes, reads back and undoes everything on the first failure;
 * reverting restores what still has the value that was written and names the rest.
 *
 * Values are text in one canonical form a kind (numbers separated by one blank, "on" and
 * "off", a hexadecimal CPU mask with no leading zeros): two are the same when
 * tune_equal() says so, whatever the kernel made of blanks, case or zeros.
 */
#ifndef KTLSCTL_TUNE_H
#define KTLSCTL_TUNE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../facts/facts.h"
#include "../out/applied.h"
#include "../out/plan.h"
#include "../out/result.h"

struct arena;
struct host;
struct report;

enum tune_kind {
	TUNE_NUMBERS, /* n of them, each within min and max */
	TUNE_WORD,    /* one of words, or any where words is NULL */
	TUNE_SWITCH,  /* "on", "off" */
	TUNE_MASK,    /* of CPUs, hexadecimal */
};

/* How a key is written and made to last; one row and one file each (mech_*.c). */
enum tune_mechanism {
	MECH_SYSCTL,  /* /proc/sys; a drop-in of sysctl.d */
	MECH_MODULE,  /* the tls module; a file of modules-load.d */
	MECH_ETHTOOL, /* features, rings, coalescing, channels over netlink */
	MECH_SYSFS,   /* RPS, XPS, governor, energy preference, smp_affinity */
	MECH_OPENSSL, /* Options = KTLS in the system's openssl.cnf */
	MECH_COUNT
};

/*
 * What there is one value for, and what "device" then is: the name by which value() and
 * the mechanism find it. A key is DEVICE/ID, or the id alone for TUNE_HOST.
 */
enum tune_scope {
	TUNE_HOST,
	TUNE_NIC,      /* "eth0" */
	TUNE_RX_QUEUE, /* "eth0/rx-0", as the folders below /sys/class/net/eth0/queues */
	TUNE_TX_QUEUE, /* "eth0/tx-0" */
	TUNE_IRQ,      /* "eth0/irq-45" */
	TUNE_CPU, /* "policy0", as the folders below /sys/devices/system/cpu/cpufreq */
};

/* A thing that can be set. tunables.c has the table; no reader of its own. */
struct tunable {
	const char *id; /* "net.ipv4.tcp_rmem", "module.tls", "nic.tls-hw-tx-offload" */
	enum tune_mechanism mechanism;
	enum tune_kind kind;
	unsigned n;               /* TUNE_NUMBERS: how many */
	uint64_t min, max;        /* of each number */
	const char *const *words; /* TUNE_WORD; NULL-terminated */
	enum tune_scope device;
	bool ordered;       /* TUNE_NUMBERS: none is less than the one before it */
	unsigned ram_share; /* bytes; more than this part of the memory is refused; 0 */
	bool reboot;        /* has its effect on what is made at the next boot only */
	bool netns; /* per network namespace: that of the caller changes, no other */
	bool late;  /* lasts only by a unit at boot, not by a file that something reads */
	unsigned needs;           /* groups of facts that value() looks at */
	const char *irreversible; /* what a revert does not take back, said first; NULL */
	const char *help;         /* one sentence */
	const char *absent;       /* what -ENOENT means, a clause */
	/*
	 * Its value now, canonical, in arena a: 0; -ENOENT: this host has no such thing;
	 * -EACCES, ...: could not be read. device NULL where the tunable has none.
	 */
	int (*value)(const struct facts *f, const struct tunable *t, const char *device,
		     struct arena *a, const char **out);
};

/*
 * Sysctls go by their names. The others: module.tls; nic.tls-hw-tx-offload,
 * nic.tls-hw-rx-offload, nic.rx-ring, nic.tx-ring, nic.combined, nic.adaptive-rx,
 * nic.adaptive-tx, nic.rx-usecs, nic.tx-usecs; nic.rps-cpus, nic.xps-cpus,
 * nic.irq-affinity, cpu.governor, cpu.energy-preference; openssl.ktls.
 */
extern const struct tunable *const tunables[]; /* NULL-terminated, in order of writing */
const struct tunable *tunable_find(const char *id);
/* The file that --persist writes for it; NULL: what is set lasts by itself. */
const char *tune_file(const struct tunable *t);
bool tune_equal(const struct tunable *t, const char *a, const char *b);
/* What went wrong: -ENOMEM, -ENOENT, -EINVAL ..., and one sentence for -EINVAL. */
struct tune_error {
	int err;
	char why[320];
};
/* text in the canonical form, in arena a; NULL: no value of it, or out of its bounds. */
const char *tune_canonical(const struct tunable *t, const char *text, struct arena *a,
			   struct tune_error *error);

/* One key of a plan. Strings belong to the plan's arena. */
struct tune_item {
	const struct tunable *tunable;
	const char *key;    /* the id; with a device "eth0/nic.tls-hw-tx-offload" */
	const char *device; /* NULL */
	enum tune_state state;
	const char *now;    /* canonical; "" when not known */
	const char *wanted; /* canonical */
	const char *why;    /* of a state that is not CHANGE; "" */
	const char *because, *risk,
		*source;   /* out of the profile; source is "FILE:LINE" */
	const char *owner; /* who sets it today: "FILE:LINE", "tuned (PROFILE)"; "" */
	const char *boot; /* what wins at the next boot if this is not made to last; "" */
	const char *warning; /* to be read before --apply; "" */
	/* It is right now, and known not to be after the next boot. */
	bool fleeting;
	/* Why what --persist writes would not hold, of a key that is right already; NULL.
	 * One that is to change is refused at once. */
	const char *contested;
};

struct tune_plan {
	struct arena *arena;
	const char *profile; /* "latency", a path, "--set" */
	struct tune_item *items;
	size_t n_items;
	bool reboot_required; /* exactly: a change that takes effect only then */
	const char **notes;   /* for all of it: namespaces, --persist, irreversible */
	size_t n_notes;
	/* Of these, and of the warnings, what has to be said before anything is done,
	 * also to somebody who has not asked for the plan. */
	const char **before;
	size_t n_before;
	struct plan_lines *by_hand;
	size_t n_by_hand;
};

/* --- profiles (profile.c, rule.c) ------------------------------------------------- */

struct tune_setting {
	const struct tunable *tunable;
	const char *device;    /* NULL: every one there is */
	const char *value;     /* canonical, or NULL: rule */
	const char *rule;      /* "bdp 20ms", "ram 1/64" ...; NULL: value */
	const char *min, *max; /* bounds of a rule; NULL */
	const char *because, *risk, *when, *source;
	bool may_lower; /* the profile says that a higher value is brought down, and why
			 */
};

struct tune_profile {
	struct arena *arena;
	const char *name, *summary, *about, *where;
	const char *servers; /* "nginx": its lines are told too; NULL */
	struct tune_setting *settings;
	size_t n_settings;
};

/*
 * name: one of the profiles (those of /etc/ktlsctl/profiles.d go before the program's
 * own), or a path when it has a '/'. 0, -ENOENT, -EINVAL, -ENOMEM ...; one sentence with
 * FILE:LINE in why.
 */
int tune_profile_read(struct host *h, const char *name, struct tune_profile **out,
		      char *why, size_t size);
void tune_profile_free(struct tune_profile *p);
/* The remedies of a diagnosis that name a tunable, as wishes: of these checks or
 * categories, or with n 0 of all findings that are warn or fail and not waived. 0 or
 * -ENOMEM. */
int tune_profile_of(const struct report *r, const char *const *ids, size_t n,
		    struct tune_profile **out);
/* The names there are, in arena a: the program's own, then others. 0 or -ENOMEM. */
int tune_profile_names(struct host *h, struct arena *a, const char ***out, size_t *n);

/* --- the plan (plan.c), pure ------------------------------------------------------ */

struct tune_query {
	const struct tune_profile *profile; /* NULL: sets alone */
	const char *const *sets;            /* "KEY=VALUE", parsed before */
	size_t n_sets;
	const char *const *only, *const *skip; /* keys, ids or prefixes of them */
	size_t n_only, n_skip;
	const char *device; /* --device; NULL: every NIC that is one of its own */
	bool force;
	bool persist; /* for an apply that is to last: who goes before it refuses it */
	/* For what diagnose has to say before openssl.ktls; NULL: nobody asked. */
	const struct report *report;
};

/* Groups of facts that a plan (and reading back) needs. */
unsigned tune_mask(void);
/* 0, -ENOMEM, -EINVAL with one sentence in why (an unknown key, a value out of bounds).
 */
int tune_plan_make(const struct tune_query *q, const struct facts *f,
		   struct tune_plan **out, char *why, size_t size);
void tune_plan_free(struct tune_plan *p);

/* --- applying (apply.c, journal.c, revert.c, watch.c) ------------------------------ */

struct tune_apply_options {
	bool persist;
	uint64_t confirm_within_ms; /* 0: nobody has to confirm */
};

/*
 * What went wrong stands in the result; the calls themselves fail with -ENOMEM only.
 * Interrupted (a signal, a crash, the power) at any step, tune_revert() restores.
 */
int tune_apply(struct host *h, const struct tune_plan *p,
	       const struct tune_apply_options *o, struct tune_result **out);
/* An apply that waits for it is there to stay; its files for the next boot are written.
 * id NULL: the last one that is not reverted. */
int tune_confirm(struct host *h, const char *id, struct tune_result **out);
int tune_revert(struct host *h, const char *id, struct tune_result **out);
/* All applies, and whether what they wrote still holds (f: groups of tune_mask()). A
 * journal that cannot be read is a failure in *out; -ENOMEM. */
int tune_history(struct host *h, struct arena *a, struct history *out);
int tune_verify(struct host *h, const struct facts *f, struct arena *a,
		struct drift_report *out);
/* One sentence about an apply that was interrupted or waits, "" without one. */
int tune_standing(struct host *h, struct arena *a, const char **says);
/* KEY=VALUE once more, with no journal: for the unit at boot. 0 or -errno, and why. */
int tune_boot(struct host *h, const char *setting, char *why, size_t size);
/* What --if-better found goes with the result; copies it. -ENOMEM */
int tune_result_measured(struct tune_result *r, const struct tune_gain *g);
void tune_result_free(struct tune_result *r);
static inline void tune_result_free_(struct tune_result **r)
{
	tune_result_free(*r);
}
#define cleanup_result __attribute__((cleanup(tune_result_free_)))

#endif
