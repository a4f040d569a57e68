/* SPDX-License-Identifier: MIT */
/*
 * An arena: many small allocations, one free. Facts and reports own one each.
 *
 * Every function returns NULL only when memory is exhausted; what an arena handed out
 * lives until arena_free() and must not be freed on its own.
 */
#ifndef KTLSCTL_ARENA_H
#define KTLSCTL_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *a);
/* All that was handed out is gone; a block stays for what comes next. */
void arena_reset(struct arena *a);

/* Zeroed, aligned for any type. */
void *arena_alloc(struct arena *a, size_t size);
char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t len);
char *arena_printf(struct arena *a, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *a, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));

/*
 * Room for one more element of a growing array of n elements: returns the array, moved
 * where it had to be (the old one stays valid), the new element zeroed.
 */
void *arena_grow(struct arena *a, void *array, size_t n, size_t size);

static inline void arena_free_(struct arena **a)
{
	arena_free(*a);
}
#define cleanup_arena __attribute__((cleanup(arena_free_)))

#endif
