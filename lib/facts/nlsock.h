/* SPDX-License-Identifier: MIT */
/* Asking the kernel over netlink, with its own error numbers. */
#ifndef KTLSCTL_NLSOCK_H
#define KTLSCTL_NLSOCK_H

#include "lines.h"

struct nl_sock;
struct nl_msg;

/* What stands behind the netlink header of one reply, aligned. 0 to go on, or -errno. */
typedef int (*nl_reply_fn)(void *arg, struct span payload);

/* NETLINK_ROUTE, NETLINK_GENERIC; nl_socket_free(3) also after a failure. */
int nlsock_open(int protocol, struct nl_sock **out);
/*
 * Sends msg (freed in any case; NULL: -ENOMEM) and hands on all that comes back. Returns
 * what fn or the kernel said; for a dump also the error that ended it half-way, and
 * -EINTR when the devices changed meanwhile: what came is then not all of one moment.
 */
int nlsock_ask(struct nl_sock *sock, struct nl_msg *msg, nl_reply_fn fn, void *arg);
/* An error of libnl, which counts them on its own. */
int nlsock_errno(int err);

#endif
