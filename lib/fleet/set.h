/* SPDX-License-Identifier: MIT */
/*
 * Things that are equal when their bytes are, each kept once and called by its number,
 * from 0 on. A set takes a limited number of them: what a fleet is grouped by comes from
 * outside.
 */
#ifndef KTLSCTL_FLEET_SET_H
#define KTLSCTL_FLEET_SET_H

#include <stddef.h>
#include <stdint.h>

struct arena;

/* In place of a number: memory ran out; there are too many (set_add), none (set_find). */
#define SET_NO_MEMORY (UINT32_MAX - 1)
#define SET_NONE      UINT32_MAX

struct set_item {
	const void *bytes; /* in the arena, aligned, with a NUL behind them */
	uint32_t len;
	uint32_t hash;
};

struct set {
	struct arena *arena; /* the caller's */
	struct set_item *items;
	uint32_t n, limit;
	uint32_t *slots; /* number + 1; 0: free */
	uint32_t n_slots;
};

void set_free(struct set *s);
uint32_t set_add(struct set *s, const void *bytes, size_t len);
uint32_t set_find(const struct set *s, const void *bytes, size_t len);

/* Room for element n of an array beside a set, what is new zeroed; free(3). 0 or -ENOMEM
 */
int set_reserve(void **array, uint32_t *room, uint32_t n, size_t size);

#endif
