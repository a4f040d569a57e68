// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "wire_priv.h"

const char *const wire_engine_words[] = { "auto", "uring", "epoll", NULL };

struct wire {
	const struct wire_engine_ops *ops;
	void *state;
	int fd;
	struct wire_slot slots[WIRE_SIDES];
};

int64_t wire_now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t wire_stamp_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void wire_watch(struct wire *w, struct wire_times *t)
{
	w->slots[WIRE_RX].times = t;
}

static int open_with(struct wire *w, enum wire_engine engine, const char **why)
{
	int err = -ENOTSUP;

	*why = "not asked for";
	if (engine != WIRE_EPOLL) {
		w->ops = &wire_uring;
		err = w->ops->open(&w->state, why);
	}
	if (!err || engine == WIRE_URING)
		return err ? -ENOTSUP : 0;
	w->ops = &wire_epoll;
	return w->ops->open(&w->state, why);
}

int wire_open(struct wire **out, enum wire_engine engine, const char **why)
{
	struct wire *w = calloc(1, sizeof(*w));
	int err = w ? open_with(w, engine, why) : -ENOMEM;

	*out = NULL;
	if (err) {
		free(w);
		return err;
	}
	w->fd = -1;
	*out = w;
	return 0;
}

void wire_free(struct wire *w)
{
	if (!w)
		return;
	wire_cancel(w);
	w->ops->close(w->state);
	free(w);
}

enum wire_engine wire_engine(const struct wire *w)
{
	return w->ops->engine;
}

int wire_take(struct wire *w, int fd)
{
	w->fd = fd;
	return w->ops->take(w->state, fd);
}

void wire_start(struct wire *w, enum wire_side side, const struct wire_op *op)
{
	struct wire_slot *s = &w->slots[side];

	s->op = *op;
	if (op->what != WIRE_SPLICE || !op->fd)
		s->op.fd = w->fd;
	s->busy = true;
	w->ops->start(w->state, s, side);
}

bool wire_busy(const struct wire *w, enum wire_side side)
{
	return w->slots[side].busy;
}

ssize_t wire_result(const struct wire *w, enum wire_side side)
{
	return w->slots[side].result;
}

int wire_wait(struct wire *w, int64_t end_ns)
{
	const bool rx = w->slots[WIRE_RX].busy, tx = w->slots[WIRE_TX].busy;
	int err = rx || tx ? 0 : -EINVAL;

	/* Something may wake us for nothing, a signal or what a closed ring left behind.
	 */
	while (!err && w->slots[WIRE_RX].busy == rx && w->slots[WIRE_TX].busy == tx) {
		const int64_t left = end_ns - wire_now_ns();

		err = left > 0 ? w->ops->wait(w->state, w->slots, left) : -ETIMEDOUT;
	}
	return err;
}

ssize_t wire_do(struct wire *w, enum wire_side side, const struct wire_op *op,
		int64_t end_ns)
{
	int err = 0;

	wire_start(w, side, op);
	while (!err && w->slots[side].busy)
		err = wire_wait(w, end_ns);
	return err ? err : w->slots[side].result;
}

void wire_cancel(struct wire *w)
{
	w->ops->cancel(w->state, w->slots);
}
