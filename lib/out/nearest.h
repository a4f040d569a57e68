/* SPDX-License-Identifier: MIT */
/* What somebody meant to write. */
#ifndef KTLSCTL_NEAREST_H
#define KTLSCTL_NEAREST_H

/* The nearest of the words (NULL-terminated) to what was typed; NULL: none is near. */
const char *nearest(const char *typed, const char *const *words);

#endif
