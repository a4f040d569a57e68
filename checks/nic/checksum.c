/* SPDX-License-Identifier: MIT */
#include "check.h"

static bool none_told(const struct nic_settings *s)
{
	return !nic_feature(s, NIC_TX_CSUM) && !nic_feature(s, NIC_TX_CSUM_V4) &&
	       !nic_feature(s, NIC_TX_CSUM_V6) && !nic_feature(s, NIC_RX_CSUM);
}

static void say_off(struct finding *fi, const struct nic *nic, const char *reason,
		    const char *word)
{
	because(fi, reason);
	remedy(fi, "switch it on",
	       text(fi->report, "ethtool -K %s %s on",
		    shell_quoted(fi->report, nic->name), word),
	       REMEDY_ROOT, NULL);
}

static void say_tx(struct report *r, const struct nic *nic, const struct nic_settings *s)
{
	static const char *const names[] = { NIC_TX_CSUM, NIC_TX_CSUM_V4,
					     NIC_TX_CSUM_V6 };
	struct finding *fi = say_nic(r, VERDICT_WARN, nic,
				     "without checksum offload of what it sends the "
				     "kernel drops TLS offload of it");

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		evidence(fi, text(r, "ethtool -k, %s", names[i]),
			 i ? "on, both of them" : "on", "%s", feature_text(s, names[i]));
	say_off(fi, nic, "nic-tx-checksum-off", "tx");
}

static void say_rx(struct report *r, const struct nic *nic, const struct nic_settings *s)
{
	struct finding *fi = say_nic(r, VERDICT_WARN, nic,
				     "without checksum offload of what it receives the "
				     "kernel drops TLS offload of it");

	evidence(fi, text(r, "ethtool -k, %s", NIC_RX_CSUM), "on", "%s",
		 feature_text(s, NIC_RX_CSUM));
	say_off(fi, nic, "nic-rx-checksum-off", "rx");
}

static void say_one(const struct facts *f, struct report *r, const struct nic *nic)
{
	const struct nic_settings *s = settings_or_say(f, r, nic);
	size_t before = r->n_findings;
	struct finding *fi;

	if (!s)
		return;
	if (nic_can_tls(f, nic) != TRI_YES) {
		say_nic(r, VERDICT_SKIP, nic, "no TLS offload, so nothing it needs");
		return;
	}
	if (none_told(s)) {
		fi = say_nic(r, VERDICT_UNKNOWN, nic, "its checksum offload is not told");
		evidence(fi, "ethtool -k", NIC_TX_CSUM, "no such feature");
		return;
	}
	if (feature_there(s, NIC_TLS_TX) && !tx_checksum_on(s))
		say_tx(r, nic, s);
	if (feature_there(s, NIC_TLS_RX) && !feature_on(s, NIC_RX_CSUM))
		say_rx(r, nic, s);
	if (r->n_findings == before)
		say_nic(r, VERDICT_OK, nic,
			"the checksum offload that TLS offload hangs on is on");
}

static void run(const struct facts *f, struct report *r)
{
	each_tls_nic(f, r, say_one);
}

static const struct outcome outcomes[] = {
	{ VERDICT_OK, NULL, "what TLS offload needs is on", NULL },
	{ VERDICT_WARN, "nic-tx-checksum-off", "no TLS offload of what is sent",
	  "ethtool -K IF tx on" },
	{ VERDICT_WARN, "nic-rx-checksum-off", "no TLS offload of what is received",
	  "ethtool -K IF rx on" },
	{ VERDICT_UNKNOWN, NULL, "the features could not be read", NULL },
	{ VERDICT_SKIP, NULL, "no kTLS, no physical NIC, or one without TLS offload",
	  NULL },
	{ 0 },
};

const struct check check_nic_tls_checksum = {
	.id = "nic-tls-checksum",
	.category = "nic",
	.title = "checksum offload that TLS offload needs",
	.why = "Who encrypts last has to compute the checksum. With `ethtool -K IF tx "
	       "off`, a usual step of hunting other faults, the kernel silently drops "
	       "tls-hw-tx-offload as well; with rx off the receive side.",
	.outcomes = outcomes,
	.refs = "https://docs.kernel.org/networking/tls-offload.html",
	.needs = FACT_NICS | FACT_ETHTOOL,
	.uses = TLS_FACTS,
	.run = run,
};
