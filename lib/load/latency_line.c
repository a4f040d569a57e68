// SPDX-License-Identifier: MIT
/* One connection: what is asked of the server, and what comes. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "latency_priv.h"

/* How often it is looked whether all is to end. */
static const int64_t slice_ns = 100000000;

/* How long the kernel may take to begin stamping: another of its threads turns it on. */
static const int64_t stamps_ns = 5000000000;

enum { BARREN_MAX = 3 };

static int failed(struct line *l, int err, const char *what, const char *why)
{
	snprintf(l->r->why, sizeof(l->r->why), "%s%s%s", what, *what ? ": " : "",
		 why && *why         ? why
		 : err == -ETIMEDOUT ? "timed out"
		 : err == -EPIPE     ? "the server closed the connection"
				     : strerror(-err));
	l->r->failed = true;
	return err ? err : -EPROTO;
}

/* ---- the application ---- */

/* What a program does with its message is its own affair; this one reads all of it. */
static void application(struct line *l, const char *data, size_t n)
{
	for (size_t i = 0; i < n; i++)
		l->sum += (unsigned char)data[i];
}

static void deliver(struct line *l, const char *data, size_t n)
{
	l->t.parsed_ns = wire_stamp_ns();
	application(l, data, n);
	l->t.done_ns = wire_stamp_ns();
	l->r->bytes = n;
	l->arrived = true;
}

static int on_body(void *arg, const char *p, size_t n)
{
	struct line *l = arg;

	if (n > LATENCY_MOST - l->body_len)
		return -EMSGSIZE;
	if (l->body_len + n > l->body_room) {
		const size_t room = (l->body_len + n) * 2;
		char *bigger = realloc(l->body, room);

		if (!bigger)
			return -ENOMEM;
		l->body = bigger;
		l->body_room = room;
	}
	memcpy(l->body + l->body_len, p, n);
	l->body_len += n;
	return 0;
}

/* Of what was asked for; all else is the protocol's own. */
static bool is_answer(const struct line *l, const struct frame_message *m)
{
	if (l->o->ask == LATENCY_PING)
		return m->what == FRAME_PONG && m->len == l->question_len;
	return m->what == FRAME_TEXT || m->what == FRAME_BINARY;
}

static int on_message(void *arg, const struct frame_message *m)
{
	struct line *l = arg;

	if (is_answer(l, m))
		deliver(l, m->data, m->len);
	return 0;
}

/* ---- a connection ---- */

static void hang_up(struct line *l, bool in_order)
{
	if (l->ws && in_order)
		websocket_close(l->ws, FRAME_CODE_NORMAL, wire_now_ns() + slice_ns);
	websocket_free(l->ws);
	l->ws = NULL;
	l->r->packets += l->capture.packets;
	l->r->drops += l->capture.drops;
	capture_close(&l->capture);
	if (l->s)
		client_drop(l->client, in_order);
	l->s = NULL;
}

static int open_websocket(struct line *l, int64_t end_ns)
{
	int err;

	l->ws_wants = (struct websocket_wants){ .url = l->o->url,
						.agent = "ktlsctl/" KTLSCTL_VERSION,
						.most = LATENCY_MOST,
						.arg = l,
						.message = on_message };
	err = websocket_new(&l->ws, l->s, &l->ws_wants);
	if (!err)
		err = websocket_open(l->ws, end_ns);
	if (err)
		return failed(l, err, "the WebSocket's handshake",
			      l->ws ? websocket_reason(l->ws) : "");
	return 0;
}

static const char *why_no_capture(int err)
{
	if (err == -EPERM)
		return "seeing packets needs CAP_NET_RAW";
	return err == -EAFNOSUPPORT ? "this kernel has no packet sockets"
				    : strerror(-err);
}

/* What libssl receives is stamped by recvmsg(2); what the kernel decrypts is not. */
static void watch(struct line *l)
{
	const bool kernel = l->r->link.rx.where != KTLS_USER;
	int watched = secure_watch(l->s, &l->times);
	int err = capture_open(&l->capture, client_fd(l->client));

	memset(&l->sequence, 0, sizeof(l->sequence));
	if (l->r->stages->total.count)
		return; /* a connection more: as before */
	l->r->needs = !err || (!kernel && !watched) ? STAGES_KERNEL : STAGES_USER;
	snprintf(l->r->why_kernel, sizeof(l->r->why_kernel), "%s",
		 l->r->needs == STAGES_KERNEL ? "" : why_no_capture(err));
	snprintf(l->r->why_nic, sizeof(l->r->why_nic), "%s",
		 l->o->nic ? "the NIC was told to stamp, and did not" : l->o->why_no_nic);
}

static bool is_wanted(const struct line *l)
{
	return !l->wants.tls.ktls || l->r->link.rx.where != KTLS_USER;
}

static int connect_line(struct line *l, int64_t end_ns)
{
	struct client_link *link = &l->r->link;
	bool again;
	int err = 0;

	l->s = client_connect(l->client, l->o->url, link, &again);
	if (!l->s) {
		failed(l, link->err, "", link->why);
		return link->err ? link->err : -EPROTO;
	}
	if (!is_wanted(l)) {
		snprintf(l->r->why, sizeof(l->r->why), "%s",
			 ktls_reason_text(link->rx.reason));
		return -EOPNOTSUPP;
	}
	watch(l);
	if (l->o->ask != LATENCY_GET)
		err = open_websocket(l, end_ns);
	l->r->connections++;
	l->r->measured = !err;
	l->warm = LATENCY_WARM;
	l->answers = 0;
	l->begun_ns = wire_now_ns();
	return err;
}

/* ---- a message ---- */

static int ask(struct line *l)
{
	const char *p = l->question;
	size_t left = l->question_len;

	if (l->o->ask == LATENCY_PUBLISH)
		return 0;
	if (l->ws)
		return websocket_put(l->ws,
				     l->o->ask == LATENCY_PING ? FRAME_PING : FRAME_TEXT,
				     p, left, 0);
	http_begin(l->http, false);
	l->body_len = 0;
	while (left) {
		ssize_t n = secure_give(l->s, p, left);

		if (n < 0)
			return (int)n;
		p += n;
		left -= (size_t)n;
	}
	return 0;
}

static int digest_http(struct line *l, const char *data, size_t n)
{
	ssize_t used = http_feed(l->http, data, n);

	if (used < 0)
		return failed(l, (int)used, "this is no HTTP", http_reason(l->http));
	if (http_answer(l->http)->done)
		deliver(l, l->body, l->body_len);
	return 0;
}

static int digest(struct line *l, const char *data, size_t n)
{
	int err;

	l->t.plain_ns = wire_stamp_ns();
	if (!l->ws)
		return digest_http(l, data, n);
	err = websocket_digest(l->ws, data, n);
	if (!err && websocket_closed(l->ws))
		return failed(l, -EPIPE, "", "the server closed the WebSocket");
	return err ? failed(l, err, "", websocket_reason(l->ws)) : 0;
}

static int64_t sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int wait(struct line *l, int64_t end_ns)
{
	const int64_t now = wire_now_ns();
	int err;

	if (l->o->stop() || now >= l->enough_ns)
		return -EINTR;
	if (now >= end_ns)
		return failed(l, -ETIMEDOUT, "", "the server sent no message in time");
	end_ns = sooner(end_ns, sooner(l->enough_ns, now + slice_ns));
	err = secure_wait(l->s, end_ns);
	return err == -ETIMEDOUT ? 0 : err;
}

static ssize_t take(struct line *l, const char **data)
{
	int err = l->ws ? websocket_flush(l->ws) : 0;

	if (err && err != -EAGAIN)
		return err;
	return l->ws ? websocket_take(l->ws, data) : secure_take(l->s, data);
}

static int receive(struct line *l, int64_t end_ns)
{
	int err = 0;

	while (!err && !l->arrived) {
		const char *data;
		ssize_t n = take(l, &data);

		if (n > 0)
			err = digest(l, data, (size_t)n);
		else if (n == -EAGAIN)
			err = wait(l, end_ns);
		else
			err = failed(l, n ? (int)n : -EPIPE, "", secure_reason(l->s));
	}
	return err;
}

static uint64_t apart(int64_t a, int64_t b)
{
	return (uint64_t)(a > b ? a - b : b - a);
}

/* The packet that made the last byte of the message readable. */
static void find_packet(struct line *l)
{
	struct sequence_step step;
	uint64_t received, position;
	int err = -EAGAIN;

	if (l->capture.fd < 0)
		return;
	for (int tries = 0; err == -EAGAIN && tries < 3; tries++)
		err = capture_position(client_fd(l->client), &received, &position);
	if (err || capture_read(&l->capture, &l->sequence) ||
	    !sequence_anchor(&l->sequence, received) ||
	    !sequence_find(&l->sequence, position - secure_unread(l->s), &step))
		return;
	if (l->t.kernel_ns)
		histogram_add(l->r->apart, apart(l->t.kernel_ns, step.kernel_ns));
	/* The same witness for both ways. */
	l->t.kernel_ns = step.kernel_ns;
	if (!l->t.nic_ns)
		l->t.nic_ns = step.nic_ns;
}

/* The kernel begins to stamp some time after it was asked to; until then it gives the
 * time at which the packet socket was read. */
static bool is_warming(const struct line *l)
{
	const bool stamps = l->r->needs == STAGES_USER || l->r->stages->total.count ||
			    (l->t.kernel_ns && l->t.kernel_ns <= l->t.plain_ns);

	return l->warm || (!stamps && wire_now_ns() < l->begun_ns + stamps_ns);
}

/* By the clock of the others. Without the kernel's stamp beside it, it is of no use. */
static void use_nic(struct line *l)
{
	if (!l->o->nic || !l->t.nic_ns)
		return;
	l->t.nic_ns -= l->offset_ns;
	l->nic_seen++;
	if (l->r->needs == STAGES_KERNEL && !l->r->stages->total.count) {
		l->r->needs = STAGES_NIC;
		l->r->why_nic[0] = '\0';
	}
}

/* Whether it counts. */
static bool account(struct line *l)
{
	l->t.woken_ns = l->times.wire.woken_ns;
	l->t.called_ns = l->times.wire.called_ns;
	l->t.kernel_ns = l->times.kernel_ns;
	l->t.nic_ns = l->times.nic_ns;
	l->answers++;
	find_packet(l);
	use_nic(l);
	if (is_warming(l)) {
		l->warm -= l->warm > 0;
		l->r->warm++;
		return false;
	}
	l->barren = 0;
	if (l->t.kernel_ns && l->t.kernel_ns < l->turn_ns) {
		l->r->early++;
		return false;
	}
	stages_add(l->r->stages, &l->t, l->r->needs);
	return true;
}

/* A server may end a connection after an answer, and says so in it. */
static int after_answer(struct line *l)
{
	if (l->ws || http_answer(l->http)->keep_alive)
		return 0;
	hang_up(l, true);
	if (++l->barren < BARREN_MAX)
		return 0;
	return failed(l, -EPIPE, "",
		      "the server ends the connection before enough answers came");
}

static int exchange(struct line *l, int64_t end_ns)
{
	const int64_t begun = wire_now_ns();
	int err = l->s ? 0 : connect_line(l, end_ns);

	/* A connection has a limit of its own, and may load the kernel's modules. */
	end_ns += wire_now_ns() - begun;
	l->arrived = false;
	l->t = (struct stamps){ .sent_ns = wire_stamp_ns() };
	if (l->o->ask == LATENCY_PUBLISH)
		l->t.sent_ns = l->turn_ns;
	l->times.kernel_ns = l->times.nic_ns = 0;
	if (!err)
		err = ask(l);
	return err ? err : receive(l, end_ns);
}

/* A server may end a connection that was silent while it was the other's turn; of what it
 * was asked then nothing has come. */
static bool was_silent(const struct line *l, int err)
{
	return !l->ws && l->answers && !l->t.plain_ns &&
	       (err == -EPIPE || err == -ECONNRESET);
}

int line_message(struct line *l, int64_t end_ns)
{
	bool counts;
	int err = exchange(l, end_ns);

	if (err && was_silent(l, err) && ++l->barren < BARREN_MAX) {
		l->r->why[0] = '\0';
		l->r->failed = false;
		hang_up(l, false);
		err = exchange(l, end_ns);
	}
	if (err) {
		if (!*l->r->why && err != -EINTR)
			failed(l, err, "", "");
		hang_up(l, false);
		return err;
	}
	counts = account(l);
	err = after_answer(l);
	return err ? err : counts;
}

/* ---- its life ---- */

static int make_question(struct line *l)
{
	const struct fetch_request r = { .method = "GET",
					 .url = l->o->url,
					 .body = { .fd = -1 },
					 .agent = "ktlsctl/" KTLSCTL_VERSION };

	if (l->o->ask == LATENCY_GET) {
		l->question = fetch_head(&r);
		l->question_len = l->question ? strlen(l->question) : 0;
	} else {
		l->question_len = l->o->size;
		l->question = malloc(l->question_len + 1);
		if (l->question)
			memset(l->question, 'k', l->question_len);
	}
	return l->question ? 0 : -ENOMEM;
}

int line_new(struct line *l, char why[256])
{
	const struct http_events events = { l, on_body };
	int err;

	l->capture.fd = -1;
	l->r->stages = calloc(1, sizeof(*l->r->stages));
	l->r->apart = calloc(1, sizeof(*l->r->apart));
	err = l->r->stages && l->r->apart ? make_question(l) : -ENOMEM;
	if (!err)
		err = http_new(&l->http, &events);
	return err ? err : client_new(&l->client, &l->wants, why);
}

void line_free(struct line *l)
{
	if (l->client)
		hang_up(l, true);
	client_free(l->client);
	http_free(l->http);
	free(l->question);
	free(l->body);
}
