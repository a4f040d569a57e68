/* SPDX-License-Identifier: MIT */
#ifndef KTLSCTL_UTF8_H
#define KTLSCTL_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Length of the valid UTF-8 sequence at s (1 to 4), 0 when there is none. */
size_t utf8_len(const char *s);

/* Whether all len bytes are valid UTF-8 without a NUL. */
bool utf8_valid(const char *s, size_t len);

/*
 * s with every byte that is no valid UTF-8, and every control character but newline and
 * tab, written as \xNN. Owned by the caller, free(3); NULL without memory.
 */
char *utf8_clean(const char *s);

#endif
