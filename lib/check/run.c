/* SPDX-License-Identifier: MIT */
/* The runner: asks the needs, calls the check, completes what it said. */
#include <time.h>

#include "../host/arena.h"
#include "check.h"

const struct check *check_find(const char *id)
{
	for (size_t i = 0; checks[i]; i++)
		if (!strcmp(checks[i]->id, id))
			return checks[i];
	return NULL;
}

static bool has_reason(const struct check *c, const char *reason)
{
	for (const struct outcome *o = c->outcomes; o->meaning; o++)
		if (o->reason && !strcmp(o->reason, reason))
			return true;
	return false;
}

const struct check *check_by_word(const char *word)
{
	const struct check *c = check_find(word);

	for (size_t i = 0; !c && checks[i]; i++)
		if (has_reason(checks[i], word))
			c = checks[i];
	return c;
}

bool check_category_exists(const char *category)
{
	for (size_t i = 0; checks[i]; i++)
		if (!strcmp(checks[i]->category, category))
			return true;
	return false;
}

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* The first needed group that was not read or could not be; 0 when all are there. */
static unsigned unmet(const struct facts *f, unsigned needs)
{
	for (unsigned bit = 1; bit && bit <= needs; bit <<= 1) {
		const struct source *s = needs & bit ? facts_source(f, bit) : NULL;

		if (s && (!s->where || s->err))
			return bit;
	}
	return 0;
}

static void say_unmet(struct report *r, const struct facts *f, unsigned bit)
{
	const struct source *s = facts_source(f, bit);
	struct finding *fi;

	if (!s->where) {
		fi = say(r, VERDICT_UNKNOWN, "could not find out: nobody asked for %s",
			 facts_group_name(bit));
		evidence(fi, "facts", facts_group_name(bit), "not recorded");
		return;
	}
	fi = say(r, VERDICT_UNKNOWN, "could not find out: %s: %s", s->where,
		 strerror(-s->err));
	evidence(fi, s->where, "readable", "%s", strerror(-s->err));
	if (s->err == -EACCES || s->err == -EPERM)
		remedy(fi, "run it as root", "sudo ktlsctl", REMEDY_ROOT, NULL);
}

static void add_refs(struct report *r, struct finding *f, const char *refs)
{
	size_t len;

	for (; refs && *refs; refs += len + (refs[len] == ' ')) {
		const char **v = arena_grow(r->arena, f->refs, f->n_refs, sizeof(*v));

		len = strcspn(refs, " ");
		if (!v)
			return;
		f->refs = v;
		v[f->n_refs] = arena_strndup(r->arena, refs, len);
		if (!v[f->n_refs])
			return;
		f->n_refs++;
	}
}

static void complete(struct report *r, struct finding *f, const struct check *c)
{
	f->id = c->id;
	f->category = c->category;
	f->title = c->title;
	f->why = c->why;
	if (!f->reason)
		f->reason = c->id;
	add_refs(r, f, c->refs);
}

static void run_one(const struct check *c, const struct facts *f, struct report *r)
{
	unsigned missing = unmet(f, c->needs);
	size_t first = r->n_findings;
	uint64_t start = now_us();

	if (missing)
		say_unmet(r, f, missing);
	else
		c->run(f, r);
	for (size_t i = first; i < r->n_findings; i++)
		complete(r, &r->findings[i], c);
	if (r->n_findings > first)
		r->findings[first].duration_us = now_us() - start;
}

static const char *copy(struct report *r, const char *s)
{
	return text(r, "%s", s ? s : "");
}

static void add_nics(struct report *r, const struct facts *f)
{
	struct report_host *h = &r->host;

	h->nics = arena_alloc(r->arena, (f->nics.n_nics + 1) * sizeof(*h->nics));
	if (!h->nics) {
		r->failed = true;
		return;
	}
	/* A veth or bridge is no NIC: what has a driver is. */
	for (size_t i = 0; i < f->nics.n_nics; i++) {
		const struct nic *nic = &f->nics.nics[i];

		if (*nic->driver)
			h->nics[h->n_nics++] = (struct report_nic){
				copy(r, nic->name), copy(r, nic->driver)
			};
	}
}

static void add_identity(struct report *r, const struct facts *f)
{
	time_t t = (time_t)f->time;
	struct tm tm = { 0 };
	char when[40] = "";

	if (gmtime_r(&t, &tm))
		strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm);
	r->time = copy(r, when);
	r->host.name = copy(r, f->name);
	r->host.os = copy(r, f->os.pretty_name);
	r->host.kernel = copy(r, f->kernel.release);
	r->host.machine = copy(r, f->kernel.machine);
	r->host.openssl = copy(r, f->openssl.version);
	r->host.snapshot = !f->live;
	add_nics(r, f);
}

static void add_usage(struct report *r, const struct facts *f)
{
	const struct tls_stat_facts *s = &f->tls_stat;

	if (s->src.err || !s->present)
		return;
	r->usage = arena_alloc(r->arena, sizeof(*r->usage));
	if (!r->usage)
		return;
	r->usage->tx_software = tls_gauge(s, "TlsCurrTxSw");
	r->usage->rx_software = tls_gauge(s, "TlsCurrRxSw");
	r->usage->tx_device = tls_gauge(s, "TlsCurrTxDevice");
	r->usage->rx_device = tls_gauge(s, "TlsCurrRxDevice");
}

unsigned checks_mask(const struct check *const *table)
{
	/* The identity of the host and the status need these whatever is checked. */
	unsigned mask = FACT_OS | FACT_KERNEL | FACT_OPENSSL | FACT_NICS | FACT_TLS_STAT |
			FACT_POLICY;

	for (size_t i = 0; table[i]; i++)
		mask |= table[i]->needs | table[i]->uses;
	return mask;
}

struct report *checks_run(const struct check *const *table, const struct facts *f)
{
	struct report *r = report_new();

	if (!r)
		return NULL;
	r->tool_version = KTLSCTL_VERSION;
	add_identity(r, f);
	add_usage(r, f);
	for (size_t i = 0; table[i]; i++)
		run_one(table[i], f, r);
	report_conclude(r, f);
	report_waive(r, f);
	report_sort(r);
	report_filter(r, NULL, NULL);
	if (!r->failed)
		return r;
	report_free(r);
	return NULL;
}
