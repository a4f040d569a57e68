/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../host/arena.h"
#include "set.h"

enum { SLOTS_FIRST = 64 };

void set_free(struct set *s)
{
	free(s->items);
	free(s->slots);
	s->items = NULL;
	s->slots = NULL;
	s->n = s->n_slots = 0;
}

/* Eight bytes at a time, each of them multiplied into all bits above. */
static uint32_t hash_of(const void *bytes, size_t len)
{
	const uint64_t odd = 0x9e3779b97f4a7c15;
	const char *p = bytes;
	uint64_t h = len * odd, v;

	for (; len >= sizeof(v); len -= sizeof(v), p += sizeof(v)) {
		memcpy(&v, p, sizeof(v));
		h = (h ^ v) * odd;
		h ^= h >> 32;
	}
	v = 0;
	memcpy(&v, p, len);
	h = (h ^ v) * odd;
	return (uint32_t)(h ^ h >> 32);
}

/* The slot that holds it, or the free one where it belongs. */
static uint32_t slot_of(const struct set *s, const void *bytes, size_t len, uint32_t hash)
{
	uint32_t at = hash & (s->n_slots - 1);

	for (; s->slots[at]; at = (at + 1) & (s->n_slots - 1)) {
		const struct set_item *i = &s->items[s->slots[at] - 1];

		if (i->hash == hash && i->len == len && !memcmp(i->bytes, bytes, len))
			break;
	}
	return at;
}

/* Half of the slots stay free. */
static int grow(struct set *s)
{
	uint32_t n = s->n_slots ? s->n_slots * 2 : SLOTS_FIRST;
	struct set_item *items = realloc(s->items, n / 2 * sizeof(*items));
	uint32_t *slots = items ? calloc(n, sizeof(*slots)) : NULL;

	s->items = items ? items : s->items;
	if (!slots)
		return -1;
	free(s->slots);
	s->slots = slots;
	s->n_slots = n;
	for (uint32_t i = 0; i < s->n; i++) {
		const struct set_item *item = &s->items[i];

		slots[slot_of(s, item->bytes, item->len, item->hash)] = i + 1;
	}
	return 0;
}

uint32_t set_find(const struct set *s, const void *bytes, size_t len)
{
	uint32_t at;

	if (!s->n_slots)
		return SET_NONE;
	at = slot_of(s, bytes, len, hash_of(bytes, len));
	return s->slots[at] ? s->slots[at] - 1 : SET_NONE;
}

uint32_t set_add(struct set *s, const void *bytes, size_t len)
{
	const uint32_t hash = hash_of(bytes, len);
	uint32_t at = s->n_slots ? slot_of(s, bytes, len, hash) : 0;
	char *copy;

	if (s->n_slots && s->slots[at])
		return s->slots[at] - 1;
	if (s->n == s->limit)
		return SET_NONE;
	if (s->n >= s->n_slots / 2) {
		if (grow(s))
			return SET_NO_MEMORY;
		at = slot_of(s, bytes, len, hash);
	}
	copy = arena_strndup(s->arena, bytes, len);
	if (!copy)
		return SET_NO_MEMORY;
	s->slots[at] = s->n + 1;
	s->items[s->n] = (struct set_item){ copy, (uint32_t)len, hash };
	return s->n++;
}

int set_reserve(void **array, uint32_t *room, uint32_t n, size_t size)
{
	uint32_t more = *room ? *room * 2 : 16;
	char *grown;

	if (n < *room)
		return 0;
	grown = realloc(*array, more * size);
	if (!grown)
		return -ENOMEM;
	memset(grown + *room * size, 0, (more - *room) * size);
	*array = grown;
	*room = more;
	return 0;
}
