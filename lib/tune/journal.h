/* SPDX-License-Identifier: MIT */
/*
 * What was done to this host, on disk before it is done. Below TUNE_STATE: a lock, and a
 * folder an apply, numbered: `snapshot.json`, written once before the first change, and
 * `journal`, a line a step, never changed but at its end. Nobody else includes this.
 */
#ifndef KTLSCTL_JOURNAL_H
#define KTLSCTL_JOURNAL_H

#include "../facts/lines.h"
#include "../host/arena.h"
#include "../host/host.h"
#include "../out/field.h"
#include "tune.h"

#define TUNE_STATE "/var/lib/ktlsctl"

/* A value is written in two places: where it is in force, and in a file for the next
 * boot. Both are kept by the same steps; file tells them apart. */
enum step {
	STEP_WRITE,     /* about to write `to` where `from` is */
	STEP_WROTE,     /* and `now` is what the kernel made of it */
	STEP_AGAIN,     /* about to write `to` once more, to see what becomes of it; `now`
			   stands there */
	STEP_FOLDER,    /* about to make the folder `file` for the key's */
	STEP_RESTORE,   /* about to write `to`, which was there before */
	STEP_RESTORED,  /* it is as it was */
	STEP_KEPT,      /* `now` is somebody else's */
	STEP_FAILED,    /* error, of writing or restoring */
	STEP_APPLIED,   /* all of it is in force */
	STEP_CONFIRMED, /* and to stay */
	STEP_UNDONE,    /* a failure has undone it */
	STEP_REVERTED,  /* taken back, but for what was kept */
	STEP_COUNT
};
extern const char *const tune_step_words[];

struct journal_line {
	uint64_t time_ms; /* since the epoch */
	const char *boot_id;
	enum step step;
	const char *key, *file; /* NULL: of no key; of no file */
	const char *from, *to, *now;
	int err;
};

struct journal_item {
	const char *key, *tunable, *device; /* device NULL */
	const char *from, *wanted;
	const char *because, *source;
	bool write; /* else it is right, and only to last */
};

struct journal_head {
	const char *tool_version, *kernel, *boot_id, *profile;
	uint64_t time_ms;
	bool persist;
	uint64_t netns; /* that of who asked; 0: not known */
	/* Milliseconds of CLOCK_BOOTTIME when it is taken back unless confirmed; 0:
	 * never. */
	uint64_t deadline_ms;
	struct journal_item *items;
	size_t n_items;
};

extern const struct fields journal_head_fields, journal_line_fields;

/* One place of one key, and how far writing there has come. */
struct journal_place {
	const struct tunable *tunable; /* NULL: this program knows no such key */
	const char *key, *device, *file;
	const char *from, *to;
	const char *now;   /* read back after it was written; NULL: not come so far */
	const char *again; /* see STEP_AGAIN; NULL */
	bool restored;
};

struct journal {
	struct host *h;
	struct arena *arena;
	char id[TUNE_ID_MAX], dir[64];
	char boot_id[40]; /* of this boot */
	struct journal_head head;
	struct journal_place *places; /* in the order of writing */
	size_t n_places;
	const char **folders; /* that were made, in the order of making */
	size_t n_folders;
	bool applied, confirmed, over; /* over: undone or reverted */
	bool undone;
	uint64_t last_ms; /* time of the last line */
	bool cut;         /* the last line is not whole */
	size_t bad;       /* lines that make no sense */
};

/* The lock of all of it, made with the folders on the way; a descriptor or -errno. */
int journal_lock(struct host *h, bool wait);
/* Ids of all applies, oldest first, into ids, which the arena owns. */
int journal_list(struct host *h, struct arena *a, const char ***ids, size_t *n);
/* The next number, its folder and its snapshot. */
int journal_begin(struct host *h, const struct journal_head *head, struct journal **out);
/* -ENOENT; -EBADMSG: its snapshot is damaged. A folder without one: -ENODATA. */
int journal_open(struct host *h, const char *id, struct journal **out);
/* The last one that is not over, or -ENOENT. */
int journal_open_last(struct host *h, struct journal **out);
void journal_close(struct journal *j);
static inline void journal_close_(struct journal **j)
{
	journal_close(*j);
}
#define cleanup_journal __attribute__((cleanup(journal_close_)))

/* Appends a line (time and boot id are filled in) and has it on disk; what it says is
 * then true of j as well. */
int journal_add(struct journal *j, const struct journal_line *l);
/* Takes the lines of a journal file in; foreign bytes harm nothing. 0 or -ENOMEM. */
int journal_parse(struct journal *j, struct span text);
const struct journal_item *journal_item(const struct journal *j, const char *key);
/* The machine has not been booted since. */
bool journal_same_boot(const struct journal *j);

#endif
