// SPDX-License-Identifier: MIT
#include "sequence.h"

/* Where the packets end, whatever their numbers are counted from. */
static void note_end(struct sequence *s, const struct sequence_packet *p)
{
	const uint32_t end = p->seq + p->len;

	if (!s->seen || (int32_t)(end - s->high) > 0)
		s->high = end;
	s->seen = true;
	if (s->anchored)
		return;
	s->steps[0] = (struct sequence_step){ 0, p->kernel_ns, p->nic_ns };
	s->n_steps = 1;
}

static void advance(struct sequence *s, uint64_t to, const struct sequence_packet *p)
{
	s->at += (uint32_t)(to - s->edge);
	s->edge = to;
	s->steps[s->n_steps++ % SEQUENCE_STEPS] =
		(struct sequence_step){ to, p->kernel_ns, p->nic_ns };
}

/* How far the stream reaches with what came early, when it reaches to there. */
static uint64_t with_early(struct sequence *s, uint64_t to)
{
	for (size_t i = 0; i < s->n_early;) {
		if (s->early[i].from > to) {
			i++;
			continue;
		}
		if (s->early[i].to > to)
			to = s->early[i].to;
		s->early[i] = s->early[--s->n_early];
		i = 0; /* one that was passed over may fit now */
	}
	return to;
}

static void keep(struct sequence *s, uint64_t from, uint64_t to)
{
	if (s->n_early == SEQUENCE_EARLY) {
		s->lost++;
		return;
	}
	s->early[s->n_early].from = from;
	s->early[s->n_early++].to = to;
}

void sequence_add(struct sequence *s, const struct sequence_packet *p)
{
	int64_t from, to;

	if (!p->len)
		return;
	note_end(s, p);
	if (!s->anchored)
		return;
	/* Within 2 GiB before or behind the edge: no window is larger. */
	from = (int64_t)s->edge + (int32_t)(p->seq - s->at);
	to = from + p->len;
	if (from < (int64_t)s->edge)
		s->again += to < (int64_t)s->edge ? p->len
						  : (uint64_t)((int64_t)s->edge - from);
	if (to <= (int64_t)s->edge)
		return;
	if (from > (int64_t)s->edge)
		keep(s, (uint64_t)from, (uint64_t)to);
	else
		advance(s, with_early(s, (uint64_t)to), p);
}

bool sequence_anchor(struct sequence *s, uint64_t position)
{
	const bool first = !s->anchored;

	if (!s->seen || (!first && s->edge == position))
		return s->seen;
	/* The kernel shows a packet before TCP counts it: the last one ends there. */
	s->anchored = true;
	s->at = s->high;
	s->edge = position;
	s->n_early = 0;
	s->n_steps = first;
	s->steps[0].edge = position;
	return first;
}

bool sequence_find(const struct sequence *s, uint64_t position, struct sequence_step *out)
{
	const size_t n = s->n_steps < SEQUENCE_STEPS ? s->n_steps : SEQUENCE_STEPS;
	bool found = false;

	/* From the last backwards: edges only grow. */
	for (size_t i = 0; s->anchored && i < n; i++) {
		const struct sequence_step *step =
			&s->steps[(s->n_steps - 1 - i) % SEQUENCE_STEPS];

		if (step->edge < position)
			return found;
		*out = *step;
		found = true;
	}
	/* What was before the oldest step is not known: it may have come with that. */
	return found && out->edge == position;
}
