// SPDX-License-Identifier: MIT
/* What the two ends do, before the clock runs and while it does. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench_priv.h"
#include "bench_serve.h"
#include "load.h"

static bool has_peer(const struct bench_side *s)
{
	return s->run->w->o->peer;
}

/* A peer does not move more of one connection, both ways and with all headers. */
static bool stopped(const struct bench_side *s)
{
	const uint64_t most = PEER_GIVE_MAX >>
			      (s->run->g->direction == BENCH_BOTH ? 2 : 0);

	if (has_peer(s) && s->run->g->workload != BENCH_CLOSE &&
	    s->bytes + s->run->g->size > most)
		return true;
	return atomic_load_explicit(&s->run->stop, memory_order_relaxed);
}

/* ---- one operation: B asks, A answers ---- */

static const uint8_t frame_mask[4] = { 0x5a, 0xc3, 0x17, 0x9e };

static int ask_frame(struct bench_side *s, struct bench_end *e)
{
	const size_t size = s->run->g->size;
	size_t n = bench_frame_header(s->room, size, frame_mask);
	int err;

	bench_frame_mask(s->room + n, s->run->w->payload, size, frame_mask);
	err = bench_put_all(e, s->room, n + size);
	return err ? err : bench_take_all(e, s->room, n - 4 + size);
}

static int answer_frame(struct bench_side *s, struct bench_end *e)
{
	const size_t size = s->run->g->size;
	uint8_t header[BENCH_FRAME_HEADER];
	size_t n = bench_frame_header(header, size, frame_mask);
	int err = bench_take_all(e, s->room, n + size);

	if (err)
		return err;
	bench_frame_answer(s->room, n, size);
	return bench_put_all(e, s->room + 4, n - 4 + size);
}

/* Where the payload is in room after an operation. */
static size_t payload_at(const struct bench_side *s)
{
	uint8_t header[BENCH_FRAME_HEADER];

	if (s->run->g->workload != BENCH_WEBSOCKET)
		return 0;
	return bench_frame_header(header, s->run->g->size, NULL);
}

static size_t request_size(const struct bench_group *g)
{
	return g->workload == BENCH_CLOSE ? (size_t)BENCH_REQUEST : g->size;
}

static int ask(struct bench_side *s, struct bench_end *e)
{
	const struct bench_group *g = s->run->g;
	char line[BENCH_LINE];
	int err;

	if (g->workload == BENCH_WEBSOCKET)
		return ask_frame(s, e);
	if (g->workload == BENCH_CLOSE && has_peer(s))
		err = bench_put_all(e, (uint8_t *)line, bench_peer_request(s, line));
	else
		err = bench_put_all(e, s->run->w->payload, request_size(g));
	return err ? err : bench_take_all(e, s->room, g->size);
}

static int answer(struct bench_side *s, struct bench_end *e)
{
	const struct bench_group *g = s->run->g;
	int err;

	if (g->workload == BENCH_WEBSOCKET)
		return answer_frame(s, e);
	err = bench_take_all(e, s->room, request_size(g));
	return err ? err : bench_put_all(e, s->run->w->payload, g->size);
}

/* ---- before the clock runs ---- */

static int compare(struct bench_side *s, const uint8_t *got, size_t len)
{
	struct bench_proof *p = &s->proof[BENCH_BY_PAYLOAD];

	p->right = !memcmp(got, s->run->w->payload, len);
	snprintf(p->saw, sizeof(p->saw), "%zu bytes %s", len,
		 p->right ? "byte for byte as sent" : "arrived as others");
	if (p->right)
		return 0;
	s->why = "other bytes arrived than were sent";
	return -EILSEQ;
}

static int check_stream(struct bench_side *s, struct bench_end *e)
{
	const bool sends = (s->which == BENCH_A) == (s->run->g->direction == BENCH_SEND);
	int err;

	s->why = "nothing gets through";
	if (sends && has_peer(s))
		return bench_peer_check(s, e);
	if (sends)
		return bench_put_all(e, s->run->w->payload, BENCH_CHECKED);
	err = bench_take_all(e, s->room, BENCH_CHECKED);
	return err ? err : compare(s, s->room, BENCH_CHECKED);
}

/* A peer answers only. */
static bool asks(const struct bench_side *s)
{
	return s->which == BENCH_B || has_peer(s);
}

static int check_answer(struct bench_side *s, struct bench_end *e)
{
	int err;

	s->why = "nothing gets through";
	err = asks(s) ? ask(s, e) : answer(s, e);
	if (err || !asks(s))
		return err;
	return compare(s, s->room + payload_at(s), s->run->g->size);
}

static const char *keys_of(int fd, enum ktls_option direction)
{
	const struct ktls_cipher *c;
	struct ktls_mode m;

	if (ktls_mode(fd, direction, &m))
		return "none";
	c = ktls_cipher_of(m.cipher);
	return c ? c->word : "unknown";
}

/* As the kernel tells it back. */
static bool sends_pages(int fd)
{
	int on = 0;
	socklen_t len = sizeof(on);

	return !getsockopt(fd, KTLS_SOL_TLS, KTLS_TX_ZEROCOPY_RO, &on, &len) && on;
}

/* What the socket itself says, and sock_diag; of the end with the mode. */
static void witness(struct bench_side *s, struct bench_end *e)
{
	const struct bench_mode *m = s->run->mode;
	const unsigned direction = s->run->g->direction;
	const char *tx = keys_of(e->fd, KTLS_TX), *rx = keys_of(e->fd, KTLS_RX);
	const bool pages = sends_pages(e->fd);
	struct bench_proof *p = &s->proof[BENCH_BY_SOCKET];
	struct ktls_info info;

	p->right = (strcmp(tx, "none") != 0) ==
			   (m->kernel && direction != BENCH_RECEIVE) &&
		   (strcmp(rx, "none") != 0) == (m->kernel && direction != BENCH_SEND) &&
		   pages == m->zerocopy;
	snprintf(p->saw, sizeof(p->saw), "keys: sending %s, receiving %s%s", tx, rx,
		 pages ? ", zero-copy" : "");
	if (!e->conn || !s->run->look || ktls_conn_look(e->conn))
		return;
	p = &s->proof[BENCH_BY_DIAG];
	ktls_conn_info(e->conn, &info);
	p->right = (direction == BENCH_RECEIVE || info.tx.where != KTLS_USER) &&
		   (direction == BENCH_SEND || info.rx.where != KTLS_USER);
	snprintf(p->saw, sizeof(p->saw), "sending %s, receiving %s",
		 ktls_where_text(info.tx.where), ktls_where_text(info.rx.where));
}

static int prepare_end(struct bench_side *s, struct bench_end *e)
{
	int err = bench_open_end(s, e);

	if (!err && s->which == BENCH_A)
		witness(s, e);
	if (err)
		return err;
	return s->run->g->direction == BENCH_BOTH ? check_answer(s, e)
						  : check_stream(s, e);
}

/* Each connection of `close` is opened while the clock runs, but for the first. */
int bench_prepare(struct bench_side *s)
{
	int err = 0;

	for (size_t i = 0; i < s->n_ends && !err; i++)
		err = prepare_end(s, &s->ends[i]);
	if (!err && s->run->g->workload == BENCH_CLOSE)
		bench_end_close(&s->ends[0]);
	for (size_t i = 0; i < s->n_ends; i++)
		s->ends[i].calls = 0;
	return err;
}

/* ---- while it runs: once at least, however slow the machine ---- */

/* None of the calls that are counted. */
static void end_sending(struct bench_side *s)
{
	for (size_t i = 0; i < s->n_ends; i++, s->not_counted++)
		if (has_peer(s))
			bench_peer_bye(&s->ends[i]);
		else
			shutdown(s->ends[i].fd, SHUT_WR);
}

static int send_on(struct bench_side *s)
{
	struct bench_end *e = &s->ends[0];
	const size_t size = s->run->g->size;
	int err;

	do {
		err = bench_put_all(e, s->run->w->payload, size);
		if (err)
			break;
		s->operations++;
		s->bytes += size;
	} while (!stopped(s));
	end_sending(s);
	return err;
}

/* To the end, however it is said: whether all bytes came is counted. */
static int receive_on(struct bench_side *s)
{
	struct bench_end *e = &s->ends[0];
	ssize_t n = has_peer(s) ? bench_peer_begin(e) : 0;

	if (n)
		return (int)n;
	while ((n = e->mode->take(e, s->room, BENCH_ROOM)) > 0 || n == -EINTR)
		s->bytes += n > 0 ? (uint64_t)n : 0;
	return n == -EAGAIN ? -ETIMEDOUT : 0;
}

static int timed(struct bench_side *s, uint64_t begun, int err)
{
	if (err)
		return err;
	s->operations++;
	s->bytes += s->run->g->size;
	if (s->latency)
		histogram_add(s->latency, bench_now_ns() - begun);
	return 0;
}

/* Each connection in its turn, at both ends. */
static int ask_on(struct bench_side *s)
{
	size_t at = 0;
	int err;

	do {
		const uint64_t begun = bench_now_ns();

		err = timed(s, begun, ask(s, &s->ends[at]));
		at = (at + 1) % s->n_ends;
	} while (!err && !stopped(s));
	end_sending(s);
	return err;
}

/* Until nobody asks any more. */
static int answer_on(struct bench_side *s)
{
	for (size_t i = 0;; i = (i + 1) % s->n_ends) {
		if (answer(s, &s->ends[i]))
			return 0;
		s->operations++;
		s->bytes += s->run->g->size;
	}
}

/* Who connects in vain shall learn of it at once. Closing the listener does not do: of a
 * connection that is made at that moment no RST tells the other end now and then (Linux
 * 6.18; one in three here). */
static void turn_away(struct bench_side *s)
{
	const uint64_t end = bench_deadline();

	while (!atomic_load(&s->lane->answered_all) && bench_now_ns() < end) {
		struct pollfd p = { s->lane->listener, POLLIN, 0 };
		int fd = -1;

		s->not_counted++;
		if (poll(&p, 1, 1) > 0) {
			fd = accept4(p.fd, NULL, NULL, SOCK_CLOEXEC);
			s->not_counted++;
		}
		if (fd >= 0) {
			close(fd);
			s->not_counted++;
		}
	}
}

static int open_ask_close(struct bench_side *s)
{
	struct bench_end *e = &s->ends[0];
	int err;

	do {
		const uint64_t begun = bench_now_ns();

		err = bench_open_end(s, e);
		if (!err)
			err = timed(s, begun, ask(s, e));
		s->calls += e->calls;
		bench_end_close(e);
	} while (!err && !stopped(s));
	atomic_store(&s->lane->asked_all, true);
	if (s->run->w->n_there)
		turn_away(s);
	return err;
}

static int open_answer_close(struct bench_side *s)
{
	struct bench_end *e = &s->ends[0];
	int err;

	for (;;) {
		err = bench_open_end(s, e);
		if (!err)
			err = answer(s, e);
		s->calls += e->calls;
		bench_end_close(e);
		if (err)
			break;
		s->operations++;
		s->bytes += s->run->g->size;
	}
	atomic_store(&s->lane->answered_all, true);
	return atomic_load(&s->lane->asked_all) ? 0 : err;
}

static int work(struct bench_side *s)
{
	const struct bench_group *g = s->run->g;
	const bool a = s->which == BENCH_A;

	if (g->direction != BENCH_BOTH)
		return a == (g->direction == BENCH_SEND) ? send_on(s) : receive_on(s);
	if (g->workload == BENCH_CLOSE)
		return asks(s) ? open_ask_close(s) : open_answer_close(s);
	return asks(s) ? ask_on(s) : answer_on(s);
}

int bench_work(struct bench_side *s)
{
	struct bench_meter meter;
	int err;

	bench_meter_start(&meter, &s->run->w->counters);
	err = work(s);
	bench_meter_stop(&meter, &s->used);
	if (s->used.calls >= s->not_counted)
		s->used.calls -= s->not_counted;
	for (size_t i = 0; i < s->n_ends; i++)
		s->calls += s->ends[i].calls;
	return err;
}
