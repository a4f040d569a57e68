/* SPDX-License-Identifier: MIT */
/* Numeric addresses of TCP, and which way the kernel sends to them. */
#ifndef KTLSCTL_NET_ADDRESS_H
#define KTLSCTL_NET_ADDRESS_H

#include <sys/socket.h>

#include "../facts/lines.h"

struct address {
	struct sockaddr_storage ss;
	socklen_t len;
};

/* "[", an IPv6 address with its scope, "]:65535" */
enum { ADDRESS_TEXT = 80 };

/* "127.0.0.1:4433", "[fe80::1%eth0]:0"; names are not looked up. */
bool address_parse(const char *text, struct address *out);
void address_text(const struct address *a, char buf[ADDRESS_TEXT]);
uint16_t address_port(const struct address *a); /* 0: of neither family */
void address_set_port(struct address *a, uint16_t port);

struct route {
	uint32_t ifindex; /* of the device it leaves by; 0: none told */
	bool local;       /* it ends on this host: nothing leaves */
};

/*
 * Asks the kernel which way it would send; from NULL: as an unbound socket would.
 *
 *	-ENETUNREACH, -EHOSTUNREACH, -EINVAL  as the kernel says: no way
 */
int route_to(const struct address *to, const struct address *from, struct route *out);

/* What the kernel answered to RTM_GETROUTE. False: not even its fixed part is there. */
bool parse_route(struct span message, struct route *out);

#endif
