/* SPDX-License-Identifier: MIT */
/* What request tells people while it goes on; on stderr, where the body is not. */
#include <inttypes.h>

#include "../lib/out/utf8.h"
#include "request_priv.h"

/* A progress bar comes when a step takes longer than this, and moves so often. */
static const int64_t patience_ns = 1000000000, blink_ns = 200000000;

static void say_direction(const char *name, const struct ktls_direction *d)
{
	fprintf(stderr, "* %s: %s", name, ktls_where_text(d->where));
	if (d->where == KTLS_USER)
		fprintf(stderr, " (%s)", ktls_reason_text(d->reason));
	fputc('\n', stderr);
}

static double ms(uint64_t us)
{
	return (double)us / 1000;
}

void say_link(const struct request_run *r)
{
	const struct client_link *l = &r->link;
	const char *why = client_engine_why(r->client);

	if (!r->s->verbose)
		return;
	fprintf(stderr, "* %s: %u address%s in %.1f ms\n", l->url.host, l->addresses,
		l->addresses == 1 ? "" : "es", ms(l->dns_us));
	if (!*l->suite)
		return;
	fprintf(stderr, "* connected to %s by %s%s%s%s in %.1f ms\n", l->address,
		wire_engine_words[client_engine(r->client)], *why ? " (" : "", why,
		*why ? ")" : "", ms(l->connect_us));
	fprintf(stderr, "* %s, %s, %s, in %.1f ms\n", l->version, l->suite,
		l->verified ? "certificate verified" : "NOT verified",
		ms(l->handshake_us));
	say_direction("sending", &l->tx);
	say_direction("receiving", &l->rx);
}

/* A line of a peer may hold anything. */
static void say_line(char mark, const char *text, size_t len)
{
	cleanup_free char *copy = strndup(text, len);
	cleanup_free char *clean = copy ? utf8_clean(copy) : NULL;

	fprintf(stderr, "%c %s\n", mark, clean ? clean : "");
}

/* Whoever shows what he saw to others does not want to show these. */
static bool is_secret(struct span line)
{
	static const char *const names[] = { "Authorization", "Cookie",
					     "Proxy-Authorization", "Set-Cookie" };
	struct span name;

	if (!cut_at(&line, ':', &name))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (span_is_nocase(trimmed(name), names[i]))
			return true;
	return false;
}

void say_head(const struct request_run *r, const struct fetch_request *f)
{
	cleanup_free char *head = r->s->verbose ? fetch_head(f) : NULL;
	struct span rest = span(head, head ? strlen(head) : 0), line;

	while (next_line(&rest, &line)) {
		line = trimmed(line);
		if (is_secret(line))
			say_line(
				'>', line.p,
				(size_t)((char *)memchr(line.p, ':', line.len) - line.p));
		else
			say_line('>', line.p, line.len);
	}
}

static void say_field(void *arg, struct span name, struct span value)
{
	cleanup_free char *line = NULL;
	const bool secret = span_is_nocase(name, "Set-Cookie");

	(void)arg;
	if (asprintf(&line, "%.*s: %.*s", (int)name.len, name.p,
		     secret ? 0 : (int)value.len, value.p) < 0)
		line = NULL;
	else
		say_line('<', line, strlen(line));
}

void say_end(const struct request_run *r, const struct request_exchange_doc *e)
{
	if (!r->s->verbose)
		return;
	if (e->status) {
		fprintf(stderr, "< %" PRIu64 "\n", e->status);
		http_each(r->http, say_field, NULL);
	}
	fprintf(stderr,
		"* %s: %" PRIu64 " bytes, the first after %.1f ms, all after %.1f ms\n",
		e->end, e->received_bytes, ms(e->first_byte_us), ms(e->total_us));
}

static void draw(const struct request_run *r, uint64_t received, uint64_t sent)
{
	const struct http_answer *a = http_answer(r->http);
	const bool up = !a->head && sent;
	const uint64_t done = up ? sent : received;
	const uint64_t all = up ? r->upload.len : a->length;
	const double s = (double)(wire_now_ns() - r->begin_ns) / 1e9;

	fprintf(stderr, "\r%s %" PRIu64 " MiB", up ? "sent" : "received", done >> 20);
	if (all && all != HTTP_NO_LENGTH)
		fprintf(stderr, " of %" PRIu64 " (%.0f %%)", all >> 20,
			100.0 * (double)done / (double)all);
	fprintf(stderr, ", %.1f MiB/s\033[K", (double)done / s / (1 << 20));
}

void say_progress(void *run, uint64_t received, uint64_t sent)
{
	struct request_run *r = run;
	const int64_t now = wire_now_ns();

	if (now - r->begin_ns < patience_ns || now - r->shown_ns < blink_ns)
		return;
	r->shown_ns = now;
	r->bar = true;
	draw(r, received, sent);
}

void say_no_progress(struct request_run *r)
{
	if (r->bar)
		fputs("\r\033[K", stderr);
	r->bar = false;
}
