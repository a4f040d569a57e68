/* SPDX-License-Identifier: MIT */
/* The peer's end of a WebSocket, behind the handshake. */
#ifndef KTLSCTL_LOAD_WEBSOCKET_H
#define KTLSCTL_LOAD_WEBSOCKET_H

#include "conn.h"
#include "query.h"

enum socket_what { SOCKET_ECHO, SOCKET_PUBLISH };

struct socket;

/* -ENOMEM */
int socket_start(struct socket **out, enum socket_what what, const struct query *q);
void socket_stop(struct socket *w);
/* Bytes that came behind the request; then what can be done: as peer_protocol. */
int socket_feed(struct socket *w, const char *p, size_t n);
int socket_go(struct socket *w, struct conn *c);
int socket_late(struct socket *w, struct conn *c);
void socket_describe(const struct socket *w, char *buf, size_t size);
/* What broke the protocol, in words; "". Constant. */
const char *socket_reason(const struct socket *w);

#endif
