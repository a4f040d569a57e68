/* SPDX-License-Identifier: MIT */
#include "check.h"

/* Models of mlx5, as its table of PCI ids names them. NVIDIA: "ConnectX-6 Dx and
 * BlueField-2 crypto devices onwards". A virtual function (101e) is of any of them. */
static const struct model {
	const char *pci, *name;
	enum tristate tls;
} models[] = {
	{ "15b3:1011", "Connect-IB", TRI_NO },
	{ "15b3:1012", "Connect-IB VF", TRI_NO },
	{ "15b3:1013", "ConnectX-4", TRI_NO },
	{ "15b3:1014", "ConnectX-4 VF", TRI_NO },
	{ "15b3:1015", "ConnectX-4 Lx", TRI_NO },
	{ "15b3:1016", "ConnectX-4 Lx VF", TRI_NO },
	{ "15b3:1017", "ConnectX-5", TRI_NO },
	{ "15b3:1018", "ConnectX-5 VF", TRI_NO },
	{ "15b3:1019", "ConnectX-5 Ex", TRI_NO },
	{ "15b3:101a", "ConnectX-5 Ex VF", TRI_NO },
	{ "15b3:101b", "ConnectX-6", TRI_NO },
	{ "15b3:101c", "ConnectX-6 VF", TRI_NO },
	{ "15b3:101d", "ConnectX-6 Dx", TRI_YES },
	{ "15b3:101e", "a virtual function", TRI_UNKNOWN },
	{ "15b3:101f", "ConnectX-6 Lx", TRI_UNKNOWN },
	{ "15b3:1021", "ConnectX-7", TRI_YES },
	{ "15b3:1023", "ConnectX-8", TRI_YES },
	{ "15b3:a2d2", "BlueField", TRI_NO },
	{ "15b3:a2d3", "BlueField VF", TRI_NO },
	{ "15b3:a2d6", "BlueField-2", TRI_YES },
	{ "15b3:a2dc", "BlueField-3", TRI_YES },
};

static struct model model_of(const struct nic *nic, const char *driver)
{
	/* The drivers beside mlx5 have no model that is known to have none. */
	struct model m = { nic->pci, driver, TRI_YES };

	if (strcmp(driver, "mlx5_core"))
		return m;
	for (size_t i = 0; i < ARRAY_LEN(models); i++)
		if (!strcmp(nic->pci, models[i].pci))
			return models[i];
	m.tls = TRI_UNKNOWN;
	return m;
}

static bool built(const struct facts *f, const struct offload_driver *d)
{
	const struct kconfig_facts *k = &f->kconfig;

	return k->src.where && !k->src.err && k->opt[KOPT_TLS_DEVICE] == KOPT_Y &&
	       (d->option == KOPT_COUNT || k->opt[d->option] == KOPT_Y ||
		k->opt[d->option] == KOPT_M);
}

static void say_unsure(struct report *r, const struct nic *nic, const struct model *m)
{
	struct finding *fi =
		say_nic(r, VERDICT_UNKNOWN, nic,
			"whether this card (%s) has TLS offload is not known", m->name);

	because(fi, "nic-card-unsure");
	evidence(fi, text(r, "PCI id of %s", nic->name), "a model with crypto", "%s",
		 *nic->pci ? nic->pci : "none");
}

/* By the table alone, or where the card does not offer what its family has. */
static void say_model(const struct facts *f, struct report *r, const struct nic *nic,
		      const struct offload_driver *d)
{
	const struct model m = model_of(nic, d->name);
	struct finding *fi;

	if (m.tls == TRI_UNKNOWN) {
		say_unsure(r, nic, &m);
	} else if (m.tls == TRI_NO) {
		fi = say_nic(r, VERDICT_INFO, nic, "%s has no TLS offload", m.name);
		because(fi, "nic-card-without-tls");
		evidence(fi, "PCI id", NULL, "%s", nic->pci);
	} else if (built(f, d) && nic_can_tls(f, nic) == TRI_NO) {
		fi = say_nic(r, VERDICT_INFO, nic,
			     "%s can come with TLS offload, and this one does not "
			     "offer it: a part without crypto, or its firmware",
			     m.name);
		because(fi, "nic-card-not-offering");
		evidence(fi, text(r, "ethtool -k, %s", NIC_TLS_TX), "off, not fixed",
			 "%s", feature_text(nic_settings(f, nic), NIC_TLS_TX));
	} else {
		say_nic(r, VERDICT_OK, nic,
			"%s can offload TLS 1.2%s, if it is a part with crypto", m.name,
			d->rx ? "" : " of what it sends");
	}
}

static void say_one(const struct facts *f, struct report *r, const struct nic *nic)
{
	const char *driver = nic_driver(f, nic);
	const struct offload_driver *d = offload_driver(driver);
	struct finding *fi;

	if (nic_can_tls(f, nic) == TRI_YES) {
		fi = say_nic(r, VERDICT_OK, nic, "%s offers TLS offload on this card",
			     *driver ? driver : "its driver");
		evidence(fi, text(r, "ethtool -k, %s", NIC_TLS_TX), NULL, "%s",
			 feature_text(nic_settings(f, nic), NIC_TLS_TX));
	} else if (d) {
		say_model(f, r, nic, d);
	} else if (*driver) {
		fi = say_nic(r, VERDICT_INFO, nic,
			     "no TLS offload is known of %s; the kernel encrypts in "
			     "software",
			     driver);
		because(fi, "nic-driver-without-tls");
	} else {
		say_nic(r, VERDICT_SKIP, nic, "it names no driver");
	}
}

static void run(const struct facts *f, struct report *r)
{
	each_tls_nic(f, r, say_one);
}

static const struct outcome outcomes[] = {
	{ VERDICT_OK, NULL, "driver and model can offload TLS", NULL },
	{ VERDICT_INFO, "nic-driver-without-tls", "its driver has no TLS offload", NULL },
	{ VERDICT_INFO, "nic-card-without-tls",
	  "the driver has it, this model does not: ConnectX-6 and earlier", NULL },
	{ VERDICT_INFO, "nic-card-not-offering",
	  "the model can have it; this one is a part without crypto, or its firmware "
	  "has it off",
	  NULL },
	{ VERDICT_UNKNOWN, "nic-card-unsure", "a model of which it is not known",
	  "tls-hw-tx-offload of ethtool -k tells, on a kernel built for it" },
	{ VERDICT_SKIP, NULL, "no kTLS, no physical NIC, or one without a driver", NULL },
	{ 0 },
};

const struct check check_nic_driver = {
	.id = "nic-driver",
	.category = "nic",
	.title = "driver and model known to offload TLS",
	.why = "Four drivers of the mainline kernel offload TLS: mlx5_core (ConnectX-6 "
	       "Dx and BlueField-2 onwards, parts with crypto), cxgb4 (T6, send side "
	       "only), nfp and funeth. On any other NIC kTLS works in software, and "
	       "no setting changes that.",
	.outcomes = outcomes,
	.refs = "https://docs.kernel.org/networking/tls-offload.html",
	.needs = FACT_NICS,
	.uses = FACT_ETHTOOL | FACT_NIC_STATS | TLS_FACTS,
	.run = run,
};
