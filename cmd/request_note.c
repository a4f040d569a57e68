/* SPDX-License-Identifier: MIT */
/* What request did, into its document. */
#include <stdarg.h>

#include "../lib/host/arena.h"
#include "../lib/out/utf8.h"
#include "request_priv.h"

static const char *kept(struct request_run *r, const char *text)
{
	const char *copy = arena_strdup(r->arena, text);

	return copy ? copy : "";
}

static struct request_direction_doc direction(const struct client_link *l,
					      const struct ktls_direction *d)
{
	static const char *const words[] = { "user", "kernel", "kernel-software",
					     "kernel-nic" };
	const bool user = d->where == KTLS_USER, known = *l->suite;

	return (struct request_direction_doc){
		.where = known ? words[d->where] : "",
		.reason = user && known ? ktls_reason_word(d->reason) : "",
		.text = user && known ? ktls_reason_text(d->reason) : "",
		.error = d->err,
		.bytes = d->bytes,
		.records_estimate = d->records_estimate,
		.rekeys = d->rekeys,
	};
}

static const char *engine_of(const struct client_link *l)
{
	if (!*l->suite)
		return "";
	return l->tx.where != KTLS_USER && l->rx.where != KTLS_USER
		       ? "kTLS (Kernel)"
		       : "OpenSSL (Userspace)";
}

static void fill(struct request_run *r, struct request_link_doc *d)
{
	const struct client_link *l = &r->link;

	*d = (struct request_link_doc){
		.host = kept(r, l->url.host),
		.port = l->url.port,
		.address = kept(r, l->address),
		.addresses = l->addresses,
		.tried = l->tried,
		.end = client_end_words[l->end],
		.why = kept(r, l->why),
		.verified = l->verified,
		.tls = *l->suite ? kept(r, l->version) : "",
		.suite = kept(r, l->suite),
		.cipher = kept(r, l->cipher),
		.ktls = engine_of(l),
		.tx = direction(l, &l->tx),
		.rx = direction(l, &l->rx),
		.dns_us = l->dns_us,
		.connect_us = l->connect_us,
		.handshake_us = l->handshake_us,
		.ktls_us = l->ktls_us,
		.requests = l->requests,
	};
}

int note_link(struct request_run *r)
{
	struct request_doc *d = &r->doc;

	d->connections_total++;
	if (d->n_connections == LINKS_KEPT)
		return 0;
	fill(r, &d->connections[d->n_connections++]);
	return 0;
}

void note_link_again(struct request_run *r)
{
	struct request_doc *d = &r->doc;
	struct request_link_doc *l;

	if (!d->n_connections || d->connections_total != d->n_connections)
		return;
	client_look(r->client, &r->link);
	l = &d->connections[d->n_connections - 1];
	l->tx = direction(&r->link, &r->link.tx);
	l->rx = direction(&r->link, &r->link.rx);
	l->requests = r->link.requests;
}

struct request_exchange_doc *note_exchange(struct request_run *r, const char *url,
					   const char *method)
{
	struct request_doc *d = &r->doc;
	struct request_exchange_doc *e = arena_grow(r->arena, d->exchanges,
						    d->n_exchanges, sizeof(*e));

	if (!e)
		return NULL;
	d->exchanges = e;
	e += d->n_exchanges++;
	*e = (struct request_exchange_doc){
		.method = kept(r, method), .url = kept(r, url), .end = "", .why = ""
	};
	return e;
}

void note_failure(struct request_run *r, const char *fmt, ...)
{
	cleanup_free char *text = NULL, *clean = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	clean = text ? utf8_clean(text) : NULL;
	say_no_progress(r);
	fprintf(stderr, "ktlsctl: %s\n", clean ? clean : "out of memory");
	if (!r->doc.failure)
		r->doc.failure = kept(r, clean ? clean : "out of memory");
}
