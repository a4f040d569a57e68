// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "samples.h"

struct sample {
	uint64_t netns, cookie; /* cookie 0: free; the kernel counts from 1 */
	uint64_t first_ns, sent, received;
};

struct table {
	struct sample *v;
	size_t n, room; /* a power of two */
};

struct samples {
	struct table now, before;
	uint64_t now_ns, before_ns;
};

struct samples *samples_new(void)
{
	return calloc(1, sizeof(struct samples));
}

void samples_free(struct samples *s)
{
	if (!s)
		return;
	free(s->now.v);
	free(s->before.v);
	free(s);
}

static struct sample *slot(const struct table *t, uint64_t netns, uint64_t cookie)
{
	size_t i = (cookie * 0x9e3779b97f4a7c15u >> 32 ^ netns) & (t->room - 1);

	while (t->v[i].cookie && (t->v[i].cookie != cookie || t->v[i].netns != netns))
		i = (i + 1) & (t->room - 1);
	return &t->v[i];
}

static int make_room(struct table *t)
{
	struct table bigger = { .n = t->n, .room = t->room ? t->room * 2 : 256 };

	if (t->n * 2 < t->room)
		return 0;
	bigger.v = calloc(bigger.room, sizeof(*bigger.v));
	if (!bigger.v)
		return -ENOMEM;
	for (size_t i = 0; i < t->room; i++)
		if (t->v[i].cookie)
			*slot(&bigger, t->v[i].netns, t->v[i].cookie) = t->v[i];
	free(t->v);
	*t = bigger;
	return 0;
}

int samples_begin(struct samples *s, uint64_t now_ns)
{
	free(s->before.v);
	s->before = s->now;
	s->before_ns = s->now_ns;
	s->now = (struct table){ 0 };
	s->now_ns = now_ns;
	return make_room(&s->now);
}

/* 0 for a counter that went back: it is another socket's. */
static uint64_t per_second(uint64_t now, uint64_t before, uint64_t ns)
{
	return now < before || !ns
		       ? 0
		       : (uint64_t)((double)(now - before) * 1e9 / (double)ns);
}

int samples_add(struct samples *s, uint64_t netns, const struct diag_socket *d,
		struct sample_rates *out)
{
	const uint64_t sent = d->tcp.bytes_acked, received = d->tcp.bytes_received;
	const struct sample *old = NULL;
	struct sample *new;

	*out = (struct sample_rates){ 0 };
	if (!d->cookie)
		return 0;
	if (make_room(&s->now))
		return -ENOMEM;
	if (s->before.room)
		old = slot(&s->before, netns, d->cookie);
	new = slot(&s->now, netns, d->cookie);
	s->now.n += !new->cookie;
	*new = (struct sample){ netns, d->cookie, s->now_ns, sent, received };
	if (!old || !old->cookie)
		return 0;
	new->first_ns = old->first_ns;
	out->first_seen_ms = (s->now_ns - new->first_ns) / 1000000;
	out->sent_per_s = per_second(sent, old->sent, s->now_ns - s->before_ns);
	out->received_per_s = per_second(received, old->received,
					 s->now_ns - s->before_ns);
	return 0;
}
