/* SPDX-License-Identifier: MIT */
#include "check.h"

static const struct side {
	const char *feature, *what;
	const char *off, *blocked, *missing;
	enum verdict off_verdict;
	const char *needs; /* what `ethtool -K` calls the checksum it hangs on */
} sides[] = {
	{ NIC_TLS_TX, "what it sends", "nic-tls-tx-off", "nic-tls-tx-blocked",
	  "nic-tls-tx-missing", VERDICT_WARN, "tx" },
	/* Off is what the drivers begin with. */
	{ NIC_TLS_RX, "what it receives", "nic-tls-rx-off", "nic-tls-rx-blocked",
	  "nic-tls-rx-missing", VERDICT_INFO, "rx" },
};

static const char *ethtool_k(struct report *r, const struct nic *nic, const char *feature)
{
	return text(r, "ethtool -K %s %s on", shell_quoted(r, nic->name), feature);
}

static void saw(struct finding *fi, const struct nic_settings *s, const struct side *d)
{
	evidence(fi, text(fi->report, "ethtool -k, %s", d->feature), "on", "%s",
		 feature_text(s, d->feature));
}

static void say_off(const struct facts *f, struct finding *fi, const struct nic *nic,
		    const struct side *d)
{
	bool reopens = d->off_verdict == VERDICT_INFO &&
		       !strcmp(nic_driver(f, nic), "mlx5_core");

	because(fi, d->off);
	remedy(fi, "switch it on; it holds for connections made afterwards",
	       ethtool_k(fi->report, nic, d->feature), REMEDY_ROOT,
	       reopens ? "the first time, mlx5 opens all its channels anew: a moment "
			 "without traffic"
		       : NULL);
	mended_by(fi, "%s/nic.%s=on", nic->name, d->feature);
}

static void say_blocked(struct finding *fi, const struct nic *nic,
			const struct nic_settings *s, const struct side *d)
{
	bool there = *d->needs == 't' ? tx_checksum_on(s) : feature_on(s, NIC_RX_CSUM);

	because(fi, d->blocked);
	if (there)
		remedy(fi, "look in the kernel's log for what the driver refused",
		       "dmesg | grep -i tls", REMEDY_ROOT, NULL);
	else
		remedy(fi, "switch the checksum offload on that it hangs on",
		       ethtool_k(fi->report, nic, d->needs), REMEDY_ROOT, NULL);
}

static void say_side(const struct facts *f, struct report *r, const struct nic *nic,
		     const struct side *d)
{
	const struct nic_settings *s = nic_settings(f, nic);
	const struct nic_feature *x = nic_feature(s, d->feature);
	struct finding *fi;

	if (x && x->active) {
		fi = say_nic(r, VERDICT_OK, nic,
			     "TLS offload of %s is on, for TLS 1.2 with AES-GCM; TLS "
			     "1.3 stays in software",
			     d->what);
		saw(fi, s, d);
	} else if (!x || !x->supported) {
		fi = say_nic(r, VERDICT_INFO, nic,
			     "there is no TLS offload of %s; the kernel does that in "
			     "software",
			     d->what);
		because(fi, d->missing);
		saw(fi, s, d);
	} else if (x->wanted) {
		fi = say_nic(r, VERDICT_WARN, nic,
			     "TLS offload of %s was asked for and is not in effect: "
			     "something it needs is off",
			     d->what);
		saw(fi, s, d);
		say_blocked(fi, nic, s, d);
	} else {
		fi = say_nic(r, d->off_verdict, nic,
			     "TLS offload of %s is there, and switched off", d->what);
		saw(fi, s, d);
		say_off(f, fi, nic, d);
	}
}

static void say_one(const struct facts *f, struct report *r, const struct nic *nic)
{
	const struct nic_settings *s = settings_or_say(f, r, nic);
	struct finding *fi;

	if (!s)
		return;
	if (!nic_feature(s, NIC_TLS_TX) && !nic_feature(s, NIC_TLS_RX)) {
		say_nic(r, VERDICT_SKIP, nic, "this kernel knows no TLS offload");
		return;
	}
	if (!feature_there(s, NIC_TLS_TX) && !feature_there(s, NIC_TLS_RX)) {
		fi = say_nic(r, VERDICT_INFO, nic,
			     "it offers no TLS offload: the kernel encrypts in "
			     "software, which is no fault");
		because(fi, "nic-tls-missing");
		for (size_t i = 0; i < ARRAY_LEN(sides); i++)
			saw(fi, s, &sides[i]);
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(sides); i++)
		say_side(f, r, nic, &sides[i]);
}

static void run(const struct facts *f, struct report *r)
{
	each_tls_nic(f, r, say_one);
}

static const struct outcome outcomes[] = {
	{ VERDICT_OK, NULL, "new TLS 1.2 connections with AES-GCM go through the NIC",
	  NULL },
	{ VERDICT_WARN, "nic-tls-tx-off", "the NIC could encrypt, and is not asked to",
	  "ethtool -K IF tls-hw-tx-offload on" },
	{ VERDICT_INFO, "nic-tls-rx-off", "the NIC could decrypt, and is not asked to",
	  "ethtool -K IF tls-hw-rx-offload on" },
	{ VERDICT_WARN, "nic-tls-tx-blocked",
	  "asked for, but off: something it needs is missing", "ethtool -K IF tx on" },
	{ VERDICT_WARN, "nic-tls-rx-blocked",
	  "asked for, but off: something it needs is missing", "ethtool -K IF rx on" },
	{ VERDICT_INFO, "nic-tls-missing", "neither side; software kTLS works", NULL },
	{ VERDICT_INFO, "nic-tls-tx-missing", "it can decrypt only", NULL },
	{ VERDICT_INFO, "nic-tls-rx-missing", "it can encrypt only", NULL },
	{ VERDICT_UNKNOWN, NULL, "the features could not be read, or the NIC went away",
	  NULL },
	{ VERDICT_SKIP, NULL, "no kTLS, no physical NIC, or an old kernel", NULL },
	{ 0 },
};

const struct check check_nic_tls_offload = {
	.id = "nic-tls-offload",
	.category = "nic",
	.title = "TLS offload switched on",
	.why = "A NIC that can encrypt does so only for connections made while its "
	       "feature is on; switching it changes nothing for those that are open. "
	       "The mainline kernel offloads TLS 1.2 with AES-GCM alone: everything "
	       "else is encrypted in software, without an error to the program. What is "
	       "said here of receiving follows from the kernel and the drivers as they "
	       "are written: no card that decrypts was tried with it. `ktlsctl probe "
	       "--device` shows what a connection really gets.",
	.outcomes = outcomes,
	.refs = "https://docs.kernel.org/networking/tls-offload.html",
	.needs = FACT_NICS | FACT_ETHTOOL,
	.uses = FACT_NIC_STATS | TLS_FACTS,
	.run = run,
};
