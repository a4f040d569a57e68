/* SPDX-License-Identifier: MIT */
/*
 * Through a NIC: connections of the host's libssl to a peer beyond it, in the host's own
 * network namespace. The label (what the socket says) and the effect (what the driver
 * counts) are two witnesses; tls_stat is a third.
 */
#include <errno.h>
#include <net/if.h>
#include <signal.h>
#include <string.h>

#include "../diag/diag.h"
#include "../net/address.h"
#include "path.h"
#include "probe_priv.h"

enum { TX = PATH_TX, RX = PATH_RX };

static const char *const direction_words[] = { "tx", "rx" };

struct run {
	const struct probe_options *o;
	struct arena *a;
	struct probe_facts *out;
	struct address to;
	uint32_t ifindex;
};

/* One connection. */
struct trip {
	struct run *run;
	const struct handshake_plan *row;
	struct path_link link;
	struct path_moment before, open, end;
	enum path_label label[PATH_DIRECTIONS];
	bool handed[PATH_DIRECTIONS], rerouted;
	enum path_step step;
	int err;
	uint64_t payload, start;
};

/* ---- the socket ---- */

static enum path_label label_of(enum ktls_conf conf)
{
	if (conf >= KTLS_CONF_HW)
		return PATH_LABEL_HW;
	return conf == KTLS_CONF_SW ? PATH_LABEL_SW : PATH_LABEL_NONE;
}

/* Whether it has keys is told to everybody; who uses them is not. */
static enum path_label label_by_keys(int fd, enum ktls_option direction)
{
	struct ktls_mode m;
	const int err = ktls_mode(fd, direction, &m);

	return err == -EBUSY || err == -ENOPROTOOPT ? PATH_LABEL_NONE
						    : PATH_LABEL_UNKNOWN;
}

static void look_at_socket(struct trip *t)
{
	const int fd = t->link.fd;
	struct diag_socket s;

	t->handed[TX] = tls_stream_bio(t->link.s, KTLS_TX);
	t->handed[RX] = tls_stream_bio(t->link.s, KTLS_RX);
	if (!diag_lookup_fd(fd, &s) && s.tls.present) {
		t->label[TX] = label_of(s.tls.tx);
		t->label[RX] = label_of(s.tls.rx);
		return;
	}
	/* What was seen before is not forgotten. */
	if (t->label[TX] == PATH_LABEL_UNKNOWN)
		t->label[TX] = label_by_keys(fd, KTLS_TX);
	if (t->label[RX] == PATH_LABEL_UNKNOWN)
		t->label[RX] = label_by_keys(fd, KTLS_RX);
}

/* Where the label is not shown, tls_stat may leave one possibility only: nobody in the
 * namespace got the one, or nobody the other. */
static enum path_label infer(const struct trip *t, int d)
{
	const struct path_counts *was = &t->before.c[d], *is = &t->open.c[d];

	if (t->label[d] != PATH_LABEL_UNKNOWN || !t->handed[d] || !t->open.stat_known)
		return t->label[d];
	if (is->opened == was->opened)
		return PATH_LABEL_SW;
	return is->software == was->software ? PATH_LABEL_HW : PATH_LABEL_UNKNOWN;
}

/* A route that is gone has not moved. */
static bool has_moved(const struct trip *t)
{
	struct address from = { .len = sizeof(from.ss) };
	struct route now;

	if (getsockname(t->link.fd, (struct sockaddr *)&from.ss, &from.len) ||
	    route_to(&t->run->to, &from, &now))
		return false;
	return now.ifindex && now.ifindex != t->run->ifindex;
}

/* ---- a connection ---- */

/* One byte, a record exactly, records and a rest, and more than a socket takes at once;
 * each has to come to its end within one step. */
static int talk(struct trip *t)
{
	static const size_t lengths[] = { 1, 16384, 100000, 1 << 18, 1 << 18 };
	int err = 0;

	t->step = PATH_TALK;
	for (size_t i = 0; i < ARRAY_SIZE(lengths) && !err; i++) {
		t->payload += lengths[i];
		err = link_exchange(&t->link, lengths[i]);
		probe_step(t->run->o, t->run->out);
	}
	if (!err)
		t->step = PATH_DONE;
	return err;
}

/* -ENOMEM; how the connection went is in t. */
static int travel(struct trip *t)
{
	struct run *r = t->run;
	int err = path_look(r->o->device, &t->before);

	if (err)
		return err;
	t->step = PATH_CONNECT;
	t->err = link_connect(&t->link, &r->to);
	probe_step(r->o, r->out);
	if (t->err)
		return 0;
	t->step = PATH_SHAKE;
	t->err = link_handshake(&t->link, t->row);
	probe_step(r->o, r->out);
	if (t->err)
		return 0;
	err = path_look(r->o->device, &t->open);
	if (err)
		return err;
	look_at_socket(t);
	t->err = talk(t);
	look_at_socket(t);
	t->rerouted = has_moved(t);
	return path_look(r->o->device, &t->end);
}

/* ---- what follows ---- */

static uint64_t rise(uint64_t now, uint64_t was)
{
	return now > was ? now - was : 0;
}

static void sum_up(const struct trip *t, int d, struct path_saw *s)
{
	const struct path_counts *was = &t->before.c[d], *open = &t->open.c[d],
				 *end = &t->end.c[d];

	s->nics = t->end.nics[d];
	s->counts = end->counts;
	s->counts_bytes = end->counts_bytes;
	s->packets = rise(end->packets, was->packets);
	s->bytes = rise(end->bytes, was->bytes);
	s->given_up = rise(end->deleted, was->deleted);
	s->no_space = rise(open->no_space, was->no_space);
	s->stat_known = t->open.stat_known;
	s->opened = rise(open->opened, was->opened);
}

static struct path_saw saw(const struct trip *t, int d)
{
	struct path_saw s = {
		.tx = d == TX,
		.version = t->row->version,
		.cipher = t->row->cipher ? t->row->cipher->number : 0,
		.step = t->step,
		.err = t->err,
		.stranger = t->err == -EBADMSG,
		.handed = t->handed[d],
		.label = infer(t, d),
		.built_with_ktls = t->open.built_with_ktls,
		.down = t->end.down,
		.rerouted = t->rerouted,
		.payload = t->payload,
	};

	if (t->step < PATH_TALK)
		return s;
	sum_up(t, d, &s);
	if (!s.handed && t->step == PATH_DONE)
		s.refused = kernel_refuses(t->row, d == TX ? KTLS_TX : KTLS_RX, &s.ulp);
	return s;
}

/* libssl or the peer may have said more. */
static const char *with_reason(struct run *r, const struct path_says *says,
			       const char *reason)
{
	if (!*reason || says->verdict < PATH_BROKEN)
		return says->why;
	return arena_printf(r->a, "%s: %s", says->why, reason);
}

static int add_row(struct trip *t, const struct path_saw *s)
{
	struct probe_facts *f = t->run->out;
	struct probe_path *p = arena_grow(t->run->a, f->paths, f->n_paths, sizeof(*p));
	const struct path_says says = path_verdict(s);

	if (!p)
		return -ENOMEM;
	f->paths = p;
	p[f->n_paths] = (struct probe_path){
		/* "1.3" out of "TLS1.3" */
		.version = ktls_version_of(t->row->version)->word + 3,
		.suite = t->row->suite,
		.direction = direction_words[s->tx ? TX : RX],
		.verdict = says.verdict,
		.reason = says.reason,
		.why = with_reason(t->run, &says, t->link.reason),
		.label = s->label,
		.payload_bytes = t->payload,
		.packets = s->packets,
		.bytes = s->bytes,
		.opened = s->opened,
		.err = s->err ? s->err : s->refused,
		.duration_us = probe_now_us() - t->start,
	};
	return p[f->n_paths++].why ? 0 : -ENOMEM;
}

static bool wanted(const struct trip *t, int d)
{
	return filter_wants_cell(&t->run->o->only, ktls_version_of(t->row->version)->word,
				 t->row->cipher ? t->row->cipher->word : "",
				 direction_words[d]);
}

static int add_rows(struct trip *t)
{
	int err = 0;

	for (int d = 0; d < PATH_DIRECTIONS && !err; d++) {
		struct path_saw s;

		if (!wanted(t, d))
			continue;
		s = saw(t, d);
		err = add_row(t, &s);
	}
	return err;
}

static int try_row(struct run *r, const struct handshake_plan *row)
{
	struct trip t = { .run = r,
			  .row = row,
			  .link = { .fd = -1, .reason = "" },
			  .start = probe_now_us() };
	int err = travel(&t);

	if (!err)
		err = add_rows(&t);
	link_close(&t.link);
	probe_step(r->o, r->out);
	return err;
}

/* No connection at all: the same is said of each row. */
static int say_of_all(struct run *r, const struct handshake_plan *row, int err)
{
	struct trip t = { .run = r,
			  .row = row,
			  .link = { .fd = -1, .reason = "" },
			  .start = probe_now_us() };

	for (int d = 0; d < PATH_DIRECTIONS; d++) {
		const struct path_saw s = { .tx = d == TX,
					    .version = row->version,
					    .step = PATH_ROUTE,
					    .err = err,
					    .elsewhere = !err };

		if (wanted(&t, d) && add_row(&t, &s))
			return -ENOMEM;
	}
	return 0;
}

/* The first address that the route to leads by the device; else the first. 0 or -errno of
 * looking the route up; false in *by: it leads elsewhere. */
static int choose_peer(struct run *r, bool *by)
{
	char name[IF_NAMESIZE] = "", text[ADDRESS_TEXT];
	int first = 0;

	*by = false;
	for (size_t i = 0; i < r->o->n_peers && !*by; i++) {
		struct route way;
		int err = route_to(&r->o->peers[i], NULL, &way);

		*by = !err && way.ifindex == r->ifindex;
		if (i && !*by)
			continue;
		first = err;
		r->to = r->o->peers[i];
		if (!err && !if_indextoname(way.ifindex, name))
			name[0] = '\0';
	}
	address_text(&r->to, text);
	r->out->peer = arena_strdup(r->a, text);
	r->out->route = arena_strdup(r->a, name);
	return r->out->peer && r->out->route ? first : -ENOMEM;
}

static int run_all(struct run *r)
{
	struct probe_options o = *r->o;
	struct handshake_plan *rows;
	bool by;
	size_t n;
	int way, err;

	/* AES-128-GCM of both versions, or what is named. */
	o.core = !o.ciphers && !o.ciphersuites;
	err = handshake_plan(&o, r->a, &rows, &n);
	way = err ? err : choose_peer(r, &by);
	if (err || way == -ENOMEM)
		return -ENOMEM;
	tls_load_config();
	for (size_t i = 0; i < n && !err; i++)
		err = way || !by ? say_of_all(r, &rows[i], way) : try_row(r, &rows[i]);
	return err;
}

/* The lines of tls_stat that rose, of the namespace that is the host's. */
static int count(struct run *r, const struct tls_stat_facts *before)
{
	struct probe_facts rose = { 0 };
	int err = counters_since(before, r->a, &rose);

	r->out->path_counted = rose.counted;
	r->out->n_path_counted = rose.n_counted;
	return err;
}

int probe_paths(const struct probe_options *o, struct arena *a, struct probe_facts *out)
{
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct run r = { .o = o, .a = a, .out = out };
	struct tls_stat_facts stat;
	struct sigaction before;
	int err = counters_read(a, &stat);

	out->device = arena_strdup(a, o->device);
	if (err || !out->device)
		return -ENOMEM;
	r.ifindex = if_nametoindex(o->device);
	/* libssl writes with write(2): to a closed socket that would be the end. */
	sigaction(SIGPIPE, &ignore, &before);
	err = run_all(&r);
	sigaction(SIGPIPE, &before, NULL);
	tls_reason(); /* nobody is to find ours in the queue */
	return err ? err : count(&r, &stat);
}
