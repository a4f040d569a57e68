/* SPDX-License-Identifier: MIT */
#include "check.h"

enum { TABLE_STALE_DAYS = 180 };

/* Those of a NIC's encryption are ready-offload's matter. */
static bool is_open(const struct facts *f, const struct kernel_defect *d)
{
	return !d->device && defect_state(d, f->kernel.stable) == DEFECT_OPEN;
}

static void say_open(const struct facts *f, struct report *r, unsigned open,
		     unsigned remote)
{
	struct finding *fi;

	fi = say(r, VERDICT_WARN, "Linux %s has %u known defect%s of kTLS%s",
		 f->kernel.stable, open, open == 1 ? "" : "s",
		 remote ? ", also one a peer can use on a receiving socket" : "");
	because(fi, remote ? "cves-remote" : "cves-open");
	for (const struct kernel_defect *d = kernel_defects; d->id; d++)
		if (is_open(f, d))
			evidence(fi, d->id, d->fixed, "%s", d->what);
	remedy(fi,
	       "install the distribution's current kernel; until then keep the receive "
	       "side in user space",
	       NULL, REMEDY_ROOT | REMEDY_REBOOT, NULL);
}

static void say_stale(const struct facts *f, struct report *r)
{
	uint64_t days = f->time > kernel_defects_date
				? (f->time - kernel_defects_date) / 86400
				: 0;
	struct finding *fi;

	if (days <= TABLE_STALE_DAYS)
		return;
	fi = say(r, VERDICT_INFO, "this program's list of defects is %llu days old",
		 (unsigned long long)days);
	because(fi, "cves-list-old");
	evidence(fi, "built-in list", "a newer ktlsctl", "made on 2026-11-21");
}

static void run(const struct facts *f, struct report *r)
{
	unsigned open = 0, remote = 0;
	struct finding *fi;

	if (kernel_lacks_tls(f)) {
		say(r, VERDICT_SKIP, "no kTLS, so none of its defects");
		return;
	}
	if (!f->kernel.stable) {
		fi = say(r, VERDICT_UNKNOWN,
			 "vendor back-ports: %s does not tell which fixes it has",
			 f->kernel.release);
		because(fi, "cves-vendor-kernel");
		evidence(fi, "/proc/version", "a plain upstream or Debian number", "%s",
			 f->kernel.release);
		remedy(fi,
		       "ask the vendor's security tracker for CVE-2025-39682, "
		       "CVE-2025-39946 and CVE-2025-40176",
		       NULL, 0, NULL);
		return;
	}
	for (const struct kernel_defect *d = kernel_defects; d->id; d++) {
		open += is_open(f, d);
		remote += is_open(f, d) && d->remote;
	}
	if (open)
		say_open(f, r, open, remote);
	else
		say(r, VERDICT_OK, "Linux %s has none of the known defects",
		    f->kernel.stable);
	say_stale(f, r);
}

static const struct outcome outcomes[] = {
	{ VERDICT_OK, NULL, "none of the listed defects is open in this release", NULL },
	{ VERDICT_WARN, "cves-remote", "open defects, at least one that a peer can use",
	  "install a current kernel" },
	{ VERDICT_WARN, "cves-open", "open defects that need a local program",
	  "install a current kernel" },
	{ VERDICT_INFO, "cves-list-old",
	  "the list in this program is older than 180 days", "upgrade ktlsctl" },
	{ VERDICT_UNKNOWN, "cves-vendor-kernel",
	  "a vendor's kernel: fixes are back-ported, the number does not tell",
	  "ask the vendor's tracker" },
	{ VERDICT_SKIP, NULL, "the kernel was built without CONFIG_TLS", NULL },
	{ 0 },
};

const struct check check_kernel_cves = {
	.id = "kernel-cves",
	.category = "kernel",
	.title = "known defects of net/tls",
	.why = "Three defects of the receive path since 6.0 can be used by any peer "
	       "against an ordinary socket; all were fixed in stable kernels in autumn "
	       "2025. Sockets that only send through kTLS are outside of them.",
	.outcomes = outcomes,
	.refs = "https://www.cve.org/CVERecord?id=CVE-2025-39682 "
		"https://www.cve.org/CVERecord?id=CVE-2025-39946 "
		"https://www.cve.org/CVERecord?id=CVE-2025-40176",
	.needs = FACT_KERNEL,
	.uses = FACT_KCONFIG | FACT_ULP | FACT_MODULE | FACT_TLS_STAT,
	.run = run,
};
