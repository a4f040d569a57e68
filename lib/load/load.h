/* SPDX-License-Identifier: MIT */
/*
 * The peer: what `ktlsctl serve` is, and what a probe puts into another network
 * namespace. It shakes hands with whoever comes, by a certificate made anew, and answers
 * requests: ktlsctl's own (lib/net/peer.h), or HTTP/1.1 and WebSockets. One thread, no
 * end ever waited for; everything a client can ask for, and every time it can take, has a
 * bound.
 */
#ifndef KTLSCTL_LOAD_H
#define KTLSCTL_LOAD_H

#include <sys/types.h>

#include "../net/address.h"

enum {
	PEER_STEP_MS = 5000,        /* a handshake, a request line, a request */
	PEER_CONNECTION_MS = 60000, /* all of a connection */
	PEER_CONNECTIONS = 64,      /* at a time; more wait to be accepted */
	/* By HTTP */
	PEER_GIVE_MAX = 1 << 30,      /* bytes that one connection is given */
	PEER_MESSAGE_MAX = 256 << 10, /* of a WebSocket's message */
	PEER_PIECE_MIN = 16,          /* of its fragments */
	PEER_RATE_MAX = 100000,       /* messages a second */
};

struct peer_options {
	int listener; /* listening and non-blocking; the caller's */
	int stop;     /* a descriptor: readable when it is to end; -1: none */
	uint64_t max_served, max_time_ms; /* 0: without end */
	uint64_t step_ms;                 /* 0: PEER_STEP_MS */
	/* One line for each connection that has ended; NULL: nobody listens. */
	void (*say)(void *arg, const char *client, const char *what);
	/* Key and certificate are made: from now on a client waits for nothing but its
	 * turn; NULL: nobody wants to know. */
	void (*ready)(void *arg);
	void *arg;
};

struct peer_done {
	uint64_t served; /* connections with one request or more, all of them answered */
	uint64_t failed; /* the others */
};

/* Listens; *at becomes the address with its port. A descriptor, or -errno. */
int peer_listen(struct address *at);

/* The same in the namespace that ip-netns(8) calls name, as peer_spawn() below; NULL: in
 * ours. The socket stays there, the caller here. */
int peer_listen_in(const char *name, struct address *at);
/* Those of that namespace, as in struct peer_child. */
int peer_addresses(const char *name, struct address at[16], size_t *n);

/* Until it is stopped or has done what it should. 0, -ENOMEM, or -EIO: libssl would not
 * make a certificate (tls_reason()). */
int peer_serve(const struct peer_options *o, struct peer_done *done);

/* A peer in a process of its own, in another network namespace. */
struct peer_child {
	pid_t pid; /* 0: none */
	struct address at[16];
	size_t n_at;
};

/*
 * Enters the namespace that ip-netns(8) calls name, and listens on all of its addresses;
 * those, without loopback and link-local ones, are in *out.
 *
 *	-ENOENT  no such namespace
 *	-EPERM   it may not be entered
 *	-EADDRNOTAVAIL  no address there
 */
int peer_spawn(const char *name, struct peer_child *out);
void peer_end(struct peer_child *p);
#define cleanup_peer __attribute__((cleanup(peer_end)))

#endif
