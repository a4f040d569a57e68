// SPDX-License-Identifier: MIT
/*
 * libssl connected with itself. One loop drives both ends: each does what it can, and
 * when neither can go on, poll(2) waits for the sockets.
 */
#include <errno.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <poll.h>
#include <string.h>
#include <time.h>

#include "../host/cleanup.h"
#include "handshake.h"

enum { DATA_MAX = 1 << 20, ROOM = 65536 };

struct end {
	struct tls_stream *s;
	int fd;
	bool done;
	size_t left; /* bytes of the message still to send, or to receive */
};

struct tls_pair {
	struct end ends[TLS_ENDS];
	EVP_MD_CTX *hash; /* of what was received */
	const char *reason;
	size_t len; /* of the message */
	uint8_t data[DATA_MAX], room[ROOM];
};

/* Does what can be done now: 0 all of it, -EAGAIN not yet, -errno. */
typedef int (*act_fn)(struct tls_pair *p, struct end *e);

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int shake(struct tls_pair *p, struct end *e)
{
	(void)p;
	return tls_stream_handshake(e->s);
}

static int send_some(struct tls_pair *p, struct end *e)
{
	while (e->left) {
		ssize_t n = tls_stream_write(e->s, p->data + p->len - e->left, e->left);

		if (n < 0)
			return (int)n;
		e->left -= (size_t)n;
	}
	return 0;
}

static int receive_some(struct tls_pair *p, struct end *e)
{
	while (e->left) {
		ssize_t n = tls_stream_read(e->s, p->room, ROOM);

		if (n < 0)
			return (int)n;
		if ((size_t)n > e->left || !EVP_DigestUpdate(p->hash, p->room, (size_t)n))
			return -EILSEQ;
		e->left -= (size_t)n;
	}
	return 0;
}

static int say_goodbye(struct tls_pair *p, struct end *e)
{
	(void)p;
	return tls_stream_shutdown(e->s);
}

/* One end after the other; -EAGAIN when neither could go on to its end. */
static int act_both(struct tls_pair *p, const act_fn acts[TLS_ENDS])
{
	for (int i = 0; i < TLS_ENDS; i++) {
		struct end *e = &p->ends[i];
		int err = e->done ? 0 : acts[i](p, e);

		if (*tls_stream_reason(e->s))
			p->reason = tls_stream_reason(e->s);
		if (err && err != -EAGAIN)
			return err;
		e->done = !err;
	}
	return p->ends[0].done && p->ends[1].done ? 0 : -EAGAIN;
}

static int wait_for_either(struct tls_pair *p, int64_t until)
{
	struct pollfd f[TLS_ENDS];
	int64_t left = until - now_ms();
	int n;

	for (int i = 0; i < TLS_ENDS; i++) {
		const struct end *e = &p->ends[i];

		f[i] = (struct pollfd){ e->done ? -1 : e->fd, tls_stream_events(e->s),
					0 };
	}
	if (left <= 0)
		return -ETIMEDOUT;
	n = poll(f, TLS_ENDS, (int)left);
	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	return n ? 0 : -ETIMEDOUT;
}

static int drive(struct tls_pair *p, act_fn client, act_fn server)
{
	const act_fn acts[TLS_ENDS] = { client, server };
	const int64_t until = now_ms() + PROBE_STEP_MS;
	int err;

	p->ends[0].done = p->ends[1].done = false;
	for (;;) {
		err = act_both(p, acts);
		if (err == -EAGAIN)
			err = wait_for_either(p, until);
		else
			break;
		if (err)
			break;
	}
	ERR_clear_error();
	return err;
}

int tls_pair_handshake(struct tls_pair *p)
{
	return drive(p, shake, shake);
}

/* Another beginning for every length, so that no message is a part of the last one. */
static void fill(struct tls_pair *p, size_t len)
{
	uint32_t x = (uint32_t)len * 2654435761u | 1;

	for (size_t i = 0; i < len; i++) {
		x ^= x << 13;
		x ^= x >> 17;
		x ^= x << 5;
		p->data[i] = (uint8_t)x;
	}
	p->len = len;
}

static int compare(struct tls_pair *p)
{
	uint8_t sent[EVP_MAX_MD_SIZE], got[EVP_MAX_MD_SIZE];
	unsigned n_sent, n_got;

	if (!EVP_Digest(p->data, p->len, sent, &n_sent, EVP_sha256(), NULL) ||
	    !EVP_DigestFinal_ex(p->hash, got, &n_got))
		return -EIO;
	return n_sent == n_got && !memcmp(sent, got, n_sent) ? 0 : -EILSEQ;
}

int tls_pair_send(struct tls_pair *p, enum tls_end from, size_t len)
{
	int err;

	if (len > DATA_MAX)
		return -EMSGSIZE;
	fill(p, len);
	p->ends[0].left = p->ends[1].left = len;
	if (!EVP_DigestInit_ex(p->hash, EVP_sha256(), NULL))
		return -EIO;
	err = from == TLS_CLIENT ? drive(p, send_some, receive_some)
				 : drive(p, receive_some, send_some);
	return err ? err : compare(p);
}

int tls_pair_shutdown(struct tls_pair *p)
{
	return drive(p, say_goodbye, say_goodbye);
}

const char *tls_pair_reason(const struct tls_pair *p)
{
	return p->reason;
}

const char *tls_pair_suite(const struct tls_pair *p)
{
	return tls_stream_suite(p->ends[TLS_CLIENT].s);
}

int tls_pair_fd(const struct tls_pair *p, enum tls_end end)
{
	return p->ends[end].fd;
}

bool tls_pair_bio(const struct tls_pair *p, enum tls_end end, enum ktls_option direction)
{
	return tls_stream_bio(p->ends[end].s, direction);
}

static int open_end(struct tls_pair *p, enum tls_end end, const struct tls_identity *id,
		    const struct handshake_plan *row)
{
	const struct tls_wants w = { .version = row->version,
				     .suite = row->suite,
				     .max_fragment = row->max_fragment };
	struct end *e = &p->ends[end];
	int err;
	struct ssl_ctx_st *c = tls_context(end, id, &w, &err);

	if (!c)
		return err;
	err = tls_stream_open(&e->s, c, end, e->fd);
	tls_context_free(c);
	return err;
}

static int open_ends(struct tls_pair *p, const struct tls_identity *id,
		     const struct handshake_plan *row)
{
	int fd[TLS_ENDS];
	int err = loopback_pair(fd);

	if (err)
		return err;
	for (int i = 0; i < TLS_ENDS; i++)
		p->ends[i].fd = fd[i];
	p->hash = EVP_MD_CTX_new();
	if (!p->hash)
		return -EIO;
	for (int i = 0; i < TLS_ENDS && !err; i++)
		err = open_end(p, i, id, row);
	return err;
}

int tls_pair_open(struct tls_pair **out, const struct tls_identity *id,
		  const struct handshake_plan *row, const char **reason)
{
	struct tls_pair *p = calloc(1, sizeof(*p));
	int err = -ENOMEM;

	*out = NULL;
	*reason = "";
	if (!p)
		return err;
	p->reason = "";
	p->ends[TLS_CLIENT].fd = p->ends[TLS_SERVER].fd = -1;
	err = open_ends(p, id, row);
	if (err) {
		*reason = tls_reason();
		tls_pair_free(p);
		return err;
	}
	*out = p;
	return 0;
}

void tls_pair_free(struct tls_pair *p)
{
	if (!p)
		return;
	for (int i = 0; i < TLS_ENDS; i++) {
		tls_stream_free(p->ends[i].s);
		if (p->ends[i].fd >= 0)
			close(p->ends[i].fd);
	}
	EVP_MD_CTX_free(p->hash);
	free(p);
}
