/* SPDX-License-Identifier: MIT */
/* What host.c, record.c and module.c share; nobody else includes this. */
#ifndef KTLSCTL_HOST_PRIV_H
#define KTLSCTL_HOST_PRIV_H

#include "arena.h"
#include "host.h"

/* Stands in a recorded folder so that it survives git and the like; never listed. */
#define HOST_KEEP ".keep"

struct host {
	int root_fd; /* AT_FDCWD: live */
	host_trace_fn trace;
	void *trace_arg;
	int record_fd; /* < 0: not recording */
	int record_err;
	int seccomp; /* see host_set_seccomp() */
	struct arena *arena;
	struct host_error *errors;
	size_t n_errors;
	bool scratch; /* a snapshot that may be written to */
	host_guard_fn guard;
	void *guard_arg;
};

/* One path of the machine, with the flags of openat2(2) or open(2). fd or -errno. */
int open_plain(const struct host *h, const char *path, uint64_t flags, unsigned mode);
/* Whether a change may be made: 0, 1 when a guard has made it, -errno. */
int change_begin(struct host *h, const char *what, const char *path, const char *text);

void record_file(struct host *h, const char *path, const struct bytes *b);
void record_dir(struct host *h, const char *path);
void record_entry(struct host *h, const char *dir, const char *name, bool is_dir);
/* What the machine that was recorded answered for this path; 0 = nothing remembered. */
int record_replay(const struct host *h, const char *path);
void record_error(struct host *h, const char *path, int err);

#endif
