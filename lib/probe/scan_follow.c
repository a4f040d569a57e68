// SPDX-License-Identifier: MIT
/*
 * What follows from a connection. A version is done with by one after the other: each
 * that succeeds takes a suite off the list, until the server takes none of those that are
 * left.
 */
#include <errno.h>
#include <string.h>

#include "../host/arena.h"
#include "scan_priv.h"

enum {
	ALERT_HANDSHAKE_FAILURE = 40,
	ALERT_PROTOCOL_VERSION = 70,
	ALERT_INSUFFICIENT_SECURITY = 71,
	CLOSED_TRIES = 2
};

/* ---- what a connection says ---- */

static const char *describe(struct scan_run *r, const struct scan_conn *c)
{
	static const char *const steps[] = { "connecting", "before TLS", "handshake",
					     "inside TLS", "inside TLS" };
	const struct scan_saw *s = &c->saw;

	switch (-s->err) {
	case ENOTSUP:
		if (s->step == SCAN_START)
			return "the server does not offer STARTTLS";
		break;
	case EACCES:
		if (s->step == SCAN_START)
			return arena_printf(r->a, "the server refuses: %s", s->why);
		break;
	case EBADMSG:
		return arena_printf(r->a, "the server does not speak %s",
				    starttls_words[c->o->start]);
	case EMSGSIZE:
		return "the server says more than belongs before TLS";
	case EPIPE:
		return arena_printf(r->a, "%s: the server closed the connection",
				    steps[s->step]);
	case EPROTO:
		if (s->step == SCAN_START)
			return "the server goes on in the clear after STARTTLS";
		if (*s->reason)
			return arena_printf(r->a, "%s: %s", steps[s->step], s->reason);
		break;
	}
	return arena_printf(r->a, "%s: %s", steps[s->step], strerror(-s->err));
}

/* A server may also answer with a version that was not asked for. */
static bool is_refusal(const struct scan_saw *s)
{
	if (s->step != SCAN_SHAKE || s->err != -EPROTO)
		return false;
	return (s->alert >= 0 && !s->hello) || s->alert == ALERT_HANDSHAKE_FAILURE ||
	       s->alert == ALERT_PROTOCOL_VERSION ||
	       s->alert == ALERT_INSUFFICIENT_SECURITY ||
	       !strcmp(s->reason, "unsupported protocol");
}

/* Also before it could be told anything. */
static bool is_closed(const struct scan_saw *s)
{
	if (s->step != SCAN_CONNECT && s->step != SCAN_SHAKE)
		return false;
	if (s->hello || s->alert >= 0)
		return false;
	return s->err == -EPIPE || s->err == -ECONNRESET ||
	       (s->err == -EPROTO && !strcmp(s->reason, "unexpected eof while reading"));
}

/* ---- what follows ---- */

static enum scan_what after(enum scan_what what, const struct scan_task *t)
{
	const struct scan_version *v = t->v;

	if (v->accept != SCAN_ACCEPTED)
		return SCAN_FOR_NOTHING;
	switch (what) {
	case SCAN_FOR_SUITES:
		return v->n_suites > 1 ? SCAN_FOR_ORDER : SCAN_FOR_TALK;
	case SCAN_FOR_ORDER:
		return SCAN_FOR_TALK;
	case SCAN_FOR_TALK:
		if (t->number == KTLS_1_3)
			return SCAN_FOR_UPDATE;
		return t->number == KTLS_1_2 ? SCAN_FOR_FRAGMENT : SCAN_FOR_NOTHING;
	case SCAN_FOR_UPDATE:
		return SCAN_FOR_FRAGMENT;
	default:
		return SCAN_FOR_NOTHING;
	}
}

int scan_incomplete(struct scan_run *r, const char *why)
{
	if (!why)
		return -ENOMEM;
	if (r->d->answer == SCAN_COMPLETE) {
		r->d->answer = SCAN_INCOMPLETE;
		r->d->error = why;
	}
	return 0;
}

static int add_suite(struct scan_run *r, struct scan_task *t, const struct scan_saw *s)
{
	struct scan_version *v = t->v;
	struct scan_suite *suites = arena_grow(r->a, v->suites, v->n_suites,
					       sizeof(*suites));
	const struct scan_suite new = {
		.name = arena_strdup(r->a, s->suite),
		.cipher = "",
		.tried = r->o->ktls,
		.bio_tx = s->bio_tx,
		.bio_rx = s->bio_rx,
	};
	size_t kept = 0;

	if (!suites || !new.name)
		return -ENOMEM;
	v->suites = suites;
	suites[v->n_suites++] = new;
	v->accept = SCAN_ACCEPTED;
	for (size_t i = 0; i < t->n_left; i++)
		if (strcmp(t->left[i], new.name) != 0)
			t->left[kept++] = t->left[i];
	/* libssl would not have taken what was not offered; but there must be an end. */
	if (kept == t->n_left)
		kept = 0;
	t->n_left = kept;
	return 0;
}

static void list_is_complete(struct scan_task *t, const char *note)
{
	struct scan_version *v = t->v;

	v->complete = true;
	v->note = note;
	if (!v->n_suites)
		v->accept = SCAN_REFUSED;
	t->what = after(SCAN_FOR_SUITES, t);
}

static int suites_done(struct scan_run *r, struct scan_task *t, const struct scan_conn *c)
{
	const struct scan_saw *s = &c->saw;
	int err;

	if (!s->err) {
		t->closed = 0;
		err = add_suite(r, t, s);
		if (!err && !t->n_left)
			list_is_complete(t, "");
		return err;
	}
	if (is_refusal(s)) {
		list_is_complete(t, t->v->n_suites ? "" : s->reason);
		return 0;
	}
	if (is_closed(s) && ++t->closed < CLOSED_TRIES)
		return 0;
	if (is_closed(s)) {
		t->closes = true;
		list_is_complete(t, "closes the connection instead of an alert");
		return 0;
	}
	t->v->note = describe(r, c);
	t->what = SCAN_FOR_NOTHING;
	return scan_incomplete(r, t->v->note);
}

static int talk_done(struct scan_run *r, struct scan_task *t, const struct scan_conn *c)
{
	struct scan_version *v = t->v;

	if (c->saw.err)
		return scan_incomplete(r, describe(r, c));
	v->talked = true;
	v->tickets = c->saw.tickets;
	v->largest_record_bytes = c->saw.largest;
	v->received_bytes = c->saw.received;
	return 0;
}

/* Only a server that talks otherwise can be said to end a connection because of it. */
static int update_done(struct scan_run *r, struct scan_task *t, const struct scan_conn *c)
{
	const struct scan_saw *s = &c->saw;
	struct scan_version *v = t->v;

	v->key_update_note = "";
	if (s->step < SCAN_ASK && s->err)
		return scan_incomplete(r, describe(r, c));
	if (s->update) {
		v->key_update = SCAN_UPDATE_ANSWERED;
	} else if (s->received) {
		v->key_update = SCAN_UPDATE_IGNORED;
	} else if (s->err && v->received_bytes) {
		v->key_update = SCAN_UPDATE_CLOSED;
		v->key_update_note = describe(r, c);
	} else {
		v->key_update_note = "the server said nothing afterwards";
	}
	return v->key_update_note ? 0 : -ENOMEM;
}

static int fragment_done(struct scan_run *r, struct scan_task *t,
			 const struct scan_conn *c)
{
	struct scan_version *v = t->v;

	v->max_fragment_note = "";
	if (!c->saw.err) {
		v->max_fragment = c->saw.fragment ? SCAN_FRAGMENT_HONOURED
						  : SCAN_FRAGMENT_IGNORED;
		return 0;
	}
	v->max_fragment_note = describe(r, c);
	if (c->saw.step == SCAN_SHAKE && c->saw.err != -ETIMEDOUT) {
		v->max_fragment = SCAN_FRAGMENT_REFUSED;
		return v->max_fragment_note ? 0 : -ENOMEM;
	}
	return scan_incomplete(r, v->max_fragment_note);
}

static void order_done(struct scan_task *t, const struct scan_saw *s)
{
	if (!s->err)
		t->v->choice = strcmp(s->suite, t->v->suites[0].name)
				       ? SCAN_CHOICE_CLIENT
				       : SCAN_CHOICE_SERVER;
}

bool scan_any_accepted(const struct scan_run *r)
{
	for (size_t i = 0; i < r->d->n_versions; i++)
		if (r->d->versions[i].accept == SCAN_ACCEPTED)
			return true;
	return false;
}

/* A server that has no TLS for us has none for the other versions either; but one that
 * had some may only be tired of us. */
static bool is_hopeless(const struct scan_run *r, const struct scan_saw *s)
{
	return s->step == SCAN_START && s->err && s->err != -ETIMEDOUT &&
	       s->err != -ECONNRESET && !scan_any_accepted(r);
}

/* Before TLS it says nothing of TLS: who is busy may do that once. */
static bool is_reset_early(struct scan_task *t, const struct scan_saw *s)
{
	if (s->step != SCAN_START || s->err != -ECONNRESET) {
		t->reset = 0;
		return false;
	}
	return ++t->reset < CLOSED_TRIES;
}

int scan_follow(struct scan_run *r, const struct scan_conn *c, struct scan_task *t)
{
	const enum scan_what what = t->what;
	int err = 0;

	t->busy = false;
	if (is_reset_early(t, &c->saw))
		return 0;
	if (is_hopeless(r, &c->saw)) {
		r->d->answer = SCAN_NO_STARTTLS;
		r->d->error = describe(r, c);
		r->stop = true;
		return r->d->error ? 0 : -ENOMEM;
	}
	if (what == SCAN_FOR_SUITES)
		return suites_done(r, t, c);
	if (what == SCAN_FOR_ORDER)
		order_done(t, &c->saw);
	else if (what == SCAN_FOR_TALK)
		err = talk_done(r, t, c);
	else if (what == SCAN_FOR_UPDATE)
		err = update_done(r, t, c);
	else
		err = fragment_done(r, t, c);
	t->what = after(what, t);
	return err;
}
