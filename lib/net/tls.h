/* SPDX-License-Identifier: MIT */
/*
 * One end of a TLS connection of libssl that asks for kernel TLS; its socket never
 * blocks. What the probe, and the peer that answers it from elsewhere, have in common.
 */
#ifndef KTLSCTL_NET_TLS_H
#define KTLSCTL_NET_TLS_H

#include <sys/types.h>

#include "../tls/ktls.h"

enum tls_end { TLS_CLIENT, TLS_SERVER, TLS_ENDS };

struct evp_pkey_st;
struct x509_st;
struct ssl_ctx_st;

/* Keys made for this run, and certificates signed with them; all in memory only. */
struct tls_identity {
	struct evp_pkey_st *key; /* P-256 */
	struct x509_st *cert;
	struct evp_pkey_st *rsa_key; /* NULL until asked for: it takes its time */
	struct x509_st *rsa_cert;
};

/* -EIO: libcrypto would not; identity_free() on every path. */
int identity_make(struct tls_identity *id);
int identity_add_rsa(struct tls_identity *id);
void identity_free(struct tls_identity *id);
#define cleanup_identity __attribute__((cleanup(identity_free)))

/* What an end wants of its connections. */
struct tls_wants {
	uint16_t version;   /* 0: 1.2 and 1.3 */
	const char *suite;  /* as OpenSSL names it; NULL: those libssl offers by itself */
	bool max_fragment;  /* of a client: records of 4096 bytes */
	const char *verify; /* of a client: the address it has to be; NULL: anybody */
	const char *ca_file; /* with verify; NULL: the authorities of this host */
	bool user_space; /* libssl leaves kernel TLS alone, whatever its configuration */
};

/*
 * NULL when libssl does not have it: -ENOTSUP, or -EIO, in *err. A client verifies
 * nobody unless asked to: the certificates of a peer are made anew each time. id: of a
 * server.
 */
struct ssl_ctx_st *tls_context(enum tls_end end, const struct tls_identity *id,
			       const struct tls_wants *w, int *err);
void tls_context_free(struct ssl_ctx_st *c);

/* The oldest message of libcrypto's queue, which is empty afterwards; "". Constant. */
const char *tls_reason(void);
/* "handshake failure"; constant. */
const char *tls_alert_text(int alert);

/* The configuration that every program of this host gets with libssl. */
void tls_load_config(void);

struct tls_stream;
struct ssl_st;

/*
 * Over a connected, non-blocking socket, which stays the caller's. 0 or -errno, *out NULL
 * then:
 *
 *	-ENOTSUP  a client that has nothing to offer
 *	-EIO      libssl refused something else: tls_reason()
 */
int tls_stream_open(struct tls_stream **out, struct ssl_ctx_st *c, enum tls_end end,
		    int fd);
/* libssl cleanses what it knows of the connection. */
void tls_stream_free(struct tls_stream *s);

/*
 * Each does what can be done now. Bytes, 0 when that was all, or
 *
 *	-EAGAIN     later: tls_stream_events()
 *	-EPROTO     libssl ended the connection: tls_stream_reason()
 *	-EPIPE      the other end did
 *	-errno      of the socket
 *
 * A write that gave -EAGAIN is to be repeated with the same bytes.
 */
int tls_stream_handshake(struct tls_stream *s);
ssize_t tls_stream_write(struct tls_stream *s, const void *buf, size_t len);
ssize_t tls_stream_read(struct tls_stream *s, void *buf, size_t len);
/* Says that it is done, and hears it of the other end. */
int tls_stream_shutdown(struct tls_stream *s);

/* What poll(2) has to wait for after -EAGAIN. */
short tls_stream_events(const struct tls_stream *s);
/* Constant; "" when libssl told nothing. */
const char *tls_stream_reason(const struct tls_stream *s);
/* The suite agreed upon, as OpenSSL names it; "TLSv1.2". Constant. */
const char *tls_stream_suite(const struct tls_stream *s);
const char *tls_stream_version(const struct tls_stream *s);
/* For who wants to know more of it than stands here. */
struct ssl_st *tls_stream_ssl(const struct tls_stream *s);
/* BIO_get_ktls_send(), BIO_get_ktls_recv(). */
bool tls_stream_bio(const struct tls_stream *s, enum ktls_option direction);

#endif
