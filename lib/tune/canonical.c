/* SPDX-License-Identifier: MIT */
/* Values as text in one form a kind, so that two of them can be compared. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tune_priv.h"

int tune_fail(struct tune_error *e, int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(e->why, sizeof(e->why), fmt, ap);
	va_end(ap);
	e->err = err;
	return err;
}

bool tune_numbers(const char *text, unsigned n, uint64_t *v)
{
	struct span rest = span(text, strcspn(text, "\n")), word;

	for (unsigned i = 0; i < n; i++)
		if (!next_word(&rest, &word) || !span_u64(word, &v[i]))
			return false;
	return !next_word(&rest, &word);
}

bool tune_size(struct span s, uint64_t *out)
{
	static const char units[] = "KMG";
	const char *unit = s.len ? strchr(units, s.p[s.len - 1]) : NULL;
	unsigned shift = 0;

	if (unit && *unit) {
		shift = 10 * (unsigned)(unit - units + 1);
		s.len--;
	}
	if (!span_u64(s, out) || *out > UINT64_MAX >> shift)
		return false;
	*out <<= shift;
	return true;
}

const char *tune_join(const uint64_t *v, unsigned n, struct arena *a)
{
	char text[TUNE_NUMBERS_MAX * 21 + 1] = "";
	size_t len = 0;

	for (unsigned i = 0; i < n; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%" PRIu64,
					i ? " " : "", v[i]);
	return arena_strdup(a, text);
}

static const char *no_memory(const char *text, struct tune_error *e)
{
	if (!text)
		tune_fail(e, -ENOMEM, "out of memory");
	return text;
}

static const char *numbers(const struct tunable *t, const char *text, struct arena *a,
			   struct tune_error *e)
{
	struct span rest = span(text, strlen(text)), word;
	uint64_t v[TUNE_NUMBERS_MAX];
	unsigned n = 0;

	for (; next_word(&rest, &word); n++) {
		if (n == t->n || !tune_size(word, &v[n])) {
			n = 0;
			break;
		}
		if (v[n] < t->min || v[n] > t->max) {
			tune_fail(e, -EINVAL,
				  "'%.*s' is out of range: %" PRIu64 " to %" PRIu64,
				  (int)word.len, word.p, t->min, t->max);
			return NULL;
		}
		if (n && t->ordered && v[n] < v[n - 1]) {
			tune_fail(e, -EINVAL,
				  "'%.80s': none may be less than the one "
				  "before it",
				  text);
			return NULL;
		}
	}
	if (n == t->n)
		return no_memory(tune_join(v, n, a), e);
	tune_fail(e, -EINVAL, "'%.80s' is no value for it: %u number%s wanted", text,
		  t->n, t->n > 1 ? "s" : "");
	return NULL;
}

static const char *word(const struct tunable *t, const char *text, struct arena *a,
			struct tune_error *e)
{
	bool known = !t->words && *text && strlen(text) < 32 &&
		     strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_-") ==
			     strlen(text);

	for (size_t i = 0; t->words && t->words[i]; i++)
		known |= !strcmp(t->words[i], text);
	if (known)
		return no_memory(arena_strdup(a, text), e);
	tune_fail(e, -EINVAL, "'%.80s' is no value for it: one word wanted", text);
	return NULL;
}

static const char *on_off(const char *text, struct arena *a, struct tune_error *e)
{
	static const char *const on[] = { "on", "yes", "true", "1" };
	static const char *const off[] = { "off", "no", "false", "0" };

	for (size_t i = 0; i < ARRAY_SIZE(on); i++) {
		if (!strcmp(text, on[i]))
			return no_memory(arena_strdup(a, "on"), e);
		if (!strcmp(text, off[i]))
			return no_memory(arena_strdup(a, "off"), e);
	}
	tune_fail(e, -EINVAL, "'%.80s' is no value for it: on or off wanted", text);
	return NULL;
}

static const char *mask(const char *text, struct arena *a, struct tune_error *e)
{
	const char *hex = cpus_mask_again(text, a);

	if (!hex)
		tune_fail(e, -EINVAL,
			  "'%.80s' is no value for it: a hexadecimal mask of processors "
			  "wanted",
			  text);
	return hex;
}

const char *tune_canonical(const struct tunable *t, const char *text, struct arena *a,
			   struct tune_error *error)
{
	switch (t->kind) {
	case TUNE_NUMBERS:
		return numbers(t, text, a, error);
	case TUNE_WORD:
		return word(t, text, a, error);
	case TUNE_SWITCH:
		return on_off(text, a, error);
	case TUNE_MASK:
		return mask(text, a, error);
	}
	return NULL;
}

/* The digits that count. */
static const char *significant(const char *mask, size_t *n)
{
	*n = strspn(mask, "0,");
	return mask + *n;
}

static bool masks_equal(const char *a, const char *b)
{
	size_t n;

	a = significant(a, &n);
	b = significant(b, &n);
	for (;; a++, b++) {
		a += *a == ',';
		b += *b == ',';
		if ((*a | 0x20) != (*b | 0x20))
			return false;
		if (!*a || !*b)
			return *a == *b;
	}
}

bool tune_equal(const struct tunable *t, const char *a, const char *b)
{
	uint64_t x[TUNE_NUMBERS_MAX], y[TUNE_NUMBERS_MAX];

	switch (t->kind) {
	case TUNE_NUMBERS:
		return tune_numbers(a, t->n, x) && tune_numbers(b, t->n, y) &&
		       !memcmp(x, y, t->n * sizeof(*x));
	case TUNE_MASK:
		return masks_equal(a, b);
	default:
		return !strcmp(a, b);
	}
}

int tune_value(struct tune_setting *s, const char *text, struct arena *a,
	       struct tune_error *e)
{
	struct tune_error no_rule = { 0 };

	s->value = tune_canonical(s->tunable, text, a, e);
	if (s->value || e->err != -EINVAL || tune_rule_check(s->tunable, text, &no_rule))
		return s->value ? 0 : e->err;
	s->rule = arena_strdup(a, text);
	return s->rule ? 0 : -ENOMEM;
}
