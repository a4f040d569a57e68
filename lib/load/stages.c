// SPDX-License-Identifier: MIT
#include "stages.h"

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static void add(struct histogram *h, int64_t ns)
{
	histogram_add(h, ns > 0 ? (uint64_t)ns : 0);
}

/* The clocks of the client follow one another; what the kernel says has to be between its
 * own message's question and its plaintext. */
static bool plausible(const struct stamps *t, enum stages_needs needs)
{
	if (t->called_ns > t->plain_ns || t->plain_ns > t->parsed_ns ||
	    t->parsed_ns > t->done_ns)
		return false;
	return needs == STAGES_USER ||
	       (t->kernel_ns <= t->plain_ns && t->kernel_ns >= t->sent_ns);
}

static bool complete(const struct stamps *t, enum stages_needs needs)
{
	return (needs < STAGES_KERNEL || t->kernel_ns) &&
	       (needs < STAGES_NIC || t->nic_ns);
}

/* Where the way begins, but for the NIC. *awake: nothing had to be woken for it. */
static int64_t begin(const struct stamps *t, enum stages_needs needs, bool *awake)
{
	const int64_t earliest = needs == STAGES_USER ? t->sent_ns : t->kernel_ns;

	*awake = t->woken_ns < earliest || !t->woken_ns;
	if (needs != STAGES_USER)
		return t->kernel_ns;
	return *awake ? t->called_ns : t->woken_ns;
}

void stages_add(struct stages *s, const struct stamps *t, enum stages_needs needs)
{
	int64_t start, woken, called, plain, nic = 0;
	bool awake;

	if (!complete(t, needs)) {
		s->unmatched++;
		return;
	}
	if (!plausible(t, needs)) {
		s->implausible++;
		return;
	}
	start = begin(t, needs, &awake);
	woken = later(start, awake ? 0 : t->woken_ns);
	called = later(woken, t->called_ns);
	plain = later(called, t->plain_ns);
	s->awake += awake;
	if (needs == STAGES_NIC) {
		nic = start - t->nic_ns;
		add(&s->of[STAGE_NIC], nic);
		s->excess_ns += nic < 0 ? (uint64_t)-nic : 0;
	}
	if (needs != STAGES_USER)
		add(&s->of[STAGE_WAKE], woken - start);
	add(&s->of[STAGE_CALL], called - woken);
	add(&s->of[STAGE_DECRYPT], plain - called);
	add(&s->of[STAGE_PARSE], t->parsed_ns - plain);
	add(&s->of[STAGE_CALLBACK], t->done_ns - t->parsed_ns);
	add(&s->total, t->done_ns - start + nic);
}

uint64_t stages_share_permille(const struct stages *s, enum stage which)
{
	if (!s->total.sum)
		return 0;
	return (uint64_t)((double)s->of[which].sum * 1000 / (double)s->total.sum + 0.5);
}
