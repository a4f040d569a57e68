/* SPDX-License-Identifier: MIT */
/*
 * Addresses of the web (RFC 3986), as much of them as an HTTPS client needs. Only what
 * can stand in a request as it is: what is not ASCII, a blank and control characters have
 * to come percent-encoded, a name of other letters as Punycode. No names or passwords.
 */
#ifndef KTLSCTL_NET_URL_H
#define KTLSCTL_NET_URL_H

#include "../facts/lines.h"

enum {
	URL_HOST = 254,    /* the longest name there is, and its end */
	URL_TARGET = 4096, /* path and query */
	URL_PORT = 443,
};

struct url {
	char host[URL_HOST]; /* small letters; an address of IPv6 without its brackets */
	bool v6;
	uint16_t port;
	char target[URL_TARGET]; /* begins with "/"; what stands behind "#" is left out */
};

/* NULL, or what is wrong with it, to follow "is not an https URL: ". Constant. */
const char *url_parse(struct span text, struct url *out);
/* The same for wss://, to follow "is not a wss URL: ". */
const char *url_parse_wss(struct span text, struct url *out);
bool url_is_wss(struct span text);
/* What Location says, seen from there; as above. */
const char *url_resolve(const struct url *base, struct span text, struct url *out);

/* "[", the host, "]:65535" */
enum { URL_AUTHORITY = URL_HOST + 8 };
/* As it stands in Host: without the port that goes without saying. */
void url_authority(const struct url *u, char out[URL_AUTHORITY]);
bool url_same_origin(const struct url *a, const struct url *b);

#endif
