/* SPDX-License-Identifier: MIT */
/* What ktlsctl sockets says, as documents: one socket, and all of them with their sums.
 */
#ifndef KTLSCTL_OUT_SOCKETS_H
#define KTLSCTL_OUT_SOCKETS_H

#include "../diag/route.h"
#include "../diag/samples.h"
#include "../diag/survey.h"
#include "../diag/tally.h"
#include "render.h"

/* What the kernel says of kTLS on a socket. */
enum ktls_word { KTLS_WORD_NO, KTLS_WORD_YES, KTLS_WORD_UNKNOWN };

struct socket_tls_doc {
	const char *version, *cipher; /* NULL: no keys yet; "0x0305" for a strange one */
	const char *tx, *rx;          /* "none", "sw", "hw", "hw-record", "unknown" */
	bool zerocopy, no_pad;
	uint64_t max_record_bytes; /* 0: the kernel does not tell */
};

struct socket_process_doc {
	uint64_t pid;
	const char *comm, *unit, *cgroup;
};

struct socket_owner_doc {
	int kind; /* enum owner_kind */
	const char *reason;
	struct socket_process_doc *processes;
	size_t n_processes;
};

struct socket_tcp_doc {
	uint64_t bytes_sent, bytes_acked, bytes_received, bytes_retransmitted;
	uint64_t rtt_us, mss_bytes, cwnd_segments;
};

/* The interface by the routing tables. */
struct socket_nic_doc {
	const char *name;            /* "" when it is not known */
	const char *reason;          /* why; "" */
	int numa_node, process_node; /* -1: not known */
};

struct socket_rates_doc {
	uint64_t first_seen_ms, sent_bytes_per_s, received_bytes_per_s;
};

struct socket_doc {
	uint64_t time_ms;  /* since the epoch, with --watch; 0 */
	const char *netns; /* "": ours */
	const char *local, *peer;
	uint64_t local_port, peer_port;
	const char *state;
	int ktls;        /* enum ktls_word */
	const char *ulp; /* "": none, or not told */
	struct socket_tls_doc *tls;
	struct socket_owner_doc *owner;
	uint64_t uid, inode, cookie, receive_queue_bytes, send_queue_bytes;
	struct socket_tcp_doc *tcp;
	struct socket_nic_doc *nic;
	struct socket_rates_doc *rates;
};

/* What a socket is described with. NULL: it does without. */
struct socket_context {
	struct owners *owners;
	struct routes *routes;
	const struct facts *facts; /* NICs and topology */
	struct samples *samples;
	uint64_t netns_id, time_ms;
	const char *netns;
};

/* A document and room for what it points to. */
enum { SOCKET_OWNERS = 64 };
struct socket_words {
	struct socket_doc doc;
	struct socket_tls_doc tls;
	struct socket_owner_doc owner;
	struct socket_tcp_doc tcp;
	struct socket_nic_doc nic;
	struct socket_rates_doc rates;
	struct socket_process_doc processes[SOCKET_OWNERS];
	char local[64], peer[64], version[8], cipher[8];
};

/* Fills w from the view; strings are those of the context, of w or constant. Of a socket
 * in more processes than there is room for it names the first. */
void socket_words(const struct socket_view *v, const struct socket_context *c,
		  struct socket_words *w);

extern const struct fields socket_fields; /* ktlsctl.socket/1, a line of ndjson */

struct sum_mode_doc {
	const char *tx, *rx;
	uint64_t sockets;
};

struct sum_cipher_doc {
	const char *version, *cipher; /* NULL: no keys yet */
	uint64_t sockets;
};

struct sum_service_doc {
	const char *name;
	uint64_t pid, processes, connections, ktls, hw;
	bool speaks_tls;
};

/* Connections of one program that are not on kTLS, and why. */
struct sum_unused_doc {
	const char *program;
	uint64_t pid, connections;
	struct cause *cause; /* NULL: none was found */
};

struct sums_doc {
	uint64_t sockets, ktls;
	uint64_t tls_connections, tls_on_ktls; /* of programs that speak TLS */
	struct sum_mode_doc *modes;
	size_t n_modes;
	struct sum_cipher_doc *ciphers;
	size_t n_ciphers;
	struct sum_service_doc *services;
	size_t n_services;
};

struct offload_doc {
	const char *verdict, *reason, *summary;
};

struct sockets_doc {
	const char *tool_version, *kernel;
	bool visible;               /* the kernel tells this caller of kTLS */
	struct socket_doc *sockets; /* n_sockets: FIELD_STREAMED, or 0 */
	size_t n_sockets;
	bool owners;   /* processes were looked for */
	bool programs; /* every process was looked at for what speaks TLS */
	bool changed;  /* the kernel said that its list changed while it told it */
	struct sums_doc sums;
	struct sum_unused_doc *unused;
	size_t n_unused;
	struct offload_doc
		*offload; /* whether NICs do what the label says; NULL: no label */
};

/* "none", "sw", "hw", "hw-record", "unknown" */
const char *socket_conf_word(enum ktls_conf conf);
/* The tally as a document, in the arena. 0 or -ENOMEM. */
int sums_of(const struct tally *t, struct arena *a, struct sums_doc *out);

extern const struct fields sockets_fields; /* ktlsctl.sockets/1 */

/* For people: what a socket's row in the table holds. */
enum { SOCKET_CELLS = 11 };
struct socket_row {
	const char *cell[SOCKET_CELLS]; /* of the arena */
};
int socket_row(const struct socket_doc *d, struct arena *a, struct socket_row *out);
struct socket_table {
	const struct socket_row *rows; /* for the width of its columns */
	size_t n;
	bool rates, netns;
	unsigned width[SOCKET_CELLS]; /* filled by sockets_text_table_head() */
};
/* All texts are the caller's, free(3); NULL without memory. */
char *sockets_text_head(const struct sockets_doc *d, const struct text_style *style);
char *sockets_text_table_head(struct socket_table *t);
char *sockets_text_row(const struct socket_table *t, const struct socket_row *r);
char *sockets_text_sums(const struct sockets_doc *d, const struct text_style *style);
char *sockets_text_end(const struct sockets_doc *d, const struct text_style *style);

#endif
