/* SPDX-License-Identifier: MIT */
/*
 * What this process gives up for good, and with it every child of it: privileges, files,
 * system calls. None of it needs a privilege. Where the kernel lacks something the
 * function says so, and nothing has changed.
 */
#ifndef KTLSCTL_CONFINE_H
#define KTLSCTL_CONFINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONFINE_CAP(name) (UINT64_C(1) << CAP_##name)

/*
 * No new privileges by any execve(2), and of the capabilities only those of keep, in
 * every set. 0 or -errno.
 */
int confine_privileges(uint64_t keep);

/* Landlock: all below path. What is not there is left out. */
struct confine_tree {
	const char *path;
	bool writable; /* also what is in it may be made, replaced and removed */
};

enum confine_tcp {
	CONFINE_TCP_ANY,
	CONFINE_TCP_CONNECT, /* no bind(2) */
	CONFINE_TCP_PORT,    /* nor connect(2) but to those two */
	CONFINE_TCP_NONE,
};

struct confine_world {
	const struct confine_tree *trees; /* no other file can be opened */
	size_t n;
	enum confine_tcp tcp; /* from Linux 6.7 on */
	uint16_t ports[2];
	bool alone; /* no signal to others, no abstract socket of theirs; Linux 6.12 */
};

/* The version of Landlock's interface, or -errno: -ENOSYS, -EOPNOTSUPP where there is
 * none. */
int confine_abi(void);
/* The same, of what is in force now. */
int confine_world(const struct confine_world *w);

/*
 * seccomp: calls that no command makes get EPERM, which a library that tries one survives
 * and shows. What some commands do need:
 */
enum confine_call {
	CONFINE_MODULES = 1,    /* loading and removing kernel modules */
	CONFINE_BPF = 2,        /* looking at BPF maps */
	CONFINE_NAMESPACES = 4, /* setns(2), unshare(2) */
	CONFINE_SOCKETS = 8,    /* io_uring as well */
	CONFINE_PERF = 16,      /* counting instructions and the like */
};
/* 0 or -errno: -ENOSYS on a machine it is not written for. */
int confine_calls(unsigned keep);

#endif
