/* SPDX-License-Identifier: MIT */
/*
 * Which processes hold a socket: one walk over /proc/PID/fd, which gives for each number
 * of a socket's inode the processes that have it open. Sockets that only a ring of
 * io_uring holds are found too.
 *
 * Eight bytes a descriptor are kept, and a few more while they are sorted. The walk is no
 * snapshot: what was opened, passed on or closed meanwhile may be missing.
 */
#ifndef KTLSCTL_OWNERS_H
#define KTLSCTL_OWNERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../facts/lines.h"

/* One that holds sockets. Strings are those of struct owners. */
struct owner {
	uint32_t pid;
	bool looked_at;   /* what follows was read, see owners_look() */
	bool ended;       /* since the walk: there is nothing to be read of it */
	const char *comm; /* "" when it could not be read */
	const char *cgroup;
	const char *unit; /* of systemd: "nginx.service"; "" when it is in none */
	int cpu;          /* it ran on last; -1: not known */
};

/* What the walk came to; a socket without an owner is to be judged by it. */
struct owners_seen {
	uint64_t processes;  /* looked at */
	uint64_t unreadable; /* another user's */
	uint64_t rings;      /* of io_uring that do not tell what they hold */
	bool hidepid;        /* /proc does not show all processes */
	bool other_pidns;    /* we are in a PID namespace of our own: there are others */
};

struct owners;

/* threads 0: as many as there are processors, four at most. 0 or -errno (-ENOMEM, and
 * what opening /proc fails with). */
int owners_read(unsigned threads, struct owners **out);
void owners_free(struct owners *o);
const struct owners_seen *owners_seen(const struct owners *o);

/* One socket in one process. */
struct owner_ref {
	uint32_t inode;
	uint32_t owner; /* for owners_get() */
};
/* Those of the inode, each process once; NULL and 0 when there is none. */
const struct owner_ref *owners_find(const struct owners *o, uint32_t inode, size_t *n);
/* Reads what is to be known of the process, the first time it is asked for. */
const struct owner *owners_look(struct owners *o, uint32_t owner);
const struct owner *owners_get(const struct owners *o, uint32_t owner);

/* "socket:[123]" at the beginning: true and the number. */
bool parse_socket_link(struct span text, uint32_t *inode);
/* The fixed files of a ring, in /proc/PID/fdinfo/N: calls fn for every socket. False when
 * the text does not tell them all. */
bool parse_ring(struct span text, void (*fn)(void *arg, uint32_t inode), void *arg);
/* /proc/PID/stat. Points into the text; false when it is cut short. */
struct stat_line {
	struct span comm;
	int cpu; /* ran on last */
};
bool parse_stat(struct span text, struct stat_line *out);
/* The path in /proc/PID/cgroup, of version 2 or of systemd's own tree, and the name of
 * the unit in it. Both point into the text; a length of 0: none. */
struct cgroup_path {
	struct span path, unit;
};
struct cgroup_path parse_cgroup(struct span text);

static inline void owners_free_(struct owners **o)
{
	owners_free(*o);
}
#define cleanup_owners __attribute__((cleanup(owners_free_)))

#endif
