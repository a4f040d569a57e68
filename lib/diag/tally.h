/* SPDX-License-Identifier: MIT */
/*
 * What many sockets come to: by mode, by cipher, by service. The share of a service's
 * connections that are on kTLS is its coverage; only programs that speak TLS have one,
 * and it counts all their connections, also those that are not encrypted at all, because
 * from outside one looks like the other.
 */
#ifndef KTLSCTL_TALLY_H
#define KTLSCTL_TALLY_H

#include "../facts/facts.h"
#include "survey.h"

struct tally_cipher {
	uint16_t version, cipher; /* 0: no keys yet */
	uint64_t sockets;
};

/* tx and rx of the sockets with the ULP. */
struct tally_mode {
	enum ktls_conf tx, rx;
	uint64_t sockets;
};

struct tally_service {
	const char *name; /* the unit, or the name of the process */
	uint32_t pid;     /* the lowest one seen */
	bool tls;         /* a program that speaks TLS */
	uint64_t processes, connections, ktls, hw;
};

struct tally {
	struct arena *arena;
	const struct facts *facts; /* whose programs speak TLS */
	uint64_t sockets, ktls;
	uint64_t tls_connections, tls_ktls; /* of services that speak TLS */
	struct tally_mode *modes;
	size_t n_modes;
	struct tally_cipher *ciphers;
	size_t n_ciphers;
	struct tally_service *services;
	size_t n_services;
	struct tally_process *processes; /* a table by pid */
	size_t n_processes, room;
};

/* facts: with their programs read. 0 or -ENOMEM; tally_close() in any case. */
int tally_open(struct tally *t, const struct facts *facts);
void tally_close(struct tally *t);
/* 0 or -ENOMEM. A socket of several processes counts once for each service. */
int tally_add(struct tally *t, const struct socket_view *v, struct owners *owners);

#endif
