/* SPDX-License-Identifier: MIT */
/* Words on an 80-column screen: wrapping, symbols, colour. For the text renderers only.
 */
#ifndef KTLSCTL_TEXT_H
#define KTLSCTL_TEXT_H

#include <stdio.h>

#include "render.h"

enum { TEXT_WIDTH = 80 };

struct text {
	FILE *f; /* of open_memstream(3) */
	char *data;
	size_t len;
	struct text_style style;
};

int text_open(struct text *t, const struct text_style *style);
/* The same, and begins with answer as a sentence. 0 or -ENOMEM. */
int text_open_answer(struct text *t, const struct text_style *style, const char *answer);
/* The string; NULL when something could not be written to memory. */
char *text_close(struct text *t);

/*
 * Writes s, wrapped between words at TEXT_WIDTH; the first line goes on at column col,
 * the others begin at indent. Ends with a newline. Control characters and invalid UTF-8
 * come out as \xNN.
 */
void text_wrap(struct text *t, unsigned col, unsigned indent, const char *s);
/* s as it is, in one line: what is to be pasted must not be broken. */
void text_line(struct text *t, unsigned indent, const char *s);

/* One word, padded to pad columns, cleaned like the rest. */
void text_word(struct text *t, int pad, const char *s);
/* "✗" or "X" in the verdict's colour. */
void text_symbol(struct text *t, enum verdict v);
/* "  label    words, wrapped below themselves": they begin width columns behind it. */
void text_label(struct text *t, unsigned width, const char *label, const char *words);
/* The same with a symbol before the words. */
void text_label_mark(struct text *t, unsigned width, const char *label, enum verdict v,
		     const char *words);
void text_bold(struct text *t, const char *s);

#endif
