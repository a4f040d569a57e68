/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "check.h"

/*
 * Defects of net/tls that have a number, with the stable release that carries the fix for
 * each branch (CVE records; single branches from the Debian changelogs). A fix with two
 * parts is the mainline release: every later branch has it from the start. What stands in
 * no branch is not established and therefore not said.
 */
static const uint64_t table_date = 1795219200; /* 2026-11-21, when the table was made */
enum { TABLE_STALE_DAYS = 180 };

static const struct cve {
	const char *id;
	const char *what;
	const char *since; /* first affected release */
	const char *fixed; /* blank-separated */
	bool remote; /* a peer can do it to a receiving socket of an ordinary set-up */
	/* The record names every branch that was maintained: another one ended without.
	 */
	bool complete;
} cves[] = {
	{ "CVE-2023-28466", "race between reading and setting keys", "4.13",
	  "5.10.177 6.1.20 6.6", false, false },
	{ "CVE-2024-0646", "out-of-bounds write with splice and BPF", "4.13",
	  "5.10.208 6.1.69 6.7", false, false },
	{ "CVE-2024-26582", "use after free, partial read with asynchronous decryption",
	  "6.0", "6.1.79 6.6.18 6.7.6 6.8", false, true },
	{ "CVE-2024-36489", "missing memory barrier in tls_init", "4.13",
	  "5.10.219 6.1.93 6.12", false, false },
	{ "CVE-2025-37756", "disconnect on a TLS socket", "4.13",
	  "5.10.237 6.1.135 6.12.24 6.15", false, false },
	{ "CVE-2025-38616", "data vanishing under the ULP", "6.0",
	  "6.1.185 6.6.103 6.12.43 6.15.11 6.16.2 6.17", false, true },
	{ "CVE-2025-39682", "use after free through a zero-length record, by the peer",
	  "6.0", "6.1.149 6.6.103 6.12.44 6.16.4 6.17", true, true },
	{ "CVE-2025-39946", "buffer overflow on bogus record headers, by the peer", "6.0",
	  "6.1.154 6.6.108 6.12.49 6.16.9 6.17", true, true },
	{ "CVE-2025-40176", "use after free in asynchronous decryption, by the peer",
	  "6.0", "6.1.158 6.6.114 6.12.55 6.17.5 6.18", true, true },
	{ "CVE-2026-31533", "use after free when encryption is queued", "6.8",
	  "6.12.82 6.18.23 6.19.13 7.0", false, true },
	{ "CVE-2026-31533", "use after free when encryption is queued", "6.6.18",
	  "6.6.135", false, false },
	{ "CVE-2026-31533", "use after free when encryption is queued", "6.1.84",
	  "6.1.169", false, false },
	{ "CVE-2026-74611", "overwrite by the peer with TLS_RX_EXPECT_NO_PAD", "6.0",
	  "6.1.191 6.12.114 6.18.45 7.1.9 7.2", false, true },
	{ "CVE-2026-93824", "kTLS together with a BPF sockmap", "4.17",
	  "6.12.111 6.18.53 7.2", false, false },
};

static unsigned long branch_of(const char *v)
{
	char *end;
	unsigned long major = strtoul(v, &end, 10);

	return major * 1000 + (*end == '.' ? strtoul(end + 1, NULL, 10) : 0);
}

static bool is_mainline(const char *fix, size_t len)
{
	return memchr(fix, '.', len) == memrchr(fix, '.', len);
}

/* Branches that somebody maintains for years: not to be named is no proof for them. */
static bool is_longterm(const char *v)
{
	static const unsigned long branches[] = { 4019, 5004, 5010, 5015,
						  6001, 6006, 6012, 6018 };

	for (size_t i = 0; i < ARRAY_LEN(branches); i++)
		if (branch_of(v) == branches[i])
			return true;
	return false;
}

enum state { NOT_AFFECTED, FIXED, OPEN, NOT_ESTABLISHED };

static enum state state_of(const struct cve *c, const char *v)
{
	size_t len;

	if (version_compare(v, c->since) < 0)
		return NOT_AFFECTED;
	for (const char *fix = c->fixed; *fix; fix += len + (fix[len] == ' ')) {
		char one[16];

		len = strcspn(fix, " ");
		snprintf(one, sizeof(one), "%.*s", (int)len, fix);
		if (is_mainline(fix, len) && version_compare(v, one) >= 0)
			return FIXED;
		if (!is_mainline(fix, len) && branch_of(v) == branch_of(one))
			return version_compare(v, one) >= 0 ? FIXED : OPEN;
	}
	return c->complete && !is_longterm(v) ? OPEN : NOT_ESTABLISHED;
}

static void say_open(const struct facts *f, struct report *r, unsigned open,
		     unsigned remote)
{
	struct finding *fi;

	fi = say(r, VERDICT_WARN, "Linux %s has %u known defect%s of kTLS%s",
		 f->kernel.stable, open, open == 1 ? "" : "s",
		 remote ? ", also one a peer can use on a receiving socket" : "");
	because(fi, remote ? "cves-remote" : "cves-open");
	for (size_t i = 0; i < ARRAY_LEN(cves); i++)
		if (state_of(&cves[i], f->kernel.stable) == OPEN)
			evidence(fi, cves[i].id, cves[i].fixed, "%s", cves[i].what);
	remedy(fi,
	       "install the distribution's current kernel; until then keep the receive "
	       "side in user space",
	       NULL, REMEDY_ROOT | REMEDY_REBOOT, NULL);
}

static void say_stale(const struct facts *f, struct report *r)
{
	uint64_t days = f->time > table_date ? (f->time - table_date) / 86400 : 0;
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
	for (size_t i = 0; i < ARRAY_LEN(cves); i++) {
		bool is_open = state_of(&cves[i], f->kernel.stable) == OPEN;

		open += is_open;
		remote += is_open && cves[i].remote;
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
