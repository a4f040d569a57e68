/* SPDX-License-Identifier: MIT */
/* What several checks ask of the facts. Pure, like the checks. */
#include "check.h"

bool kernel_lacks_tls(const struct facts *f)
{
	return !facts_ulp_proven(f) && !f->kconfig.src.err && f->kconfig.src.where &&
	       (f->kconfig.opt[KOPT_TLS] == KOPT_N ||
		f->kconfig.opt[KOPT_INET] == KOPT_N);
}

bool in_container(const struct facts *f)
{
	return (f->container.kind && *f->container.kind) ||
	       (f->caller.src.where && !f->caller.src.err && !f->caller.initial_userns);
}

bool module_barred(const struct facts *f)
{
	const struct module_facts *m = &f->module;
	const struct modprobe_facts *p = &f->modprobe;
	bool judged = p->src.where && !p->src.err;

	if (!m->src.where || m->src.err || facts_ulp_proven(f) || m->builtin == TRI_YES)
		return false;
	if (m->disabled == TRI_YES ||
	    (!m->tree_present && !m->tree_err && !in_container(f)))
		return true;
	return m->tree_present && judged &&
	       (!p->resolves || p->overridden || p->blacklisted);
}

uint64_t tls_gauge(const struct tls_stat_facts *s, const char *name)
{
	uint64_t v = tls_stat_get(s, name, 0);

	return v > INT64_MAX ? 0 : v;
}

/* The counters came with the feature, so their lines prove it, back-ports included. */
enum tristate kernel_rekeys(const struct facts *f)
{
	if (f->tls_stat.src.err || !f->tls_stat.present)
		return TRI_UNKNOWN;
	for (size_t i = 0; i < f->tls_stat.n_counters; i++)
		if (!strcmp(f->tls_stat.counters[i].name, "TlsTxRekeyOk"))
			return TRI_YES;
	return TRI_NO;
}

const struct sysctl_value *sysctl_numbers(const struct facts *f, struct report *r,
					  enum sysctl_key key, unsigned n)
{
	const struct sysctl_value *v = &f->sysctl.value[key];
	const char *wanted = n == 1 ? "a number" : "three numbers";
	struct finding *fi;

	if (!v->err && v->n == n)
		return v;
	fi = say(r, VERDICT_UNKNOWN, "%s: %s", sysctl_name(key),
		 v->err ? strerror(-v->err) : text(r, "'%s' is not %s", v->text, wanted));
	evidence(fi, sysctl_name(key), wanted, "%s",
		 v->err ? strerror(-v->err) : v->text);
	return NULL;
}
