/* SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "check.h"

static bool is_drop(const struct counter *c)
{
	return strstr(c->name, "_drop_") != NULL;
}

static bool say_drops(struct report *r, const struct nic *nic, const struct nic_stats *s)
{
	struct finding *fi = NULL;

	for (size_t i = 0; i < s->n_counters; i++) {
		const struct counter *c = &s->counters[i];

		if (!is_drop(c) || !c->value)
			continue;
		if (!fi) {
			fi = say_nic(r, VERDICT_WARN, nic,
				     "its driver dropped packets of TLS connections "
				     "instead of sending them");
			because(fi, "nic-tls-drops");
		}
		evidence(fi, text(r, "ethtool -S, %s", c->name), "0", "%" PRIu64,
			 c->value);
	}
	if (fi) {
		remedy(fi,
		       "see whether they grow; if so, do without the offload until "
		       "kernel and firmware are newer (for new connections only)",
		       text(r, "ethtool -K %s %s off", shell_quoted(r, nic->name),
			    NIC_TLS_TX),
		       REMEDY_ROOT, "the kernel encrypts in software then");
		mended_by(fi, "%s/nic." NIC_TLS_TX "=off", nic->name);
	}
	return fi;
}

static bool say_errors(struct report *r, const struct nic *nic, const struct nic_stats *s)
{
	uint64_t n = nic_counter(s, "rx_tls_err", 0);
	struct finding *fi;

	if (!n)
		return false;
	fi = say_nic(r, VERDICT_WARN, nic,
		     "it failed to decrypt %" PRIu64 " packets; the kernel had to", n);
	because(fi, "nic-tls-rx-errors");
	evidence(fi, "ethtool -S, rx_tls_err", "0", "%" PRIu64, n);
	remedy(fi, "if it grows, decrypt in software (for new connections only)",
	       text(r, "ethtool -K %s %s off", shell_quoted(r, nic->name), NIC_TLS_RX),
	       REMEDY_ROOT, NULL);
	mended_by(fi, "%s/nic." NIC_TLS_RX "=off", nic->name);
	return true;
}

static bool all_zero(const struct nic_stats *s)
{
	for (size_t i = 0; i < s->n_counters; i++)
		if (s->counters[i].value)
			return false;
	return true;
}

static void say_one(const struct facts *f, struct report *r, const struct nic *nic)
{
	const struct nic_stats *s = stats_or_say(f, r, nic);
	bool bad;

	if (!s)
		return;
	if (!s->n_counters) {
		say_nic(r, VERDICT_SKIP, nic, "its driver does not count TLS");
		return;
	}
	if (all_zero(s) && nic_can_tls(f, nic) == TRI_NO) {
		say_nic(r, VERDICT_SKIP, nic,
			"it has TLS counters and no TLS offload: they come with the "
			"driver, not with the card");
		return;
	}
	bad = say_drops(r, nic, s);
	bad |= say_errors(r, nic, s);
	if (!bad)
		say_nic(r, VERDICT_OK, nic,
			"nothing dropped; %" PRIu64 " packets encrypted and %" PRIu64
			" decrypted by it",
			nic_counter(s, "tx_tls_encrypted_packets", 0),
			nic_counter(s, "rx_tls_decrypted_packets", 0));
}

static void run(const struct facts *f, struct report *r)
{
	each_tls_nic(f, r, say_one);
}

static const struct outcome outcomes[] = {
	{ VERDICT_OK, NULL, "no packet dropped, no error", NULL },
	{ VERDICT_WARN, "nic-tls-drops", "packets dropped: data lost on the wire",
	  "a newer kernel and firmware; until then without offload" },
	{ VERDICT_WARN, "nic-tls-rx-errors", "packets it could not decrypt",
	  "a newer kernel and firmware; until then ethtool -K IF tls-hw-rx-offload off" },
	{ VERDICT_UNKNOWN, NULL, "the counters could not be read", NULL },
	{ VERDICT_SKIP, NULL, "no kTLS, no physical NIC, or nothing is counted", NULL },
	{ 0 },
};

const struct check check_nic_tls_counters = {
	.id = "nic-tls-counters",
	.category = "nic",
	.title = "TLS counters of the driver",
	.why = "A packet the NIC cannot encrypt must not leave in clear text: the "
	       "driver drops it and counts that, and the connection may hang. That a "
	       "driver has the counters says nothing of the card: mlx5 shows them on "
	       "a ConnectX-4 as well.",
	.outcomes = outcomes,
	.refs = "https://docs.kernel.org/networking/tls-offload.html",
	.needs = FACT_NICS | FACT_NIC_STATS,
	.uses = FACT_ETHTOOL | TLS_FACTS,
	.run = run,
};
