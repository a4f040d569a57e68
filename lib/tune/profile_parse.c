/* SPDX-License-Identifier: MIT */
/*
 * The text of a profile:
 *
 *	[profile]
 *	summary = one line
 *	about = a paragraph; this key and the next three may be given on several lines
 *	include = baseline
 *	servers = nginx                   a plan tells also the lines it should have
 *
 *	[net.ipv4.tcp_rmem]
 *	rule = keep keep bdp:20ms         or: value = 4096 131072 33554432
 *	max = 1G ram/64
 *	because = why, and where that is written
 *	risk = what it can cost
 *	when = kernel >= 6.6, ram >= 2G
 *	may_lower = why also a higher value is brought down
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../facts/ini.h"
#include "../out/nearest.h"
#include "tune_priv.h"

struct parse {
	struct profile_text *p;
	struct arena *arena;
	struct tune_error *e;
	const char *section; /* NULL: none yet */
	unsigned line;       /* of its first key */
	bool is_profile;
	struct tune_setting draft;
	const char *may_lower;
};

static int wrong(struct parse *x, unsigned line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static int wrong(struct parse *x, unsigned line, const char *fmt, ...)
{
	char text[sizeof(x->e->why)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return tune_fail(x->e, -EINVAL, "%.120s:%u: %.190s", x->p->file, line, text);
}

const char *tune_nearest(const char *typed)
{
	const char *ids[64] = { 0 };

	for (size_t i = 0; tunables[i] && i + 1 < ARRAY_SIZE(ids); i++)
		ids[i] = tunables[i]->id;
	return nearest(typed, ids);
}

static int unknown_key(struct parse *x, unsigned line, const char *key)
{
	const char *slash = strrchr(key, '/');
	const char *near = tune_nearest(slash ? slash + 1 : key);

	return wrong(x, line, "unknown key '%.60s'%s%s%s", key,
		     near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}

/* What a key of a setting says can be understood; a value is canonical from here on. */
static int check_line(struct parse *x, unsigned line, const char **to)
{
	struct tune_setting *s = &x->draft;
	struct tune_error e = { 0 };

	if (to == &s->value)
		s->value = tune_canonical(s->tunable, s->value, x->arena, &e);
	else if (to == &s->rule)
		tune_rule_check(s->tunable, s->rule, &e);
	else if (to == &s->min || to == &s->max)
		tune_bound_check(s->tunable, *to, &e);
	else if (to == &s->when)
		tune_when_check(s->when, &e);
	if (e.err == -EINVAL)
		return wrong(x, line, "%s: %s", s->tunable->id, e.why);
	return e.err;
}

static int check_setting(struct parse *x, struct tune_setting *s)
{
	if (!s->value == !s->rule)
		return wrong(x, x->line, "[%.60s] wants either a value or a rule",
			     x->section);
	if (!s->because)
		return wrong(x, x->line, "[%.60s] does not say why: because = ...",
			     x->section);
	return 0;
}

static int end_setting(struct parse *x)
{
	struct tune_setting *s = &x->draft;
	int err;

	if (!x->section || x->is_profile)
		return 0;
	err = check_setting(x, s);
	if (err)
		return err;
	s->may_lower = x->may_lower;
	if (x->may_lower)
		s->because = arena_printf(x->arena, "%s; a higher value is lowered: %s",
					  s->because, x->may_lower);
	s->risk = s->risk ? s->risk : "";
	s->source = arena_printf(x->arena, "%s:%u", x->p->file, x->line);
	return s->because && s->source ? tune_profile_put(x->p->out, s) : -ENOMEM;
}

static bool is_taken(const struct parse *x, const char *section)
{
	const struct tune_profile *p = x->p->out;
	size_t n = strlen(section);

	for (size_t i = 0; i < p->n_settings; i++) {
		const struct tune_setting *s = &p->settings[i];
		size_t d = s->device ? strlen(s->device) + 1 : 0;

		if (n == d + strlen(s->tunable->id) &&
		    !strcmp(section + d, s->tunable->id) &&
		    (!d || !strncmp(section, s->device, d - 1)))
			return true;
	}
	return false;
}

static int begin_section(struct parse *x, const struct ini_line *l)
{
	int err = end_setting(x);

	if (err)
		return err;
	if (!*l->section)
		return wrong(x, l->number, "no [section] above '%.60s'", l->key);
	x->section = arena_strdup(x->arena, l->section);
	x->line = l->number;
	x->draft = (struct tune_setting){ 0 };
	x->may_lower = NULL;
	x->is_profile = !strcmp(l->section, "profile");
	if (!x->section)
		return -ENOMEM;
	if (x->is_profile)
		return 0;
	if (!tune_key(x->section, x->arena, &x->draft.tunable, &x->draft.device))
		return unknown_key(x, l->number, l->section);
	if (x->draft.tunable->mechanism == MECH_OPENSSL)
		return wrong(x, l->number, "%s reaches every program: only by --set",
			     l->section);
	if (is_taken(x, x->section))
		return wrong(x, l->number, "[%.60s] is there already", l->section);
	return 0;
}

/* Where the value of a key goes; NULL: there is no such key in this section. */
static const char **slot(struct parse *x, const char *key, bool *joined)
{
	struct tune_setting *s = &x->draft;
	struct tune_profile *p = x->p->out;
	const struct {
		bool profile, joined;
		const char *key, **to;
	} slots[] = {
		{ true, false, "summary", &p->summary },
		{ true, true, "about", &p->about },
		{ true, true, "include", &x->p->include },
		{ true, false, "servers", &p->servers },
		{ false, false, "value", &s->value },
		{ false, false, "rule", &s->rule },
		{ false, false, "min", &s->min },
		{ false, false, "max", &s->max },
		{ false, false, "when", &s->when },
		{ false, true, "because", &s->because },
		{ false, true, "risk", &s->risk },
		{ false, true, "may_lower", &x->may_lower },
	};

	for (size_t i = 0; i < ARRAY_SIZE(slots); i++) {
		if (slots[i].profile != x->is_profile || strcmp(slots[i].key, key))
			continue;
		*joined = slots[i].joined;
		return slots[i].to;
	}
	return NULL;
}

static int on_line(void *arg, const struct ini_line *l)
{
	struct parse *x = arg;
	bool joined = false;
	const char **to;
	int err;

	if (!x->section || strcmp(x->section, l->section)) {
		err = begin_section(x, l);
		if (err)
			return err;
	}
	to = slot(x, l->key, &joined);
	if (!to)
		return wrong(x, l->number, "[%.60s] takes no '%.60s'", l->section,
			     l->key);
	if (!*l->value)
		return wrong(x, l->number, "'%.60s' has no value", l->key);
	if (*to && !joined)
		return wrong(x, l->number, "'%.60s' is given twice", l->key);
	if (to == &x->p->include && !*to)
		x->p->include_line = l->number;
	*to = *to ? arena_printf(x->arena, "%s %s", *to, l->value)
		  : arena_strdup(x->arena, l->value);
	if (!*to)
		return -ENOMEM;
	if (to == &x->p->out->servers && strcmp(*to, "nginx") != 0)
		return wrong(x, l->number,
			     "'%.60s' is no server whose lines are known: nginx", *to);
	return x->is_profile ? 0 : check_line(x, l->number, to);
}

int tune_profile_parse(struct span text, struct profile_text *p, struct tune_error *e)
{
	struct parse x = { .p = p, .arena = p->out->arena, .e = e };
	unsigned bad;
	int err;

	p->include = NULL;
	err = ini_walk(text, on_line, &x, &bad);
	if (!err && bad)
		return wrong(&x, bad,
			     "neither [section] nor key = value, or longer than %d bytes",
			     INI_LINE_MAX);
	return err ? err : end_setting(&x);
}
