/* SPDX-License-Identifier: MIT */
/* The kernel's known defects, and in which release they are open. */
#include <stdlib.h>

#include "check.h"

/*
 * Defects of net/tls that have a number, with the stable release that carries the fix for
 * each branch (CVE records; single branches from the Debian changelogs). A fix with two
 * parts is the mainline release: every later branch has it from the start. What stands in
 * no branch is not established and therefore not said.
 */
const uint64_t kernel_defects_date = 1795219200; /* 2026-11-21 */

const struct kernel_defect kernel_defects[] = {
	{ "CVE-2023-28466", "race between reading and setting keys", "4.13",
	  "5.10.177 6.1.20 6.6", false, false, false },
	{ "CVE-2024-0646", "out-of-bounds write with splice and BPF", "4.13",
	  "5.10.208 6.1.69 6.7", false, false, false },
	{ "CVE-2024-26582", "use after free, partial read with asynchronous decryption",
	  "6.0", "6.1.79 6.6.18 6.7.6 6.8", false, true, false },
	{ "CVE-2024-36489", "missing memory barrier in tls_init", "4.13",
	  "5.10.219 6.1.93 6.12", false, false, false },
	{ "CVE-2025-37756", "disconnect on a TLS socket", "4.13",
	  "5.10.237 6.1.135 6.12.24 6.15", false, false, false },
	{ "CVE-2025-38616", "data vanishing under the ULP", "6.0",
	  "6.1.185 6.6.103 6.12.43 6.15.11 6.16.2 6.17", false, true, false },
	{ "CVE-2025-39682", "use after free through a zero-length record, by the peer",
	  "6.0", "6.1.149 6.6.103 6.12.44 6.16.4 6.17", true, true, false },
	{ "CVE-2025-39946", "buffer overflow on bogus record headers, by the peer", "6.0",
	  "6.1.154 6.6.108 6.12.49 6.16.9 6.17", true, true, false },
	{ "CVE-2025-40176", "use after free in asynchronous decryption, by the peer",
	  "6.0", "6.1.158 6.6.114 6.12.55 6.17.5 6.18", true, true, false },
	{ "CVE-2026-31533", "use after free when encryption is queued", "6.8",
	  "6.12.82 6.18.23 6.19.13 7.0", false, true, false },
	{ "CVE-2026-31533", "use after free when encryption is queued", "6.6.18",
	  "6.6.135", false, false, false },
	{ "CVE-2026-31533", "use after free when encryption is queued", "6.1.84",
	  "6.1.169", false, false, false },
	{ "CVE-2026-74611", "overwrite by the peer with TLS_RX_EXPECT_NO_PAD", "6.0",
	  "6.1.191 6.12.114 6.18.45 7.1.9 7.2", false, true, false },
	{ "CVE-2026-93824", "kTLS together with a BPF sockmap", "4.17",
	  "6.1.189 6.12.111 6.18.53 7.2", false, false, false },
	/* Only where a NIC encrypts. */
	{ "CVE-2025-40149", "use after free of the NIC while a connection is set up",
	  "4.18", "6.1.161 6.12.66", false, false, true },
	{ "CVE-2026-98549", "retransmission merged across the start of encryption",
	  "4.18", "6.1.191 6.12.112 7.3", false, false, true },
	{ "tls-device-eof", "data stays behind after a sendfile without an end mark",
	  "6.12", "6.12.101 7.2", false, false, true },
	{ 0 },
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

enum defect_state defect_state(const struct kernel_defect *d, const char *v)
{
	size_t len;

	if (version_compare(v, d->since) < 0)
		return DEFECT_NOT_AFFECTED;
	for (const char *fix = d->fixed; *fix; fix += len + (fix[len] == ' ')) {
		char one[16];

		len = strcspn(fix, " ");
		snprintf(one, sizeof(one), "%.*s", (int)len, fix);
		if (is_mainline(fix, len) && version_compare(v, one) >= 0)
			return DEFECT_FIXED;
		if (!is_mainline(fix, len) && branch_of(v) == branch_of(one))
			return version_compare(v, one) >= 0 ? DEFECT_FIXED : DEFECT_OPEN;
	}
	return d->complete && !is_longterm(v) ? DEFECT_OPEN : DEFECT_NOT_ESTABLISHED;
}

const struct kernel_defect *defect_feared(const char *version, enum defect_state *why)
{
	for (const struct kernel_defect *d = kernel_defects; d->id; d++) {
		*why = version ? defect_state(d, version) : DEFECT_NOT_ESTABLISHED;
		if (d->remote && (*why == DEFECT_OPEN || *why == DEFECT_NOT_ESTABLISHED))
			return d;
	}
	return NULL;
}
