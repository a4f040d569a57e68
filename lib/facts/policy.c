/* SPDX-License-Identifier: MIT */
/*
 * What somebody decided about this host: findings to live with, and what a service is
 * meant to do. Neither goes into a snapshot, because both may name hosts.
 *
 *	/etc/ktlsctl/waivers.d/NAME.conf        /etc/ktlsctl/ktlsctl.conf
 *	[old NIC, replaced in March]            [service nginx]
 *	id = nic-tls-offload                    expect = tx,rx
 *	subject = eth*
 *	host = edge-*
 *	reason = ticket 4711
 *	expires = 2027-03-31
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../host/cleanup.h"
#include "ini.h"
#include "reader.h"

#define ETC "/etc/ktlsctl"

struct policy_parse {
	struct arena *arena;
	struct policy_facts *out;
	const char *file;
	struct waiver draft;
	const char *section; /* NULL: none yet */
	unsigned line;       /* the first of it */
	bool broken;         /* a half understood waiver could cover too much */
	bool failed;         /* out of memory */
};

static const char *keep(struct policy_parse *p, const char *s)
{
	const char *copy = arena_strdup(p->arena, s);

	p->failed |= !copy;
	return copy ? copy : "";
}

static void complain(struct policy_parse *p, unsigned line, const char *text,
		     const char *what)
{
	struct policy_facts *o = p->out;
	struct policy_problem *v = arena_grow(p->arena, o->problems, o->n_problems,
					      sizeof(*v));

	p->broken = true;
	p->failed |= !v;
	if (!v)
		return;
	o->problems = v;
	v += o->n_problems++;
	v->file = keep(p, p->file);
	v->line = line;
	v->text = arena_printf(p->arena, "%s%s%s", text, *what ? ": " : "", what);
	p->failed |= !v->text;
}

/* "2027-03-31" is the last day that counts, UTC. 0: no such date. */
static uint64_t day_after(const char *text)
{
	struct tm tm = { 0 }, same;
	char tail;
	time_t t;

	if (strlen(text) != 10 || sscanf(text, "%4d-%2d-%2d%c", &tm.tm_year, &tm.tm_mon,
					 &tm.tm_mday, &tail) != 3)
		return 0;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	same = tm;
	t = timegm(&tm);
	if (t <= 0 || tm.tm_mday != same.tm_mday || tm.tm_mon != same.tm_mon)
		return 0;
	return (uint64_t)t + 86400;
}

static void end_waiver(struct policy_parse *p)
{
	struct policy_facts *o = p->out;
	struct waiver *w = &p->draft, *v;

	if (!p->section || p->broken)
		return;
	if (!w->id || !w->reason || !w->expires) {
		complain(p, p->line, "a waiver needs id, reason and expires", p->section);
		return;
	}
	v = arena_grow(p->arena, o->waivers, o->n_waivers, sizeof(*v));
	p->failed |= !v;
	if (!v)
		return;
	o->waivers = v;
	v[o->n_waivers++] = (struct waiver){
		.id = w->id,
		.host = w->host ? w->host : "",
		.subject = w->subject ? w->subject : "",
		.reason = w->reason,
		.expires = strcmp(w->expires, "never") ? w->expires : "",
		.expires_time = w->expires_time,
		.file = keep(p, p->file),
		.line = p->line,
	};
}

static void begin_waiver(struct policy_parse *p, const struct ini_line *l)
{
	if (p->section && !strcmp(p->section, l->section))
		return;
	end_waiver(p);
	p->section = keep(p, l->section);
	p->line = l->number;
	p->broken = false;
	p->draft = (struct waiver){ 0 };
	if (!*l->section)
		complain(p, l->number, "no [section] above this line", l->key);
}

static int on_waiver_line(void *arg, const struct ini_line *l)
{
	struct policy_parse *p = arg;
	struct waiver *w = &p->draft;
	const struct {
		const char *key;
		const char **value;
	} keys[] = { { "id", &w->id },
		     { "host", &w->host },
		     { "subject", &w->subject },
		     { "reason", &w->reason },
		     { "expires", &w->expires } };
	size_t i = 0;

	begin_waiver(p, l);
	while (i < ARRAY_SIZE(keys) && strcmp(keys[i].key, l->key))
		i++;
	if (i == ARRAY_SIZE(keys)) {
		complain(p, l->number, "a waiver has no such key", l->key);
		return 0;
	}
	if (*keys[i].value || !*l->value)
		complain(p, l->number, *l->value ? "given twice" : "no value", l->key);
	*keys[i].value = keep(p, l->value);
	if (keys[i].value == &w->expires && strcmp(l->value, "never")) {
		w->expires_time = day_after(l->value);
		if (!w->expires_time)
			complain(p, l->number, "neither YYYY-MM-DD nor never", l->value);
	}
	return p->failed ? -ENOMEM : 0;
}

/* "tx, rx,hw" */
static bool parse_expect(const char *value, struct expectation *e)
{
	struct span rest = span(value, strlen(value)), word;

	while (rest.len) {
		if (!cut_at(&rest, ',', &word)) {
			word = rest;
			rest.len = 0;
		}
		word = trimmed(word);
		if (span_is(word, "tx"))
			e->tx = true;
		else if (span_is(word, "rx"))
			e->rx = true;
		else if (span_is(word, "hw"))
			e->hw = true;
		else
			return false;
	}
	return e->tx || e->rx || e->hw;
}

static int on_conf_line(void *arg, const struct ini_line *l)
{
	struct policy_parse *p = arg;
	struct policy_facts *o = p->out;
	struct expectation *v, e = { .line = l->number };

	if (strncmp(l->section, "service ", 8) || strcmp(l->key, "expect")) {
		complain(p, l->number, "only 'expect' in a section [service NAME]",
			 l->key);
		return p->failed ? -ENOMEM : 0;
	}
	if (!parse_expect(l->value, &e)) {
		complain(p, l->number, "expect takes tx, rx and hw", l->value);
		return p->failed ? -ENOMEM : 0;
	}
	v = arena_grow(p->arena, o->expectations, o->n_expectations, sizeof(*v));
	if (!v)
		return -ENOMEM;
	o->expectations = v;
	e.service = keep(p, l->section + 8 + strspn(l->section + 8, " "));
	e.file = keep(p, p->file);
	v[o->n_expectations++] = e;
	return p->failed ? -ENOMEM : 0;
}

static void complain_of_line(struct policy_parse *p, unsigned line)
{
	if (line)
		complain(p, line, "neither [section] nor key = value, or too long", "");
}

int parse_waivers(struct span text, const char *file, struct arena *a,
		  struct policy_facts *out)
{
	struct policy_parse p = { .arena = a, .out = out, .file = file };
	size_t before = out->n_waivers;
	unsigned bad;
	int err = ini_walk(text, on_waiver_line, &p, &bad);

	if (!err)
		end_waiver(&p);
	complain_of_line(&p, bad);
	/* Whose line that was is not known, so none of this file holds. */
	if (err || bad)
		out->n_waivers = before;
	return p.failed ? -ENOMEM : err;
}

int parse_ktlsctl_conf(struct span text, const char *file, struct arena *a,
		       struct policy_facts *out)
{
	struct policy_parse p = { .arena = a, .out = out, .file = file };
	unsigned bad;
	int err = ini_walk(text, on_conf_line, &p, &bad);

	complain_of_line(&p, bad);
	return p.failed ? -ENOMEM : err;
}

struct policy_read {
	struct host *host;
	struct facts *facts;
};

static int read_file(struct policy_read *r, const char *path,
		     int (*parse)(struct span, const char *, struct arena *,
				  struct policy_facts *))
{
	const struct read_opts o = { .max = 1 << 20, .unrecorded = true };
	cleanup_bytes struct bytes b = { 0 };
	int err = host_read(r->host, path, &o, &b);

	return err ? err : parse(span_of(&b), path, r->facts->arena, &r->facts->policy);
}

/* One that cannot be read does not hide the others. */
static int read_waivers(void *arg, const char *name)
{
	struct policy_read *r = arg;
	char path[512];
	int err;

	if (!is_conf(name))
		return 0;
	snprintf(path, sizeof(path), ETC "/waivers.d/%s", name);
	err = read_file(r, path, parse_waivers);
	if (err && err != -ENOENT)
		r->facts->policy.src.err = err;
	return err == -ENOMEM ? err : 0;
}

void read_policy(struct host *h, struct facts *f)
{
	struct policy_read r = { h, f };
	int err;

	f->policy.src = (struct source){ ETC, 0 };
	err = host_scan(h, ETC "/waivers.d", read_waivers, &r);
	if (!err || err == -ENOENT)
		err = read_file(&r, ETC "/ktlsctl.conf", parse_ktlsctl_conf);
	if (err && err != -ENOENT)
		f->policy.src.err = err;
}
