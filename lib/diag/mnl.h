/* SPDX-License-Identifier: MIT */
/* Asking the kernel by libmnl; what diag.c and route.c share. */
#ifndef KTLSCTL_MNL_H
#define KTLSCTL_MNL_H

#include <stdbool.h>

struct mnl_socket;
struct nlmsghdr;

/* A message that is neither error nor end. Other than 0 ends the reading. */
typedef int (*mnl_message_fn)(const struct nlmsghdr *h, void *arg);

/* -ENOENT: the kernel does not know that protocol of netlink. */
int mnl_open(int protocol, struct mnl_socket **out);
void mnl_close(struct mnl_socket **nl);
#define cleanup_mnl __attribute__((cleanup(mnl_close)))

/*
 * Sends the request and hands on all that comes back. Returns what fn or the kernel said,
 * and -EINTR when what the kernel went through changed meanwhile.
 */
int mnl_ask(struct mnl_socket *nl, const struct nlmsghdr *request, mnl_message_fn fn,
	    void *arg);

#endif
