// SPDX-License-Identifier: MIT
/*
 * Answers and requests, taken apart by llhttp, or by http-parser where the distribution
 * has no llhttp: the one was made of the other, and what is used here they have in
 * common.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../host/library.h"
#include "http.h"

#ifdef HAVE_LLHTTP
#include <llhttp.h>

typedef llhttp_t parser_t;
typedef llhttp_settings_t hooks_t;

static void library_begin(parser_t *p, const hooks_t *hooks, bool request)
{
	llhttp_init(p, request ? HTTP_REQUEST : HTTP_RESPONSE, hooks);
}

static const char *library_method(const parser_t *p)
{
	return llhttp_method_name((llhttp_method_t)p->method);
}

/* How many bytes it took; *stopped: one of the hooks said so, or an error. */
static size_t library_feed(parser_t *p, const hooks_t *hooks, const char *data, size_t n,
			   bool *stopped)
{
	const llhttp_errno_t e = n ? llhttp_execute(p, data, n) : llhttp_finish(p);

	(void)hooks;
	*stopped = e != HPE_OK;
	return *stopped && n ? (size_t)(llhttp_get_error_pos(p) - data) : n;
}

static const char *library_reason(const parser_t *p)
{
	const char *reason = llhttp_get_error_reason(p);

	return reason && *reason ? reason : llhttp_errno_name(llhttp_get_errno(p));
}

static bool library_keeps_alive(const parser_t *p)
{
	return llhttp_should_keep_alive(p);
}

#define PAUSE(p) HPE_PAUSED
#define TEXT_(x) #x
#define TEXT(x)  TEXT_(x)

struct library library_http(void)
{
	return (struct library){
		"llhttp",
		TEXT(LLHTTP_VERSION_MAJOR) "." TEXT(LLHTTP_VERSION_MINOR) "." TEXT(
			LLHTTP_VERSION_PATCH),
		NULL
	};
}
#else
#include <http_parser.h>

typedef http_parser parser_t;
typedef http_parser_settings hooks_t;

static void library_begin(parser_t *p, const hooks_t *hooks, bool request)
{
	(void)hooks;
	http_parser_init(p, request ? HTTP_REQUEST : HTTP_RESPONSE);
}

static const char *library_method(const parser_t *p)
{
	return http_method_str(p->method);
}

static size_t library_feed(parser_t *p, const hooks_t *hooks, const char *data, size_t n,
			   bool *stopped)
{
	const size_t used = http_parser_execute(p, hooks, data, n);

	*stopped = HTTP_PARSER_ERRNO(p) != HPE_OK;
	return used;
}

static const char *library_reason(const parser_t *p)
{
	return http_errno_description(HTTP_PARSER_ERRNO(p));
}

static bool library_keeps_alive(const parser_t *p)
{
	return http_should_keep_alive(p);
}

static int pause_parser(parser_t *p)
{
	http_parser_pause(p, 1);
	return 0;
}
#define PAUSE(p)         pause_parser(p)
#define F_CONTENT_LENGTH F_CONTENTLENGTH
#define TEXT_(x)         #x
#define TEXT(x)          TEXT_(x)

struct library library_http(void)
{
	return (struct library){
		"http-parser",
		TEXT(HTTP_PARSER_VERSION_MAJOR) "." TEXT(
			HTTP_PARSER_VERSION_MINOR) "." TEXT(HTTP_PARSER_VERSION_PATCH),
		NULL
	};
}
#endif

struct http {
	parser_t parser;
	hooks_t hooks;
	struct http_events events;
	struct http_answer answer;
	bool head_only, upgrade, request;
	bool whole;   /* a message has ended, this one or an interim one */
	bool trailer; /* the fields that come now are behind the body */
	bool in_target, in_value;
	unsigned interims;
	size_t fields; /* bytes of them that came, also those that are not kept */
	size_t fruitless;
	int err;
	const char *reason;
	size_t used, first;           /* the first name, behind a request's target */
	char kept[HTTP_HEAD_MAX + 2]; /* name, 0, value, 0, name ... */
};

static int give_up(struct http *h, int err, const char *reason)
{
	h->err = err;
	h->reason = reason;
	return -1;
}

static int keep(struct http *h, const char *p, size_t n)
{
	h->fields += n + 1;
	if (h->fields > HTTP_HEAD_MAX)
		return give_up(h, -EMSGSIZE, "its head is too long");
	if (h->trailer)
		return 0;
	memcpy(h->kept + h->used, p, n);
	h->used += n;
	return 0;
}

/* Between a name and its value, and after it. */
static void end_part(struct http *h)
{
	if (!h->trailer)
		h->kept[h->used++] = '\0';
}

static int on_target(parser_t *p, const char *data, size_t n)
{
	struct http *h = p->data;

	h->in_target = true;
	return keep(h, data, n);
}

static void end_target(struct http *h)
{
	if (h->in_target)
		end_part(h);
	if (h->in_target)
		h->first = h->used;
	h->in_target = false;
}

static int on_name(parser_t *p, const char *data, size_t n)
{
	struct http *h = p->data;

	end_target(h);
	if (h->in_value)
		end_part(h);
	h->in_value = false;
	return keep(h, data, n);
}

static int on_value(parser_t *p, const char *data, size_t n)
{
	struct http *h = p->data;

	if (!h->in_value)
		end_part(h);
	h->in_value = true;
	return keep(h, data, n);
}

/* A field without a value, or without an end where the head ended. */
static void end_fields(struct http *h)
{
	end_target(h);
	if (h->in_value)
		end_part(h);
	h->in_value = false;
}

static int on_request(struct http *h, const parser_t *p)
{
	if (p->flags & F_CHUNKED || (p->flags & F_CONTENT_LENGTH && p->content_length))
		return give_up(h, -EBADMSG, "a request has a body");
	h->trailer = true;
	h->answer.head = true;
	h->answer.keep_alive = library_keeps_alive(p);
	return 0;
}

/* Behind it is another protocol: 2 means that to both libraries. */
static int on_upgrade(struct http *h)
{
	h->trailer = true;
	h->answer.head = true;
	h->answer.status = 101;
	return 2;
}

static int on_head(parser_t *p)
{
	struct http *h = p->data;
	struct http_answer *a = &h->answer;
	const unsigned status = p->status_code;

	end_fields(h);
	if (h->request)
		return on_request(h, p);
	if (status == 101)
		return h->upgrade
			       ? on_upgrade(h)
			       : give_up(h, -EBADMSG, "it switches to another protocol");
	if (status < 200) {
		a->interim = status;
		return ++h->interims > HTTP_INTERIM_MAX
			       ? give_up(h, -EBADMSG, "too many interim answers")
			       : 0;
	}
	h->trailer = true;
	a->head = true;
	a->status = status;
	a->length = p->flags & F_CONTENT_LENGTH ? p->content_length : HTTP_NO_LENGTH;
	a->keep_alive = library_keeps_alive(p);
	/* A 304 tells the length of what it does not send. */
	if (h->head_only || status == 204 || status == 304)
		return 1;
	a->until_close = a->length == HTTP_NO_LENGTH && !(p->flags & F_CHUNKED);
	return 0;
}

static int on_body(parser_t *p, const char *data, size_t n)
{
	struct http *h = p->data;
	int err;

	h->answer.received += n;
	h->fruitless = 0;
	err = h->events.body ? h->events.body(h->events.arg, data, n) : 0;
	return err ? give_up(h, err, "") : 0;
}

static int on_end(parser_t *p)
{
	struct http *h = p->data;

	h->whole = true;
	h->answer.done = h->answer.head;
	if (h->answer.done)
		h->answer.keep_alive = library_keeps_alive(p);
	return PAUSE(p);
}

int http_new(struct http **out, const struct http_events *events)
{
	struct http *h = calloc(1, sizeof(*h));

	*out = h;
	if (!h)
		return -ENOMEM;
	h->events = *events;
	h->hooks.on_url = on_target;
	h->hooks.on_header_field = on_name;
	h->hooks.on_header_value = on_value;
	h->hooks.on_headers_complete = on_head;
	h->hooks.on_body = on_body;
	h->hooks.on_message_complete = on_end;
	http_begin(h, false);
	return 0;
}

void http_free(struct http *h)
{
	free(h);
}

/* The next message: an answer, or another one before it. */
static void begin_message(struct http *h)
{
	library_begin(&h->parser, &h->hooks, h->request);
	h->parser.data = h;
	h->whole = h->trailer = h->in_target = h->in_value = false;
	h->used = h->first = 0;
}

static void begin(struct http *h)
{
	h->answer = (struct http_answer){ .length = HTTP_NO_LENGTH };
	h->interims = 0;
	h->fields = h->fruitless = 0;
	h->err = 0;
	h->reason = "";
	begin_message(h);
}

void http_begin(struct http *h, bool head_only)
{
	h->head_only = head_only;
	h->upgrade = h->request = false;
	begin(h);
}

void http_begin_upgrade(struct http *h)
{
	h->upgrade = true;
	h->head_only = h->request = false;
	begin(h);
}

void http_begin_request(struct http *h)
{
	h->request = true;
	h->head_only = h->upgrade = false;
	begin(h);
}

const char *http_method(const struct http *h)
{
	return h->request && h->answer.head ? library_method(&h->parser) : "";
}

const char *http_target(const struct http *h)
{
	return h->request && h->answer.head ? h->kept : "";
}

const struct http_answer *http_answer(const struct http *h)
{
	return &h->answer;
}

/* What is neither body nor field has no end by itself: parts of a chunk's first line. */
static int count_fruitless(struct http *h, size_t n)
{
	h->fruitless += n;
	if (h->fruitless <= (size_t)4 * HTTP_HEAD_MAX)
		return 0;
	return give_up(h, -EMSGSIZE, "much comes, but no body");
}

static int feed_once(struct http *h, const char *p, size_t n, size_t *used)
{
	bool stopped;

	*used = library_feed(&h->parser, &h->hooks, p, n, &stopped);
	if (h->whole) {
		if (!h->answer.done)
			begin_message(h);
		return 0;
	}
	if (stopped && !h->err)
		give_up(h, -EBADMSG, library_reason(&h->parser));
	if (!stopped)
		count_fruitless(h, *used);
	return h->err;
}

ssize_t http_feed(struct http *h, const char *p, size_t n)
{
	size_t at = 0, used;

	while (!h->err && at < n && !h->answer.done) {
		int err = feed_once(h, p + at, n - at, &used);

		if (err)
			return err;
		at += used;
	}
	return h->err ? h->err : (ssize_t)at;
}

int http_end(struct http *h)
{
	bool stopped;

	if (h->err)
		return h->err;
	if (!h->answer.done && h->answer.until_close)
		library_feed(&h->parser, &h->hooks, NULL, 0, &stopped);
	return h->answer.done ? 0 : -EPIPE;
}

const char *http_reason(const struct http *h)
{
	return h->reason;
}

void http_each(const struct http *h,
	       void (*f)(void *arg, struct span name, struct span value), void *arg)
{
	size_t at = h->first;

	while (at < h->used) {
		const struct span name = span(h->kept + at, strlen(h->kept + at));
		const char *value = name.p + name.len + 1;
		size_t len;

		if ((size_t)(value - h->kept) >= h->used)
			return;
		len = strlen(value);
		f(arg, name, span(value, len));
		at = (size_t)(value - h->kept) + len + 1;
	}
}

struct wanted {
	const char *name;
	struct span value;
	bool found;
};

static void look(void *arg, struct span name, struct span value)
{
	struct wanted *w = arg;

	if (w->found || !span_is_nocase(name, w->name))
		return;
	w->found = true;
	w->value = value;
}

bool http_field(const struct http *h, const char *name, struct span *value)
{
	struct wanted w = { name, span("", 0), false };

	http_each(h, look, &w);
	*value = w.value;
	return w.found;
}

/* A token (RFC 9110, 5.6.2). */
bool http_is_name(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~' ||
		    strchr("\"(),/:;<=>?@[\\]{}", s.p[i]))
			return false;
	return s.len;
}

bool http_is_value(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.p[i] < ' ' ? s.p[i] != '\t' : s.p[i] == 127)
			return false;
	return true;
}
