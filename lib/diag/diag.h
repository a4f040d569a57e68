/* SPDX-License-Identifier: MIT */
/*
 * The TCP sockets of this network namespace, as the kernel's sock_diag(7) tells them: one
 * callback a socket, nothing allocated, so that millions of them can be looked at.
 *
 * Asking makes the kernel load inet_diag and tcp_diag, whoever asks; so it is the
 * caller's decision whether to ask at all.
 *
 * Kernels up to 6.14 leave out all that concerns the ULP, its name too, for a caller
 * without CAP_NET_ADMIN over the namespace, and say nothing of it: there "no ULP" is not
 * to be told from "may not see it". Later ones tell everybody.
 */
#ifndef KTLSCTL_DIAG_H
#define KTLSCTL_DIAG_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "../facts/lines.h"
#include "../tls/cipher.h"

/* States, as bits of a mask: 1 << TCP_ESTABLISHED and so on, by <netinet/tcp.h>. */
enum {
	DIAG_ALL = 0xfff,
	/* Where data may flow: neither listening nor half open nor waiting for the end.
	 */
	DIAG_CONNECTED = 1 << 1 | 1 << 4 | 1 << 5 | 1 << 8 | 1 << 9 | 1 << 11,
};

struct diag_query {
	int family;      /* AF_INET, AF_INET6; AF_UNSPEC: both */
	uint32_t states; /* 0: DIAG_CONNECTED */
	uint16_t port;   /* at either end; 0: any. The kernel filters. */
};

struct diag_end {
	uint8_t addr[16]; /* 4 of them for AF_INET */
	uint16_t port;
};

/* present: the TLS ULP is attached; version and cipher are 0 until there are keys. */
struct diag_tls {
	bool present;
	bool zerocopy_ro; /* only told where a NIC encrypts */
	bool no_pad;
	uint16_t version, cipher;
	enum ktls_conf tx, rx;
	uint16_t max_payload; /* bytes; 0: a kernel before 6.19 */
};

/* Out of struct tcp_info; zeros where an older kernel does not tell. */
struct diag_tcp {
	bool present; /* a socket in TIME-WAIT has none */
	uint64_t bytes_sent, bytes_acked, bytes_received, bytes_retransmitted;
	uint32_t rtt_us;
	uint32_t mss, cwnd; /* bytes of a segment sent; segments */
};

struct diag_socket {
	uint8_t family; /* AF_INET, AF_INET6 */
	uint8_t state;  /* TCP_ESTABLISHED, ... */
	struct diag_end local, peer;
	uint32_t ifindex;        /* it is bound to; 0: none */
	uint32_t rqueue, wqueue; /* bytes not yet read; not yet acknowledged */
	uint32_t uid;
	uint32_t inode;  /* as in /proc/PID/fd; 0: belongs to no process any more */
	uint64_t cookie; /* tells it from a later one with the same addresses */
	char ulp[17];    /* "tls", "mptcp", ...; "": none, or not shown (see above) */
	struct diag_tls tls;
	struct diag_tcp tcp;
};

/* The socket is the callee's until it returns. Other than 0 ends the dump. */
typedef int (*diag_fn)(const struct diag_socket *s, void *arg);

/*
 * Calls fn for every socket. What fn returned when it was not 0, else 0 or:
 *
 *	-ENOENT  this kernel has no sock_diag for TCP, or may not load it
 *	-EPERM, -EACCES  a policy of the machine forbids it
 *	-EINTR   all were told, but what the kernel went through changed meanwhile: some
 *	         may be missing or told twice
 */
int diag_tcp(const struct diag_query *q, diag_fn fn, void *arg);

/*
 * The one connection between these ends of the family; both ports are those it has.
 *
 *	-ENOENT  none such, or as above
 */
int diag_lookup(int family, const struct diag_end *local, const struct diag_end *peer,
		struct diag_socket *out);

/* The same for a connected socket of ours. -EAFNOSUPPORT: not of IP. */
int diag_lookup_fd(int fd, struct diag_socket *out);

/*
 * The payload of one message. Unknown attributes are skipped, and those too short to be
 * what they call themselves. False: not even the fixed part is there.
 */
bool parse_diag_socket(struct span message, struct diag_socket *out);

#endif
