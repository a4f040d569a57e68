// SPDX-License-Identifier: MIT
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../host/cleanup.h"
#include "client.h"

const char *const client_end_words[] = { "connected",   "no_name",   "no_address",
					 "certificate", "handshake", "no_ktls",
					 "fault",       NULL };

struct client {
	const struct client_wants *wants;
	struct ssl_ctx_st *context;
	struct wire *wire;
	const char *engine_why;
	int fd;
	struct secure *open; /* NULL */
	struct url url;      /* where it leads */
};

int client_new(struct client **out, const struct client_wants *w, char why[256])
{
	struct client *c = calloc(1, sizeof(*c));
	int err = c ? 0 : -ENOMEM;

	*out = NULL;
	why[0] = '\0';
	if (err)
		return err;
	c->wants = w;
	c->fd = -1;
	err = wire_open(&c->wire, w->engine, &c->engine_why);
	if (err == -ENOTSUP)
		snprintf(why, 256, "%s", c->engine_why);
	if (!err)
		c->context = secure_context(&w->tls, &err, why);
	if (err) {
		client_free(c);
		return err;
	}
	*out = c;
	return 0;
}

void client_free(struct client *c)
{
	if (!c)
		return;
	client_drop(c, false);
	secure_context_free(c->context);
	wire_free(c->wire);
	free(c);
}

enum wire_engine client_engine(const struct client *c)
{
	return wire_engine(c->wire);
}

const char *client_engine_why(const struct client *c)
{
	return c->engine_why;
}

int client_fd(const struct client *c)
{
	return c->fd;
}

static uint64_t since_us(int64_t *mark)
{
	const int64_t now = wire_now_ns(), spent = now - *mark;

	*mark = now;
	return (uint64_t)spent / 1000;
}

static int64_t end_of(const struct client *c)
{
	const int64_t end = wire_now_ns() + c->wants->connect_ns;

	return end < c->wants->end_ns ? end : c->wants->end_ns;
}

static int connect_one(struct client *c, const struct address *a)
{
	const struct wire_op op = { .what = WIRE_CONNECT, .to = *a };
	const int one = 1;
	int err;

	c->fd = socket(a->ss.ss_family, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP);
	if (c->fd < 0)
		return -errno;
	/* What is to be sent is whole when it is sent. */
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	err = wire_take(c->wire, c->fd);
	if (!err)
		err = (int)wire_do(c->wire, WIRE_TX, &op, end_of(c));
	if (err) {
		wire_cancel(c->wire);
		close(c->fd);
		c->fd = -1;
	}
	return err;
}

static int failed(struct client_link *l, enum client_end end, int err, const char *why)
{
	l->end = end;
	l->err = err;
	snprintf(l->why, sizeof(l->why), "%s",
		 *why                ? why
		 : err == -ETIMEDOUT ? "timed out"
				     : strerror(-err));
	return -1;
}

/* One after the other, in the order that the resolver thinks best. */
static int connect_any(struct client *c, struct client_link *l)
{
	struct addresses all;
	int64_t mark = wire_now_ns();
	const char *why;
	int err = resolve(l->url.host, l->url.port, end_of(c), &all, &why);

	l->dns_us = since_us(&mark);
	if (err)
		return failed(l, CLIENT_NO_NAME, err, why);
	l->addresses = (unsigned)all.n;
	for (size_t i = 0; i < all.n && wire_now_ns() < c->wants->end_ns; i++) {
		address_text(&all.a[i], l->address);
		l->tried++;
		err = connect_one(c, &all.a[i]);
		if (!err)
			break;
	}
	l->connect_us = since_us(&mark);
	return err ? failed(l, CLIENT_NO_ADDRESS, err, "") : 0;
}

static const char *where_it_broke(int err, const char *reason)
{
	if (*reason)
		return reason;
	return err == -EPIPE ? "the server closed the connection" : "";
}

static int shake_hands(struct client *c, struct client_link *l)
{
	int64_t mark = wire_now_ns();
	int err = secure_new(&c->open, c->context, c->wire, c->fd, l->url.host);

	if (err)
		return failed(l, CLIENT_FAULT, err, "");
	err = secure_handshake(c->open, end_of(c));
	l->handshake_us = since_us(&mark);
	l->version = secure_version(c->open);
	if (err)
		return failed(
			l, err == -EKEYREJECTED ? CLIENT_CERTIFICATE : CLIENT_HANDSHAKE,
			err, where_it_broke(err, secure_reason(c->open)));
	l->verified = secure_verified(c->open);
	err = secure_attach(c->open, c->wants->tls.ktls, c->wants->look);
	l->ktls_us = since_us(&mark);
	return err ? failed(l, CLIENT_FAULT, err, "") : 0;
}

void client_look(const struct client *c, struct client_link *l)
{
	struct ktls_info info;

	if (!c->open || !secure_info(c->open, &info))
		return;
	snprintf(l->suite, sizeof(l->suite), "%s", info.suite ? info.suite : "");
	snprintf(l->cipher, sizeof(l->cipher), "%s", info.cipher);
	l->tx = info.tx;
	l->rx = info.rx;
}

static int judge_kernel(struct client *c, struct client_link *l)
{
	const bool tx = l->tx.where != KTLS_USER, rx = l->rx.where != KTLS_USER;

	if (!c->wants->require || (tx && rx))
		return 0;
	failed(l, CLIENT_NO_KERNEL, tx ? l->rx.err : l->tx.err, "-");
	snprintf(l->why, sizeof(l->why), "%s is not with the kernel: %s",
		 tx ? "receiving" : "sending",
		 ktls_reason_text(tx ? l->rx.reason : l->tx.reason));
	return -1;
}

struct secure *client_connect(struct client *c, const struct url *u,
			      struct client_link *l, bool *again)
{
	int err;

	*again = c->open && url_same_origin(&c->url, u);
	if (*again)
		return c->open;
	client_drop(c, true);
	*l = (struct client_link){ .url = *u, .version = "" };
	err = connect_any(c, l);
	if (!err)
		err = shake_hands(c, l);
	client_look(c, l);
	if (!err)
		err = judge_kernel(c, l);
	c->url = *u;
	if (err)
		client_drop(c, false);
	return c->open;
}

/* A server that does not take the good-bye does not keep us. */
void client_drop(struct client *c, bool in_order)
{
	if (c->open && in_order)
		secure_close(c->open, wire_now_ns() + 100000000);
	secure_free(c->open);
	c->open = NULL;
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
}
