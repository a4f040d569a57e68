/* SPDX-License-Identifier: MIT */
/* What the files of the SSL level have between them; not installed. */
#ifndef KTLS_SSL_PRIV_H
#define KTLS_SSL_PRIV_H

#include "ktls_ssl.h"

struct bio_st;

enum { KTLS_RECEIVED, KTLS_SENT }; /* as message callbacks tell it */
enum { KTLS_SECRET_MAX = 64 };

/* What was seen of one direction. */
struct ktls_side {
	uint8_t secret[KTLS_SECRET_MAX]; /* of TLS 1.3: the first for data, then those
					  * that a KeyUpdate led to */
	size_t secret_len;               /* 0: none */
	unsigned updates; /* of KeyUpdate, that secret does not know of yet */
	bool changed;     /* TLS 1.2: ChangeCipherSpec, and with it the key */
	bool finished;    /* TLS 1.3: Finished, and with it the key */
	bool taken;       /* by the kernel: what libssl still does is of no account */
	uint64_t records; /* since then */
	uint64_t bytes;   /* of all records, headers too */
	uint64_t base;    /* what the BIO had counted before the first */
};

/* What the callbacks saw of a connection; in locked memory, as long as its SSL. */
struct ktls_watch {
	struct ktls_side side[2]; /* KTLS_RECEIVED, KTLS_SENT */
	bool begun, locked;
	bool authenticating; /* after the handshake */
	bool asked;          /* the peer asked libssl for a KeyUpdate */
	int alert;           /* received by libssl; -1 */
};

/* NULL: unprepared. */
struct ktls_watch *ktls_watch_of(const struct ssl_st *ssl);
/* Of the directions that the kernel has; the others may be tried again. */
void ktls_watch_wipe(struct ktls_watch *w);

/* Zeroed memory for one watch, locked if the limit allows it; NULL. */
struct ktls_watch *ktls_vault_get(void);
void ktls_vault_put(struct ktls_watch *w);

struct ktls_conn {
	struct ssl_st *ssl;
	int fd;
	unsigned wants;
	struct ktls_watch *watch;         /* NULL: unprepared */
	const struct ktls_cipher *cipher; /* NULL: one that no kernel knows */
	struct ktls_info info;
	struct ktls_control control;
	uint8_t *handed; /* decrypted by libssl before the kernel took over */
	size_t handed_len, handed_at;
	struct bio_st *held[2]; /* the BIOs that libssl had */
	uint8_t *chunk;         /* of a file, on its way through libssl */
	unsigned owed;          /* enum ktls_action: to be sent before anything else */
	bool shut, ended;       /* close_notify sent; by an error */
	int can_rekey;          /* -1: not known yet */
};

/* Whether libssl has handed records of a direction to the kernel itself. */
bool ktls_adopted(const struct ktls_conn *c, enum ktls_option direction);

/* Checks, derives and installs; fills what ktls_info tells of the directions. */
void ktls_takeover(struct ktls_conn *c);

/* The secret that follows takes effect in the kernel, and its place here. */
int ktls_rekey(struct ktls_conn *c, enum ktls_option direction);
/* This kernel can; asked without changing anything. */
bool ktls_can_rekey(struct ktls_conn *c);
/* Sends what is owed. */
int ktls_settle(struct ktls_conn *c);

/* Who encrypts, out of sock_diag's reply; -EACCES: it does not tell. */
int ktls_look_parse(const void *reply, size_t len, enum ktls_where *tx,
		    enum ktls_where *rx);

/* What a call of libssl came to: bytes, 0 at close_notify, -errno. */
ssize_t ktls_user_recv(struct ktls_conn *c, void *buf, size_t len);
ssize_t ktls_user_send(struct ktls_conn *c, const void *buf, size_t len);
int ktls_user_shutdown(struct ktls_conn *c);
int ktls_user_rekey(struct ktls_conn *c, bool ask_peer);

#endif
