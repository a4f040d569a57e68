/* SPDX-License-Identifier: MIT */
/* Roll-ups and reports of many hosts: a summary of them, and what changed between two. */
#ifndef KTLSCTL_FLEET_H
#define KTLSCTL_FLEET_H

#include "../out/fleet.h"
#include "store.h"

enum { FLEET_PROBLEMS = 10 }; /* that are named */

/* Files of documents, read one after the other into a store. */
struct fleet {
	struct store store;
	struct entry_reader reader;
	struct fleet_input in; /* but for what the store counts */
	const char *file;      /* that is read now */
	/* The first one that could not be read, and why. */
	const char *unreadable;
	int unreadable_err;
	/* Takes hosts that the store has no place for; NULL: they are lost. 0, -ENOMEM */
	int (*unmatched)(const struct store_host *h, void *arg);
	void *arg;
};

int fleet_init(struct fleet *f);
void fleet_free(struct fleet *f);

/* Reads one file to its end. 0 or -ENOMEM; what cannot be read is counted and named. */
int fleet_read_fd(struct fleet *f, int fd, const char *name);
/* It could not be opened. 0 or -ENOMEM */
int fleet_unreadable(struct fleet *f, const char *name, int err);
/* A document in memory; read like a file. */
int fleet_read_text(struct fleet *f, const char *text, const char *name);

/* What was read; strings live as long as f. */
int fleet_input(struct fleet *f, struct fleet_input *in);
bool fleet_complete(const struct fleet *f);

static inline void fleet_free_(struct fleet *f)
{
	fleet_free(f);
}
#define cleanup_fleet __attribute__((cleanup(fleet_free_)))

/* A summary is made in three steps: begin, read files into fleet, end. */
struct summary;
struct summary *summary_new(void);
void summary_free(struct summary *s);
struct fleet *summary_fleet(struct summary *s);
/* top: how many of each. 0 or -ENOMEM; d lives as long as s. */
int summary_end(struct summary *s, size_t top, struct fleet_doc *d);

static inline void summary_free_(struct summary **s)
{
	summary_free(*s);
}
#define cleanup_summary __attribute__((cleanup(summary_free_)))

#endif
