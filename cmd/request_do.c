/* SPDX-License-Identifier: MIT */
/* One URL of request: connecting, asking, following, asking again. */
#include <errno.h>
#include <inttypes.h>

#include "request_priv.h"

/* Longer bodies wait for the server's word that it wants them. */
static const uint64_t expect_from = 1 << 20;

static int exit_of_link(enum client_end end)
{
	return end == CLIENT_NO_NAME || end == CLIENT_NO_ADDRESS ? EXIT_UNKNOWN
								 : EXIT_FINDINGS;
}

static const char *what_failed(enum client_end end)
{
	switch (end) {
	case CLIENT_NO_NAME:
		return "no address";
	case CLIENT_NO_ADDRESS:
		return "could not connect";
	case CLIENT_CERTIFICATE:
		return "certificate refused";
	case CLIENT_NO_KERNEL:
		return "kernel TLS is required";
	default:
		return "no TLS";
	}
}

static void set_status(struct request_run *r, int status)
{
	if (!r->status)
		r->status = status;
}

static struct secure *get_link(struct request_run *r, const struct url *u, bool *again)
{
	struct secure *s = client_connect(r->client, u, &r->link, again);
	const struct client_link *l = &r->link;

	if (!*again) {
		note_link(r);
		say_link(r);
	}
	if (s)
		return s;
	set_status(r, exit_of_link(l->end));
	note_failure(r, "%s%s%s: %s: %s", u->host, *l->address ? ", " : "", l->address,
		     what_failed(l->end), l->why);
	return NULL;
}

static struct fetch_request make(struct request_run *r, const struct url *u,
				 const char *method)
{
	const bool body = r->upload.fd >= 0 && !strcmp(method, r->method);

	return (struct fetch_request){
		.method = method,
		.url = u,
		.headers = r->s->request.headers,
		.n_headers = r->s->request.n_headers,
		.body = body ? r->upload : (struct fetch_body){ .fd = -1 },
		.expect = body && r->upload.len > expect_from,
		.agent = "ktlsctl/" KTLSCTL_VERSION,
		.most = r->s->request.max_size,
		.arg = r,
		.progress = !r->s->request.no_progress && isatty(STDERR_FILENO)
				    ? say_progress
				    : NULL,
	};
}

/* A server may close an idle connection at any time; what was asked on it is asked anew
 * if it does no harm to ask twice (RFC 9110, 9.2.2). */
static bool may_ask_again(const struct request_run *r, const struct fetch_request *f,
			  const struct fetch_result *out)
{
	return out->end == FETCH_CLOSED && strcmp(f->method, "POST") != 0 &&
	       strcmp(f->method, "PATCH") != 0 && (f->body.fd < 0 || r->upload.file);
}

/* False: there was no connection. */
static bool ask(struct request_run *r, const struct fetch_request *f,
		struct fetch_result *out)
{
	for (;;) {
		bool again;
		struct secure *s = get_link(r, f->url, &again);

		if (!s)
			return false;
		say_head(r, f);
		r->link.requests++;
		fetch(s, r->http, f, r->wants.end_ns, out);
		note_link_again(r);
		if (!again || !may_ask_again(r, f, out))
			return true;
		client_drop(r->client, false);
	}
}

static void judge(struct request_run *r, const struct request_exchange_doc *e,
		  const struct fetch_result *out)
{
	const struct http_answer *a = http_answer(r->http);
	const char *err = out->err ? strerror(-out->err) : "";

	if (out->end == FETCH_OUTPUT || out->end == FETCH_INPUT) {
		set_status(r, EXIT_USAGE);
		note_failure(r, "%s: %s",
			     out->end == FETCH_OUTPUT ? "the answer cannot be written"
						      : "the body cannot be read",
			     *out->reason ? out->reason : err);
	} else if (out->end != FETCH_WHOLE) {
		set_status(r, EXIT_FINDINGS);
		note_failure(r, "%s: %s after %" PRIu64 " bytes%s%s%s%s", e->url, e->end,
			     a->received, *out->reason ? ": " : "", out->reason,
			     *err && !*out->reason ? ": " : "", *out->reason ? "" : err);
	} else if (r->s->request.fail && a->status >= 400) {
		set_status(r, EXIT_FINDINGS);
		note_failure(r, "%s: the answer is %u", e->url, a->status);
	}
}

static void note_end(struct request_run *r, struct request_exchange_doc *e,
		     const struct fetch_result *out, int64_t begin)
{
	const struct http_answer *a = http_answer(r->http);

	e->connection = r->doc.connections_total - 1;
	e->status = a->status;
	e->end = fetch_end_words[out->end];
	e->why = out->reason ? out->reason : "";
	e->received_bytes = a->received;
	e->sent_bytes = out->sent;
	e->first_byte_us = out->first_ns ? (uint64_t)(out->first_ns - begin) / 1000 : 0;
	e->total_us = (uint64_t)(wire_now_ns() - begin) / 1000;
	e->times++;
}

/* One request; false: it was not answered, or not wholly. */
static bool once(struct request_run *r, const struct url *u, const char *method,
		 struct request_exchange_doc *e)
{
	const struct fetch_request f = make(r, u, method);
	const int64_t begin = wire_now_ns();
	struct fetch_result out;

	if (!ask(r, &f, &out)) {
		e->end = "not_connected";
		e->connection = r->doc.connections_total - 1;
		e->total_us = (uint64_t)(wire_now_ns() - begin) / 1000;
		e->times++;
		return false;
	}
	note_end(r, e, &out, begin);
	say_no_progress(r);
	say_end(r, e);
	judge(r, e, &out);
	if (!out.reusable)
		client_drop(r->client, out.end == FETCH_WHOLE);
	return out.end == FETCH_WHOLE;
}

/* Where the answer sends us; NULL in *bad: nowhere. */
static bool leads_on(struct request_run *r, const struct url *from, struct url *to,
		     const char **bad)
{
	const unsigned status = http_answer(r->http)->status;
	struct span where;

	*bad = NULL;
	if (status != 301 && status != 302 && status != 303 && status != 307 &&
	    status != 308)
		return false;
	if (!http_field(r->http, "Location", &where))
		return false;
	*bad = url_resolve(from, trimmed(where), to);
	return true;
}

/* 303 asks for a page; 301 and 302 too, by the custom of browsers (RFC 9110, 15.4). */
static const char *method_behind(unsigned status, const char *method)
{
	const bool post = !strcmp(method, "POST");

	if (status == 303 && strcmp(method, "HEAD") != 0)
		return "GET";
	return (status == 301 || status == 302) && post ? "GET" : method;
}

static bool follow(struct request_run *r, const struct url *u, const char *method)
{
	struct url at = *u, next;
	const char *bad;

	for (uint64_t n = 0; leads_on(r, &at, &next, &bad); n++) {
		struct request_exchange_doc *e;
		char text[URL_AUTHORITY], *url = NULL;

		method = method_behind(http_answer(r->http)->status, method);
		if (bad || n == r->s->request.redirects) {
			set_status(r, EXIT_FINDINGS);
			note_failure(r, "a redirect is not followed: %s",
				     bad ? bad : "there are more than --redirects");
			return false;
		}
		if (!url_same_origin(&at, &next) && r->s->request.n_headers) {
			set_status(r, EXIT_FINDINGS);
			note_failure(r,
				     "a redirect to %s is not followed: --header is "
				     "not for others",
				     next.host);
			return false;
		}
		url_authority(&next, text);
		if (asprintf(&url, "https://%s%s", text, next.target) < 0)
			url = NULL;
		e = url ? note_exchange(r, url, method) : NULL;
		free(url);
		if (!e || !once(r, &next, method, e))
			return false;
		at = next;
	}
	return true;
}

bool request_url(struct request_run *r, const struct url *u, const char *text)
{
	const uint64_t times = r->s->request.repeat ? r->s->request.repeat : 1;
	struct request_exchange_doc *e = note_exchange(r, text, r->method);
	const size_t index = r->doc.n_exchanges - 1;

	for (uint64_t i = 0; e && i < times; i++) {
		/* The list may have moved while redirects were added to it. */
		if (!once(r, u, r->method, &r->doc.exchanges[index]))
			return false;
		if (r->s->request.redirects && !follow(r, u, r->method))
			return false;
	}
	return e;
}
