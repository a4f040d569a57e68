/* SPDX-License-Identifier: MIT */
/* How a check speaks: findings and their parts, copied into the report. */
#include "../host/arena.h"
#include "check.h"

/* Where words go when memory is exhausted; written to, never read. */
static struct finding *nowhere(struct report *r)
{
	r->failed = true;
	r->sink = (struct finding){ .report = r, .summary = "", .reason = "" };
	return &r->sink;
}

struct finding *say(struct report *r, enum verdict v, const char *fmt, ...)
{
	struct finding *f;
	va_list ap;

	f = arena_grow(r->arena, r->findings, r->n_findings, sizeof(*f));
	if (!f)
		return nowhere(r);
	r->findings = f;
	f += r->n_findings;
	*f = (struct finding){ .verdict = v, .report = r };
	f->subject.name = "";
	va_start(ap, fmt);
	f->summary = arena_vprintf(r->arena, fmt, ap);
	va_end(ap);
	if (!f->summary)
		return nowhere(r);
	r->n_findings++;
	return f;
}

static const char *copy(struct report *r, const char *s)
{
	const char *c = arena_strdup(r->arena, s);

	if (s && !c)
		r->failed = true;
	return c;
}

void about(struct finding *f, enum subject_kind kind, const char *name)
{
	f->subject = (struct subject){ kind, copy(f->report, name) };
	if (!f->subject.name)
		f->subject.name = "";
}

void because(struct finding *f, const char *reason)
{
	f->reason = reason;
}

void evidence(struct finding *f, const char *where, const char *wanted, const char *fmt,
	      ...)
{
	struct report *r = f->report;
	struct evidence *e;
	va_list ap;

	e = arena_grow(r->arena, f->evidence, f->n_evidence, sizeof(*e));
	if (!e) {
		r->failed = true;
		return;
	}
	f->evidence = e;
	e += f->n_evidence;
	e->where = copy(r, where ? where : "(not asked)");
	e->wanted = copy(r, wanted);
	va_start(ap, fmt);
	e->saw = arena_vprintf(r->arena, fmt, ap);
	va_end(ap);
	if (e->where && e->saw)
		f->n_evidence++;
	else
		r->failed = true;
}

void remedy(struct finding *f, const char *action, const char *command, unsigned flags,
	    const char *risk)
{
	struct remedy *m = arena_alloc(f->report->arena, sizeof(*m));

	if (!m) {
		f->report->failed = true;
		return;
	}
	m->action = copy(f->report, action);
	m->command = copy(f->report, command);
	m->risk = copy(f->report, risk);
	m->needs_root = flags & REMEDY_ROOT;
	m->needs_reboot = flags & REMEDY_REBOOT;
	f->remedy = m->action ? m : NULL;
}

void mended_by(struct finding *f, const char *fmt, ...)
{
	struct arena *a = f->report->arena;
	struct remedy *m = f->remedy;
	const char **v, *one;
	va_list ap;

	if (!m)
		return;
	va_start(ap, fmt);
	one = arena_vprintf(a, fmt, ap);
	va_end(ap);
	v = arena_grow(a, m->tunables, m->n_tunables, sizeof(*v));
	if (!v || !one) {
		f->report->failed = true;
		return;
	}
	m->tunables = v;
	v[m->n_tunables++] = one;
}

const char *text(struct report *r, const char *fmt, ...)
{
	const char *s;
	va_list ap;

	va_start(ap, fmt);
	s = arena_vprintf(r->arena, fmt, ap);
	va_end(ap);
	if (!s)
		r->failed = true;
	return s ? s : "";
}

void blame(struct report *r, const struct finding *f, const char *link)
{
	struct cause *c = arena_alloc(r->arena, sizeof(*c));

	if (!c) {
		r->failed = true;
		return;
	}
	*c = (struct cause){ f->reason,  link,       f->id,     f->subject,
			     f->verdict, f->summary, f->remedy, false };
	r->cause = c;
}
