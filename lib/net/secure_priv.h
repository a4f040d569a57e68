/* SPDX-License-Identifier: MIT */
/* Between the files of a client's connection. */
#ifndef KTLSCTL_NET_SECURE_PRIV_H
#define KTLSCTL_NET_SECURE_PRIV_H

#include "secure.h"

enum {
	SECURE_ROOM = 128 << 10, /* of each buffer; several records */
	SECURE_OUT = SECURE_ROOM + 2 * KTLS_FEED_MAX,
};

/* Bytes between libssl and the wire. */
struct secure_buffer {
	uint8_t *p;
	size_t at, len, size;
};

/* What the wire does at the moment for sending. */
enum secure_tx {
	TX_IDLE,
	TX_RECORDS, /* of libssl: out */
	TX_DATA,    /* of the caller, for the kernel to encrypt */
	TX_FILL,    /* from a file into the pipe */
	TX_DRAIN,   /* out of the pipe into the socket */
	TX_CONTROL, /* an alert or a KeyUpdate */
};

struct ssl_st;

struct secure {
	struct wire *w;
	int fd;
	struct bio_method_st *bio_method;
	struct ssl_st *ssl;
	struct ktls_conn *k; /* NULL before secure_attach() */
	struct ktls_feed feed;
	struct secure_buffer in, out;
	bool rx_kernel, tx_kernel;
	uint8_t *plain; /* SECURE_ROOM */
	const char *reason;

	struct ktls_message *rx_message;
	bool rx_begun, rx_end; /* an operation; TCP's end */
	int rx_err;
	struct secure_times *times;     /* NULL: nobody watches */
	struct secure_stamped *stamped; /* for libssl's direction, when one does */

	enum secure_tx tx;
	struct ktls_message *tx_message;
	uint8_t tx_body[8];
	unsigned tx_action; /* the one of KTLS_DO_* that TX_CONTROL is about */
	const uint8_t *data;
	size_t data_len;
	int file, pipe[2];
	int64_t file_at;
	size_t file_left, in_pipe;
	unsigned answers; /* KTLS_DO_* that wait for their turn */
	int tx_err;
};

struct secure_stamped;
/* The message to receive with, into the buffer for libssl. */
struct msghdr *secure_stamped_message(struct secure *s);
/* What the kernel said beside what it gave. */
void secure_stamped_read(struct secure *s);

struct bio_st;
struct bio_method_st;
/* NULL without memory; to be freed behind all that it made. */
struct bio_method_st *secure_bio_method(void);
void secure_bio_method_free(struct bio_method_st *m);
/* Takes bytes out of the buffer for libssl, or puts them into it. NULL without memory. */
struct bio_st *secure_bio(struct bio_method_st *m, struct secure_buffer *s);

#endif
