/* SPDX-License-Identifier: MIT */
/* What the facts say of a device, and of the NICs that it is or stands on. */
#include <string.h>

#include "../check/check.h"
#include "../host/host.h"
#include "path.h"

static const struct {
	const char *packets, *bytes, *deleted, *opened, *software, *feature;
} names[] = {
	{ "tx_tls_encrypted_packets", "tx_tls_encrypted_bytes", "tx_tls_del",
	  "TlsTxDevice", "TlsTxSw", NIC_TLS_TX },
	{ "rx_tls_decrypted_packets", "rx_tls_decrypted_bytes", "rx_tls_del",
	  "TlsRxDevice", "TlsRxSw", NIC_TLS_RX },
};

struct summing {
	const struct facts *f;
	struct path_moment *m;
	size_t up; /* NICs */
};

static void sum_features(const struct summing *x, const struct nic *nic, int d)
{
	const struct nic_settings *s = nic_settings(x->f, nic);
	struct path_nics *n = &x->m->nics[d];
	const struct nic_feature *feature;

	n->n++;
	if (!s || s->err) {
		if (n->can == TRI_NO)
			n->can = TRI_UNKNOWN;
		n->on = n->wanted = false;
		return;
	}
	feature = nic_feature(s, names[d].feature);
	if (feature_there(s, names[d].feature))
		n->can = TRI_YES;
	n->on &= feature_on(s, names[d].feature);
	n->wanted &= feature && feature->wanted;
	n->checksum &= d == PATH_TX ? tx_checksum_on(s) : feature_on(s, NIC_RX_CSUM);
}

static void sum_counters(const struct summing *x, const struct nic *nic, int d)
{
	const struct nic_stats *s = nic_stats(x->f, nic);
	struct path_counts *c = &x->m->c[d];

	if (!s || s->err)
		return;
	c->counts |= nic_counter(s, names[d].packets, UINT64_MAX) != UINT64_MAX;
	c->counts_bytes |= nic_counter(s, names[d].bytes, UINT64_MAX) != UINT64_MAX;
	c->packets += nic_counter(s, names[d].packets, 0);
	c->bytes += nic_counter(s, names[d].bytes, 0);
	c->deleted += nic_counter(s, names[d].deleted, 0);
	c->no_space += nic_counter(s, "hw_tls_no_space", 0);
}

static void sum_nic(void *arg, const struct nic *nic)
{
	struct summing *x = arg;

	x->up += nic->up;
	for (int d = 0; d < PATH_DIRECTIONS; d++) {
		sum_features(x, nic, d);
		sum_counters(x, nic, d);
	}
}

static const struct nic *nic_named(const struct facts *f, const char *name)
{
	for (size_t i = 0; i < f->nics.n_nics; i++)
		if (!strcmp(f->nics.nics[i].name, name))
			return &f->nics.nics[i];
	return NULL;
}

/* The two enumerations say the same of a bond. */
_Static_assert((int)PATH_PASSES == BOND_PASSES && (int)PATH_BOND_MODE == BOND_MODE &&
		       (int)PATH_BOND_HASH == BOND_HASH &&
		       (int)PATH_BOND_UNKNOWN == BOND_UNKNOWN,
	       "path.h follows check.h");

static void sum_device(const struct facts *f, const char *device, struct path_moment *m)
{
	const struct nic *nic = nic_named(f, device);
	struct summing x = { f, m, 0 };

	for (int d = 0; d < PATH_DIRECTIONS; d++)
		m->nics[d] = (struct path_nics){
			.can = TRI_NO,
			.on = true,
			.wanted = true,
			.checksum = true,
			.itself = nic && nic_is_own(nic),
			.bond = nic && !strcmp(nic->kind, "bond"),
			.passes = nic ? (int)bond_passes(nic) : PATH_BOND_UNKNOWN,
		};
	/* lo and veth are devices of their own, and no NICs. */
	if (!nic || (nic_is_own(nic) && !nic->physical))
		return;
	nics_below(f, nic, sum_nic, &x);
	m->down = !nic->up || (m->nics[PATH_TX].n && !x.up);
}

int path_look(const char *device, struct path_moment *m)
{
	const struct facts_query q = { .mask = FACT_NICS | FACT_ETHTOOL | FACT_NIC_STATS |
					       FACT_TLS_STAT | FACT_OPENSSL };
	cleanup_host struct host *h = NULL;
	cleanup_facts struct facts *f = NULL;
	char why[256];

	*m = (struct path_moment){ 0 };
	if (host_open(&h, NULL) || facts_read(h, &q, &f, why, sizeof(why)))
		return -ENOMEM;
	m->built_with_ktls = f->openssl.ktls_send;
	m->stat_known = f->tls_stat.present && !f->tls_stat.src.err;
	sum_device(f, device, m);
	for (int d = 0; d < PATH_DIRECTIONS; d++) {
		m->c[d].opened = tls_stat_get(&f->tls_stat, names[d].opened, 0);
		m->c[d].software = tls_stat_get(&f->tls_stat, names[d].software, 0);
	}
	return 0;
}
