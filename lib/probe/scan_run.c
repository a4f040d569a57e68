// SPDX-License-Identifier: MIT
/* Which connections of a scan are begun, when, and how long they are waited for. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../host/arena.h"
#include "../host/cleanup.h"
#include "scan_priv.h"

static char *join(struct arena *a, const struct scan_task *t)
{
	const bool backwards = t->what == SCAN_FOR_ORDER;
	const bool rest = t->what == SCAN_FOR_SUITES;
	const size_t n = rest ? t->n_left : t->v->n_suites;
	char *list = arena_alloc(a, n * sizeof(((struct scan_saw *)0)->suite) + 1);
	char *p = list;

	for (size_t i = 0; list && i < n; i++) {
		const char *name = rest ? t->left[i]
					: t->v->suites[backwards ? n - 1 - i : i].name;

		p += sprintf(p, "%s%s", i ? ":" : "", name);
	}
	return list;
}

static int begin(struct scan_run *r, struct scan_task *t, size_t slot)
{
	struct scan_conn *c = &r->conns[slot];
	const int fd = r->spare >= 0 ? r->spare : scan_socket(&r->at);

	*c = (struct scan_conn){ .o = r->o,
				 .a = r->a,
				 .certificate = &r->d->certificate,
				 .goal = { t->what, t->number, join(r->a, t) } };
	r->d->connections += r->spare < 0;
	r->spare = -1;
	r->of[slot] = t;
	t->busy = true;
	if (!c->goal.suites) {
		close(fd);
		c->fd = -1;
		return -ENOMEM;
	}
	return scan_conn_start(c, fd) ? scan_follow(r, &r->conns[slot], r->of[slot]) : 0;
}

static void free_slot(struct scan_run *r, size_t slot)
{
	scan_conn_end(&r->conns[slot]);
	r->of[slot] = NULL;
}

static struct scan_task *next_task(struct scan_run *r)
{
	for (size_t i = 0; i < SCAN_PARALLEL; i++)
		if (!r->tasks[i].busy && r->tasks[i].what != SCAN_FOR_NOTHING)
			return &r->tasks[i];
	return NULL;
}

static int begin_some(struct scan_run *r)
{
	for (size_t i = 0; i < r->o->parallel && !r->stop; i++) {
		const int64_t now = scan_now_ms();
		struct scan_task *t = next_task(r);
		int err;

		if (r->of[i] || !t)
			continue;
		if (now < r->next)
			break;
		r->next = now + (int64_t)(1000 / r->o->rate);
		err = begin(r, t, i);
		/* It may be over at once. */
		if (!t->busy)
			free_slot(r, i);
		if (err)
			return err;
	}
	return 0;
}

static bool any_busy(const struct scan_run *r)
{
	for (size_t i = 0; i < SCAN_PARALLEL; i++)
		if (r->of[i])
			return true;
	return false;
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Until something can be done. */
static void wait_for_some(struct scan_run *r)
{
	struct pollfd p[SCAN_PARALLEL];
	int64_t until = r->end, now = scan_now_ms();
	nfds_t n = 0;

	for (size_t i = 0; i < SCAN_PARALLEL; i++) {
		if (!r->of[i] && i < r->o->parallel && next_task(r))
			until = earlier(until, r->next);
		if (!r->of[i])
			continue;
		p[n++] = (struct pollfd){ .fd = r->conns[i].fd,
					  .events = r->conns[i].events };
		until = earlier(until, scan_conn_end_ms(&r->conns[i]));
	}
	/* Rounded up: poll(2) may not be early. */
	poll(p, n, until > now ? (int)(until - now) : 0);
}

static int go_on(struct scan_run *r)
{
	int err = 0;

	for (size_t i = 0; i < SCAN_PARALLEL && !err; i++) {
		if (!r->of[i] || scan_conn_go(&r->conns[i]) == -EAGAIN)
			continue;
		err = scan_follow(r, &r->conns[i], r->of[i]);
		free_slot(r, i);
	}
	return err;
}

static int work(struct scan_run *r)
{
	int err = 0;

	while (!err && !r->stop && (next_task(r) || any_busy(r))) {
		if (scan_now_ms() >= r->end)
			return scan_incomplete(r, "the time for all of it was over");
		err = begin_some(r);
		if (!err && !r->stop)
			wait_for_some(r);
		if (!err && !r->stop)
			err = go_on(r);
	}
	return err;
}

/* ---- before and after ---- */

static int wait_connected(int fd, int64_t until)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	const int64_t left = until - scan_now_ms();
	socklen_t len = sizeof(int);
	int err = 0, n = poll(&p, 1, left > 0 ? (int)left : 0);

	if (n < 0)
		return -errno;
	if (!n)
		return -ETIMEDOUT;
	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len) ? -errno : -err;
}

/* The first address that answers; the others are not scanned. Who resets a connection at
 * once was there to do so. */
static int find_address(struct scan_run *r)
{
	int err = -ENOENT;

	for (size_t i = 0; i < r->o->n_addresses; i++) {
		const int64_t own = scan_now_ms() + (int64_t)r->o->timeout_ms;
		int fd = scan_socket(&r->o->addresses[i]);

		r->d->connections++;
		err = fd < 0 ? fd : wait_connected(fd, earlier(own, r->end));
		r->at = r->o->addresses[i];
		if (!err)
			r->spare = fd;
		else if (fd >= 0)
			close(fd);
		if (!err || err == -ECONNRESET)
			return 0;
	}
	return err;
}

static int prepare(struct scan_run *r)
{
	static const char *const words[] = { "1.3", "1.2", "1.1", "1.0" };
	struct scan_version *v = arena_alloc(r->a, SCAN_PARALLEL * sizeof(*v));
	int err = v ? 0 : -ENOMEM;

	for (size_t i = 0; i < SCAN_PARALLEL && !err; i++) {
		struct scan_task *t = &r->tasks[i];

		v[i] = (struct scan_version){ .version = words[i],
					      .accept = SCAN_ACCEPT_UNKNOWN,
					      .note = "",
					      .max_fragment_note = "",
					      .key_update_note = "" };
		t->v = &v[i];
		t->number = scan_version_number(words[i]);
		err = scan_suites(t->number, r->a, &t->left, &t->n_left);
		v[i].offered = t->n_left;
		if (t->n_left)
			continue;
		v[i].accept = SCAN_NOT_HERE;
		v[i].note = "this OpenSSL cannot ask for it";
		t->what = SCAN_FOR_NOTHING;
	}
	r->d->versions = v;
	r->d->n_versions = v ? SCAN_PARALLEL : 0;
	return err;
}

/* A server that closes every connection says nothing about versions. */
static int conclude(struct scan_run *r)
{
	struct scan_doc *d = r->d;
	const bool any = scan_any_accepted(r);
	int err = 0;

	for (size_t i = 0; i < SCAN_PARALLEL && !any && !err; i++) {
		if (!r->tasks[i].closes)
			continue;
		r->tasks[i].v->accept = SCAN_ACCEPT_UNKNOWN;
		r->tasks[i].v->complete = false;
		err = scan_incomplete(r, "the server closes every connection");
	}
	if (!any && d->answer != SCAN_NO_STARTTLS)
		d->answer = SCAN_NO_TLS;
	return err;
}

static int run(struct scan_run *r)
{
	char text[ADDRESS_TEXT];
	int err = find_address(r);

	if (err) {
		r->d->answer = SCAN_UNREACHABLE;
		r->d->error = arena_strdup(r->a, strerror(-err));
		return r->d->error ? 0 : -ENOMEM;
	}
	address_text(&r->at, text);
	r->d->address = arena_strdup(r->a, text);
	err = r->d->address ? prepare(r) : -ENOMEM;
	if (!err)
		err = work(r);
	return err ? err : conclude(r);
}

int scan_run(const struct scan_options *o, struct arena *a, struct scan_doc *out)
{
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	const int64_t begin_ms = scan_now_ms();
	struct scan_run r = { .o = o, .a = a, .d = out, .spare = -1 };
	struct sigaction before;
	int err;

	r.end = begin_ms + (int64_t)o->max_time_ms;
	out->answer = SCAN_COMPLETE;
	out->address = out->error = "";
	out->addresses = o->n_addresses;
	out->certificate = (struct scan_certificate){
		.error = "", .subject = "", .key = "", .not_after = ""
	};
	for (size_t i = 0; i < SCAN_PARALLEL; i++)
		r.conns[i].fd = -1;
	/* libssl writes with write(2): to a closed socket that would be the end. */
	sigaction(SIGPIPE, &ignore, &before);
	err = run(&r);
	for (size_t i = 0; i < SCAN_PARALLEL; i++)
		scan_conn_end(&r.conns[i]);
	if (r.spare >= 0)
		close(r.spare);
	sigaction(SIGPIPE, &before, NULL);
	tls_reason(); /* nobody is to find ours in the queue */
	out->duration_ms = (uint64_t)(scan_now_ms() - begin_ms);
	return err;
}
