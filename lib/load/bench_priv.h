/* SPDX-License-Identifier: MIT */
/* Between the files of the bench; nobody else includes it but their tests. */
#ifndef KTLSCTL_LOAD_BENCH_PRIV_H
#define KTLSCTL_LOAD_BENCH_PRIV_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/types.h>

#include "../net/address.h"
#include "../net/bench_line.h"
#include "../net/tls.h"
#include "../tls/ktls_ssl.h"
#include "bench.h"
#include "bench_stat.h"
#include "histogram.h"

struct ssl_ctx_st;

enum {
	BENCH_SEND = 1,
	BENCH_RECEIVE = 2,
	BENCH_BOTH = 4,         /* what the end with the mode does; bits */
	BENCH_ROOM = 128 << 10, /* what one read may bring */
	BENCH_PAYLOAD = BENCH_SIZE_MAX,
	BENCH_WAIT_S = 20, /* nothing takes longer than that */
};

/* ---- one end of a connection: bench_mode.c ---- */

struct bench_end {
	int fd;
	struct tls_stream *s;   /* NULL: plain TCP */
	struct ktls_conn *conn; /* NULL: in user space */
	const struct bench_mode *mode;
	void *ring; /* of the mode with io_uring */
	int file;   /* with the payload; shared, -1: none */
	off_t at;
	uint64_t calls; /* system calls as far as they are made here */
};

/*
 * How an end with this mode sends and receives. put: some of the bytes were taken; take:
 * some have come, 0: the other end has ended it. -errno
 */
struct bench_mode {
	const char *name, *title;
	unsigned directions; /* that it can be measured in */
	bool tls;
	bool kernel;       /* keys are the kernel's */
	bool zerocopy;     /* wants a NIC that encrypts */
	const char *lacks; /* why it is not for the other directions */
	ssize_t (*put)(struct bench_end *e, const uint8_t *buf, size_t len);
	ssize_t (*take)(struct bench_end *e, uint8_t *buf, size_t len);
	/* NULL, or what it needs beside: 0 or -errno with *why. */
	int (*open)(struct bench_end *e, const char **why);
	void (*close)(struct bench_end *e);
	/* A copy of every byte by this processor, in bytes a byte; how that is known. */
	unsigned copies;
	const char *copies_why;
	/* The system calls that /proc/thread-self/io counts: all, those of writing, none.
	 */
	enum { BENCH_IO_ALL, BENCH_IO_WRITES, BENCH_IO_NONE } counted;
};
extern const struct bench_mode bench_openssl, bench_ktls, bench_plain, bench_uring;

ssize_t bench_put_fd(struct bench_end *e, const uint8_t *buf, size_t len);
ssize_t bench_take_fd(struct bench_end *e, uint8_t *buf, size_t len);
/* When the kernel said EIO for what comes next. */
ssize_t bench_take_control(struct bench_end *e, uint8_t *buf, size_t len);
/* All of it: 0, -EPIPE at the end, -errno. */
int bench_put_all(struct bench_end *e, const uint8_t *buf, size_t len);
int bench_take_all(struct bench_end *e, uint8_t *buf, size_t len);
void bench_end_close(struct bench_end *e);

/* ---- what a thread used: bench_account.c ---- */

/* Which of them this caller may use. */
struct bench_counters {
	uint64_t tracepoint;   /* of every system call; 0: not to be had */
	const char *calls_why; /* not; "" */
	const char *perf_why;  /* no instructions, no misses; "" */
};
void bench_counters_find(struct bench_counters *c);

struct bench_usage {
	uint64_t begin_ns, end_ns;
	uint64_t cpu_ns, user_ns, system_ns;
	uint64_t io_reads, io_writes; /* calls, by /proc/thread-self/io */
	bool io;
	uint64_t calls; /* by the tracepoint */
	bool traced;
	uint64_t instructions, misses;
	bool perf;
};

struct bench_meter {
	struct bench_usage begun;
	int fds[3];
};
/* Of the calling thread. */
void bench_meter_start(struct bench_meter *m, const struct bench_counters *c);
void bench_meter_stop(struct bench_meter *m, struct bench_usage *used);

uint64_t bench_now_ns(void);
/* BENCH_WAIT_S from now. */
uint64_t bench_deadline(void);
/* What the calling thread has used of its processor. */
uint64_t bench_used_ns(void);

/* ---- one run of one mode: bench_round.c, bench_work.c ---- */

/* A group before it is measured; what all its modes share. */
struct bench_group {
	enum bench_workload workload;
	unsigned direction; /* one of the bits */
	struct bench_suite suite;
	const struct ktls_cipher *cipher; /* NULL */
	size_t size;
	size_t connections;
};

/* What all runs share. */
struct bench_world {
	const struct bench_options *o;
	struct tls_identity id;
	struct bench_counters counters;
	uint8_t *payload; /* BENCH_PAYLOAD bytes */
	int file;         /* with the same */
	/* Of the suite at hand; the kernel's client with a peer, servers without. */
	struct ssl_ctx_st *client, *client_kernel, *server_user, *server_kernel;
	struct address there[16]; /* in the namespace; loopback when n is 0 */
	size_t n_there;
};

/* Who says what ran, in the order of bench_witnesses[]. */
enum {
	BENCH_BY_COUNTERS,
	BENCH_BY_SOCKET,
	BENCH_BY_DIAG,
	BENCH_BY_PAYLOAD,
	BENCH_WITNESSES
};
struct bench_proof {
	char saw[64]; /* "": it said nothing */
	bool right;
};

enum { BENCH_A, BENCH_B }; /* the end with the mode, the other one */

struct bench_run;
struct bench_lane;

/* A thread: one end of some connections. */
struct bench_side {
	struct bench_run *run;
	struct bench_lane *lane;
	int which;
	pthread_t thread;
	bool started;
	struct bench_end *ends;
	size_t n_ends;
	uint8_t *room; /* as much as a message, and BENCH_ROOM */
	int err;
	const char *why;
	char text[160];
	struct bench_usage used;
	uint64_t calls; /* that were made here */
	uint64_t not_counted;
	uint64_t bytes, operations;
	uint64_t connect_ns, handshake_ns, attach_ns, opened; /* sums of opened */
	struct histogram *latency;                            /* of B; NULL */
	struct bench_proof proof[BENCH_WITNESSES];
};

/* The two ends of some connections. */
struct bench_lane {
	struct bench_side side[2];
	int listener;
	struct address at;
	_Atomic unsigned port;     /* of who connects */
	_Atomic uint64_t accepted; /* before the next one is connected */
	_Atomic bool asked_all;    /* close: nobody connects any more */
	_Atomic bool answered_all; /* and who answered knows */
};

struct bench_run {
	struct bench_world *w;
	const struct bench_group *g;
	const struct bench_mode *mode;
	uint64_t run_ms;
	struct bench_lane *lanes;
	size_t n_lanes;
	_Atomic bool stop;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	size_t ready;
	bool open, failed;
	bool look; /* ask sock_diag, too */
	/* With a peer. */
	struct bench_end control;
	uint64_t id;
	struct bench_report told;
};

/* What a run came to; a figure below 0 is not known. */
struct bench_sample {
	double v[BENCH_FIGURES];
	bool calls_measured[2];
	int err;
	bool interrupted;
	char why[160];
	struct bench_proof proof[BENCH_WITNESSES];
	uint64_t operations, bytes, connections, setup_ns;
};

struct bench_turn {
	const struct bench_group *g;
	const struct bench_mode *mode;
	uint64_t run_ms;
	struct histogram *latency; /* gets the latencies added; NULL */
	bool look;                 /* ask sock_diag, too */
};
void bench_run_once(struct bench_world *w, const struct bench_turn *t,
		    struct bench_sample *out);

/* ---- connections: bench_open.c ---- */
int bench_world_suite(struct bench_world *w, const struct bench_suite *s);
void bench_world_close(struct bench_world *w);
/* Connects or accepts, shakes hands, gives the keys to the kernel. 0, or -errno with
 * side->why. */
int bench_open_end(struct bench_side *s, struct bench_end *e);
/* Before the gate. The other end learns of it at once, not when its time is over: nobody
 * connects any more, and nobody who has will be accepted. */
void bench_give_up(struct bench_side *s);
/* How long a call on a socket may block; and no call waits for the next one's bytes. */
int bench_limit(int fd, unsigned seconds);
/* Of a socket that blocks; 0 or -errno. */
int bench_connect(int fd, const struct address *at);
int bench_handshake(struct tls_stream *s);
/* Nothing to accept any more: -ECANCELED. */
int bench_listen(struct bench_world *w, struct bench_lane *l);

/* ---- with a peer: bench_peer.c; why as they fail ---- */
int bench_control_open(struct bench_run *r, char why[160]);
int bench_control_start(struct bench_run *r, char why[160]);
int bench_control_end(struct bench_run *r, struct bench_report *out, char why[160]);
/* A descriptor, or -errno. */
int bench_peer_connect(struct bench_side *s);
/* With side->why, as bench_open_end(). */
int bench_peer_join(struct bench_side *s, struct bench_end *e);
int bench_peer_check(struct bench_side *s, struct bench_end *e);
/* What asks for an answer of `close`; its length. */
size_t bench_peer_request(const struct bench_side *s, char line[BENCH_LINE]);
int bench_peer_begin(struct bench_end *e);
void bench_peer_bye(struct bench_end *e);
/* When its word is not what was seen here: -EILSEQ and out->why. */
int bench_peer_prove(const struct bench_run *r, const struct bench_report *p,
		     struct bench_sample *out);

/* ---- the loops: bench_work.c ---- */
/* Everything before the clock runs; then what is timed. */
int bench_prepare(struct bench_side *s);
int bench_work(struct bench_side *s);

#endif
