// SPDX-License-Identifier: MIT
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>

#include "survey.h"

/* Sockets without a process that are kept for a second look, at most. */
enum { HELD = 4096 };

struct run {
	struct survey *s;
	survey_fn fn;
	void *arg;
	struct diag_socket *held;
	size_t n_held;
};

static int see_ulp(const struct diag_socket *s, void *arg)
{
	(void)arg;
	return *s->ulp != 0;
}

/*
 * Kernels before 6.15 hide the ULP from an ordinary user, of all sockets alike and
 * without a word: one that is seen proves that none is hidden.
 */
static int look_for_ulp(struct survey *s)
{
	const struct diag_query q = { .states = DIAG_ALL };
	int err;

	s->sight = ULP_SEEN;
	if (s->q->sees_all || !s->q->ktls_live)
		return 0;
	err = diag_tcp(&q, see_ulp, NULL);
	if (!err || err == -EINTR)
		s->sight = ULP_HIDDEN;
	return err > 0 || err == -EINTR ? 0 : err;
}

int survey_open(struct survey *s, const struct survey_query *q)
{
	int err;

	*s = (struct survey){ .q = q };
	err = look_for_ulp(s);
	return !err && q->owners ? owners_read(0, &s->owners) : err;
}

void survey_close(struct survey *s)
{
	owners_free(s->owners);
	s->owners = NULL;
}

/* In the queue of accept(2) nobody has it yet; closed, nobody has it any more. */
static const char *why_no_inode(uint8_t state)
{
	switch (state) {
	case TCP_ESTABLISHED:
	case TCP_SYN_RECV:
	case TCP_CLOSE_WAIT:
		return "not-accepted";
	default:
		return "closed";
	}
}

/* What speaks against "no process has it". NULL: nothing. */
static const char *why_unknown(const struct owners_seen *seen)
{
	if (seen->hidepid)
		return "hidepid";
	if (seen->unreadable)
		return "processes-unreadable";
	if (seen->other_pidns)
		return "pid-namespace";
	if (seen->rings)
		return "io-uring";
	return NULL;
}

static struct socket_owner owner_of(const struct survey *s, const struct diag_socket *d)
{
	struct socket_owner o = { OWNER_NOT_ASKED, "", NULL, 0 };

	if (!s->owners)
		return o;
	if (!d->inode) {
		o.kind = OWNER_NONE;
		o.reason = why_no_inode(d->state);
		return o;
	}
	o.refs = owners_find(s->owners, d->inode, &o.n);
	o.kind = o.n ? OWNER_PROCESS : OWNER_UNKNOWN;
	return o;
}

bool has_mode(const struct diag_tls *t, enum survey_mode mode)
{
	switch (mode) {
	case MODE_ANY:
		return true;
	case MODE_NONE:
		return t->tx == KTLS_CONF_BASE || t->rx == KTLS_CONF_BASE;
	case MODE_SW:
		return t->tx == KTLS_CONF_SW || t->rx == KTLS_CONF_SW;
	case MODE_HW:
		return t->tx >= KTLS_CONF_HW || t->rx >= KTLS_CONF_HW;
	}
	return false;
}

static bool has_pid(const struct survey *s, const struct socket_owner *o)
{
	for (size_t i = 0; i < o->n; i++)
		if (owners_get(s->owners, o->refs[i].owner)->pid == s->q->pid)
			return true;
	return false;
}

static int tell(const struct run *r, const struct diag_socket *d,
		const struct socket_owner *o)
{
	const struct socket_view v = { d, r->s->sight, *o };

	if (r->s->q->pid && !has_pid(r->s, o))
		return 0;
	return r->fn(&v, r->arg);
}

/* Its process may have opened it after the walk: it gets a second one, at the end. */
static bool hold(struct run *r, const struct diag_socket *d)
{
	if (!r->held)
		r->held = malloc(HELD * sizeof(*r->held));
	if (!r->held || r->n_held == HELD)
		return false;
	r->held[r->n_held++] = *d;
	return true;
}

static int on_socket(const struct diag_socket *d, void *arg)
{
	struct run *r = arg;
	struct socket_owner o;

	r->s->sockets++;
	if (!r->s->q->all && !d->tls.present)
		return 0;
	o = owner_of(r->s, d);
	if (o.kind == OWNER_UNKNOWN) {
		if (hold(r, d))
			return 0;
		o.reason = "too-many";
	}
	return tell(r, d, &o);
}

/* Still there, and the same. */
static bool lives(const struct diag_socket *d)
{
	struct diag_socket now;

	return !diag_lookup(d->family, &d->local, &d->peer, &now) &&
	       now.cookie == d->cookie && now.inode == d->inode;
}

/* The socket lived all through the second walk, and nobody had it: it is the kernel's
 * own, unless there is somebody whom we cannot see. */
static void judge(const struct owners *o, const struct diag_socket *d,
		  struct socket_owner *out)
{
	const char *why = lives(d) ? why_unknown(owners_seen(o)) : "gone-meanwhile";

	out->kind = why ? OWNER_UNKNOWN : OWNER_KERNEL;
	out->reason = why ? why : "no-process";
}

static int tell_held(struct run *r)
{
	struct owners *again = NULL;
	int err = r->n_held ? owners_read(0, &again) : 0;

	if (!again)
		return err;
	owners_free(r->s->owners);
	r->s->owners = again;
	for (size_t i = 0; i < r->n_held && !err; i++) {
		struct socket_owner o = owner_of(r->s, &r->held[i]);

		if (o.kind == OWNER_UNKNOWN)
			judge(again, &r->held[i], &o);
		err = tell(r, &r->held[i], &o);
	}
	return err;
}

int survey_run(struct survey *s, survey_fn fn, void *arg)
{
	const struct diag_query q = { .states = DIAG_CONNECTED, .port = s->q->port };
	struct run r = { .s = s, .fn = fn, .arg = arg };
	int err = diag_tcp(&q, on_socket, &r);

	s->interrupted = err == -EINTR;
	if (!err || s->interrupted)
		err = tell_held(&r);
	free(r.held);
	return err;
}
