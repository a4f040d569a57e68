/* SPDX-License-Identifier: MIT */
/*
 * The pieces of probe_handshakes(): which handshakes, a connection of libssl with itself,
 * who says what of it, and what follows. Nobody outside lib/probe and its tests includes
 * it.
 */
#ifndef KTLSCTL_HANDSHAKE_H
#define KTLSCTL_HANDSHAKE_H

#include "../net/tls.h"
#include "probe.h"

/* ---- which: plan.c ---- */

struct handshake_plan {
	uint16_t version;
	const char *suite;                /* as OpenSSL names it */
	const struct ktls_cipher *cipher; /* NULL: none of the kernel's, or not known */
	bool rsa;                         /* may want a certificate with an RSA key */
	bool max_fragment;                /* the client asks for records of 4096 bytes */
	bool no_suite;                    /* a word that names none: nothing to try */
	const char *note;                 /* what is odd about the row; "" */
};

/* The rows are the arena's. -ENOMEM. */
int handshake_plan(const struct probe_options *o, struct arena *a,
		   struct handshake_plan **rows, size_t *n);

/* The kernel's cipher behind a suite, as OpenSSL names it; NULL: it has none. */
const struct ktls_cipher *cipher_with_suite(const char *suite, uint16_t version);

/* ---- both ends: tls_pair.c, over lib/net ---- */

struct tls_pair;

/*
 * A connection over loopback, both ends in this process, neither ever waiting for the
 * other. 0 or -errno, *out NULL then:
 *
 *	-ENOTSUP  this libssl does not offer the suite
 *	-EIO      libssl refused something else; *reason says what
 */
int tls_pair_open(struct tls_pair **out, const struct tls_identity *id,
		  const struct handshake_plan *row, const char **reason);
void tls_pair_free(struct tls_pair *p);

/*
 * Each takes at most PROBE_STEP_MS.
 *
 *	-ETIMEDOUT  it did
 *	-EPROTO     libssl ended the connection: tls_pair_reason()
 *	-EILSEQ     other data came than were sent
 *	-EPIPE      closed by the other end
 */
int tls_pair_handshake(struct tls_pair *p);
/* That many bytes from one end to the other. */
int tls_pair_send(struct tls_pair *p, enum tls_end from, size_t len);
/* Each end says that it is done, and hears it of the other. */
int tls_pair_shutdown(struct tls_pair *p);

/* Constant; "" when libssl told nothing. */
const char *tls_pair_reason(const struct tls_pair *p);
/* The suite agreed upon, as OpenSSL names it; after the handshake. Constant. */
const char *tls_pair_suite(const struct tls_pair *p);
int tls_pair_fd(const struct tls_pair *p, enum tls_end end);
/* BIO_get_ktls_send(), BIO_get_ktls_recv(). */
bool tls_pair_bio(const struct tls_pair *p, enum tls_end end, enum ktls_option direction);

/* ---- loopback.c ---- */

/* Two connected sockets, both non-blocking; the caller closes them. -errno. */
int loopback_pair(int fd[TLS_ENDS]);

/* ---- who says what: witness.c ---- */

/* What the kernel says of one socket: sock_diag, or the four bytes of getsockopt. */
struct kernel_says {
	enum tristate tx, rx;
	uint16_t version, cipher; /* 0: no keys */
};

void kernel_ask(int fd, struct kernel_says *out);

/* The sum of TlsTxSw and TlsTxDevice, and the same for receiving. */
struct tls_counts {
	bool present; /* there is such a file, and it could be read */
	uint64_t tx, rx;
};

/* -ENOMEM. */
int counts_read(struct tls_counts *out);

/*
 * Why libssl does not use the kernel, asked of the kernel itself with keys of zeros on a
 * connection that carries nothing: 0 when it takes them, -errno with *ulp when it has no
 * TLS for this caller, else -errno of installing them.
 */
int kernel_refuses(const struct handshake_plan *row, enum ktls_option direction,
		   bool *ulp);

/* One direction of both ends, by all three witnesses. */
struct direction_saw {
	bool bio[TLS_ENDS];
	enum tristate kernel[TLS_ENDS];
	bool other_keys; /* the kernel has keys of another version or cipher */
	bool counts_known, private_netns;
	uint64_t counted; /* directions opened meanwhile, by anyone in the namespace */
};

/* At which step it ended, err != 0, or SHAKE_DONE. */
enum shake_step { SHAKE_OPEN, SHAKE_HANDSHAKE, SHAKE_DATA, SHAKE_SHUTDOWN, SHAKE_DONE };

struct shake_end {
	enum shake_step step;
	int err;
};

/* Pure. The client is in the kernel, by what libssl and the kernel say. */
bool direction_in_kernel(const struct direction_saw *s);
/* tls_stat says that at least one end is. */
bool direction_counted(const struct direction_saw *s);
/* libssl and the kernel say the same of each end. */
bool direction_agreed(const struct direction_saw *s);
/* That, and tls_stat, and both ends alike, with the keys that belong to the suite. */
bool direction_agrees(const struct direction_saw *s);

/*
 * Pure. What follows for a direction; refused: as of kernel_refuses() when the records
 * stay in user space.
 */
enum probe_verdict handshake_verdict(const struct direction_saw *s,
				     const struct shake_end *e, int refused, bool ulp);

#endif
