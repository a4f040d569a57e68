// SPDX-License-Identifier: MIT
/* RFC 791, RFC 8200 and RFC 9293, as far as a stream has to be followed. */
#include <netinet/in.h>

#include "packet.h"

enum {
	V4_HEAD = 20,
	V6_HEAD = 40,
	TCP_HEAD = 20,
	V6_EXTENSIONS = 8, /* of one packet; more of them are no accident */
	FIN = 1,
	SYN = 2,
	RST = 4
};

static uint32_t be16(const uint8_t *p)
{
	return (uint32_t)p[0] << 8 | p[1];
}

static uint32_t be32(const uint8_t *p)
{
	return be16(p) << 16 | be16(p + 2);
}

/* total: of TCP's head and data, as IP tells it. */
static bool parse_tcp(const uint8_t *p, size_t n, size_t total, struct packet *out)
{
	size_t head;

	if (n < TCP_HEAD || total < TCP_HEAD)
		return false;
	head = (size_t)(p[12] >> 4) * 4;
	if (head < TCP_HEAD || head > total)
		return false;
	*out = (struct packet){ .from_port = (uint16_t)be16(p),
				.to_port = (uint16_t)be16(p + 2),
				.seq = be32(p + 4),
				.len = (uint32_t)(total - head),
				.syn = p[13] & SYN,
				.fin = p[13] & FIN,
				.rst = p[13] & RST };
	return true;
}

static bool parse_v4(const uint8_t *p, size_t n, struct packet *out)
{
	size_t head, total;

	if (n < V4_HEAD)
		return false;
	head = (size_t)(p[0] & 15) * 4;
	total = be16(p + 2);
	if (head < V4_HEAD || head > n || total < head || p[9] != IPPROTO_TCP ||
	    be16(p + 6) & 0x3fff) /* more fragments, or not the first */
		return false;
	return parse_tcp(p + head, n - head, total - head, out);
}

static bool is_extension(uint8_t next)
{
	return next == IPPROTO_HOPOPTS || next == IPPROTO_ROUTING ||
	       next == IPPROTO_DSTOPTS;
}

static bool parse_v6(const uint8_t *p, size_t n, struct packet *out)
{
	size_t at = V6_HEAD, total;
	uint8_t next;

	if (n < V6_HEAD)
		return false;
	next = p[6];
	total = V6_HEAD + be16(p + 4);
	for (int i = 0; i < V6_EXTENSIONS && is_extension(next); i++) {
		if (n - at < 8)
			return false;
		next = p[at];
		at += 8 + (size_t)p[at + 1] * 8;
		if (at > n)
			return false;
	}
	if (next != IPPROTO_TCP || total < at)
		return false;
	return parse_tcp(p + at, n - at, total - at, out);
}

bool packet_parse(const uint8_t *p, size_t n, struct packet *out)
{
	if (!n)
		return false;
	switch (p[0] >> 4) {
	case 4:
		return parse_v4(p, n, out);
	case 6:
		return parse_v6(p, n, out);
	}
	return false;
}
