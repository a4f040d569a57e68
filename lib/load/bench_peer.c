// SPDX-License-Identifier: MIT
/* With `ktlsctl serve` as the other end (lib/net/bench_line.h): only one is here. */
#include <errno.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../host/cleanup.h"
#include "bench_priv.h"
#include "load.h"

/* ---- lines ---- */

/* Whatever the mode: by the kernel where it has the keys. */
static ssize_t put_some(struct bench_end *e, const char *p, size_t n)
{
	ssize_t done;

	if (e->conn)
		return ktls_conn_send(e->conn, p, n);
	if (e->s)
		return tls_stream_write(e->s, p, n);
	done = send(e->fd, p, n, MSG_NOSIGNAL);
	return done < 0 ? -errno : done;
}

static ssize_t take_some(struct bench_end *e, char *p, size_t n)
{
	ssize_t done;

	if (e->conn)
		return ktls_conn_recv(e->conn, p, n);
	if (e->s)
		return tls_stream_read(e->s, p, n);
	done = recv(e->fd, p, n, 0);
	return done < 0 ? -errno : done;
}

static int put_line(struct bench_end *e, const char *line, size_t len)
{
	while (len) {
		ssize_t n = put_some(e, line, len);

		if (n == -EINTR)
			continue;
		if (n <= 0)
			return n ? (int)n : -EPIPE;
		line += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Behind an answer nothing comes until something else is asked for; but the bytes of a
 * source: so not more is read than the line. */
static int take_line(struct bench_end *e, char line[BENCH_LINE], struct span *out)
{
	for (size_t n = 0; n < BENCH_LINE; n++) {
		ssize_t done = take_some(e, line + n, 1);

		if (done == -EINTR) {
			n--;
			continue;
		}
		if (done <= 0)
			return done ? (int)done : -EPIPE;
		if (line[n] == '\n') {
			*out = span(line, n);
			return 0;
		}
	}
	return -EBADMSG;
}

static int say_why(int err, const char *no, char why[160])
{
	if (*no)
		snprintf(why, 160, "the peer says no: %s", no);
	else if (err == -EPROTONOSUPPORT)
		snprintf(why, 160, "the peer speaks another version of this");
	else if (err == -EBADMSG)
		snprintf(why, 160,
			 "it is no ktlsctl serve, or an older one that knows "
			 "nothing of bench");
	else
		snprintf(why, 160, "%s",
			 err == -EPIPE    ? "the peer has gone"
			 : err == -EAGAIN ? strerror(ETIMEDOUT)
					  : strerror(-err));
	return *no ? -EPROTO : err;
}

/* Asks, and waits for what it says to that; *n: the number of an ok. NULL. */
static int ask_for(struct bench_end *e, const struct bench_ask *a, uint64_t *n,
		   char why[160])
{
	char line[BENCH_LINE];
	struct bench_reply r = { 0 };
	struct span text = { 0 };
	int err = put_line(e, line, bench_ask_print(a, line));

	if (!err)
		err = take_line(e, line, &text);
	if (!err)
		err = bench_reply_parse(text, &r);
	if (err || *r.no)
		return say_why(err, r.no, why);
	if (n)
		*n = r.n;
	return 0;
}

/* ---- connections ---- */

static int connect_peer(const struct bench_peer *p)
{
	int err, fd = socket(p->at.ss.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	err = bench_limit(fd, PEER_STEP_MS / 1000);
	if (!err)
		err = bench_connect(fd, &p->at);
	if (!err)
		err = bench_limit(fd, BENCH_WAIT_S);
	if (!err)
		return fd;
	close(fd);
	return err;
}

static int shake_hands(struct bench_end *e, struct ssl_ctx_st *c, char why[160])
{
	int err = tls_stream_open(&e->s, c, TLS_CLIENT, e->fd);
	const char *reason;

	if (!err)
		err = bench_handshake(e->s);
	err = err == -EAGAIN ? -ETIMEDOUT : err;
	reason = e->s ? tls_stream_reason(e->s) : "";
	if (err && strstr(reason, "certificate verify failed"))
		snprintf(why, 160,
			 "its certificate is not to be believed (serve makes "
			 "it anew: --insecure)");
	else if (err)
		snprintf(why, 160, "the handshake failed: %s",
			 *reason ? reason : strerror(-err));
	return err;
}

/* Its run is one line of control, by TLS in user space or, with plain TCP, like that. */
static int open_control(const struct bench_world *w, bool tls, struct bench_end *e,
			uint64_t *id, char why[160])
{
	const struct bench_ask a = { .kind = BENCH_ASK_RUN };
	int err = 0;

	*e = (struct bench_end){ .file = -1 };
	e->fd = connect_peer(w->o->peer);
	if (e->fd < 0)
		return say_why(e->fd, "", why);
	if (tls)
		err = shake_hands(e, w->client, why);
	return err ? err : ask_for(e, &a, id, why);
}

int bench_control_open(struct bench_run *r, char why[160])
{
	return open_control(r->w, r->mode->tls, &r->control, &r->id, why);
}

int bench_control_start(struct bench_run *r, char why[160])
{
	const struct bench_ask a = { .kind = BENCH_ASK_START };

	return ask_for(&r->control, &a, NULL, why);
}

int bench_control_end(struct bench_run *r, struct bench_report *out, char why[160])
{
	const struct bench_ask a = { .kind = BENCH_ASK_END };
	char line[BENCH_LINE];
	struct span text = { 0 };
	int err = put_line(&r->control, line, bench_ask_print(&a, line));

	if (!err)
		err = take_line(&r->control, line, &text);
	if (!err)
		err = bench_report_parse(text, out);
	return err ? say_why(err, "", why) : 0;
}

static int try_world(struct bench_world *w, char why[160])
{
	struct bench_end e;
	uint64_t id;
	int err = open_control(w, true, &e, &id, why);

	if (!err)
		bench_peer_bye(&e);
	bench_end_close(&e);
	return err;
}

int bench_peer_try(const struct bench_options *o, char why[160])
{
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct bench_world w = { .o = o, .file = -1 };
	const struct tls_wants any = { .user_space = true,
				       .verify = o->peer->verify,
				       .ca_file = o->peer->ca_file };
	struct sigaction before;
	int err = 0;

	tls_load_config();
	w.client = tls_context(TLS_CLIENT, NULL, &any, &err);
	if (!w.client) {
		snprintf(why, 160, "%s",
			 o->peer->ca_file
				 ? "--cacert holds no certificates that can be read"
				 : tls_reason());
		return err;
	}
	/* Writing to a peer that has gone is an error, not the end of us. */
	sigaction(SIGPIPE, &ignore, &before);
	err = try_world(&w, why);
	sigaction(SIGPIPE, &before, NULL);
	tls_context_free(w.client);
	return err;
}

/* ---- one connection of a run ---- */

static enum bench_ask_kind kind_of(const struct bench_group *g)
{
	if (g->workload == BENCH_BULK)
		return g->direction == BENCH_SEND ? BENCH_ASK_SINK : BENCH_ASK_SOURCE;
	return g->workload == BENCH_RPC         ? BENCH_ASK_RPC
	       : g->workload == BENCH_WEBSOCKET ? BENCH_ASK_WEBSOCKET
						: BENCH_ASK_CLOSE;
}

static int failed(struct bench_side *s, int err)
{
	s->why = s->text;
	return err;
}

int bench_peer_connect(struct bench_side *s)
{
	return connect_peer(s->run->w->o->peer);
}

/* Of `close` what is asked for comes at once. */
int bench_peer_join(struct bench_side *s, struct bench_end *e)
{
	const struct bench_group *g = s->run->g;
	const struct bench_ask a = { .kind = kind_of(g),
				     .id = s->run->id,
				     .size = g->size,
				     .ms = s->run->run_ms };
	int err;

	if (a.kind == BENCH_ASK_CLOSE)
		return 0;
	err = ask_for(e, &a, NULL, s->text);
	return err ? failed(s, err) : 0;
}

size_t bench_peer_request(const struct bench_side *s, char line[BENCH_LINE])
{
	const struct bench_ask a = { .kind = BENCH_ASK_CLOSE,
				     .id = s->run->id,
				     .size = s->run->g->size };
	size_t n = bench_ask_print(&a, line);

	memset(line + n - 1, ' ', BENCH_REQUEST - n);
	line[BENCH_REQUEST - 1] = '\n';
	return BENCH_REQUEST;
}

/* Of a sink: its word that they came. */
int bench_peer_check(struct bench_side *s, struct bench_end *e)
{
	char line[BENCH_LINE];
	struct bench_reply r = { 0 };
	struct span text = { 0 };
	int err = bench_put_all(e, s->run->w->payload, BENCH_CHECKED);

	if (!err)
		err = take_line(e, line, &text);
	if (!err)
		err = bench_reply_parse(text, &r);
	return err || *r.no ? failed(s, say_why(err, r.no, s->text)) : 0;
}

/* Of a source: it is to begin. */
int bench_peer_begin(struct bench_end *e)
{
	const struct bench_ask a = { .kind = BENCH_ASK_START };
	char line[BENCH_LINE];

	return put_line(e, line, bench_ask_print(&a, line));
}

/* Says that nothing more comes. */
void bench_peer_bye(struct bench_end *e)
{
	if (e->conn)
		ktls_conn_shutdown(e->conn);
	else if (e->s)
		tls_stream_shutdown(e->s);
	shutdown(e->fd, SHUT_WR);
}

/* ---- afterwards ---- */

static bool same_hash(const struct bench_world *w, const struct bench_report *p)
{
	uint8_t hash[BENCH_HASH];

	return p->hashed <= BENCH_PAYLOAD &&
	       EVP_Digest(w->payload, p->hashed, hash, NULL, EVP_sha256(), NULL) &&
	       !memcmp(hash, p->hash, sizeof(hash));
}

/* What the peer has of it, beside what was seen here. */
int bench_peer_prove(const struct bench_run *r, const struct bench_report *p,
		     struct bench_sample *out)
{
	struct bench_proof *proof = &out->proof[BENCH_BY_PAYLOAD];
	uint64_t bytes = 0, operations = 0;
	const char *back = *proof->saw ? "what came back, and " : "";

	for (size_t i = 0; i < r->n_lanes; i++) {
		bytes += r->lanes[i].side[BENCH_A].bytes;
		operations += r->lanes[i].side[BENCH_A].operations;
	}
	if (r->g->direction == BENCH_BOTH
		    ? operations != p->operations
		    : bytes != (r->g->direction == BENCH_SEND ? p->in : p->out)) {
		snprintf(out->why, sizeof(out->why), "bytes were lost");
		return -EILSEQ;
	}
	if (!p->hashed)
		return 0;
	proof->right = same_hash(r->w, p);
	snprintf(proof->saw, sizeof(proof->saw),
		 "%sSHA-256 of %" PRIu64 " bytes %s the peer's", back, p->hashed,
		 proof->right ? "is" : "is not");
	if (proof->right)
		return 0;
	snprintf(out->why, sizeof(out->why), "other bytes arrived than were sent");
	return -EILSEQ;
}
