/* SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "check.h"

static bool can(const struct nic_settings *s, const char *feature)
{
	const struct nic_feature *n = s && !s->err ? nic_feature(s, feature) : NULL;

	return n && (n->supported || n->active);
}

static void say_unknown(struct report *r, const struct nic *nic, const char *reason,
			int err)
{
	struct finding *fi;

	fi = say(r, VERDICT_UNKNOWN, "TLS in the NIC: %s of %s could not be read: %s",
		 !strcmp(reason, "ready-offload-counters") ? "the counters"
							   : "the features",
		 nic->name, strerror(-err));
	because(fi, reason);
	about(fi, SUBJECT_NIC, nic->name);
	evidence(fi, nic->name, "readable", "%s", strerror(-err));
	if (err == -EPERM || err == -EACCES)
		remedy(fi, "run it as root", "sudo ktlsctl", REMEDY_ROOT, NULL);
}

static void drop_condition(struct ready *y, const struct nic *nic)
{
	const struct nic_stats *s = nic_stats(y->f, nic);
	uint64_t drops;

	if (!s || s->err) {
		say_unknown(y->r, nic, "ready-offload-counters", s ? s->err : -ENODATA);
		y->unknown = true;
		return;
	}
	drops = nic_counter(s, "tx_tls_drop_no_sync_data", 0) +
		nic_counter(s, "tx_tls_drop_bypass_req", 0);
	if (drops)
		ready_but(y,
			  (struct ready_condition){
				  "ready-offload-drops", "the NIC has dropped packets",
				  nic->name, text(y->r, "tx_tls_drop_*: %" PRIu64, drops),
				  "encrypt in software until driver and firmware are "
				  "current and the counter stands still" });
}

static void judge(const struct facts *f, struct report *r, const struct nic *nic)
{
	static const struct ready_slugs slugs = { "ready-offload-vendor-kernel", NULL,
						  "ready-offload-defects" };
	struct ready y = { .f = f, .r = r };

	y.workload = text(r, "TLS in the NIC %s (TLS 1.2 only)", nic->name);
	drop_condition(&y, nic);
	ready_kernel(&y, &slugs, NULL, true);
	ready_conclude(&y, nic);
}

static void run(const struct facts *f, struct report *r)
{
	const struct ready y = { .f = f, .r = r, .workload = "TLS in the NIC" };
	size_t before = r->n_findings;

	if (ready_blocked(&y))
		return;
	for (size_t i = 0; i < f->nics.n_nics; i++) {
		const struct nic *nic = &f->nics.nics[i];
		const struct nic_settings *s = nic->chosen ? nic_settings(f, nic) : NULL;

		if (s && s->err && s->err != -ENODEV)
			say_unknown(r, nic, "ready-offload-features", s->err);
		else if (can(s, NIC_TLS_TX) || can(s, NIC_TLS_RX))
			judge(f, r, nic);
	}
	if (r->n_findings == before)
		say(r, VERDICT_SKIP, "no NIC here can encrypt TLS");
}

static const struct outcome outcomes[] = {
	{ VERDICT_OK, NULL, "go", NULL },
	{ VERDICT_WARN, "ready-offload-drops", "the NIC drops packets it cannot encrypt",
	  "software until driver and firmware are current" },
	{ VERDICT_WARN, "ready-offload-defects",
	  "the kernel has open defects of the offload", "a current kernel" },
	{ VERDICT_UNKNOWN, "ready-offload-features", "its features could not be read",
	  "run it as root" },
	{ VERDICT_UNKNOWN, "ready-offload-counters", "its counters could not be read",
	  "run it as root" },
	{ VERDICT_UNKNOWN, "ready-offload-vendor-kernel",
	  "a vendor's kernel: the number does not tell", "ask the vendor's tracker" },
	{ VERDICT_SKIP, NULL, "no NIC that could, or kTLS cannot work here", NULL },
	{ 0 },
};

const struct check check_ready_offload = {
	.id = "ready-offload",
	.category = "use",
	.title = "go or no-go: TLS in the NIC",
	.why = "With a NIC that encrypts, a retransmission has to be encrypted again in "
	       "the right state. Where that fails the packet is dropped, or, with the "
	       "defect CVE-2026-98549, goes out wrong. The kernel offloads TLS 1.2 only; "
	       "TLS 1.3 stays in software.",
	.outcomes = outcomes,
	.refs = "https://www.cve.org/CVERecord?id=CVE-2026-98549 "
		"https://docs.kernel.org/networking/tls-offload.html",
	.needs = FACT_KERNEL | FACT_NICS | FACT_ETHTOOL,
	.uses = FACT_KCONFIG | FACT_ULP | FACT_MODULE | FACT_MODPROBE | FACT_TLS_STAT |
		FACT_CALLER | FACT_CONTAINER | FACT_OPENSSL | FACT_NIC_STATS,
	.run = run,
};
