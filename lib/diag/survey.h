/* SPDX-License-Identifier: MIT */
/*
 * The sockets of a host one by one, with all that can be told of each: sock_diag, the
 * processes that hold it. Nothing is kept of a socket when it has been told.
 */
#ifndef KTLSCTL_SURVEY_H
#define KTLSCTL_SURVEY_H

#include "diag.h"
#include "owners.h"

enum owner_kind {
	OWNER_NOT_ASKED,
	OWNER_PROCESS,
	OWNER_KERNEL, /* it has an inode, and no process has it open */
	OWNER_NONE,   /* no process has it yet, or any more */
	OWNER_UNKNOWN,
	OWNER_KIND_COUNT
};

struct socket_owner {
	enum owner_kind kind;
	/* "" for a process. none: not-accepted, closed. kernel: no-process. unknown:
	 * processes-unreadable, hidepid, pid-namespace (there may be a process that we
	 * cannot see), io-uring (a ring that does not tell may hold it), gone-meanwhile,
	 * too-many (for a second look at all that no process has). */
	const char *reason;
	const struct owner_ref *refs;
	size_t n;
};

/* Whether the kernel tells this caller of kTLS. */
enum ulp_sight { ULP_SEEN, ULP_HIDDEN };

struct socket_view {
	const struct diag_socket *s;
	enum ulp_sight sight;
	struct socket_owner owner;
};

enum survey_mode { MODE_ANY, MODE_NONE, MODE_SW, MODE_HW };
/* One of the directions of a kTLS socket is in that mode. */
bool has_mode(const struct diag_tls *t, enum survey_mode mode);

struct survey_query {
	bool all;     /* else those with the TLS ULP */
	bool owners;  /* look for the processes */
	uint32_t pid; /* 0: any */
	uint16_t port;
	bool sees_all;  /* CAP_NET_ADMIN: nothing is hidden from this caller */
	bool ktls_live; /* the kernel counts kTLS sockets now, or does not tell */
};

struct survey {
	const struct survey_query *q;
	struct owners *owners; /* NULL: not asked for */
	enum ulp_sight sight;
	uint64_t sockets; /* that the kernel told of */
	bool interrupted; /* see diag_tcp() */
};

/* The view is the callee's until it returns; other than 0 ends the survey. */
typedef int (*survey_fn)(const struct socket_view *v, void *arg);

/* 0, what fn returned, or an error of diag_tcp() or owners_read(). survey_close() in any
 * case. */
int survey_open(struct survey *s, const struct survey_query *q);
int survey_run(struct survey *s, survey_fn fn, void *arg);
void survey_close(struct survey *s);

#endif
