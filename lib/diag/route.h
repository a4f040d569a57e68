/* SPDX-License-Identifier: MIT */
/*
 * The interface that a connection's packets leave by, as the kernel's routing tables of
 * this network namespace have it now: a look-up, not what the socket itself has cached.
 */
#ifndef KTLSCTL_ROUTE_H
#define KTLSCTL_ROUTE_H

#include "diag.h"

enum route_answer {
	ROUTE_NOT_ASKED,
	ROUTE_FOUND,
	ROUTE_NONE,   /* unreachable */
	ROUTE_POLICY, /* rules ask for what is not known of the socket: a mark, a TOS */
	ROUTE_FAILED,
};

struct socket_route {
	enum route_answer answer;
	uint32_t ifindex;
	const char *name; /* of struct routes; "" when it has gone meanwhile */
};

struct routes;
/* 0 or -errno */
int routes_open(struct routes **out);
void routes_close(struct routes *r);
struct socket_route routes_find(struct routes *r, const struct diag_socket *s);

/*
 * Netlink messages without their header. Those too short for what they call themselves
 * change nothing.
 */
/* RTM_NEWROUTE: 0 when it names no interface. */
uint32_t parse_route_oif(struct span message);
/* RTM_NEWRULE: false when it asks for something else than addresses, ports, users and
 * interfaces, which are all told to the kernel. */
bool parse_rule_plain(struct span message);

static inline void routes_close_(struct routes **r)
{
	routes_close(*r);
}
#define cleanup_routes __attribute__((cleanup(routes_close_)))

#endif
