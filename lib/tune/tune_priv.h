/* SPDX-License-Identifier: MIT */
/* Between the files of the planning side. */
#ifndef KTLSCTL_TUNE_PRIV_H
#define KTLSCTL_TUNE_PRIV_H

#include "../facts/lines.h"
#include "../host/arena.h"
#include "../host/cleanup.h"
#include "tune.h"

/* The program's own profiles, made of profiles/NAME.profile by the Makefile. */
struct builtin_profile {
	const char *name, *text;
};
extern const struct builtin_profile builtin_profiles[]; /* ends with a NULL name */

/* err with a sentence; returns err. */
int tune_fail(struct tune_error *e, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* The numbers of a canonical value; false when there are not n of them. */
enum { TUNE_NUMBERS_MAX = 3 };
bool tune_numbers(const char *text, unsigned n, uint64_t *v);
/* "64K", "2M", "1G", "17" */
bool tune_size(struct span s, uint64_t *out);
const char *tune_join(const uint64_t *v, unsigned n, struct arena *a);

/* values.c: how each kind of tunable is looked up in the facts; see tunable.value. */
int value_sysctl(const struct facts *f, const struct tunable *t, const char *device,
		 struct arena *a, const char **out);
int value_module(const struct facts *f, const struct tunable *t, const char *device,
		 struct arena *a, const char **out);
int value_feature(const struct facts *f, const struct tunable *t, const char *device,
		  struct arena *a, const char **out);
int value_ethtool(const struct facts *f, const struct tunable *t, const char *device,
		  struct arena *a, const char **out);
int value_mask(const struct facts *f, const struct tunable *t, const char *device,
	       struct arena *a, const char **out);
int value_power(const struct facts *f, const struct tunable *t, const char *device,
		struct arena *a, const char **out);
int value_openssl(const struct facts *f, const struct tunable *t, const char *device,
		  struct arena *a, const char **out);

/* The NIC that "eth0", "eth0/rx-0" or "eth0/irq-45" is of; NULL: none such. */
const struct nic *tune_nic(const struct facts *f, const char *device);
/* What NetworkManager has on the NIC of device, NULL: no connection; and what that sets
 * of a tunable, NULL: nothing (nm.c). */
const struct nm_device *tune_nm(const struct facts *f, const char *device);
const struct nm_setting *tune_nm_setting(const struct facts *f, const struct tunable *t,
					 const char *device);
const struct cpu_policy *tune_policy(const struct facts *f, const char *device);
/* The most a ring or a channel can be; 0: not told. */
uint64_t tune_most(const struct facts *f, const struct tunable *t, const char *device);

/* What a rule and a condition are about. */
struct tune_about {
	const struct facts *f;
	const struct tunable *t;
	const char *device; /* NULL */
	const char *now;    /* canonical */
	struct arena *a;
};
/*
 * The wanted value by the rule and its bounds, canonical. NULL with e->err: -ENODATA: not
 * to be told on this host, -ENOENT: it does not apply here.
 */
const char *tune_rule(const struct tune_setting *s, const struct tune_about *about,
		      struct tune_error *e);
/* Whether it can be understood: 0 or -EINVAL with a clause. */
int tune_rule_check(const struct tunable *t, const char *rule, struct tune_error *e);
int tune_bound_check(const struct tunable *t, const char *bound, struct tune_error *e);

/* 0: it holds; -ENOENT: not, e says what is the case; -ENODATA: not to be told. */
int tune_when(const char *when, const struct tune_about *about, struct tune_error *e);
int tune_when_check(const char *when, struct tune_error *e);

/*
 * A profile's text into out, without those it includes: these go to include (NULL: none;
 * blank-separated) with the line. 0, -ENOMEM, -EINVAL with "FILE:LINE: ...".
 */
struct profile_text {
	const char *file, *include;
	unsigned include_line;
	struct tune_profile *out;
};
int tune_profile_parse(struct span text, struct profile_text *p, struct tune_error *e);
/* Empty; NULL without memory. */
struct tune_profile *tune_profile_new(const char *name);
/* Puts the setting in place of one about the same, or behind the others. */
int tune_profile_put(struct tune_profile *p, const struct tune_setting *s);
/* "KEY" or "DEVICE/KEY"; false: nothing of that name. */
bool tune_key(const char *key, struct arena *a, const struct tunable **t,
	      const char **device);
/* A value, or else a rule. 0; with e->why -EINVAL, as of no value; -ENOMEM. */
int tune_value(struct tune_setting *s, const char *text, struct arena *a,
	       struct tune_error *e);
/* The id nearest to what was written; NULL. */
const char *tune_nearest(const char *typed);

/* owner.c: fills owner, boot and warning; refuses what somebody else keeps. */
int tune_owner(struct tune_item *item, const struct tune_about *about,
	       const struct tune_query *q);
/* byhand.c: lines for the configuration of others. */
int tune_by_hand(struct tune_plan *p, const struct facts *f, const struct tune_query *q);
/* notes.c: what is to be said of the plan as a whole. */
int tune_notes(struct tune_plan *p, const struct facts *f, const struct report *r);

#endif
