/* SPDX-License-Identifier: MIT */
/* What a tunable is now, out of the facts. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../check/check.h"
#include "tune_priv.h"

static int give(const char *text, const char **out)
{
	*out = text;
	return text ? 0 : -ENOMEM;
}

static int give_number(struct arena *a, uint64_t v, const char **out)
{
	return give(tune_join(&v, 1, a), out);
}

/* A group that nobody could read, or that an older snapshot does not have. */
static int group_err(const struct source *src)
{
	return !src->where ? -ENODATA : src->err;
}

int value_sysctl(const struct facts *f, const struct tunable *t, const char *device,
		 struct arena *a, const char **out)
{
	enum sysctl_key key = sysctl_by_name(t->id);
	const struct sysctl_value *v;
	struct tune_error e;
	const char *text;

	(void)device;
	if (key == SYSCTL_COUNT || group_err(&f->sysctl.src))
		return key == SYSCTL_COUNT ? -ENOENT : group_err(&f->sysctl.src);
	v = &f->sysctl.value[key];
	if (v->err)
		return v->err;
	if (t->kind != TUNE_NUMBERS)
		return *v->text ? give(arena_strdup(a, v->text), out) : -EBADMSG;
	if (v->n != t->n)
		return -EBADMSG;
	text = tune_join(v->v, v->n, a);
	e.err = text ? 0 : -ENOMEM;
	*out = text;
	return e.err;
}

int value_module(const struct facts *f, const struct tunable *t, const char *device,
		 struct arena *a, const char **out)
{
	(void)t;
	(void)device;
	(void)a;
	if (facts_ulp_proven(f) || f->module.builtin == TRI_YES)
		return give("on", out);
	if (group_err(&f->module.src))
		return group_err(&f->module.src);
	return kernel_lacks_tls(f) ? -ENOENT : give("off", out);
}

const struct nic *tune_nic(const struct facts *f, const char *device)
{
	size_t n = strcspn(device, "/");

	for (size_t i = 0; i < f->nics.n_nics; i++)
		if (strlen(f->nics.nics[i].name) == n &&
		    !strncmp(f->nics.nics[i].name, device, n))
			return &f->nics.nics[i];
	return NULL;
}

/* What ethtool tells of it: 0, or why there is nothing. */
static int settings_of(const struct facts *f, const char *device,
		       const struct nic_settings **out)
{
	const struct nic *nic = device ? tune_nic(f, device) : NULL;

	*out = nic ? nic_settings(f, nic) : NULL;
	if (!nic)
		return group_err(&f->nics.src) ? group_err(&f->nics.src) : -ENOENT;
	if (group_err(&f->ethtool.src))
		return group_err(&f->ethtool.src);
	return *out ? (*out)->err : -ENODATA;
}

/* One that is off and cannot be switched is one the device does not have. */
int value_feature(const struct facts *f, const struct tunable *t, const char *device,
		  struct arena *a, const char **out)
{
	const struct nic_settings *s;
	const struct nic_feature *x;
	int err = settings_of(f, device, &s);

	(void)a;
	if (err)
		return err;
	x = nic_feature(s, t->id + strlen("nic."));
	if (!x || (x->fixed && !x->active))
		return -ENOENT;
	return give(x->active ? "on" : "off", out);
}

/* A tristate that a device did not tell is a switch that it does not have. */
static int give_switch(enum tristate v, const char **out)
{
	return v == TRI_UNKNOWN ? -ENOENT : give(v == TRI_YES ? "on" : "off", out);
}

static const struct {
	const char *id;
	size_t now, max;
} counts[] = {
	{ "nic.rx-ring", offsetof(struct nic_settings, rx_ring),
	  offsetof(struct nic_settings, rx_ring_max) },
	{ "nic.tx-ring", offsetof(struct nic_settings, tx_ring),
	  offsetof(struct nic_settings, tx_ring_max) },
	{ "nic.combined", offsetof(struct nic_settings, combined),
	  offsetof(struct nic_settings, combined_max) },
};

static uint64_t number_at(const struct nic_settings *s, size_t off)
{
	return *(const uint64_t *)((const char *)s + off);
}

static int find_count(const struct tunable *t)
{
	for (size_t i = 0; i < ARRAY_SIZE(counts); i++)
		if (!strcmp(counts[i].id, t->id))
			return (int)i;
	return -1;
}

uint64_t tune_most(const struct facts *f, const struct tunable *t, const char *device)
{
	const struct nic_settings *s;
	int row = find_count(t);

	return row < 0 || settings_of(f, device, &s) ? 0 : number_at(s, counts[row].max);
}

int value_ethtool(const struct facts *f, const struct tunable *t, const char *device,
		  struct arena *a, const char **out)
{
	const struct nic_settings *s;
	int err = settings_of(f, device, &s), row = find_count(t);

	if (err)
		return err;
	if (row >= 0)
		return number_at(s, counts[row].now)
			       ? give_number(a, number_at(s, counts[row].now), out)
			       : -ENOENT;
	/* Asked for since there is the other group. */
	if (!f->tuning.src.where)
		return -ENODATA;
	if (!strcmp(t->id, "nic.adaptive-rx"))
		return give_switch(s->adaptive_rx, out);
	if (!strcmp(t->id, "nic.adaptive-tx"))
		return give_switch(s->adaptive_tx, out);
	if (!strcmp(t->id, "nic.rx-usecs"))
		return s->rx_usecs_told ? give_number(a, s->rx_usecs, out) : -ENOENT;
	return s->tx_usecs_told ? give_number(a, s->tx_usecs, out) : -ENOENT;
}

int value_mask(const struct facts *f, const struct tunable *t, const char *device,
	       struct arena *a, const char **out)
{
	const struct tuning_facts *u = &f->tuning;
	const struct nic_mask *v = t->device == TUNE_RX_QUEUE   ? u->rx
				   : t->device == TUNE_TX_QUEUE ? u->tx
								: u->irqs;
	size_t n = t->device == TUNE_RX_QUEUE   ? u->n_rx
		   : t->device == TUNE_TX_QUEUE ? u->n_tx
						: u->n_irqs;

	if (group_err(&u->src))
		return group_err(&u->src);
	for (size_t i = 0; i < n; i++)
		if (device && !strcmp(v[i].name, device))
			return v[i].err ? v[i].err
					: give(arena_strdup(a, v[i].mask), out);
	return -ENOENT;
}

const struct cpu_policy *tune_policy(const struct facts *f, const char *device)
{
	for (size_t i = 0; i < f->tuning.n_policies; i++)
		if (device && !strcmp(f->tuning.policies[i].name, device))
			return &f->tuning.policies[i];
	return NULL;
}

int value_power(const struct facts *f, const struct tunable *t, const char *device,
		struct arena *a, const char **out)
{
	const struct cpu_policy *p = tune_policy(f, device);
	const char *text;

	if (group_err(&f->tuning.src))
		return group_err(&f->tuning.src);
	if (!p || p->err)
		return p ? p->err : -ENOENT;
	text = strcmp(t->id, "cpu.governor") ? p->preference : p->governor;
	return *text ? give(arena_strdup(a, text), out) : -ENOENT;
}

int value_openssl(const struct facts *f, const struct tunable *t, const char *device,
		  struct arena *a, const char **out)
{
	const struct openssl_cnf_facts *c = &f->openssl_cnf;

	(void)t;
	(void)device;
	(void)a;
	if (group_err(&c->src))
		return group_err(&c->src);
	if (!c->present)
		return -ENOENT;
	return c->unsure ? -ENODATA : give(c->ktls == CNF_ON ? "on" : "off", out);
}
