/* SPDX-License-Identifier: MIT */
/* Connections of an HTTPS client: from a name to a server that was verified, kept while
 * they can be used again. */
#ifndef KTLSCTL_NET_CLIENT_H
#define KTLSCTL_NET_CLIENT_H

#include "fetch.h"
#include "resolve.h"

struct client_wants {
	struct secure_wants tls;
	bool require; /* both directions with the kernel, or none of it */
	bool look;    /* ask sock_diag whether a NIC encrypts: may load tcp_diag */
	enum wire_engine engine;
	int64_t connect_ns; /* for one address, and again for the handshake */
	int64_t end_ns;     /* for all, CLOCK_MONOTONIC */
};

/* Where it ended; the words are those of the document. */
enum client_end {
	CLIENT_CONNECTED,
	CLIENT_NO_NAME,     /* or no answer to who it is */
	CLIENT_NO_ADDRESS,  /* none of them let us in */
	CLIENT_CERTIFICATE, /* it is not who it should be */
	CLIENT_HANDSHAKE,   /* libssl, the peer or the time did not let it end */
	CLIENT_NO_KERNEL,   /* kernel TLS was required */
	CLIENT_FAULT,       /* of this host: memory, descriptors */
};
extern const char *const client_end_words[]; /* NULL-terminated */

/* One connection, as it was told of. */
struct client_link {
	enum client_end end;
	int err;
	char why[256];              /* in words; "" */
	struct url url;             /* whose origin it is */
	char address[ADDRESS_TEXT]; /* that was tried last; "" */
	unsigned tried, addresses;  /* of its addresses */
	uint64_t dns_us, connect_us, handshake_us, ktls_us;
	const char *version;        /* "TLSv1.3"; "" */
	char suite[64], cipher[32]; /* libssl's name, the kernel's; "" */
	bool verified;
	struct ktls_direction tx, rx; /* when it was told of last */
	uint64_t requests;
};

struct client;

/*
 * why: of an error in the wants (-EINVAL), of an engine that is not to be had (-ENOTSUP).
 * The wants outlive it.
 */
int client_new(struct client **out, const struct client_wants *w, char why[256]);
void client_free(struct client *c);
enum wire_engine client_engine(const struct client *c);
const char *client_engine_why(const struct client *c); /* not io_uring; "" */

/*
 * A connection to there: the one that is open when it leads there (*again), else a new
 * one, with what became of it in *link.
 */
struct secure *client_connect(struct client *c, const struct url *u,
			      struct client_link *link, bool *again);
/* The socket of the one that is open; -1: none is. It stays the client's. */
int client_fd(const struct client *c);
/* Tells of the one that is open, as it is now. */
void client_look(const struct client *c, struct client_link *link);
/* Ends it, with good-bye if it is in order. */
void client_drop(struct client *c, bool in_order);

#endif
