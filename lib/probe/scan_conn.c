// SPDX-License-Identifier: MIT
/*
 * One connection of the scanner: connect, STARTTLS, handshake; and where the goal wants
 * that, a word inside TLS and what the server says to it.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../host/arena.h"
#include "scan_priv.h"

/* How much is listened to, and how long it has to be quiet until that was all. */
enum { HEAR_BYTES = 1 << 20, QUIET_MS = 300 };

int64_t scan_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int scan_socket(const struct address *to)
{
	const int on = 1;
	int fd = socket(to->ss.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int err;

	if (fd < 0)
		return -errno;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (!connect(fd, (const struct sockaddr *)&to->ss, to->len) ||
	    errno == EINPROGRESS)
		return fd;
	err = -errno;
	close(fd);
	return err;
}

static void enter(struct scan_conn *c, enum scan_step step)
{
	c->saw.step = step;
	c->step_end = scan_now_ms() + (int64_t)c->o->timeout_ms;
	c->quiet_end = 0;
}

/* Something that every server answers to, and that changes nothing. PostgreSQL is asked
 * for a version of its protocol, 9.9, that there is not. */
static void choose_word(struct scan_conn *c)
{
	static const char startup[] = "\0\0\0\010\0\011\0\011";
	const bool v6 = strchr(c->o->host, ':');
	int n = 0;

	switch (c->o->start) {
	case STARTTLS_SMTP:
		n = snprintf(c->word, sizeof(c->word), "EHLO localhost\r\n");
		break;
	case STARTTLS_IMAP:
		n = snprintf(c->word, sizeof(c->word), "b CAPABILITY\r\n");
		break;
	case STARTTLS_POSTGRES:
		n = sizeof(startup) - 1;
		memcpy(c->word, startup, sizeof(startup) - 1);
		break;
	default:
		n = snprintf(c->word, sizeof(c->word),
			     "GET / HTTP/1.1\r\nHost: %s%s%s\r\nUser-Agent: ktlsctl\r\n"
			     "Accept: */*\r\nConnection: close\r\n\r\n",
			     v6 ? "[" : "", c->o->host, v6 ? "]" : "");
	}
	c->len = (size_t)n;
}

int scan_conn_start(struct scan_conn *c, int fd)
{
	c->fd = fd;
	c->events = POLLOUT;
	c->saw = (struct scan_saw){ .alert = -1, .reason = "" };
	starttls_begin(&c->start, c->o->start);
	choose_word(c);
	enter(c, SCAN_CONNECT);
	if (fd < 0)
		c->saw.err = fd;
	else
		c->ctx = scan_context(c->o, &c->goal, &c->saw, &c->saw.err);
	return c->saw.err;
}

static int open_tls(struct scan_conn *c)
{
	int err = tls_stream_open(&c->s, c->ctx, TLS_CLIENT, c->fd);

	if (!err)
		err = scan_set_name(c->s, c->o);
	enter(c, SCAN_SHAKE);
	return err;
}

static int connected(struct scan_conn *c)
{
	struct pollfd p = { .fd = c->fd, .events = POLLOUT };
	socklen_t len = sizeof(int);
	int err = 0;

	if (poll(&p, 1, 0) < 1)
		return -EAGAIN;
	if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &err, &len))
		err = errno;
	if (err)
		return -err;
	if (starttls_done(&c->start))
		return open_tls(c);
	enter(c, SCAN_START);
	return 0;
}

static int say_start(struct scan_conn *c)
{
	while (c->start.say.len) {
		ssize_t n = send(c->fd, c->start.say.p, c->start.say.len, MSG_NOSIGNAL);

		if (n < 0) {
			c->events = POLLOUT;
			return -errno;
		}
		c->start.say = span(c->start.say.p + n, c->start.say.len - (size_t)n);
	}
	return 0;
}

static int talk_start(struct scan_conn *c)
{
	char buf[512];
	ssize_t n;
	int err = say_start(c);

	if (err)
		return err;
	c->events = POLLIN;
	n = recv(c->fd, buf, sizeof(buf), 0);
	if (n <= 0)
		return n ? -errno : -EPIPE;
	err = starttls_feed(&c->start, span(buf, (size_t)n));
	snprintf(c->saw.why, sizeof(c->saw.why), "%s", c->start.why);
	if (err)
		return err;
	return starttls_done(&c->start) ? open_tls(c) : 0;
}

static int shake(struct scan_conn *c)
{
	int err = tls_stream_handshake(c->s);

	if (err) {
		c->events = tls_stream_events(c->s);
		c->saw.reason = tls_stream_reason(c->s);
		return err;
	}
	snprintf(c->saw.suite, sizeof(c->saw.suite), "%s", tls_stream_suite(c->s));
	c->saw.bio_tx = tls_stream_bio(c->s, KTLS_TX);
	c->saw.bio_rx = tls_stream_bio(c->s, KTLS_RX);
	c->saw.fragment = scan_got_fragment(c->s);
	if (c->goal.what == SCAN_FOR_TALK && !c->certificate->seen)
		err = scan_certificate(c->s, c->a, c->certificate);
	if (!err && c->goal.what == SCAN_FOR_UPDATE && !scan_ask_update(c->s))
		err = -EIO;
	enter(c, SCAN_ASK);
	return err;
}

/* A KeyUpdate that was asked for goes before it. */
static int ask(struct scan_conn *c)
{
	while (c->sent < c->len) {
		ssize_t n = tls_stream_write(c->s, c->word + c->sent, c->len - c->sent);

		if (n < 0) {
			c->events = tls_stream_events(c->s);
			return (int)n;
		}
		c->sent += (size_t)n;
	}
	enter(c, SCAN_HEAR);
	return 0;
}

/* How the server ends what it says is its own matter, unless it is asked for new keys. */
static int ended(struct scan_conn *c, int err)
{
	if (c->saw.received || c->saw.update || c->goal.what != SCAN_FOR_UPDATE)
		return 0;
	return err;
}

static int hear(struct scan_conn *c)
{
	char buf[16384];

	for (;;) {
		ssize_t n = tls_stream_read(c->s, buf, sizeof(buf));

		if (n == -EAGAIN)
			break;
		if (n < 0) {
			c->saw.reason = tls_stream_reason(c->s);
			return ended(c, (int)n);
		}
		c->saw.received += (uint64_t)n;
		if ((uint64_t)n > c->saw.largest)
			c->saw.largest = (uint64_t)n;
		c->quiet_end = scan_now_ms() + QUIET_MS;
		if (c->saw.received >= HEAR_BYTES)
			return 0;
	}
	if (c->goal.what == SCAN_FOR_UPDATE && c->saw.update)
		return 0;
	c->events = tls_stream_events(c->s);
	return -EAGAIN;
}

static bool only_shakes(const struct scan_conn *c)
{
	return c->goal.what != SCAN_FOR_TALK && c->goal.what != SCAN_FOR_UPDATE;
}

/* 0: to the next step, or to the end of the last. */
static int step(struct scan_conn *c)
{
	switch (c->saw.step) {
	case SCAN_CONNECT:
		return connected(c);
	case SCAN_START:
		return talk_start(c);
	case SCAN_SHAKE:
		return shake(c);
	case SCAN_ASK:
		return ask(c);
	case SCAN_HEAR:
		break;
	}
	return hear(c);
}

int64_t scan_conn_end_ms(const struct scan_conn *c)
{
	return c->quiet_end && c->quiet_end < c->step_end ? c->quiet_end : c->step_end;
}

/* Silence is an end where nothing has to come any more. */
static int late(const struct scan_conn *c)
{
	if (scan_now_ms() < scan_conn_end_ms(c))
		return -EAGAIN;
	return c->saw.step == SCAN_HEAR ? 0 : -ETIMEDOUT;
}

int scan_conn_go(struct scan_conn *c)
{
	for (;;) {
		const bool last = c->saw.step == SCAN_HEAR;
		int err = step(c);

		if (err == -EAGAIN || err == -EINTR)
			err = late(c);
		else if (!err && !last && !(only_shakes(c) && c->saw.step == SCAN_ASK))
			continue;
		if (err == -EAGAIN)
			return err;
		c->saw.err = err;
		if (!err)
			tls_stream_shutdown(c->s);
		return 0;
	}
}

void scan_conn_end(struct scan_conn *c)
{
	tls_stream_free(c->s);
	tls_context_free(c->ctx);
	if (c->fd >= 0)
		close(c->fd);
	c->s = NULL;
	c->ctx = NULL;
	c->fd = -1;
}
