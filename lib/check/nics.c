/* SPDX-License-Identifier: MIT */
/* What the checks of NICs ask of the facts, and say in the same words. Pure. */
#include "../host/arena.h"
#include "check.h"

/* A snapshot may go in circles. */
enum { NIC_HOPS = 8 };

/* Those that set tlsdev_ops, the same in Linux 6.1 to 7.3. */
static const struct offload_driver drivers[] = {
	{ "mlx5_core", true, KOPT_MLX5_EN_TLS },
	{ "cxgb4", false, KOPT_CHELSIO_TLS_DEVICE },
	{ "nfp", true, KOPT_COUNT },
	{ "funeth", false, KOPT_COUNT },
};

const struct offload_driver *offload_driver(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(drivers); i++)
		if (!strcmp(name, drivers[i].name))
			return &drivers[i];
	return NULL;
}

bool nic_is_own(const struct nic *nic)
{
	return nic->physical || !*nic->kind;
}

const char *nic_driver(const struct facts *f, const struct nic *nic)
{
	const struct nic_stats *s = nic_stats(f, nic);

	return *nic->driver ? nic->driver : s && s->driver ? s->driver : "";
}

void each_nic(const struct facts *f, struct report *r, nic_fn fn)
{
	bool any = false;

	for (size_t i = 0; i < f->nics.n_nics; i++) {
		const struct nic *nic = &f->nics.nics[i];

		if (!nic->chosen || !nic_is_own(nic))
			continue;
		any = true;
		fn(f, r, nic);
	}
	if (!any)
		say(r, VERDICT_SKIP, "there is no physical NIC to speak of");
}

void each_tls_nic(const struct facts *f, struct report *r, nic_fn fn)
{
	if (kernel_lacks_tls(f))
		say(r, VERDICT_SKIP, "no kTLS, so no offload of it");
	else
		each_nic(f, r, fn);
}

struct finding *say_nic(struct report *r, enum verdict v, const struct nic *nic,
			const char *fmt, ...)
{
	struct finding *fi;
	const char *s;
	va_list ap;

	va_start(ap, fmt);
	s = arena_vprintf(r->arena, fmt, ap);
	va_end(ap);
	if (!s)
		r->failed = true;
	fi = say(r, v, "%s: %s", nic->name, s ? s : "");
	about(fi, SUBJECT_NIC, nic->name);
	return fi;
}

static void say_unread(struct report *r, const struct nic *nic, const char *what, int err)
{
	const char *saw = err == -ENODEV ? "it went away meanwhile"
			  : err          ? strerror(-err)
					 : "not recorded";
	struct finding *fi = say_nic(r, VERDICT_UNKNOWN, nic, "%s could not be read: %s",
				     what, saw);

	evidence(fi, text(r, "%s of %s", what, nic->name), "readable", "%s", saw);
}

const struct nic_settings *settings_or_say(const struct facts *f, struct report *r,
					   const struct nic *nic)
{
	const struct nic_settings *s = nic_settings(f, nic);

	if (s && !s->err)
		return s;
	say_unread(r, nic, "its features", s ? s->err : f->ethtool.src.err);
	return NULL;
}

const struct nic_stats *stats_or_say(const struct facts *f, struct report *r,
				     const struct nic *nic)
{
	const struct nic_stats *s = nic_stats(f, nic);

	if (s && (!s->err || s->err == -EOPNOTSUPP))
		return s;
	say_unread(r, nic, "its driver's counters", s ? s->err : f->nic_stats.src.err);
	return NULL;
}

bool feature_on(const struct nic_settings *s, const char *name)
{
	const struct nic_feature *x = nic_feature(s, name);

	return x && x->active;
}

bool feature_there(const struct nic_settings *s, const char *name)
{
	const struct nic_feature *x = nic_feature(s, name);

	return x && (x->active || x->supported);
}

enum tristate nic_can_tls(const struct facts *f, const struct nic *nic)
{
	const struct nic_settings *s = nic_settings(f, nic);

	if (!s || s->err)
		return TRI_UNKNOWN;
	return feature_there(s, NIC_TLS_TX) || feature_there(s, NIC_TLS_RX) ? TRI_YES
									    : TRI_NO;
}

const char *feature_text(const struct nic_settings *s, const char *name)
{
	const struct nic_feature *x = nic_feature(s, name);

	if (!x)
		return "not known to this kernel";
	if (x->active)
		return x->fixed ? "on [fixed]" : "on";
	if (!x->supported || x->fixed)
		return "off [fixed]";
	return x->wanted ? "off [asked for]" : "off";
}

bool tx_checksum_on(const struct nic_settings *s)
{
	return feature_on(s, NIC_TX_CSUM) ||
	       (feature_on(s, NIC_TX_CSUM_V4) && feature_on(s, NIC_TX_CSUM_V6));
}

/* What a VLAN stands on in the end. */
static const struct nic *base(const struct facts *f, const struct nic *nic)
{
	for (int i = 0; i < NIC_HOPS; i++) {
		const struct nic *next = nic_find(f, nic->lower);

		if (!next)
			break;
		nic = next;
	}
	return nic;
}

/* The NICs that are part of a bond or bridge; through: also what its ports stand on. */
static void each_port(const struct facts *f, const struct nic *of, bool through,
		      void (*fn)(void *arg, const struct nic *nic), void *arg)
{
	for (size_t i = 0; i < f->nics.n_nics; i++) {
		const struct nic *port = &f->nics.nics[i];

		if (port->master != of->ifindex)
			continue;
		if (through)
			port = base(f, port);
		if (nic_is_own(port))
			fn(arg, port);
		else if (through)
			each_port(f, port, false, fn, arg);
	}
}

void bond_ports(const struct facts *f, const struct nic *bond,
		void (*fn)(void *arg, const struct nic *nic), void *arg)
{
	each_port(f, bond, false, fn, arg);
}

void nics_below(const struct facts *f, const struct nic *nic,
		void (*fn)(void *arg, const struct nic *nic), void *arg)
{
	const struct nic *bottom = base(f, nic);

	if (nic_is_own(bottom))
		fn(arg, bottom);
	else
		each_port(f, bottom, true, fn, arg);
}

enum bond_passes bond_passes(const struct nic *bond)
{
	if (!*bond->bond_mode)
		return BOND_UNKNOWN;
	if (strcmp(bond->bond_mode, "802.3ad") && strcmp(bond->bond_mode, "balance-xor"))
		return BOND_MODE;
	if (!*bond->bond_hash)
		return BOND_UNKNOWN;
	return strcmp(bond->bond_hash, "layer3+4") ? BOND_HASH : BOND_PASSES;
}
