// SPDX-License-Identifier: MIT
/*
 * Handshakes of the host's libssl with itself, and whether the records of each are made
 * in the kernel, by three witnesses: libssl, the socket, and the counters.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "../host/arena.h"
#include "../host/cleanup.h"
#include "../host/host.h"
#include "handshake.h"

/* What all rows share. */
struct run {
	const struct probe_options *o;
	struct arena *a;
	struct tls_identity id;
	bool private_netns;
	bool built_with_ktls; /* libssl was, as far as libcrypto tells */
};

/* One handshake, while it is looked at. */
struct look {
	struct run *run;
	const struct handshake_plan *row;
	struct probe_handshake *out;
	struct shake_end end;
	struct direction_saw tx, rx;
	struct tls_counts before;
	const char *reason; /* of libssl */
};

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* One more sentence for the row; "" adds none. -ENOMEM. */
static int add_note(struct look *l, const char *text)
{
	const char *had = l->out->note;

	if (!text || !*text)
		return text ? 0 : -ENOMEM;
	l->out->note = *had ? arena_printf(l->run->a, "%s; %s", had, text) : text;
	return l->out->note ? 0 : -ENOMEM;
}

/* One byte, a record exactly, records and a rest, and more than a socket takes at once;
 * from either end. */
static int exchange(struct tls_pair *p)
{
	static const size_t lengths[] = { 1, 16384, 100000, 1 << 20 };
	int err = 0;

	for (size_t i = 0; i < ARRAY_SIZE(lengths) && !err; i++) {
		err = tls_pair_send(p, TLS_CLIENT, lengths[i]);
		if (!err)
			err = tls_pair_send(p, TLS_SERVER, lengths[i]);
	}
	return err;
}

static bool other_keys(const struct kernel_says *k, const struct handshake_plan *row)
{
	if (!k->version)
		return false;
	return k->version != row->version ||
	       (row->cipher && k->cipher != row->cipher->number);
}

/* While the connection is open: a closed one is shown to nobody. */
static void look_at_ends(struct look *l, const struct tls_pair *p)
{
	for (int i = 0; i < TLS_ENDS; i++) {
		struct kernel_says k;

		kernel_ask(tls_pair_fd(p, i), &k);
		l->tx.bio[i] = tls_pair_bio(p, i, KTLS_TX);
		l->rx.bio[i] = tls_pair_bio(p, i, KTLS_RX);
		l->tx.kernel[i] = k.tx;
		l->rx.kernel[i] = k.rx;
		l->tx.other_keys |= k.tx == TRI_YES && other_keys(&k, l->row);
		l->rx.other_keys |= k.rx == TRI_YES && other_keys(&k, l->row);
	}
}

/* The file is there as soon as anything uses kTLS; without it nothing was counted, or
 * /proc does not show it. */
static int look_at_counts(struct look *l)
{
	struct tls_counts after;
	int err = counts_read(&after);

	if (err)
		return err;
	l->tx.counts_known = l->rx.counts_known = after.present;
	l->tx.private_netns = l->rx.private_netns = l->run->private_netns;
	l->tx.counted = after.tx - l->before.tx;
	l->rx.counted = after.rx - l->before.rx;
	return 0;
}

static int talk(struct look *l, struct tls_pair *p)
{
	int err;

	l->end.step = SHAKE_HANDSHAKE;
	l->end.err = tls_pair_handshake(p);
	if (l->end.err)
		return 0;
	look_at_ends(l, p);
	err = look_at_counts(l);
	if (err)
		return err;
	l->end.step = SHAKE_DATA;
	l->end.err = exchange(p);
	if (l->end.err)
		return 0;
	l->end.step = SHAKE_SHUTDOWN;
	l->end.err = tls_pair_shutdown(p);
	if (!l->end.err)
		l->end.step = SHAKE_DONE;
	return 0;
}

/* A word of a list can stand for many suites. */
static int note_suite(struct look *l, const char *agreed)
{
	if (l->end.step <= SHAKE_HANDSHAKE || !strcmp(agreed, l->row->suite))
		return 0;
	return add_note(l, arena_printf(l->run->a, "agreed upon: %s", agreed));
}

static int connect_both(struct look *l)
{
	struct tls_pair *p;
	int err;

	/* Without it libssl says what it lacks. */
	if (l->row->rsa && identity_add_rsa(&l->run->id))
		tls_reason();
	l->end = (struct shake_end){ SHAKE_OPEN, 0 };
	l->end.err = tls_pair_open(&p, &l->run->id, l->row, &l->reason);
	if (l->end.err)
		return l->end.err == -ENOMEM ? -ENOMEM : 0;
	err = talk(l, p);
	l->reason = tls_pair_reason(p);
	if (!err)
		err = note_suite(l, tls_pair_suite(p));
	tls_pair_free(p);
	return err;
}

static int note_failure(struct look *l)
{
	static const char *const steps[] = { "", "handshake", "data", "shutdown", "" };

	if (!l->end.err)
		return 0;
	if (l->end.step == SHAKE_OPEN && l->end.err == -ENOTSUP)
		return add_note(l, "this libssl does not offer the suite");
	if (l->end.err == -EILSEQ)
		return add_note(l, "what arrived is not what was sent");
	if (l->end.step == SHAKE_OPEN || !*l->reason)
		return add_note(l, *l->reason ? l->reason : steps[l->end.step]);
	return add_note(l,
			arena_printf(l->run->a, "%s: %s", steps[l->end.step], l->reason));
}

/* Who says what, where not all say the same. */
static int note_disagreement(struct look *l, const char *direction,
			     const struct direction_saw *s)
{
	static const char *const words[] = { "unknown", "no", "yes" };
	const char *keys = s->other_keys ? " with other keys" : "";
	char counted[48] = "unknown";

	if (direction_agrees(s))
		return 0;
	if (s->counts_known)
		snprintf(counted, sizeof(counted), "%llu",
			 (unsigned long long)s->counted);
	return add_note(l, arena_printf(l->run->a,
					"%s in the kernel: client: libssl %s, kernel %s; "
					"server: libssl %s, kernel %s%s; tls_stat "
					"counted %s",
					direction, words[1 + s->bio[TLS_CLIENT]],
					words[s->kernel[TLS_CLIENT]],
					words[1 + s->bio[TLS_SERVER]],
					words[s->kernel[TLS_SERVER]], keys, counted));
}

/* Why the records of a direction stay in user space; why "": they do not, or not known.
 */
struct absence {
	const char *why;
	int err; /* of the kernel, asked directly */
	bool ulp;
};

static struct absence why_user_space(const struct look *l, enum ktls_option direction)
{
	const struct direction_saw *s = direction == KTLS_TX ? &l->tx : &l->rx;
	struct absence x = { .why = "", .ulp = true };

	/* The row's own note says it, or that libssl and the kernel do not agree. */
	if (l->end.step < SHAKE_DONE || direction_in_kernel(s) || l->row->max_fragment ||
	    !direction_agreed(s))
		return x;
	if (!l->run->built_with_ktls) {
		x.why = "libssl was built without kTLS";
		return x;
	}
	x.err = kernel_refuses(l->row, direction, &x.ulp);
	if (!x.ulp)
		x.why = "no TLS in the kernel for this caller";
	else if (x.err)
		x.why = "the kernel refuses the cipher";
	else
		x.why = "libssl does not ask the kernel";
	return x;
}

static int note_absence(struct look *l, const struct absence *tx,
			const struct absence *rx)
{
	int err = 0;

	if (!strcmp(tx->why, rx->why))
		return add_note(l, tx->why);
	if (*tx->why)
		err = add_note(l, arena_printf(l->run->a, "tx: %s", tx->why));
	if (!err && *rx->why)
		err = add_note(l, arena_printf(l->run->a, "rx: %s", rx->why));
	return err;
}

static int judge(struct look *l)
{
	struct probe_handshake *h = l->out;
	const struct absence tx = why_user_space(l, KTLS_TX);
	const struct absence rx = why_user_space(l, KTLS_RX);

	h->tx = handshake_verdict(&l->tx, &l->end, tx.err, tx.ulp);
	h->rx = handshake_verdict(&l->rx, &l->end, rx.err, rx.ulp);
	h->err = l->end.err ? l->end.err : tx.err ? tx.err : rx.err;
	return note_absence(l, &tx, &rx);
}

static int conclude(struct look *l)
{
	struct probe_handshake *h = l->out;
	int err = note_failure(l);

	h->bio_tx = l->tx.bio[TLS_CLIENT];
	h->bio_rx = l->rx.bio[TLS_CLIENT];
	h->kernel_tx = l->tx.kernel[TLS_CLIENT] == TRI_YES;
	h->kernel_rx = l->rx.kernel[TLS_CLIENT] == TRI_YES;
	h->counted_tx = direction_counted(&l->tx);
	h->counted_rx = direction_counted(&l->rx);
	h->agree = direction_agrees(&l->tx) && direction_agrees(&l->rx);
	if (!err)
		err = judge(l);
	if (!err)
		err = note_disagreement(l, "tx", &l->tx);
	return err ? err : note_disagreement(l, "rx", &l->rx);
}

static int try_row(struct run *r, const struct handshake_plan *row,
		   struct probe_handshake *out)
{
	const uint64_t start = now_us();
	struct look l = { .run = r, .row = row, .out = out, .reason = "" };
	int err;

	/* "1.3" out of "TLS1.3" */
	*out = (struct probe_handshake){ .version = ktls_version_of(row->version)->word +
						    3,
					 .suite = row->suite,
					 .note = row->note,
					 .agree = true };
	if (row->no_suite)
		return 0;
	err = counts_read(&l.before);
	if (!err)
		err = connect_both(&l);
	if (!err)
		err = conclude(&l);
	out->duration_us = now_us() - start;
	return err;
}

static int try_rows(struct run *r, const struct handshake_plan *rows, size_t n,
		    struct probe_facts *out)
{
	int err = 0;

	for (size_t i = 0; i < n && !err; i++) {
		struct probe_handshake *h = arena_grow(r->a, out->handshakes,
						       out->n_handshakes, sizeof(*h));

		if (!h)
			return -ENOMEM;
		out->handshakes = h;
		err = try_row(r, &rows[i], &h[out->n_handshakes++]);
		if (!err)
			probe_step(r->o, out);
	}
	return err;
}

static int ask_libcrypto(struct run *r)
{
	const struct facts_query q = { .mask = FACT_OPENSSL };
	cleanup_host struct host *h = NULL;
	struct facts *f = NULL;
	char text[256];

	if (host_open(&h, NULL) || facts_read(h, &q, &f, text, sizeof(text)))
		return -ENOMEM;
	r->built_with_ktls = f->openssl.ktls_send;
	facts_free(f);
	return 0;
}

static int run_all(struct run *r, const struct probe_options *o, struct probe_facts *out)
{
	struct handshake_plan *rows;
	size_t n;
	int err = handshake_plan(o, r->a, &rows, &n);

	if (err || !n)
		return err;
	err = ask_libcrypto(r);
	if (err)
		return err;
	tls_load_config();
	/* Without a certificate each row says by itself what libssl lacks. */
	identity_make(&r->id);
	tls_reason();
	return try_rows(r, rows, n, out);
}

int probe_handshakes(const struct probe_options *o, struct arena *a,
		     struct probe_facts *out)
{
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct run r = { .o = o, .a = a, .private_netns = out->private_netns };
	struct sigaction before;
	int err;

	/* libssl writes with write(2): to a closed socket that would be the end. */
	sigaction(SIGPIPE, &ignore, &before);
	err = run_all(&r, o, out);
	sigaction(SIGPIPE, &before, NULL);
	identity_free(&r.id);
	tls_reason(); /* nobody is to find ours in the queue */
	return err;
}
