/* SPDX-License-Identifier: MIT */
/*
 * Messages from a server, one after another, and where the time of each goes: over a
 * connection that the kernel decrypts, and over one that libssl does, in turns.
 */
#ifndef KTLSCTL_LOAD_LATENCY_H
#define KTLSCTL_LOAD_LATENCY_H

#include "../host/hwtstamp.h"
#include "../net/client.h"
#include "stages.h"

enum latency_way { LATENCY_KTLS, LATENCY_USER, LATENCY_WAYS };

/* What makes the server send a message. */
enum latency_ask {
	LATENCY_GET,     /* https: the answer to a GET, again and again */
	LATENCY_PING,    /* wss: the pong to a ping */
	LATENCY_ECHO,    /* wss: what it sends back */
	LATENCY_PUBLISH, /* wss: it does so by itself */
};
extern const char *const latency_ask_words[]; /* NULL-terminated */

enum {
	LATENCY_ROUND = 25, /* messages of a connection before it is the other's turn */
	LATENCY_WARM = 20,  /* that do not count, on each new connection */
	LATENCY_MOST = 16 << 20, /* bytes of a message that are borne */
};

struct latency_options {
	const struct url *url;
	struct client_wants wants; /* ktls is set for each way */
	bool ways[LATENCY_WAYS];
	enum latency_ask ask;
	size_t size;         /* bytes of what is asked with, PING and ECHO */
	uint64_t count;      /* messages of each way */
	int64_t duration_ns; /* of all; 0: as long as it takes */
	int64_t timeout_ns;  /* of one message */
	int64_t gap_ns;      /* from one message's question to the next; 0: at once */
	const struct hwtstamp *nic; /* that stamps; NULL: none does */
	const char *why_no_nic;     /* then: why */
	bool (*stop)(void);         /* asked now and then: true, it is enough */
};

/* What came of one way. */
struct latency_result {
	bool measured;        /* there are messages, or there could have been */
	char why[256];        /* not measured, or ended early; "" */
	bool failed;          /* it ended with an error, not because it was told to */
	char why_kernel[128]; /* there are no stamps of the kernel's; "" */
	char why_nic[128];    /* of the NIC's; "" */
	struct client_link link;
	enum stages_needs needs;
	struct stages *stages;
	uint64_t warm, connections;
	uint64_t early; /* came by themselves while it was the other way's turn */
	uint64_t bytes; /* of the last message */
	/* How far the packet's stamp is from the one that recvmsg(2) told as well. */
	struct histogram *apart;
	uint64_t packets, drops; /* of the packet socket */
	uint64_t nic_error_ns;   /* that converting the NIC's stamps may be wrong by */
};

/* What measuring costs itself, of which the clocks' part is in the stages. */
struct latency_cost {
	uint64_t clock_ns;   /* reading the clock once */
	uint64_t message_ns; /* all of a message: clocks and histograms */
};

enum latency_end { LATENCY_COMPLETE, LATENCY_STOPPED, LATENCY_TIME, LATENCY_FAILED };
extern const char *const latency_end_words[]; /* NULL-terminated */

struct latency {
	struct latency_result ways[LATENCY_WAYS];
	enum wire_engine engine;
	const char *engine_why; /* not io_uring; "" */
	struct latency_cost cost;
	enum latency_end end;
};

/*
 * Zeroed before. What went wrong with one way stands there; the other goes on.
 *
 *	-ENOMEM
 *	-EINVAL, -ENOTSUP  of the wants: why, as client_new() says it
 */
int latency_run(const struct latency_options *o, struct latency *out, char why[256]);
void latency_free(struct latency *l);

#endif
