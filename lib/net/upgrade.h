/* SPDX-License-Identifier: MIT */
/* How the two ends of a WebSocket know each other (RFC 6455, 4). */
#ifndef KTLSCTL_NET_UPGRADE_H
#define KTLSCTL_NET_UPGRADE_H

#include "http.h"

enum { UPGRADE_KEY = 25, UPGRADE_ACCEPT = 29 };

/* A new one. -EIO: libcrypto would not. */
int upgrade_key(char key[UPGRADE_KEY]);
/* What answers that key. -EIO */
int upgrade_accept(struct span key, char accept[UPGRADE_ACCEPT]);

/* NULL: that answer accepts this key; else why not, in words. Constant. */
const char *upgrade_check_answer(const struct http *h, const char *key);
/* NULL: that request wants a WebSocket, with *key; else why not. Constant. */
const char *upgrade_check_request(const struct http *h, struct span *key);
/* Whether a request is about a WebSocket at all. */
bool upgrade_wanted(const struct http *h);

#endif
