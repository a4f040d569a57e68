// SPDX-License-Identifier: MIT
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lookup.h"

/* What can be a name of the DNS, or an address; it is also what a certificate names. */
static bool is_host(const char *host)
{
	for (const char *p = host; *p; p++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			    "0123456789-._:%",
			    *p))
			return false;
	return *host && *host != '-';
}

bool target_parse(const char *text, struct target *out)
{
	const char *colon = strrchr(text, ':');
	size_t len = colon ? (size_t)(colon - text) : 0;
	const bool brackets = len > 2 && text[0] == '[' && text[len - 1] == ']';
	char numeric[LOOKUP_HOST + 16];
	struct address a;
	uint64_t port;

	*out = (struct target){ 0 };
	if (!len || !span_u64(span(colon + 1, strlen(colon + 1)), &port) || !port ||
	    port > UINT16_MAX)
		return false;
	if (brackets)
		len -= 2;
	if (len >= sizeof(out->host) || (!brackets && memchr(text, ':', len)))
		return false;
	memcpy(out->host, text + brackets, len);
	out->port = (uint16_t)port;
	snprintf(numeric, sizeof(numeric), brackets ? "[%s]:%u" : "%s:%u", out->host,
		 out->port);
	out->numeric = address_parse(numeric, &a);
	return is_host(out->host) && (out->numeric || !brackets);
}

/* A request that is still under way belongs to the resolver's thread: it stays. */
struct request {
	struct gaicb cb;
	struct addrinfo hints;
	char host[LOOKUP_HOST], port[8];
};

static int error_of(int gai)
{
	switch (gai) {
	case EAI_NONAME:
	case EAI_NODATA:
		return -ENOENT;
	case EAI_AGAIN:
		return -EAGAIN;
	case EAI_MEMORY:
		return -ENOMEM;
	case EAI_INPROGRESS:
		return -ETIMEDOUT;
	default:
		return -EIO;
	}
}

/* Also where a signal interrupts. */
static int wait_for(struct request *r, uint64_t timeout_ms)
{
	const struct gaicb *const list[] = { &r->cb };
	const struct timespec t = { .tv_sec = (time_t)(timeout_ms / 1000),
				    .tv_nsec = (long)(timeout_ms % 1000) * 1000000 };

	gai_suspend(list, 1, &t);
	return gai_error(&r->cb);
}

static int collect(const struct addrinfo *list, struct address *out, size_t room)
{
	size_t n = 0;

	for (const struct addrinfo *i = list; i && n < room; i = i->ai_next) {
		if (i->ai_addrlen > sizeof(out->ss))
			continue;
		out[n] = (struct address){ .len = i->ai_addrlen };
		memcpy(&out[n++].ss, i->ai_addr, i->ai_addrlen);
	}
	return n ? (int)n : -ENOENT;
}

/* An address needs nobody to be asked. */
static int number_of(const struct target *t, struct address *out)
{
	char text[LOOKUP_HOST + 16];

	snprintf(text, sizeof(text), strchr(t->host, ':') ? "[%s]:%u" : "%s:%u", t->host,
		 t->port);
	return address_parse(text, out) ? 1 : -EIO;
}

int target_lookup(const struct target *t, uint64_t timeout_ms, struct address *out,
		  size_t room)
{
	struct request *r;
	struct gaicb *list[1];
	int err;

	if (t->numeric)
		return number_of(t, out);
	r = calloc(1, sizeof(*r));
	if (!r)
		return -ENOMEM;
	r->hints.ai_flags = AI_NUMERICSERV | AI_ADDRCONFIG;
	r->hints.ai_socktype = SOCK_STREAM;
	snprintf(r->host, sizeof(r->host), "%s", t->host);
	snprintf(r->port, sizeof(r->port), "%u", t->port);
	r->cb = (struct gaicb){ .ar_name = r->host,
				.ar_service = r->port,
				.ar_request = &r->hints };
	list[0] = &r->cb;
	err = getaddrinfo_a(GAI_NOWAIT, list, 1, NULL);
	if (!err)
		err = wait_for(r, timeout_ms);
	if (err == EAI_INPROGRESS && gai_cancel(&r->cb) != EAI_CANCELED)
		return -ETIMEDOUT;
	err = err ? error_of(err) : collect(r->cb.ar_result, out, room);
	if (r->cb.ar_result)
		freeaddrinfo(r->cb.ar_result);
	free(r);
	return err;
}
