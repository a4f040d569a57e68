/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../host/cleanup.h"
#include "text.h"
#include "utf8.h"

int text_open(struct text *t, const struct text_style *style)
{
	*t = (struct text){ .style = *style };
	t->f = open_memstream(&t->data, &t->len);
	return t->f ? 0 : -ENOMEM;
}

char *text_close(struct text *t)
{
	bool bad = ferror(t->f);

	bad |= fclose(t->f) != 0;
	if (!bad)
		return t->data;
	free(t->data);
	return NULL;
}

/* Columns, not bytes: a character that is more than one byte takes one column here. */
static unsigned width(const char *s, size_t len)
{
	unsigned n = 0;

	for (size_t i = 0; i < len; i++)
		n += (s[i] & 0xc0) != 0x80;
	return n;
}

/* Begins a line for a word of w columns: further to the left if it would not fit. */
static unsigned new_line(struct text *t, unsigned indent, unsigned w)
{
	if (indent + w > TEXT_WIDTH)
		indent = w < TEXT_WIDTH ? TEXT_WIDTH - w : 0;
	fprintf(t->f, "\n%*s", (int)indent, "");
	return indent;
}

static void wrap(struct text *t, unsigned col, unsigned indent, const char *s)
{
	bool begun = false;

	while (*s) {
		size_t len = strcspn(s, " \n\t");
		unsigned w = width(s, len);

		if (col + begun + w > TEXT_WIDTH && (begun || col > indent)) {
			col = new_line(t, indent, w);
		} else if (begun) {
			fputc(' ', t->f);
			col++;
		}
		fwrite(s, 1, len, t->f);
		col += w;
		begun = true;
		s += len;
		s += strspn(s, " \n\t");
	}
	fputc('\n', t->f);
}

void text_wrap(struct text *t, unsigned col, unsigned indent, const char *s)
{
	char *clean = utf8_clean(s);

	if (clean)
		wrap(t, col, indent, clean);
	free(clean);
}

void text_line(struct text *t, unsigned indent, const char *s)
{
	char *clean = utf8_clean(s);

	if (clean)
		fprintf(t->f, "%*s%s\n", (int)indent, "", clean);
	free(clean);
}

void text_word(struct text *t, int pad, const char *s)
{
	char *clean = utf8_clean(s);

	if (clean)
		fprintf(t->f, "%-*s", pad, clean);
	free(clean);
}

void text_symbol(struct text *t, enum verdict v)
{
	static const struct {
		const char *utf8, *ascii, *color;
	} symbols[VERDICT_COUNT] = {
		[VERDICT_OK] = { "✓", "+", "32" },
		[VERDICT_INFO] = { "i", "i", "34" },
		[VERDICT_WARN] = { "!", "!", "33" },
		[VERDICT_FAIL] = { "✗", "X", "31" },
		[VERDICT_UNKNOWN] = { "?", "?", "35" },
		[VERDICT_SKIP] = { "-", "-", "2" },
	};
	const char *s = t->style.utf8 ? symbols[v].utf8 : symbols[v].ascii;

	if (t->style.color)
		fprintf(t->f, "\033[%sm%s\033[0m", symbols[v].color, s);
	else
		fputs(s, t->f);
}

void text_bold(struct text *t, const char *s)
{
	fputs(t->style.color ? "\033[1m" : "", t->f);
	text_word(t, 0, s);
	fputs(t->style.color ? "\033[0m" : "", t->f);
}

void text_label(struct text *t, unsigned width, const char *label, const char *words)
{
	fputs("  ", t->f);
	text_word(t, (int)width, label);
	text_wrap(t, 2 + width, 2 + width, words);
}

void text_label_mark(struct text *t, unsigned width, const char *label, enum verdict v,
		     const char *words)
{
	fputs("  ", t->f);
	text_word(t, (int)width, label);
	text_symbol(t, v);
	fputc(' ', t->f);
	text_wrap(t, 4 + width, 4 + width, words);
}

int text_open_answer(struct text *t, const struct text_style *style, const char *answer)
{
	cleanup_free char *sentence = NULL;

	if (asprintf(&sentence, "%s.", answer) < 0) {
		sentence = NULL;
		return -ENOMEM;
	}
	if (text_open(t, style))
		return -ENOMEM;
	text_wrap(t, 0, 0, sentence);
	return 0;
}
