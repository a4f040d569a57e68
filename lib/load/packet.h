/* SPDX-License-Identifier: MIT */
/* The head of a TCP packet as a packet socket hands it over. */
#ifndef KTLSCTL_LOAD_PACKET_H
#define KTLSCTL_LOAD_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct packet {
	uint16_t from_port, to_port;
	uint32_t seq;
	uint32_t len; /* bytes of data */
	bool syn, fin, rst;
};

/*
 * IPv4 or IPv6 with whatever stands before TCP, from its first byte; only the head has to
 * be there, its length is taken from IP. False: no TCP, a later fragment, cut off, or a
 * length that IP does not tell (jumbograms).
 */
bool packet_parse(const uint8_t *p, size_t n, struct packet *out);

#endif
