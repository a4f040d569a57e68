/* SPDX-License-Identifier: MIT */
/* Addresses of the web, and what a server answers. */
#include <stdlib.h>
#include <string.h>

#include "../../lib/net/http.h"
#include "../../lib/net/url.h"
#include "targets.h"

/* What would end the line of a request, or its head. */
static bool breaks_out(const char *text)
{
	for (; *text; text++)
		if (*text <= ' ' || *text > '~')
			return true;
	return false;
}

static const char *sound(const struct url *u)
{
	char text[URL_AUTHORITY + URL_TARGET + 16], authority[URL_AUTHORITY];
	struct url again;
	size_t n;

	if (breaks_out(u->host) || breaks_out(u->target) || u->target[0] != '/')
		return "it breaks out of the request's first line";
	if (!u->port || !*u->host)
		return "there is no port, or no host";
	url_authority(u, authority);
	n = strlen(strcpy(text, "https://"));
	n += strlen(strcpy(text + n, authority));
	strcpy(text + n, u->target);
	if (url_parse(span(text, strlen(text)), &again) || !url_same_origin(u, &again) ||
	    u->v6 != again.v6 || strcmp(u->target, again.target) != 0)
		return "it is another one when it is written again";
	return NULL;
}

/* Up to the first line's end an address, behind it where a redirect leads from there. */
const char *fuzz_url(const char *data, size_t len)
{
	struct span rest = span(data, len), first = rest;
	struct url u, next;
	const char *bad;

	if (!cut_at(&rest, '\n', &first))
		rest = span("", 0);
	if (url_parse(first, &u))
		return *u.host ? "something is left of what was refused" : NULL;
	bad = sound(&u);
	if (bad || url_resolve(&u, rest, &next))
		return bad;
	return sound(&next);
}

struct heard {
	uint64_t bytes;
};

static int hear(void *arg, const char *p, size_t n)
{
	struct heard *h = arg;

	(void)p;
	h->bytes += n;
	return 0;
}

/* The second and third bit from the top: what is to come. */
static void begin(struct http *h, unsigned char choice)
{
	if ((choice >> 5 & 3) == 1)
		http_begin_upgrade(h);
	else if ((choice >> 5 & 3) == 2)
		http_begin_request(h);
	else
		http_begin(h, choice & 1);
}

static void count(void *arg, struct span name, struct span value)
{
	*(size_t *)arg += name.len + value.len;
}

/* The whole answer at once, and by so many bytes at a time: the same comes of it. */
static const char *feed(struct http *h, const char *data, size_t len, size_t step)
{
	size_t at = 0, kept = 0;
	struct span value;

	while (at < len && !http_answer(h)->done) {
		const size_t n = step < len - at ? step : len - at;
		ssize_t used = http_feed(h, data + at, n);

		if (used < 0 && !*http_reason(h))
			return "it does not say what is wrong";
		if (used < 0)
			break;
		if ((size_t)used > n || (!used && !http_answer(h)->done))
			return "it says that it took something else";
		at += (size_t)used;
	}
	if (at == len && !http_answer(h)->done)
		http_end(h);
	http_each(h, count, &kept);
	if (http_field(h, "content-type", &value) && value.len > kept)
		return "a field is longer than all of them";
	return kept > HTTP_HEAD_MAX ? "it keeps too much" : NULL;
}

const char *fuzz_http(const char *data, size_t len)
{
	struct heard heard[2] = { { 0 }, { 0 } };
	struct http_answer answers[2];
	const char *bad = NULL;

	if (!len)
		return NULL;
	for (int i = 0; i < 2 && !bad; i++) {
		const struct http_events events = { &heard[i], hear };
		struct http *h;

		if (http_new(&h, &events))
			abort();
		begin(h, (unsigned char)data[0]);
		bad = feed(h, data + 1, len - 1,
			   i ? 1 + ((size_t)data[0] >> 1 & 15) : len);
		answers[i] = *http_answer(h);
		if (!bad && answers[i].received != heard[i].bytes)
			bad = "it hands on something else than it counts";
		http_free(h);
	}
	if (!bad && answers[0].done &&
	    (!answers[1].done || answers[0].received != answers[1].received))
		bad = "in pieces it is another answer";
	return bad;
}
