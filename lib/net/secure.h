/* SPDX-License-Identifier: MIT */
/*
 * The client's end of a TLS connection over a wire: the handshake is libssl's, on buffers
 * in memory; then the kernel gets the directions that it can have, and the rest stays
 * with libssl. Whoever uses it sees plaintext either way.
 */
#ifndef KTLSCTL_NET_SECURE_H
#define KTLSCTL_NET_SECURE_H

#include "../tls/ktls_ssl.h"
#include "wire.h"

struct ssl_ctx_st;

/* What is wanted of all connections. */
struct secure_wants {
	uint16_t version;                   /* 0: 1.2 and 1.3 */
	const char *ciphers, *ciphersuites; /* of 1.2, of 1.3; NULL: kernel TLS first */
	const char *ca_file;                /* NULL: those of this host */
	const char *crl_file;               /* NULL: nobody is asked what was revoked */
	bool insecure;                      /* whoever it is */
	unsigned ktls;                      /* KTLS_BOTH, or 0 */
};

/*
 * NULL, and then why: what is wrong with one of them, with its value. -EINVAL or -ENOMEM
 * in *err.
 */
struct ssl_ctx_st *secure_context(const struct secure_wants *w, int *err, char why[256]);
void secure_context_free(struct ssl_ctx_st *c);

struct secure;

/*
 * Over a connected socket that the wire has taken; both stay the caller's and outlive it.
 * host: whom it has to be, a name or an address.
 *
 *	-ENOMEM
 */
int secure_new(struct secure **out, struct ssl_ctx_st *c, struct wire *w, int fd,
	       const char *host);
void secure_free(struct secure *s);

/*
 * All of them: -ETIMEDOUT when end_ns (CLOCK_MONOTONIC) has come, -errno of the socket,
 *or
 *
 *	-EKEYREJECTED  the certificate: secure_reason()
 *	-EPROTO        the handshake, or what came later: secure_reason()
 *	-EPIPE         the peer has closed without close_notify
 *	-EKEYEXPIRED   the peer has changed its key, which this kernel cannot follow
 *	-ECONNABORTED  the peer's alert: secure_reason()
 */
int secure_handshake(struct secure *s, int64_t end_ns);
/* After it: wants as in secure_wants. A refusal is none of its errors: -ENOMEM. look:
 * finds out, too, whether the kernel or a NIC does it, where the kernel tells. */
int secure_attach(struct secure *s, unsigned wants, bool look);
/* False: not yet. */
bool secure_info(const struct secure *s, struct ktls_info *out);
/* "TLSv1.3", the agreed protocol of ALPN ("": none), whether the peer was verified. */
const char *secure_version(const struct secure *s);
bool secure_verified(const struct secure *s);
/* Of the last failure, in words; "". As long as s. */
const char *secure_reason(const struct secure *s);

/*
 * The next bytes of data, valid until the next call; 0: close_notify has come; -EAGAIN:
 * secure_wait().
 */
ssize_t secure_take(struct secure *s, const char **data);

/*
 * Bytes that it took over, perhaps fewer; -EAGAIN: it is still sending. The bytes have to
 * stay as they are until secure_sending() is false.
 */
ssize_t secure_give(struct secure *s, const char *data, size_t len);
/* The same with a file's bytes, which go to the kernel by splice(2). -EOPNOTSUPP: libssl
 * encrypts, or it is no file that this is possible with. */
ssize_t secure_give_file(struct secure *s, int file, int64_t at, size_t len);
bool secure_sending(struct secure *s);
/* Why nothing more can be sent: 0 or -errno. Something may still come. */
int secure_send_error(const struct secure *s);

/* Until something can go on: 0 or -ETIMEDOUT. */
int secure_wait(struct secure *s, int64_t end_ns);

/* How it receives. What the kernel stamped is told of libssl's direction alone: kernel
 * TLS does not hand it on. Of several packets at once it is the last one's. */
struct secure_times {
	struct wire_times wire;
	int64_t kernel_ns; /* CLOCK_REALTIME, when the kernel had it; 0: not told */
	int64_t nic_ns;    /* the NIC's own clock; 0: it has none, or does not stamp */
};
/* From now on, until t is NULL; nothing may be under way in this direction. -ENOMEM, or
 * -errno: this socket does not stamp. */
int secure_watch(struct secure *s, struct secure_times *t);
/* Bytes that were taken off the socket, and belong to nothing that secure_take() gave. */
size_t secure_unread(const struct secure *s);

/* Ends what is under way, and with it the connection. */
void secure_abort(struct secure *s);
/* Says close_notify and waits for nobody. */
void secure_close(struct secure *s, int64_t end_ns);

#endif
