/* SPDX-License-Identifier: MIT */
/* What would be changed, as a document and as text for people. Strings are borrowed. */
#ifndef KTLSCTL_PLAN_H
#define KTLSCTL_PLAN_H

#include "render.h"

enum tune_state {
	TUNE_CHANGE,         /* would be written */
	TUNE_RIGHT,          /* has it already, or more and may keep it */
	TUNE_NOT_APPLICABLE, /* condition, no such key or NIC: why says it */
	TUNE_UNKNOWN,        /* could not be read: why */
	TUNE_REFUSED,        /* someone else's, and no --force: why */
	TUNE_SKIPPED,        /* --skip, or not in --only */
	TUNE_STATE_COUNT
};
extern const char *const tune_state_words[]; /* NULL-terminated */

/* A key of the plan; struct tune_item (lib/tune/tune.h) tells what is what. */
struct plan_row {
	const char *key, *tunable, *device; /* device NULL: the host's */
	enum tune_state state;
	const char *now, *wanted, *why, *because, *risk, *source;
	const char *owner, *boot, *warning;
	const char *irreversible; /* NULL */
	bool needs_reboot;
};

/* Lines for a configuration that is not this program's to edit. */
struct plan_lines {
	const char *program; /* "nginx" */
	const char *where;   /* "the http block of /etc/nginx/nginx.conf" */
	const char **lines;
	size_t n_lines;
	const char *then; /* what is to be done behind that */
};

struct plan_report {
	const char *tool_version;
	const char *host; /* its name; that of a snapshot's folder */
	bool snapshot;
	const char *kernel;
	const char *profile;
	const char *command; /* that applies it; for people */
	bool changed;        /* false: a plan changes nothing */
	bool reboot_required;
	struct plan_row *items;
	size_t n_items;
	const char **notes;
	size_t n_notes;
	struct plan_lines *by_hand;
	size_t n_by_hand;
};

extern const struct fields plan_fields; /* ktlsctl.plan/1 */

/* A profile as it stands in its file, with those it includes. */
struct profile_row {
	const char *key;
	const char *value, *rule, *min, *max, *when; /* NULL: none */
	const char *because, *risk, *source;
	bool may_lower;
};

struct profile_doc {
	const char *name, *summary, *about, *where;
	const char *servers; /* "": none; whose lines are told with a plan */
	struct profile_row *settings;
	size_t n_settings;
};

struct profiles_doc {
	struct profile_doc *profiles;
	size_t n_profiles;
};

extern const struct fields profiles_fields; /* ktlsctl.profiles/1 */
/* One line a profile. */
char *profiles_text(const struct profiles_doc *d, const struct text_style *style);
/* All of one. */
char *profile_text(const struct profile_doc *d, const struct text_style *style);
/* What can be set: a row of the table in lib/tune/tunables.c. */
struct tunable_row {
	const char *id, *help;
	const char *device; /* what stands before it and a slash: "eth0/rx-0"; NULL */
	const char *values; /* what it takes, in words */
	const char *file;   /* that --persist writes; NULL: it lasts by itself */
	const char *irreversible; /* what a revert does not take back; NULL */
	bool netns, needs_reboot;
};

struct tunables_doc {
	struct tunable_row *tunables;
	size_t n_tunables;
};

extern const struct fields tunables_fields; /* ktlsctl.tunables/1 */
/* Two lines a key or more. */
char *tunables_text(const struct tunables_doc *d, const struct text_style *style);
char *plan_text(const struct plan_report *r, const struct text_style *style);
char *plan_json(const struct plan_report *r);

#endif
