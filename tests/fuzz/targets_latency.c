/* SPDX-License-Identifier: MIT */
/* Heads of packets, and the numbers in them. */
#include <stdlib.h>
#include <string.h>

#include "../../lib/load/packet.h"
#include "../../lib/load/sequence.h"
#include "targets.h"

/* A copy of the head's bytes in which those behind it were changed gives the same. */
static const char *head_alone(const char *data, size_t len, const struct packet *p)
{
	struct packet again;
	char *copy = malloc(len);
	bool same;

	if (!copy)
		return NULL;
	memcpy(copy, data, len);
	for (size_t i = 160; i < len; i++)
		copy[i] = (char)~copy[i];
	same = packet_parse((const uint8_t *)copy, len, &again) && again.seq == p->seq &&
	       again.len == p->len && again.to_port == p->to_port;
	free(copy);
	/* Eight extension headers may be longer than that. */
	return same || (data[0] & 0xf0) == 0x60 ? NULL
						: "the data of a packet change its head";
}

const char *fuzz_packet(const char *data, size_t len)
{
	struct packet p;

	if (!packet_parse((const uint8_t *)data, len, &p))
		return NULL;
	if (p.len > 65535 + 40)
		return "more data than a packet can have";
	return head_alone(data, len, &p);
}

/* What is remembered is as the header says. */
static const char *properties(const struct sequence *s, uint64_t before)
{
	const size_t n = s->n_steps < SEQUENCE_STEPS ? s->n_steps : SEQUENCE_STEPS;

	if (s->anchored && s->edge < before)
		return "the stream became shorter";
	for (size_t i = 0; i < s->n_early; i++)
		if (s->early[i].from <= s->edge || s->early[i].to <= s->early[i].from)
			return "what is kept as early is not";
	for (size_t i = 1; s->anchored && i < n; i++)
		if (s->steps[(s->n_steps - i) % SEQUENCE_STEPS].edge <=
		    s->steps[(s->n_steps - 1 - i) % SEQUENCE_STEPS].edge)
			return "a later step does not lead further";
	return NULL;
}

/* Eight bytes a packet: its number and its length; one of length 0 asks TCP. */
const char *fuzz_sequence(const char *data, size_t len)
{
	struct sequence *s = calloc(1, sizeof(*s));
	struct sequence_step step;
	const char *bad = NULL;
	int64_t now = 1;

	for (; s && !bad && len >= 8; data += 8, len -= 8) {
		uint64_t before = s->edge;
		struct sequence_packet p = { .kernel_ns = now++ };

		memcpy(&p.seq, data, 4);
		memcpy(&p.len, data + 4, 4);
		p.len &= 0xffff;
		sequence_add(s, &p);
		if (!p.len && sequence_anchor(s, p.seq))
			before = 0;
		else if (!p.len)
			before = s->edge;
		bad = properties(s, before);
		if (!bad && sequence_find(s, s->edge, &step) && step.edge < s->edge)
			bad = "a step that does not lead so far was found";
	}
	free(s);
	return bad;
}
