/* SPDX-License-Identifier: MIT */
/*
 * The pieces of probe_paths(): a connection to a peer, what is seen of it, and what
 * follows. Nobody outside lib/probe and its tests includes it.
 */
#ifndef KTLSCTL_PATH_H
#define KTLSCTL_PATH_H

#include "handshake.h"

/* ---- what follows: path_verdict.c ---- */

/* The NICs that a device is or stands on, and what they offer for one direction. */
struct path_nics {
	size_t n;
	enum tristate can; /* one of them has the offload */
	bool on, wanted;   /* all of them */
	bool checksum;     /* what the offload hangs on is on */
	bool itself;       /* the device is the NIC */
	bool bond;         /* it is a bond: passes */
	enum { PATH_PASSES, PATH_BOND_MODE, PATH_BOND_HASH, PATH_BOND_UNKNOWN } passes;
};

/* At which step a connection ended, err != 0, or PATH_DONE. */
enum path_step { PATH_ROUTE, PATH_CONNECT, PATH_SHAKE, PATH_TALK, PATH_DONE };

/* One direction of one connection, by all that was seen of it. */
struct path_saw {
	bool tx;
	uint16_t version, cipher; /* of the suite; cipher 0: none of the kernel's */
	enum path_step step;
	int err;
	bool elsewhere; /* the route does not begin with the device: not tried */
	bool stranger;  /* it answers, and is no ktlsctl */
	/* Who says what: libssl; the socket, behind the data where it got so far. */
	bool handed;
	enum path_label label;
	/* Why it stays in user space: of libssl, and as of kernel_refuses(). */
	bool built_with_ktls, ulp;
	int refused;
	struct path_nics nics;
	/* At its end, still open. */
	bool down, rerouted;
	/* The driver's counters: packets, bytes if it counts those, contexts that it gave
	 * up, refusals for want of room. */
	bool counts, counts_bytes;
	uint64_t payload, packets, bytes, given_up, no_space;
	/* TlsTxDevice, TlsRxDevice */
	bool stat_known;
	uint64_t opened;
};

struct path_says {
	enum path_verdict verdict;
	const char *reason, *why; /* as in struct probe_path */
};

/* Pure. */
struct path_says path_verdict(const struct path_saw *s);

/* ---- what is seen: path_look.c ---- */

enum { PATH_TX, PATH_RX, PATH_DIRECTIONS };

/* What the counters say of one direction. */
struct path_counts {
	bool counts, counts_bytes; /* the driver does: packets, bytes */
	uint64_t packets, bytes, deleted, no_space;
	uint64_t opened, software; /* of tls_stat */
};

/* All that is read at one moment. */
struct path_moment {
	bool built_with_ktls; /* libssl was, as far as libcrypto tells */
	bool stat_known, down;
	struct path_counts c[PATH_DIRECTIONS];
	struct path_nics nics[PATH_DIRECTIONS];
};

/* -ENOMEM. */
int path_look(const char *device, struct path_moment *m);

/* ---- a connection: path_link.c ---- */

struct address;

struct path_link {
	int fd; /* -1: none */
	struct tls_stream *s;
	const char *reason; /* of libssl, or what the peer said; "" */
	char said[128];
};

/* Each takes less time than the parent waits. 0 or -errno. */
int link_connect(struct path_link *l, const struct address *to);
int link_handshake(struct path_link *l, const struct handshake_plan *row);
/*
 * So many bytes there, and as many others back, both compared by their hashes.
 *
 *	-EILSEQ     other bytes came than were sent
 *	-EBADMSG    the peer is no ktlsctl
 *	-ECONNREFUSED  it is one, and does not want to: reason
 */
int link_exchange(struct path_link *l, size_t bytes);
void link_close(struct path_link *l);
#define cleanup_link __attribute__((cleanup(link_close)))

#endif
