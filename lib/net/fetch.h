/* SPDX-License-Identifier: MIT */
/* One request and its answer over a connection. */
#ifndef KTLSCTL_NET_FETCH_H
#define KTLSCTL_NET_FETCH_H

#include "http.h"
#include "secure.h"
#include "url.h"

/* What is sent behind the head. */
struct fetch_body {
	int fd;       /* -1: nothing */
	bool file;    /* it can be read from anywhere, and its length is known */
	uint64_t len; /* HTTP_NO_LENGTH: until its end, in chunks */
};

struct fetch_request {
	const char *method;
	const struct url *url;
	const char *const *headers; /* "Name: value" */
	size_t n_headers;
	struct fetch_body body;
	bool expect; /* wait for 100 Continue before the body */
	const char *agent;
	uint64_t most; /* bytes of the answer's body that are borne; 0: any */
	void *arg;     /* now and then, with what has come and gone; may be NULL */
	void (*progress)(void *arg, uint64_t received, uint64_t sent);
};

enum fetch_end {
	FETCH_WHOLE,
	FETCH_CUT,     /* the answer ended too early */
	FETCH_CLOSED,  /* the connection ended before the first byte of an answer */
	FETCH_TIMEOUT, /* the time was over */
	FETCH_BROKEN,  /* TLS: alert, wrong record, KeyUpdate that cannot be followed */
	FETCH_BAD,     /* what came is no HTTP, or too much of it */
	FETCH_OUTPUT,  /* nobody took what came: err */
	FETCH_INPUT,   /* what is to be sent could not be read: err */
};
extern const char *const fetch_end_words[]; /* NULL-terminated */

struct fetch_result {
	enum fetch_end end;
	int err;            /* -errno of the connection or the file, or 0 */
	const char *reason; /* in words, beyond end; as long as the connection */
	uint64_t sent;      /* bytes of the body */
	int64_t first_ns; /* CLOCK_MONOTONIC: of the answer's first byte; 0: none came */
	bool reusable;    /* another request may follow on the connection */
};

/* The head as it is sent; free(3), NULL without memory. */
char *fetch_head(const struct fetch_request *r);
/* The answer, as far as it came, is in h. head: of fetch_head(). */
void fetch(struct secure *s, struct http *h, const struct fetch_request *r,
	   int64_t end_ns, struct fetch_result *out);

#endif
