/* SPDX-License-Identifier: MIT */
/* A hash table with open addressing; nothing is ever taken out of it. */
#include <errno.h>
#include <string.h>

#include "programs.h"

static size_t slot_of(const struct idmap *m, const uint64_t *key)
{
	uint64_t hash = 0;
	size_t i;

	for (int k = 0; k < IDMAP_KEY; k++) {
		hash = (hash ^ key[k]) * 0x9e3779b97f4a7c15u;
		hash ^= hash >> 29;
	}
	i = (size_t)hash & (m->size - 1);
	while (m->slots[i].value && memcmp(m->slots[i].key, key, sizeof(m->slots[i].key)))
		i = (i + 1) & (m->size - 1);
	return i;
}

void *idmap_get(const struct idmap *m, const uint64_t *key)
{
	return m->size ? m->slots[slot_of(m, key)].value : NULL;
}

static int grow(struct idmap *m)
{
	struct idmap bigger = { m->arena, NULL, m->n, m->size ? m->size * 2 : 256 };

	bigger.slots = arena_alloc(m->arena, bigger.size * sizeof(*bigger.slots));
	if (!bigger.slots)
		return -ENOMEM;
	for (size_t i = 0; i < m->size; i++)
		if (m->slots[i].value)
			bigger.slots[slot_of(&bigger, m->slots[i].key)] = m->slots[i];
	*m = bigger;
	return 0;
}

int idmap_put(struct idmap *m, const uint64_t *key, void *value)
{
	struct idmap_slot *slot;

	if (m->n * 2 >= m->size && grow(m))
		return -ENOMEM;
	slot = &m->slots[slot_of(m, key)];
	memcpy(slot->key, key, sizeof(slot->key));
	slot->value = value;
	m->n++;
	return 0;
}
