/* SPDX-License-Identifier: MIT */
/* Between the files of the scanner: one connection, and what is seen on it. */
#ifndef KTLSCTL_SCAN_PRIV_H
#define KTLSCTL_SCAN_PRIV_H

#include "../net/tls.h"
#include "scan.h"

/* What a connection is for. */
enum scan_what {
	SCAN_FOR_SUITES,   /* which of those offered the server takes */
	SCAN_FOR_ORDER,    /* the same, offered the other way round */
	SCAN_FOR_TALK,     /* tickets, records, the certificate */
	SCAN_FOR_UPDATE,   /* new keys asked for */
	SCAN_FOR_FRAGMENT, /* short records asked for */
	SCAN_FOR_NOTHING,  /* the version is done with */
};

struct scan_goal {
	enum scan_what what;
	uint16_t version;
	const char *suites; /* as OpenSSL takes them */
};

enum scan_step { SCAN_CONNECT, SCAN_START, SCAN_SHAKE, SCAN_ASK, SCAN_HEAR };

/* What was seen, also by libssl's hooks. */
struct scan_saw {
	enum scan_step step;    /* where it ended */
	int err;                /* 0: the goal is reached */
	int alert;              /* fatal, from the server; -1: none */
	const char *reason;     /* libssl's; constant; "" */
	char why[STARTTLS_WHY]; /* the server's words, before TLS */
	char suite[64];
	bool bio_tx, bio_rx;
	bool hello; /* the server answered to ours */
	unsigned tickets;
	bool update;                /* it changed its key */
	bool fragment;              /* it agreed to short records */
	uint64_t largest, received; /* of plain text, in bytes */
};

/* ---- libssl: scan_tls.c ---- */

/* The hooks write to saw, which outlives it. NULL: -ENOTSUP, -EIO in *err. */
struct ssl_ctx_st *scan_context(const struct scan_options *o, const struct scan_goal *g,
				struct scan_saw *saw, int *err);
int scan_set_name(struct tls_stream *s, const struct scan_options *o);
/* Suites that this libssl has for the version, the best first; *n 0: it cannot ask for
 * the version at all. -ENOMEM. */
int scan_suites(uint16_t version, struct arena *a, const char ***names, size_t *n);
/* With the next write. */
bool scan_ask_update(struct tls_stream *s);
bool scan_got_fragment(const struct tls_stream *s);
/* -ENOMEM */
int scan_certificate(const struct tls_stream *s, struct arena *a,
		     struct scan_certificate *out);

/* ---- one connection: scan_conn.c ---- */

struct scan_conn {
	const struct scan_options *o;
	struct scan_goal goal;
	struct arena *a;
	struct scan_certificate *certificate; /* filled when it talks and was not yet */
	int fd;
	struct ssl_ctx_st *ctx;
	struct tls_stream *s;
	struct starttls start;
	char word[512]; /* what is said inside TLS: a request with a host in it */
	size_t len, sent;
	int64_t step_end, quiet_end; /* in ms of CLOCK_MONOTONIC */
	short events;
	struct scan_saw saw;
};

int64_t scan_now_ms(void);
/* A socket that is on its way there; -errno. */
int scan_socket(const struct address *to);
/* c->o, goal, a and certificate are set, fd is c's from now on, also after a failure. 0,
 * or it is over already: c->saw. */
int scan_conn_start(struct scan_conn *c, int fd);
/* Goes on: -EAGAIN, or 0 when it is over. */
int scan_conn_go(struct scan_conn *c);
int64_t scan_conn_end_ms(const struct scan_conn *c);
void scan_conn_end(struct scan_conn *c);

/* ---- all of them: scan_run.c, and what follows from one: scan_follow.c ---- */

struct scan_task {
	struct scan_version *v;
	uint16_t number;
	const char **left; /* suites that were not taken yet */
	size_t n_left;
	enum scan_what what; /* next */
	unsigned closed;     /* how often, one after the other, without a word */
	unsigned reset;      /* how often, one after the other, before TLS */
	bool closes;         /* that is how it refuses */
	bool busy;
};

struct scan_run {
	const struct scan_options *o;
	struct arena *a;
	struct scan_doc *d;
	struct address at;
	struct scan_task tasks[SCAN_PARALLEL];
	struct scan_conn conns[SCAN_PARALLEL];
	struct scan_task *of[SCAN_PARALLEL]; /* whose connection; NULL: free */
	int spare; /* connected already, nothing said on it; -1 */
	int64_t end, next;
	bool stop; /* nothing more is to be had: d->error */
};

/* c, which was t's, is over; t knows what it wants next. 0 or -ENOMEM. */
int scan_follow(struct scan_run *r, const struct scan_conn *c, struct scan_task *t);
bool scan_any_accepted(const struct scan_run *r);
/* Something could not be found out; why NULL: no memory. 0 or -ENOMEM. */
int scan_incomplete(struct scan_run *r, const char *why);

#endif
