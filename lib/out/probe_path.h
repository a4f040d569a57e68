/* SPDX-License-Identifier: MIT */
/* Between the renderers of a probe: what it found through a NIC (probe_path.c). */
#ifndef KTLSCTL_PROBE_PATH_H
#define KTLSCTL_PROBE_PATH_H

#include "text.h"

/* Of one that has rows, or was to have some. */
enum probe_answer path_answer(const struct probe_facts *p);
void path_headline(FILE *f, const struct probe_facts *p);
void path_text(struct text *t, const struct probe_facts *p);

#endif
