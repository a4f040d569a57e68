/* SPDX-License-Identifier: MIT */
#include "check.h"

/* The NICs below a device, and how many of them have TLS offload. */
struct below {
	size_t all, can, tx_on, rx_on, unknown;
	const char *names;
};

static void add(const struct facts *f, struct report *r, const struct nic *nic,
		struct below *b)
{
	const struct nic_settings *s = nic_settings(f, nic);
	enum tristate can = nic_can_tls(f, nic);

	b->names = b->all++ ? text(r, "%s, %s", b->names, nic->name) : nic->name;
	b->can += can == TRI_YES;
	b->unknown += can == TRI_UNKNOWN;
	b->tx_on += feature_on(s, NIC_TLS_TX);
	b->rx_on += feature_on(s, NIC_TLS_RX);
}

struct adding {
	const struct facts *f;
	struct report *r;
	struct below *b;
};

static void add_one(void *arg, const struct nic *nic)
{
	const struct adding *x = arg;

	add(x->f, x->r, nic, x->b);
}

static struct below look_below(const struct facts *f, struct report *r,
			       const struct nic *nic)
{
	struct below b = { .names = "nothing" };
	struct adding x = { f, r, &b };

	nics_below(f, nic, add_one, &x);
	return b;
}

static void saw(struct finding *fi, const struct nic *nic, const struct below *b,
		const char *wanted)
{
	evidence(fi, text(fi->report, "%s (%s)", nic->name, nic->kind), wanted,
		 "on %s; TLS offload: %zu of %zu", b->names, b->can, b->all);
}

/* true: there is nothing that could be lost, or it is not known; said. */
static bool say_nothing_lost(struct report *r, const struct nic *nic,
			     const struct below *b)
{
	struct finding *fi;

	if (b->can)
		return false;
	if (b->unknown) {
		fi = say_nic(r, VERDICT_UNKNOWN, nic,
			     "whether the NICs below this %s have TLS offload could not "
			     "be read",
			     nic->kind);
		because(fi, "stacked-below-unknown");
		saw(fi, nic, b, "readable");
		return true;
	}
	fi = say_nic(r, VERDICT_INFO, nic,
		     "a %s; TLS stays in software, and nothing below it could offload it",
		     nic->kind);
	because(fi, "stacked-software");
	saw(fi, nic, b, NULL);
	return true;
}

static void say_bond_unknown(struct report *r, const struct nic *nic)
{
	struct finding *fi = say_nic(r, VERDICT_UNKNOWN, nic,
				     "mode or hash policy of the bond are not known");

	because(fi, "bond-unknown");
	evidence(fi, text(r, "bond %s", nic->name),
		 "802.3ad or balance-xor, with layer3+4", "%s, %s",
		 *nic->bond_mode ? nic->bond_mode : "?",
		 *nic->bond_hash ? nic->bond_hash : "?");
}

static void say_mode(struct report *r, const struct nic *nic)
{
	struct finding *fi = say_nic(r, VERDICT_WARN, nic,
				     "in mode %s a bond does not pass TLS offload on to "
				     "its NICs",
				     nic->bond_mode);

	because(fi, "bond-mode");
	evidence(fi, text(r, "mode of %s", nic->name), "802.3ad or balance-xor", "%s",
		 nic->bond_mode);
	remedy(fi,
	       "set it up in mode 802.3ad (the switch has to speak LACP) or balance-xor, "
	       "with xmit_hash_policy layer3+4",
	       NULL, REMEDY_ROOT, "a bond changes its mode only while it is down");
}

static void say_hash(struct report *r, const struct nic *nic)
{
	struct finding *fi = say_nic(r, VERDICT_WARN, nic,
				     "with hash policy %s a bond does not pass TLS "
				     "offload on to its NICs",
				     nic->bond_hash);

	because(fi, "bond-hash");
	evidence(fi, text(r, "xmit_hash_policy of %s", nic->name), "layer3+4", "%s",
		 nic->bond_hash);
	remedy(fi, "set the policy, and put it into the network's configuration",
	       text(r, "ip link set dev %s type bond xmit_hash_policy layer3+4",
		    shell_quoted(r, nic->name)),
	       REMEDY_ROOT, "connections may move to another of its links");
}

static bool differ(size_t n, size_t all)
{
	return n && n != all;
}

static void say_slaves(struct report *r, const struct nic *nic, const struct below *b)
{
	bool differs = b->can != b->all || differ(b->tx_on, b->all) ||
		       differ(b->rx_on, b->all);
	struct finding *fi;

	if (differs && b->unknown) {
		fi = say_nic(r, VERDICT_UNKNOWN, nic,
			     "not all NICs of the bond could be asked for TLS offload");
		because(fi, "stacked-below-unknown");
		saw(fi, nic, b, "readable");
	} else if (differs) {
		fi = say_nic(r, VERDICT_WARN, nic,
			     "its NICs differ in TLS offload: which connections get it "
			     "is a matter of chance");
		because(fi, "bond-slaves-differ");
		saw(fi, nic, b, "the same on all");
		evidence(fi, "switched on", NULL, "to send %zu, to receive %zu", b->tx_on,
			 b->rx_on);
		remedy(fi,
		       "switch the same on for all of them with ethtool -K, or off where "
		       "one cannot",
		       NULL, REMEDY_ROOT, NULL);
	} else {
		fi = say_nic(r, VERDICT_OK, nic,
			     "a bond that passes TLS offload on to %s; that it shows "
			     "none itself is how Linux 6.2 and later have it",
			     b->names);
		evidence(fi, text(r, "bond %s", nic->name), NULL, "%s, %s",
			 nic->bond_mode, nic->bond_hash);
	}
}

static void say_bond(const struct facts *f, struct report *r, const struct nic *nic)
{
	struct below b = { .names = "nothing" };
	struct adding x = { f, r, &b };
	struct finding *fi;

	bond_ports(f, nic, add_one, &x);
	if (!b.all) {
		fi = say_nic(r, VERDICT_INFO, nic, "a bond without a NIC");
		because(fi, "bond-without-slaves");
		return;
	}
	if (say_nothing_lost(r, nic, &b))
		return;
	switch (bond_passes(nic)) {
	case BOND_UNKNOWN:
		say_bond_unknown(r, nic);
		break;
	case BOND_MODE:
		say_mode(r, nic);
		break;
	case BOND_HASH:
		say_hash(r, nic);
		break;
	case BOND_PASSES:
		say_slaves(r, nic, &b);
		break;
	}
}

static void say_other(const struct facts *f, struct report *r, const struct nic *nic)
{
	const struct below b = look_below(f, r, nic);
	struct finding *fi;

	if (say_nothing_lost(r, nic, &b))
		return;
	fi = say_nic(r, VERDICT_WARN, nic,
		     "a %s hides the TLS offload below it: what goes through it is "
		     "encrypted in software",
		     nic->kind);
	because(fi, "stacked-hides-offload");
	saw(fi, nic, &b, "addresses on the NIC itself, or on a bond of NICs");
	remedy(fi,
	       "give the addresses to the NIC itself or to a bond of NICs, if offload is "
	       "worth it; software kTLS works as it is",
	       NULL, REMEDY_ROOT, NULL);
}

static void run(const struct facts *f, struct report *r)
{
	size_t before = r->n_findings;

	if (kernel_lacks_tls(f)) {
		say(r, VERDICT_SKIP, "no kTLS, so no offload of it");
		return;
	}
	for (size_t i = 0; i < f->nics.n_nics; i++) {
		const struct nic *nic = &f->nics.nics[i];

		if (!nic->chosen || nic_is_own(nic))
			continue;
		if (!strcmp(nic->kind, "bond"))
			say_bond(f, r, nic);
		else
			say_other(f, r, nic);
	}
	if (r->n_findings == before)
		say(r, VERDICT_SKIP, "nothing stands on the NICs");
}

static const struct outcome outcomes[] = {
	{ VERDICT_OK, NULL, "a bond that passes offload on", NULL },
	{ VERDICT_WARN, "bond-mode", "a bond in a mode that does not pass it on",
	  "802.3ad or balance-xor, with layer3+4" },
	{ VERDICT_WARN, "bond-hash", "a bond with a hash policy that does not",
	  "ip link set dev IF type bond xmit_hash_policy layer3+4" },
	{ VERDICT_WARN, "bond-slaves-differ", "NICs of a bond with and without offload",
	  "the same on all" },
	{ VERDICT_INFO, "bond-without-slaves", "a bond without NICs", NULL },
	{ VERDICT_WARN, "stacked-hides-offload",
	  "a VLAN, bridge, team, tunnel ... on a NIC that could offload",
	  "addresses on the NIC itself" },
	{ VERDICT_INFO, "stacked-software",
	  "a virtual device, and no NIC below that could offload", NULL },
	{ VERDICT_UNKNOWN, "stacked-below-unknown",
	  "the NICs below could not be asked, or not all", NULL },
	{ VERDICT_UNKNOWN, "bond-unknown", "mode or hash policy are not told", NULL },
	{ VERDICT_SKIP, NULL, "no kTLS, or nothing but NICs", NULL },
	{ 0 },
};

const struct check check_nic_stacked = {
	.id = "nic-stacked",
	.category = "nic",
	.title = "bonds, VLANs and bridges on the NICs",
	.why = "The kernel looks for offload on the device the connection leaves by, and "
	       "sees through bonds alone (since Linux 5.12), only in a mode and with a "
	       "hash policy that keep a connection on one NIC. A VLAN, bridge or "
	       "tunnel on a capable NIC means software. Since 6.2 a bond shows the "
	       "feature as off [fixed] also where its NICs do offload.",
	.outcomes = outcomes,
	.refs = "https://docs.kernel.org/networking/tls-offload.html "
		"https://docs.kernel.org/networking/bonding.html",
	.needs = FACT_NICS,
	.uses = FACT_ETHTOOL | TLS_FACTS,
	.run = run,
};
