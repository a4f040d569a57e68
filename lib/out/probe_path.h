/* SPDX-License-Identifier: MIT */
/* Between the renderers of a probe. */
#ifndef KTLSCTL_PROBE_PATH_H
#define KTLSCTL_PROBE_PATH_H

#include "text.h"

/* In a column; a row whose cells all say the same has room for more (NULL: it has not).
 */
struct probe_word {
	const char *cell, *row;
};
extern const struct probe_word probe_words[]; /* by enum probe_verdict */
enum verdict probe_symbol(enum probe_verdict v);

/* The columns of the table: sending and receiving with TLS 1.2, then with 1.3. */
enum { PROBE_COLUMNS = 4 };
const struct probe_cell *probe_cell_at(const struct probe_facts *p, const char *cipher,
				       int column);

/* ---- what it found through a NIC: probe_path.c ---- */

struct path_word {
	const char *word;
	enum verdict verdict;
};
extern const struct path_word path_words[]; /* by enum path_verdict */

/* Of one that has rows, or was to have some. */
enum probe_answer path_answer(const struct probe_facts *p);
void path_headline(FILE *f, const struct probe_facts *p);
void path_text(struct text *t, const struct probe_facts *p);

#endif
