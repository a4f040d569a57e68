// SPDX-License-Identifier: MIT
#include <stddef.h>

#include "../host/cleanup.h"
#include "load.h"
#include "query.h"

static const struct {
	const char *name;
	unsigned bit;
	size_t at;
	uint64_t least, most;
} names[] = {
	{ "rate", QUERY_RATE, offsetof(struct query, rate), 0, PEER_RATE_MAX },
	{ "size", QUERY_SIZE, offsetof(struct query, size), 0, PEER_GIVE_MAX },
	{ "count", QUERY_COUNT, offsetof(struct query, count), 1, UINT32_MAX },
	{ "piece", QUERY_PIECE, offsetof(struct query, piece), PEER_PIECE_MIN,
	  PEER_MESSAGE_MAX },
	{ "text", QUERY_TEXT, offsetof(struct query, text), 0, 1 },
};

/* One "name=value"; its bit in *bit. */
static const char *take(struct span part, struct query *q, unsigned *bit)
{
	struct span name;
	uint64_t n;

	if (!cut_at(&part, '=', &name))
		return "a part of the query is no name=number";
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (!span_is(name, names[i].name))
			continue;
		if (!span_u64(part, &n) || n < names[i].least || n > names[i].most)
			return "a number of the query is out of bounds";
		*bit = names[i].bit;
		*(uint64_t *)((char *)q + names[i].at) = n;
		return NULL;
	}
	return "the query has a name that is not known here";
}

const char *query_parse(struct span text, unsigned mask, struct query *q)
{
	struct span part;
	unsigned bit = 0;

	while (text.len) {
		const char *bad;

		if (!cut_at(&text, '&', &part)) {
			part = text;
			text = span("", 0);
		}
		bad = take(part, q, &bit);
		if (bad)
			return bad;
		if (!(mask & bit))
			return "the query has a name twice, or one that is not for this";
		mask &= ~bit;
	}
	return NULL;
}
