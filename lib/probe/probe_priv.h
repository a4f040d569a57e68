/* SPDX-License-Identifier: MIT */
/*
 * What the files of lib/probe share; nobody else includes it but their tests. Errors are
 * -errno, with two of our own: -EILSEQ something arrived that is not what was sent,
 * -ETIMEDOUT nothing moved for WAIT_MS.
 */
#ifndef KTLSCTL_PROBE_PRIV_H
#define KTLSCTL_PROBE_PRIV_H

#include <sys/types.h>

#include "../host/arena.h"
#include "../host/cleanup.h"
#include "../tls/ktls.h"
#include "probe.h"

/* A TCP connection over loopback; neither end ever waits. */
struct pair {
	int fd[2];
};

int pair_open(struct pair *p);
void pair_close(struct pair *p);
#define cleanup_pair __attribute__((cleanup(pair_close)))

/* Until one of the two may go on; events 0: not asked. */
struct pair_events {
	short events[2];
};
int pair_wait(const struct pair *p, struct pair_events e);

/* A network namespace of our own, with loopback up. -EPERM: not permitted. Who may not
 * have one as he is may have it in a user namespace of his own, if users is set. */
int netns_private(bool users);

/* tls_stat as it is (memory of a), and what rose since. 0 or -ENOMEM; a file that is not
 * there, or not readable, counts nothing. */
int counters_read(struct arena *a, struct tls_stat_facts *out);
int counters_since(const struct tls_stat_facts *before, struct arena *a,
		   struct probe_facts *out);

/* Rows that are asked for and not there get PROBE_UNKNOWN with err. */
int kernel_complete(const struct probe_options *o, int err, struct arena *a,
		    struct probe_facts *out);

/* Adds what a child told in a line to out. 0, -ENOMEM, -EBADMSG. */
int probe_take_line(const char *line, size_t len, struct arena *a,
		    struct probe_facts *out);
/* The child must not wait as long as its parent does. */
enum { WAIT_MS = PROBE_STEP_MS * 3 / 5 };

/* Where a trial stopped: what its errno means depends on that. */
enum stage { STAGE_CONNECT, STAGE_ATTACH, STAGE_INSTALL, STAGE_OPTION, STAGE_DATA };

struct outcome {
	enum stage stage;
	int err;              /* 0: it went through */
	const char *differed; /* what was not as it should be, where that is known */
};

/* The verdict over it (verdict.c). witness: libcrypto had a say. */
enum probe_verdict verdict_of(const struct outcome *o, bool witness);
const char *verdict_differed(const struct outcome *o, enum probe_verdict v);

/* The words of --only: each names a value of one kind. Of each kind that is named, one
 * value has to fit. */
bool filter_wants_cell(const struct probe_filter *f, const char *version,
		       const char *cipher, const char *direction);
bool filter_wants_feature(const struct probe_filter *f, const char *id);

/* What is sent, and room for it on its way. One a child; bench_free(). */
enum {
	BENCH_DATA = 1 + 16384 + 16385 + (1 << 20) + 64,
	BENCH_WIRE = BENCH_DATA + BENCH_DATA / 8,
	BENCH_ROOM = 64 << 10,
	BENCH_TAIL = 64, /* the last message: where a bit gets flipped */
};
struct bench {
	uint8_t *data; /* BENCH_DATA bytes */
	uint8_t *wire; /* BENCH_WIRE */
	uint8_t *room; /* BENCH_ROOM: one record, or what one call reads */
	uint8_t *seal; /* KTLS_WIRE_MAX */
	size_t on_wire;
	/* Ends of the messages in data, in their order. */
	size_t ends[5], n_ends;
	bool negative; /* what makes the kernel count an error may be tried */
	/* What is on the wire was sealed by the kernel with these keys, all of data, and
	 * libcrypto found it right; no cipher: it is something else. */
	struct ktls_keys right;
};
int bench_new(struct bench *b, bool core);
void bench_free(struct bench *b);
#define cleanup_bench __attribute__((cleanup(bench_free)))
static inline size_t bench_len(const struct bench *b)
{
	return b->ends[b->n_ends - 1];
}

/*
 * Sends data[from, from + len) into fd; some of it, or -errno (-EAGAIN: it is full).
 * Takes what has arrived into buf. arg is the caller's.
 */
typedef ssize_t (*put_fn)(void *arg, int fd, const uint8_t *data, size_t len);
typedef ssize_t (*take_fn)(void *arg, int fd, uint8_t *buf, size_t len);
ssize_t put_plain(void *arg, int fd, const uint8_t *data, size_t len);
ssize_t take_plain(void *arg, int fd, uint8_t *buf, size_t len);

struct sender {
	put_fn put;
	void *arg;
};

/* data[from, to) through one end; what comes out at the other goes to the wire. */
int stream_send(struct bench *b, const struct pair *p, struct sender s, size_t from,
		size_t to);
/* Ends the sending side and takes the rest. */
int stream_finish(struct bench *b, const struct pair *p);

/* A part of the wire, and of the data that it must turn out to be. */
struct part {
	size_t wire, wire_end;
	size_t data, data_end;
};
/* Puts it into one end; what take gives at the other has to be the data. */
int stream_receive(struct bench *b, const struct pair *p, take_fn take, void *arg,
		   const struct part *whole);

/* libcrypto seals len bytes of the data again, which has to be the wire; where it is not,
 * it opens the wire, to tell what differs. */
int witness_open(struct bench *b, const struct ktls_keys *k, size_t len,
		 const char **differed);
/* libcrypto seals len bytes of data behind what is on the wire, in records of at most
 * KTLS_DATA_MAX that end where messages end; k counts on. */
int witness_seal(struct bench *b, struct ktls_keys *k, size_t from, size_t len);

/* Keys nobody else has. */
int keys_random(struct ktls_keys *k, const struct ktls_cipher *c, uint16_t version);

/* Attaches and installs; says where it stopped. */
int install(int fd, enum ktls_option direction, const struct ktls_keys *k,
	    struct outcome *o);

/* One cell. The keys of both ends are the same, but for a test. */
struct cell_job {
	struct ktls_keys seal, open;
	bool kernel_seals, kernel_opens; /* else libcrypto */
	bool sealed;                     /* it is on the wire already */
};
void cell_run(struct bench *b, const struct cell_job *job, struct outcome *o);

/* All features that o asks for, appended to out; and the part of kernel_complete(). */
int features_missing(const struct probe_options *o, int err, struct arena *a,
		     struct probe_facts *out);
int features_run(struct bench *b, const struct probe_options *o, struct arena *a,
		 struct probe_facts *out);

/* A connection that seals at one end or opens at the other, with its keys. */
struct trial {
	struct bench *b;
	struct pair p;
	struct ktls_keys keys;
	struct outcome o;
	enum probe_verdict verdict; /* PROBE_UNTRIED: that of o */
	const char *note;
};

typedef int (*feature_fn)(struct trial *t);

/* A row a feature. */
struct feature {
	const char *id;
	uint16_t version; /* the oldest that has it, so that an old kernel is not wronged
			   */
	uint16_t also;    /* another one that it is tried with; 0: none */
	feature_fn fn;
	const char *resembles; /* see struct probe_feature */
};
extern const struct feature hostile_features[]; /* ends with a zeroed row */
bool probe_feature_known(const char *word);
/* The id of the i-th, then of the i-th hostile one; NULL: there are no more. */
const char *probe_feature_at(size_t i);

/* What most features are tried with: three full records and a bit. */
enum { TRIAL_BYTES = 3 * KTLS_DATA_MAX + 100 };

/* Another connection, and nothing on the wire. */
int trial_again(struct trial *t);
/* What was sent has to be what libcrypto makes of it, whole. */
int trial_finish(struct trial *t, size_t len);
/* Keys for one end: the first sends, the second receives. */
int trial_start(struct trial *t, enum ktls_option direction);
/* libcrypto seals the first len bytes of data, the kernel opens them. */
int trial_receive(struct trial *t, take_fn take, void *arg, size_t len);
/* A record by libcrypto into the kernel's end, and out of it by recvmsg(2). */
int trial_send(struct trial *t, const struct ktls_record *r);
/* What read(2) answers to the next record: 0 or -errno. */
int trial_read(struct trial *t);
/* The next record into room, and its type; its bytes or -errno. */
ssize_t trial_record(struct trial *t, uint8_t *type);
int trial_take(struct trial *t, uint8_t type, const void *bytes, size_t len);

/* control.c */
int try_control_out(struct trial *t);
int try_control_in(struct trial *t);
int try_rekey(struct trial *t);
/* uring.c */
int try_io_uring(struct trial *t);

uint64_t probe_now_us(void);

#endif
