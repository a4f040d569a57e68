// SPDX-License-Identifier: MIT
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "address.h"

/* Cuts "HOST:PORT" or "[HOST]:PORT"; host gets a copy. */
static const char *cut_port(const char *text, char *host, size_t size)
{
	const char *colon = strrchr(text, ':');
	size_t len = colon ? (size_t)(colon - text) : 0;

	if (len > 2 && text[0] == '[' && text[len - 1] == ']') {
		text++;
		len -= 2;
	} else if (memchr(text, ':', len)) {
		return NULL;
	}
	if (!len || len >= size)
		return NULL;
	memcpy(host, text, len);
	host[len] = '\0';
	return colon + 1;
}

bool address_parse(const char *text, struct address *out)
{
	const struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
					.ai_socktype = SOCK_STREAM };
	char host[ADDRESS_TEXT];
	const char *port = cut_port(text, host, sizeof(host));
	struct addrinfo *found = NULL;
	uint64_t number;

	*out = (struct address){ 0 };
	if (!port || !span_u64(span(port, strlen(port)), &number) ||
	    number > UINT16_MAX || getaddrinfo(host, port, &hints, &found))
		return false;
	memcpy(&out->ss, found->ai_addr, found->ai_addrlen);
	out->len = found->ai_addrlen;
	freeaddrinfo(found);
	return true;
}

void address_text(const struct address *a, char buf[ADDRESS_TEXT])
{
	const bool v6 = a->ss.ss_family == AF_INET6;
	char host[ADDRESS_TEXT - 10], port[6];

	if (getnameinfo((const struct sockaddr *)&a->ss, a->len, host, sizeof(host), port,
			sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV))
		snprintf(buf, ADDRESS_TEXT, "?");
	else
		snprintf(buf, ADDRESS_TEXT, "%s%s%s:%s", v6 ? "[" : "", host,
			 v6 ? "]" : "", port);
}

static in_port_t *port_of(struct address *a)
{
	if (a->ss.ss_family == AF_INET)
		return &((struct sockaddr_in *)&a->ss)->sin_port;
	if (a->ss.ss_family == AF_INET6)
		return &((struct sockaddr_in6 *)&a->ss)->sin6_port;
	return NULL;
}

uint16_t address_port(const struct address *a)
{
	struct address copy = *a;
	const in_port_t *port = port_of(&copy);

	return port ? ntohs(*port) : 0;
}

void address_set_port(struct address *a, uint16_t port)
{
	in_port_t *p = port_of(a);

	if (p)
		*p = htons(port);
}
