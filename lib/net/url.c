// SPDX-License-Identifier: MIT
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "url.h"

static const char https[] = "https://", wss[] = "wss://";

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
	       c == '_';
}

/* Where the authority ends. */
static size_t authority_len(struct span s)
{
	size_t n = 0;

	while (n < s.len && s.p[n] != '/' && s.p[n] != '?' && s.p[n] != '#')
		n++;
	return n;
}

static const char *take_v6(struct span host, struct url *out)
{
	struct in6_addr a;

	if (host.len >= sizeof(out->host))
		return "the address is too long";
	memcpy(out->host, host.p, host.len);
	out->host[host.len] = '\0';
	if (memchr(host.p, 0, host.len) || inet_pton(AF_INET6, out->host, &a) != 1)
		return "what stands in brackets is no IPv6 address";
	out->v6 = true;
	return NULL;
}

static const char *take_name(struct span host, struct url *out)
{
	if (!host.len)
		return "it names no host";
	if (host.len >= sizeof(out->host))
		return "the host's name is too long";
	for (size_t i = 0; i < host.len; i++) {
		out->host[i] = lower(host.p[i]);
		if (!is_name_char(out->host[i]))
			return "a character of the host's name is none of a-z 0-9 - . _";
	}
	out->host[host.len] = '\0';
	if (out->host[0] == '.' || out->host[0] == '-' || strstr(out->host, ".."))
		return "the host's name has an empty part";
	return NULL;
}

static const char *take_port(struct span port, struct url *out)
{
	uint64_t n = URL_PORT;

	if (port.len && (!span_u64(port, &n) || !n || n > UINT16_MAX))
		return "the port is not a number from 1 to 65535";
	out->port = (uint16_t)n;
	return NULL;
}

static const char *take_authority(struct span s, struct url *out)
{
	struct span host = s, port = span("", 0);
	const char *end, *bad;

	if (memchr(s.p, '@', s.len))
		return "a name or password does not go here, but in --header";
	if (s.len && s.p[0] == '[') {
		end = memchr(s.p, ']', s.len);
		if (!end)
			return "a bracket is not closed";
		host = span(s.p + 1, (size_t)(end - s.p) - 1);
		end++;
		port = span(end, (size_t)(s.p + s.len - end));
		bad = take_v6(host, out);
		if (!bad && port.len && *port.p != ':')
			bad = "something stands behind the bracket";
		if (!bad && port.len)
			port = span(port.p + 1, port.len - 1);
	} else {
		end = memchr(s.p, ':', s.len);
		if (end) {
			host.len = (size_t)(end - s.p);
			port = span(end + 1, s.len - host.len - 1);
		}
		bad = take_name(host, out);
	}
	return bad ? bad : take_port(port, out);
}

static const char *take_target(struct span s, struct url *out)
{
	const char *fragment = memchr(s.p, '#', s.len);
	size_t n = 0;

	if (fragment)
		s.len = (size_t)(fragment - s.p);
	if (!s.len || s.p[0] != '/')
		out->target[n++] = '/';
	if (s.len >= sizeof(out->target) - n)
		return "it is too long";
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~')
			return "a character of it has to be percent-encoded";
	memcpy(out->target + n, s.p, s.len);
	out->target[n + s.len] = '\0';
	return NULL;
}

static bool starts_nocase(struct span s, const char *text)
{
	const size_t n = strlen(text);

	return s.len >= n && span_is_nocase(span(s.p, n), text);
}

/* What stands behind the scheme. */
static const char *take_rest(struct span rest, struct url *out)
{
	const size_t n = authority_len(rest);
	const char *bad = take_authority(span(rest.p, n), out);

	if (!bad)
		bad = take_target(span(rest.p + n, rest.len - n), out);
	if (bad)
		*out = (struct url){ 0 };
	return bad;
}

const char *url_parse(struct span text, struct url *out)
{
	const size_t n = sizeof(https) - 1;

	*out = (struct url){ 0 };
	if (starts_nocase(text, https))
		return take_rest(span(text.p + n, text.len - n), out);
	if (url_is_wss(text))
		return "a WebSocket is for latency alone";
	return starts_nocase(text, "http://") ? "without TLS there is nothing to do here"
					      : "it does not begin with https://";
}

const char *url_parse_wss(struct span text, struct url *out)
{
	const size_t n = sizeof(wss) - 1;

	*out = (struct url){ 0 };
	if (url_is_wss(text))
		return take_rest(span(text.p + n, text.len - n), out);
	return starts_nocase(text, "ws://") ? "without TLS there is nothing to do here"
					    : "it does not begin with wss://";
}

bool url_is_wss(struct span text)
{
	return starts_nocase(text, wss);
}

/* A path without its "." and ".." (RFC 3986, 5.2.4); what stands behind "?" stays. */
static void remove_dots(char *target)
{
	const char *end = target + strcspn(target, "?");
	char *to = target;

	for (const char *from = target; from < end;) {
		const size_t n = 1 + strcspn(from + 1, "/?");
		const bool last = from + n == end;

		if (n == 2 && from[1] == '.') {
			if (last)
				*to++ = '/';
		} else if (n == 3 && from[1] == '.' && from[2] == '.') {
			while (to > target && *--to != '/')
				;
			if (last)
				*to++ = '/';
		} else {
			memmove(to, from, n);
			to += n;
		}
		from += n;
	}
	memmove(to, end, strlen(end) + 1);
}

/* How much of the base's target stays before what is relative to it. */
static size_t kept(const struct url *base, struct span text)
{
	const size_t path = strcspn(base->target, "?");

	if (!text.len || text.p[0] == '#')
		return strlen(base->target);
	if (text.p[0] == '?')
		return path;
	if (text.p[0] == '/')
		return 0;
	for (size_t n = path; n; n--)
		if (base->target[n - 1] == '/')
			return n;
	return 0;
}

static bool has_scheme(struct span s)
{
	const char *colon = memchr(s.p, ':', s.len);

	return colon && authority_len(s) > (size_t)(colon - s.p);
}

const char *url_resolve(const struct url *base, struct span text, struct url *out)
{
	char joined[2 * URL_TARGET];
	const char *bad;
	size_t n;

	*out = (struct url){ 0 };
	if (has_scheme(text))
		return url_parse(text, out);
	if (text.len >= URL_TARGET)
		return "it is too long";
	if (text.len >= 2 && text.p[0] == '/' && text.p[1] == '/') {
		n = (size_t)snprintf(joined, sizeof(joined), "https:%.*s", (int)text.len,
				     text.p);
		return url_parse(span(joined, n), out);
	}
	n = kept(base, text);
	memcpy(joined, base->target, n);
	memcpy(joined + n, text.p, text.len);
	*out = *base;
	bad = take_target(span(joined, n + text.len), out);
	if (bad)
		*out = (struct url){ 0 };
	else
		remove_dots(out->target);
	return bad;
}

void url_authority(const struct url *u, char out[URL_AUTHORITY])
{
	char port[7] = "";

	if (u->port != URL_PORT)
		snprintf(port, sizeof(port), ":%u", u->port);
	snprintf(out, URL_AUTHORITY, "%s%s%s%s", u->v6 ? "[" : "", u->host,
		 u->v6 ? "]" : "", port);
}

bool url_same_origin(const struct url *a, const struct url *b)
{
	return a->port == b->port && !strcmp(a->host, b->host);
}
