/* SPDX-License-Identifier: MIT */
/*
 * HTTP/1.1: answers, and the heads of requests, which a packaged library takes apart.
 * What a peer sends is handed on as it comes; nothing but the fields of the head is kept,
 * and of these no more than HTTP_HEAD_MAX.
 */
#ifndef KTLSCTL_NET_HTTP_H
#define KTLSCTL_NET_HTTP_H

#include <sys/types.h>

#include "../facts/lines.h"

enum {
	HTTP_HEAD_MAX = 64 << 10, /* of the fields of an answer */
	HTTP_INTERIM_MAX = 16,    /* answers 1xx before the true one */
};

#define HTTP_NO_LENGTH UINT64_MAX

struct http;

struct http_events {
	void *arg;
	/* Bytes of the body; 0 or -errno, which ends it. NULL: nobody wants them. */
	int (*body)(void *arg, const char *p, size_t n);
};

/* The answer as far as it has come. */
struct http_answer {
	unsigned status;   /* 0: not yet */
	unsigned interim;  /* the last 1xx */
	bool head;         /* its head is whole */
	bool done;         /* it is whole */
	bool until_close;  /* its body ends with the connection */
	bool keep_alive;   /* another request may follow */
	uint64_t length;   /* of the body as the head tells it, or HTTP_NO_LENGTH */
	uint64_t received; /* of the body */
};

/* -ENOMEM */
int http_new(struct http **out, const struct http_events *events);
void http_free(struct http *h);
/* Forgets the last answer. head_only: it answers HEAD, so it has no body. */
void http_begin(struct http *h, bool head_only);
/* The answer may be 101, and is whole with its head then: what follows is no HTTP. */
void http_begin_upgrade(struct http *h);
/* What comes is a request; whole with its head, for one with a body is refused. */
void http_begin_request(struct http *h);
/* Of a request; "" until its head is whole. */
const char *http_method(const struct http *h);
const char *http_target(const struct http *h);
const struct http_answer *http_answer(const struct http *h);

/*
 * How many bytes were used: fewer than n only when the answer is done. Or
 *
 *	-EBADMSG    this is no HTTP: http_reason()
 *	-EMSGSIZE   too much of a head
 *	-errno      of body()
 */
ssize_t http_feed(struct http *h, const char *p, size_t n);
/* The connection has ended: 0, or -EPIPE when something is missing. */
int http_end(struct http *h);
/* What the library says; constant. */
const char *http_reason(const struct http *h);

/* A field of the head, the first of that name; "" and false: there is none. */
bool http_field(const struct http *h, const char *name, struct span *value);
/* Each field as it came. */
void http_each(const struct http *h,
	       void (*f)(void *arg, struct span name, struct span value), void *arg);

/* A name that may stand before the colon, and a value that may stand behind it. */
bool http_is_name(struct span s);
bool http_is_value(struct span s);

#endif
