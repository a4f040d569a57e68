/* SPDX-License-Identifier: MIT */
/*
 * libktls for programs with OpenSSL 3: the handshake is libssl's, the records are the
 * kernel's, also where libssl was built without kernel TLS or cannot do a direction.
 *
 *	ktls_ssl_prepare(ctx);                          before the handshake
 *	...                                             SSL_connect() or SSL_accept()
 *	err = ktls_ssl_attach(&conn, ssl, fd, KTLS_BOTH);     after it
 *	n = ktls_conn_send(conn, buf, len);
 *	n = ktls_conn_recv(conn, buf, sizeof(buf));
 *	ktls_conn_shutdown(conn);
 *	ktls_conn_free(conn);
 *
 * A direction that the kernel cannot have stays with libssl, and ktls_conn_info() tells
 * why; the calls are the same. Every function gives 0 (or a number of bytes) or -errno,
 * prints nothing and logs nothing. A connection is used by one thread at a time. Of keys
 * only the traffic secrets of TLS 1.3 are kept, to derive those that follow a KeyUpdate:
 * locked, left out of core dumps, and wiped. -EAGAIN is of a socket that does not block.
 */
#ifndef KTLS_KTLS_SSL_H
#define KTLS_KTLS_SSL_H

#include "ktls.h"

struct ssl_st;
struct ssl_ctx_st;

/*
 * Prepares all connections that are made of this context. It takes the context's key log
 * callback, and calls the one that was there; and its message callback, of which nobody
 * can ask whether there was one: a program with its own sets it after this call, on the
 * context or the connection, and calls ktls_ssl_message() from it with what it was given.
 * A server that changes contexts by the name asked for prepares all of them. Repeated it
 * does nothing.
 *
 *	-ENOMEM
 */
int ktls_ssl_prepare(struct ssl_ctx_st *ctx);
void ktls_ssl_message(int sent, int type, const void *buf, size_t len,
		      struct ssl_st *ssl);

/* Why a direction is not with the kernel. The numbers are permanent. */
enum ktls_reason {
	KTLS_REASON_NONE = 0, /* it is */
	KTLS_NOT_ASKED = 1,
	KTLS_UNPREPARED = 2,     /* no ktls_ssl_prepare() before the handshake */
	KTLS_UNFINISHED = 3,     /* the handshake */
	KTLS_VERSION = 4,        /* neither TLS 1.2 nor TLS 1.3 */
	KTLS_CIPHER = 5,         /* one that no kernel knows */
	KTLS_UNCOUNTED = 6,      /* somebody else's message callback */
	KTLS_EARLY_DATA = 7,     /* 0-RTT */
	KTLS_POST_HANDSHAKE = 8, /* authentication that waits for its answer */
	KTLS_PARTIAL = 9,        /* RX: libssl has a record begun, or more than one */
	KTLS_UNSENT = 10,        /* TX: libssl has bytes that it could not send yet */
	KTLS_CLOSED = 11,        /* close_notify or an error has been */
	KTLS_COMPRESSION = 12,
	KTLS_RECORD_SIZE = 13,    /* TX: agreed upon smaller records (RFC 6066) */
	KTLS_DERIVE = 14,         /* libcrypto would not derive the keys */
	KTLS_KERNEL_NO_TLS = 15,  /* no TLS in this kernel, or the module is not loaded */
	KTLS_KERNEL_SOCKET = 16,  /* not a connected TCP socket, or one that MPTCP has */
	KTLS_KERNEL_ULP = 17,     /* another ULP has it */
	KTLS_KERNEL_CIPHER = 18,  /* this kernel does not know it with this version */
	KTLS_KERNEL_CRYPTO = 19,  /* this kernel's crypto lacks it, or forbids it */
	KTLS_KERNEL_REFUSED = 20, /* anything else: errno tells */
	KTLS_REASONS
};

/* "kernel-no-tls"; a sentence. Constant. */
const char *ktls_reason_word(enum ktls_reason r);
const char *ktls_reason_text(enum ktls_reason r);

enum { KTLS_WANT_TX = 1, KTLS_WANT_RX = 2, KTLS_BOTH = 3 };

struct ktls_conn;

/*
 * Gives the kernel what it can have of the directions wanted, after the handshake. fd is
 * the connected socket, whatever BIOs ssl has (memory: what they hold has been sent and
 * read). fd and ssl stay the caller's and outlive *out; ssl is not to be read, written or
 * shut down by anybody else any more. What libssl had decrypted already is handed over.
 *
 * 0 also when nothing is with the kernel: ktls_conn_info() tells the reasons, and nothing
 * has changed for ssl.
 *
 *	-ENOMEM  *out is NULL, and ssl is as it was
 */
int ktls_ssl_attach(struct ktls_conn **out, struct ssl_st *ssl, int fd, unsigned wants);
/* Wipes the secrets of what the kernel has; when that is nothing, ktls_ssl_attach() may
 * be tried again. Closes nothing, sends nothing; NULL is allowed. */
void ktls_conn_free(struct ktls_conn *c);

/* Who encrypts one direction. */
enum ktls_where {
	KTLS_USER,     /* libssl */
	KTLS_KERNEL,   /* the kernel, perhaps with a NIC: ktls_conn_look() asks */
	KTLS_SOFTWARE, /* the kernel itself */
	KTLS_NIC,      /* said when keys were installed; not that it still is */
};
const char *ktls_where_text(enum ktls_where w); /* "kernel software"; constant */

struct ktls_direction {
	enum ktls_where where;
	enum ktls_reason reason; /* of KTLS_USER */
	int err;                 /* of the kernel, -errno, with such a reason */
	uint64_t bytes;          /* of data, since ktls_ssl_attach() */
	/*
	 * Records under the key at hand, those before ktls_ssl_attach() included. An
	 * estimate: sendfile(2), splice(2) and MSG_MORE may end records early or late.
	 */
	uint64_t records_estimate;
	unsigned rekeys; /* since ktls_ssl_attach() */
};

/* RFC 8446, 5.5: of AES-GCM no key should protect more records; ktls_conn_rekey(). */
enum { KTLS_GCM_RECORDS = 23726566 };

struct ktls_info {
	uint16_t version;   /* KTLS_1_2, KTLS_1_3; 0: another */
	const char *cipher; /* "aes-gcm-128"; "": one that no kernel knows. Constant. */
	const char *suite;  /* libssl's name; as long as ssl */
	struct ktls_direction tx, rx;
	unsigned tickets;    /* ignored since ktls_ssl_attach() */
	bool closed;         /* the peer has sent close_notify */
	int alert;           /* the last one received: its number; -1: none */
	bool secrets_locked; /* in memory; false also when none are kept */
};
void ktls_conn_info(const struct ktls_conn *c, struct ktls_info *out);

/*
 * Asks sock_diag whether it is the kernel itself or a NIC, for ktls_conn_info(). May load
 * the modules tcp_diag and inet_diag; up to Linux 6.14 it needs CAP_NET_ADMIN.
 *
 *	-EACCES  the kernel does not tell; other errors of sock_diag likewise: who
 *	         encrypts is not known more closely than before
 */
int ktls_conn_look(struct ktls_conn *c);

/* "kTLS (Kernel)": all directions that were wanted; else "OpenSSL (Userspace)". */
const char *ktls_conn_engine(const struct ktls_conn *c);

/* For poll(2), io_uring, splice(2): plaintext where the direction is with the kernel. */
int ktls_conn_fd(const struct ktls_conn *c);

/*
 * Bytes of data taken, at least 1 (for len 0: 0).
 *
 *	-EAGAIN     later, of a direction with libssl with the same bytes
 *	-EPIPE      closed; SIGPIPE with it from libssl, and from sendfile(2)
 *	-ESHUTDOWN  after ktls_conn_shutdown()
 *	-EPROTO     libssl, or a protocol error of the peer, ended the connection
 */
ssize_t ktls_conn_send(struct ktls_conn *c, const void *buf, size_t len);

/* The same with a file's bytes; *offset moves on. 0: the file ends there. */
ssize_t ktls_conn_sendfile(struct ktls_conn *c, int file, int64_t *offset, size_t len);

/*
 * Bytes of data; 0: the peer has sent close_notify. Tickets are passed over, a KeyUpdate
 * is followed and answered, a request to renegotiate is declined.
 *
 *	-EAGAIN       nothing there
 *	-EPIPE        the peer closed without close_notify: perhaps cut off
 *	-ECONNABORTED an alert of the peer: ktls_info.alert
 *	-EPROTO       the peer broke the protocol, or libssl ended the connection
 *	-EKEYEXPIRED  the peer has changed its key, and this kernel (before 6.14) cannot:
 *	              the connection ends here
 *	-EBADMSG, -EINVAL, -EMSGSIZE  of the kernel: no record of this connection
 */
ssize_t ktls_conn_recv(struct ktls_conn *c, void *buf, size_t len);

/* What recv would give without asking the socket: handed over by libssl. */
size_t ktls_conn_pending(const struct ktls_conn *c);

/* Says close_notify, once; the other direction goes on. -EAGAIN: again. */
int ktls_conn_shutdown(struct ktls_conn *c);

/*
 * Changes the key of sending (a KeyUpdate of TLS 1.3), and asks the peer for the same.
 *
 *	-EOPNOTSUPP  TLS 1.2, or a kernel that cannot: nothing was sent
 *	-EAGAIN      again
 */
int ktls_conn_rekey(struct ktls_conn *c, bool ask_peer);

/*
 * For who does I/O of his own (io_uring): struct ktls_message of ktls.h is what RECVMSG
 * and SENDMSG need, and these two keep the accounts of data.
 */
void ktls_conn_sent(struct ktls_conn *c, size_t data);
void ktls_conn_received(struct ktls_conn *c, size_t data);

/* What is to be done about a record that is no data; several at once. */
enum ktls_action {
	KTLS_DO_NOTHING = 0,  /* a ticket, part of a message */
	KTLS_DO_CLOSE = 1,    /* close_notify: no data follows */
	KTLS_DO_ABORT = 2,    /* an alert that ends the connection, in alert */
	KTLS_DO_REKEY_RX = 4, /* the peer has changed its key */
	KTLS_DO_ANSWER = 8,   /* and wants ours changed: ktls_key_update, then TX */
	KTLS_DO_DECLINE = 16, /* renegotiation: ktls_no_renegotiation */
	KTLS_DO_FAIL = 32,    /* the protocol is broken: a fatal alert, in alert */
};

/*
 * Where the stream of handshake messages stands: one may be spread over records, or share
 * one. Zeroed in the beginning, but for version and server (this end).
 */
struct ktls_control {
	uint16_t version;
	bool server;
	uint8_t within;          /* the type of record that the message began in */
	uint8_t header[4], have; /* of the message at hand */
	uint32_t left;           /* of its body */
	uint8_t body;            /* its last byte, a KeyUpdate's only */
	unsigned tickets;        /* passed over */
	int alert;               /* received, or to be sent with KTLS_DO_FAIL; -1 */
};

/*
 * Digests what one RECVMSG brought, which is at most a record; data too (that is
 * KTLS_DO_NOTHING, or fails amid a message). Pure. The actions, enum ktls_action.
 */
unsigned ktls_control_digest(struct ktls_control *c, uint8_t type, const void *buf,
			     size_t len);

/*
 * ktls_control_digest() for a connection, and what of it needs no sending: the key of
 * receiving is changed here. The actions that remain to the caller, each a record to be
 * sent in its turn, behind what he has under way:
 *
 *	KTLS_DO_ANSWER   ktls_key_update as KTLS_RECORD_HANDSHAKE, then, when it
 *	                 has been sent, ktls_conn_next_tx()
 *	KTLS_DO_DECLINE  ktls_no_renegotiation as KTLS_RECORD_ALERT
 *	KTLS_DO_FAIL     { 2, alert } as KTLS_RECORD_ALERT; then close
 *	KTLS_DO_CLOSE, KTLS_DO_ABORT  nothing to be sent on their account
 *
 * or -EKEYEXPIRED and others, as ktls_conn_recv().
 */
int ktls_conn_digest(struct ktls_conn *c, uint8_t type, const void *buf, size_t len);
int ktls_conn_next_tx(struct ktls_conn *c);

/* Bodies of records. */
extern const uint8_t ktls_key_update[5], ktls_no_renegotiation[2], ktls_close_notify[2];

/*
 * Feeds libssl, on a memory BIO, one record and no byte more, so that none is ever in the
 * way of ktls_ssl_attach(): when a record is whole, it is libssl's turn before the next
 * one is read. Zeroed in the beginning.
 */
struct ktls_feed {
	uint8_t header[KTLS_HEADER];
	size_t have, left; /* bytes of the header; of the body to come */
};

enum { KTLS_FEED_MAX = 16384 + 2048 };

/* How many bytes to read from the socket at most: 1 to KTLS_FEED_MAX. */
size_t ktls_feed_want(const struct ktls_feed *f);
/* Gives libssl what was read. -EINVAL: more than that; -ENOMEM. */
int ktls_feed_put(struct ktls_feed *f, struct ssl_st *ssl, const void *buf, size_t len);
/* Reads from a socket once and gives it to libssl: bytes, 0 at its end, -errno; -EBUSY:
 * libssl has not taken the record before. */
ssize_t ktls_feed_read(struct ktls_feed *f, struct ssl_st *ssl, int fd);
/* No record is begun. */
bool ktls_feed_whole(const struct ktls_feed *f);

#endif
