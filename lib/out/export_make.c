/* SPDX-License-Identifier: MIT */
/* From facts and findings to what a fleet is told. */
#include <errno.h>
#include <string.h>

#include "../facts/counters.h"
#include "../host/arena.h"
#include "../host/cleanup.h"
#include "export.h"

struct make {
	const struct export_input *in;
	struct arena *a;
	struct export_doc *out;
};

/* One more of a list of the document, zeroed; NULL without memory. */
#define GROW(m_, list_)                                                                  \
	((m_)->out->list_ = arena_grow((m_)->a, (m_)->out->list_, (m_)->out->n_##list_,  \
				       sizeof(*(m_)->out->list_)),                       \
	 (m_)->out->list_ ? &(m_)->out->list_[(m_)->out->n_##list_++] : NULL)

static int not_known(struct make *m, const char *part, const char *why)
{
	struct export_unknown *u;

	for (size_t i = 0; i < m->out->n_unknown; i++)
		if (!strcmp(m->out->unknown[i].part, part))
			return 0;
	u = GROW(m, unknown);
	if (!u)
		return -ENOMEM;
	*u = (struct export_unknown){ part, arena_strdup(m->a, why) };
	return u->why ? 0 : -ENOMEM;
}

static int add_report(struct make *m)
{
	const struct report *r = m->in->report;
	const struct cause *c = r->cause;
	struct export_doc *d = m->out;

	*d = (struct export_doc){
		.tool_version = r->tool_version,
		.time = r->time,
		.time_seconds = m->in->facts->time,
		.duration_us = m->in->duration_us,
		.host = r->host.name,
		.kernel = r->host.kernel,
		.os = r->host.os,
		.openssl = r->host.openssl,
		.status = r->status,
		.headline = r->headline,
		.counts = r->counts,
	};
	if (!c)
		return 0;
	d->cause = arena_alloc(m->a, sizeof(*d->cause));
	if (!d->cause)
		return -ENOMEM;
	*d->cause = (struct export_cause){ c->id, c->check, c->link, c->verdict,
					   c->summary };
	return 0;
}

static bool is_bad(const struct finding *f)
{
	return !f->waived && verdict_rank(f->verdict) >= verdict_rank(VERDICT_UNKNOWN);
}

static struct export_check *check_of(struct make *m, const struct finding *f)
{
	struct export_check *c;

	for (size_t i = 0; i < m->out->n_checks; i++)
		if (!strcmp(m->out->checks[i].check, f->id))
			return &m->out->checks[i];
	c = GROW(m, checks);
	if (c)
		*c = (struct export_check){ f->category, f->id, f->reason, f->verdict,
					    0 };
	return c;
}

static int add_checks(struct make *m)
{
	const struct report *r = m->in->report;

	for (size_t i = 0; i < r->n_findings; i++) {
		const struct finding *f = &r->findings[i];
		struct export_check *c = is_bad(f) ? check_of(m, f) : NULL;

		if (is_bad(f) && !c)
			return -ENOMEM;
		if (!c)
			continue;
		c->findings++;
		if (verdict_rank(f->verdict) > verdict_rank(c->level)) {
			c->level = f->verdict;
			c->reason = f->reason;
		}
	}
	return 0;
}

/* Those of Linux 5.5, the first to have counters: without the module they are at 0. */
static const char *const first_counters[] = { "TlsDecryptError", "TlsRxDeviceResync" };

static const struct {
	const char *direction, *mode, *now, *opened;
} session_kinds[] = {
	{ "tx", "sw", "TlsCurrTxSw", "TlsTxSw" },
	{ "rx", "sw", "TlsCurrRxSw", "TlsRxSw" },
	{ "tx", "device", "TlsCurrTxDevice", "TlsTxDevice" },
	{ "rx", "device", "TlsCurrRxDevice", "TlsRxDevice" },
};

static const struct {
	const char *direction, *changed, *errors;
} rekey_kinds[] = {
	{ "tx", "TlsTxRekeyOk", "TlsTxRekeyError" },
	{ "rx", "TlsRxRekeyOk", "TlsRxRekeyError" },
};

static bool has(const struct tls_stat_facts *s, const char *name)
{
	for (size_t i = 0; i < s->n_counters; i++)
		if (!strcmp(s->counters[i].name, name))
			return true;
	return false;
}

static int add_sessions(struct make *m, const struct tls_stat_facts *s)
{
	for (size_t i = 0; i < ARRAY_SIZE(session_kinds); i++) {
		struct export_sessions *n;

		if (s->present && !has(s, session_kinds[i].now))
			continue;
		n = GROW(m, sessions);
		if (!n)
			return -ENOMEM;
		*n = (struct export_sessions){
			session_kinds[i].direction,
			session_kinds[i].mode,
			tls_gauge(s, session_kinds[i].now),
			tls_stat_get(s, session_kinds[i].opened, 0),
		};
	}
	return 0;
}

static int add_rekeys(struct make *m, const struct tls_stat_facts *s)
{
	for (size_t i = 0; i < ARRAY_SIZE(rekey_kinds); i++) {
		struct export_rekeys *k;

		if (!has(s, rekey_kinds[i].changed))
			continue;
		k = GROW(m, rekeys);
		if (!k)
			return -ENOMEM;
		*k = (struct export_rekeys){ rekey_kinds[i].direction,
					     tls_stat_get(s, rekey_kinds[i].changed, 0),
					     tls_stat_get(s, rekey_kinds[i].errors, 0) };
	}
	return 0;
}

/* It has a place of its own in the document. */
static bool is_placed(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(session_kinds); i++)
		if (!strcmp(name, session_kinds[i].now) ||
		    !strcmp(name, session_kinds[i].opened))
			return true;
	for (size_t i = 0; i < ARRAY_SIZE(rekey_kinds); i++)
		if (!strcmp(name, rekey_kinds[i].changed) ||
		    !strcmp(name, rekey_kinds[i].errors))
			return true;
	return false;
}

/* A series there is only once, whatever the file says. */
static bool is_told(const struct make *m, const char *name)
{
	for (size_t i = 0; i < m->out->n_strange; i++)
		if (!strcmp(m->out->strange[i].name, name))
			return true;
	for (size_t i = 0; i < m->out->n_counters; i++)
		if (!strcmp(m->out->counters[i].name, name))
			return true;
	return false;
}

static int add_counter(struct make *m, const char *name, uint64_t value)
{
	const bool known = tls_counter_meaning(name);
	struct export_counter *c;

	if (is_told(m, name) || (!known && m->out->n_strange == EXPORT_STRANGE))
		return 0;
	c = known ? GROW(m, counters) : GROW(m, strange);
	if (!c)
		return -ENOMEM;
	*c = (struct export_counter){ arena_strdup(m->a, name), value };
	return c->name ? 0 : -ENOMEM;
}

/* tls is there and its counters are not: a kernel before 5.5, or they are hidden. */
static int add_tls_stat(struct make *m)
{
	const struct facts *f = m->in->facts;
	const struct tls_stat_facts *s = &f->tls_stat;
	int err = 0;

	if (s->src.err)
		return not_known(m, "tls_stat", strerror(-s->src.err));
	if (!s->present && facts_ulp_proven(f))
		return not_known(m, "tls_stat", "there is no /proc/net/tls_stat");
	for (size_t i = 0; i < s->n_counters && !err; i++)
		if (!is_placed(s->counters[i].name))
			err = add_counter(m, s->counters[i].name, s->counters[i].value);
	for (size_t i = 0; !s->present && i < ARRAY_SIZE(first_counters) && !err; i++)
		err = add_counter(m, first_counters[i], 0);
	if (!err)
		err = add_sessions(m, s);
	return err ? err : add_rekeys(m, s);
}

static int add_offload(struct make *m, const struct nic *nic, const char *direction,
		       const struct nic_feature *feature)
{
	struct export_offload *o;

	if (!feature || !(feature->active || feature->supported))
		return 0;
	o = GROW(m, offloads);
	if (!o)
		return -ENOMEM;
	*o = (struct export_offload){ nic->name, direction, feature->active };
	return 0;
}

/* What has no such statistics or features says so; that is no error. */
static bool is_trouble(int err)
{
	return err && err != -EOPNOTSUPP && err != -ENODEV;
}

static int add_features(struct make *m, const struct nic *nic)
{
	const struct facts *f = m->in->facts;
	const struct nic_settings *s = nic_settings(f, nic);
	int err = f->ethtool.src.err ? f->ethtool.src.err : s ? s->err : -ENODATA;

	if (is_trouble(err))
		return not_known(m, "nic_features", strerror(-err));
	if (err)
		return 0;
	err = add_offload(m, nic, "tx", nic_feature(s, NIC_TLS_TX));
	return err ? err : add_offload(m, nic, "rx", nic_feature(s, NIC_TLS_RX));
}

static int add_nic_counters(struct make *m, const struct nic *nic)
{
	const struct facts *f = m->in->facts;
	const struct nic_stats *s = nic_stats(f, nic);
	int err = f->nic_stats.src.err ? f->nic_stats.src.err : s ? s->err : -ENODATA;
	struct nic_counters all;

	if (is_trouble(err))
		return not_known(m, "nic_counters", strerror(-err));
	if (err)
		return 0;
	if (nic_counters_of(s, m->a, &all))
		return -ENOMEM;
	for (size_t i = 0; i < all.n_common; i++) {
		struct export_nic_counter *c = GROW(m, nic_counters);

		if (!c)
			return -ENOMEM;
		*c = (struct export_nic_counter){ nic->name, all.common[i].what->name,
						  all.common[i].value };
	}
	return 0;
}

static int add_nics(struct make *m)
{
	const struct nics_facts *n = &m->in->facts->nics;
	int err = 0;

	if (n->src.err)
		return not_known(m, "nic_features", strerror(-n->src.err));
	for (size_t i = 0; i < n->n_nics && !err; i++) {
		struct export_nic *nic;

		if (!n->nics[i].physical)
			continue;
		nic = GROW(m, nics);
		if (!nic)
			return -ENOMEM;
		*nic = (struct export_nic){ n->nics[i].name, n->nics[i].driver };
		err = add_features(m, &n->nics[i]);
		if (!err)
			err = add_nic_counters(m, &n->nics[i]);
	}
	return err;
}

/* The worst that is said of its places: in force, and in a file. */
static enum drift worst_of(const struct drift_report *r, const char *key)
{
	enum drift worst = DRIFT_SAME;

	for (size_t i = 0; i < r->n_rows; i++) {
		if (strcmp(r->rows[i].key, key) != 0)
			continue;
		if (r->rows[i].state == DRIFT_DIFFERS)
			return DRIFT_DIFFERS;
		if (r->rows[i].state != DRIFT_SAME)
			worst = r->rows[i].state;
	}
	return worst;
}

static bool seen_before(const struct drift_report *r, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(r->rows[i].key, r->rows[n].key))
			return true;
	return false;
}

static int add_tune(struct make *m)
{
	const struct drift_report *r = m->in->drift;
	struct export_tune *t;

	if (!r || r->failure)
		return not_known(m, "tune", r ? r->failure : m->in->why_no_drift);
	t = m->out->tune = arena_alloc(m->a, sizeof(*t));
	if (!t)
		return -ENOMEM;
	for (size_t i = 0; i < r->n_rows; i++) {
		const enum drift worst = worst_of(r, r->rows[i].key);

		if (seen_before(r, i))
			continue;
		t->applied_keys++;
		t->drifted_keys += worst == DRIFT_DIFFERS;
		t->unverified_keys += worst == DRIFT_GONE || worst == DRIFT_UNKNOWN;
	}
	return 0;
}

static struct export_use *service_of(struct make *m, const char *name)
{
	struct export_use *u;

	for (size_t i = 0; i < m->out->n_services; i++)
		if (!strcmp(m->out->services[i].service, name))
			return &m->out->services[i];
	if (m->out->n_services >= EXPORT_SERVICES && strcmp(name, "other") != 0)
		return service_of(m, "other");
	u = GROW(m, services);
	if (u)
		u->service = name;
	return u;
}

static int add_services(struct make *m, const struct sums_doc *s)
{
	struct export_use *c = m->out->coverage = arena_alloc(m->a, sizeof(*c));

	if (!c)
		return -ENOMEM;
	*c = (struct export_use){ "", s->tls_connections, s->tls_on_ktls };
	for (size_t i = 0; i < s->n_services; i++) {
		const char *name = export_service_name(s->services[i].name, m->a);
		struct export_use *u = name ? service_of(m, name) : NULL;

		if (!u)
			return -ENOMEM;
		u->connections += s->services[i].connections;
		u->on_ktls += s->services[i].ktls;
	}
	return 0;
}

static int add_sockets(struct make *m)
{
	const struct sums_doc *s = m->in->sums;

	if (!s)
		return not_known(m, "sockets", m->in->why_no_sums);
	for (size_t i = 0; i < s->n_modes; i++) {
		struct export_mode *n = GROW(m, sockets);

		if (!n)
			return -ENOMEM;
		*n = (struct export_mode){ s->modes[i].tx, s->modes[i].rx,
					   s->modes[i].sockets };
	}
	if (m->in->why_no_owners)
		return not_known(m, "owners", m->in->why_no_owners);
	return m->in->why_no_programs ? not_known(m, "programs", m->in->why_no_programs)
				      : add_services(m, s);
}

static bool is_expected(const struct make *m, const char *service)
{
	for (size_t i = 0; i < m->out->n_expected; i++)
		if (!strcmp(m->out->expected[i].service, service))
			return true;
	return false;
}

static int add_expected(struct make *m)
{
	const struct policy_facts *p = &m->in->facts->policy;

	for (size_t i = 0; i < p->n_expectations; i++) {
		const struct expectation *e = &p->expectations[i];
		struct export_expected *x;

		if (is_expected(m, e->service))
			continue;
		x = GROW(m, expected);
		if (!x)
			return -ENOMEM;
		*x = (struct export_expected){ e->service, e->tx, e->rx, e->hw };
	}
	if (!m->in->sums || m->in->why_no_owners)
		return 0;
	m->out->expected_use = (struct export_use *)m->in->uses;
	m->out->n_expected_use = m->in->n_uses;
	return 0;
}

int export_make(const struct export_input *in, struct arena *a, struct export_doc *out)
{
	static int (*const steps[])(
		struct make * m) = { add_report, add_checks, add_tls_stat, add_sockets,
				     add_nics,   add_tune,   add_expected };
	struct make m = { in, a, out };
	int err = 0;

	for (size_t i = 0; i < ARRAY_SIZE(steps) && !err; i++)
		err = steps[i](&m);
	return err;
}
