/* SPDX-License-Identifier: MIT */
/* kernel-probe: what was tried, as a finding. */
#include <errno.h>

#include "good.h"

extern const struct check check_kernel_probe;

static void cell(struct facts *f, int i, enum probe_verdict v, int err)
{
	f->probe.cells[i].verdict = v;
	f->probe.cells[i].err = err;
}

TWEAK(skipped, f->probe.skipped = "the tls module is not loaded";)
TWEAK(given_up, proved(f); f->probe.src.err = -ETIMEDOUT; f->probe.n_cells = 1;)
TWEAK(ulp_denied, proved(f); f->probe.ulp = false; f->probe.ulp_err = -EPERM;
      f->probe.n_cells = 0;)
TWEAK(no_connection, ulp_denied(f); f->probe.ulp_err = -ENETUNREACH;)
TWEAK(keys_denied, proved(f); cell(f, 1, PROBE_UNKNOWN, -EACCES);)
TWEAK(no_memory, proved(f); cell(f, 1, PROBE_UNKNOWN, -ENOMEM);)
TWEAK(no_reason, proved(f); cell(f, 1, PROBE_UNKNOWN, 0);)
TWEAK(no_tls13, proved(f); cell(f, 2, PROBE_NOT_IN_KERNEL, -EINVAL);
      cell(f, 3, PROBE_NOT_IN_KERNEL, -EINVAL);)
TWEAK(no_cipher, no_tls13(f); cell(f, 0, PROBE_NO_CRYPTO, -ENOENT);
      cell(f, 1, PROBE_NO_CRYPTO, -ENOENT);)
TWEAK(broken_and_unknown, probe_broken(f); cell(f, 0, PROBE_UNKNOWN, -EPERM);)
TWEAK(ulp_unknown, ulp_denied(f); f->probe.ulp_err = -ENOPROTOOPT;
      f->mptcp.present = false;)
TWEAK(mptcpized, ulp_unknown(f); f->mptcp.present = true;)
TWEAK(filtered, ulp_denied(f); f->caller.seccomp_passes = TRI_NO;)
TWEAK(filter_kills, given_up(f); f->caller.seccomp_passes = TRI_NO;)
TWEAK(no_keys, proved(f);
      for (int i = 0; i < 4; i++) cell(f, i, PROBE_NOT_IN_KERNEL, -EINVAL);)
TWEAK(in_map, no_keys(f); f->sockmap.maps = 1;)
TWEAK(no_crypto, proved(f); f->sockmap.maps = 1;
      for (int i = 0; i < 4; i++) cell(f, i, PROBE_NO_CRYPTO, -ENOENT);)
TWEAK(map_beside, no_tls13(f); f->sockmap.maps = 1;)
TWEAK(others_too, proved(f); cell(f, 3, PROBE_WORKS, 0);
      f->probe.cells[3].cipher = "sm4-gcm"; cell(f, 3, PROBE_NO_CRYPTO, -ENOENT);)

static const struct check_row rows[] = {
	{ "works", &check_kernel_probe, { proved }, VERDICT_OK, NULL },
	{ "not tried", &check_kernel_probe, { 0 }, VERDICT_SKIP, NULL },
	{ "not tried, and why", &check_kernel_probe, { skipped }, VERDICT_SKIP, NULL },
	{ "given up",
	  &check_kernel_probe,
	  { given_up },
	  VERDICT_UNKNOWN,
	  "probe-unfinished" },
	{ "the ULP is denied",
	  &check_kernel_probe,
	  { ulp_denied },
	  VERDICT_FAIL,
	  "probe-refused" },
	{ "a filter denies the ULP, which another check says",
	  &check_kernel_probe,
	  { filtered },
	  VERDICT_SKIP,
	  NULL },
	{ "the ULP is not known",
	  &check_kernel_probe,
	  { ulp_unknown },
	  VERDICT_FAIL,
	  "probe-refused" },
	{ "its sockets are MPTCP",
	  &check_kernel_probe,
	  { mptcpized },
	  VERDICT_FAIL,
	  "probe-mptcp" },
	{ "a filter kills", &check_kernel_probe, { filter_kills }, VERDICT_SKIP, NULL },
	{ "no keys at all",
	  &check_kernel_probe,
	  { no_keys },
	  VERDICT_FAIL,
	  "probe-no-cipher" },
	{ "no keys in a map of sockets",
	  &check_kernel_probe,
	  { in_map },
	  VERDICT_FAIL,
	  "probe-sockmap" },
	{ "no cipher, and a map of sockets",
	  &check_kernel_probe,
	  { no_crypto },
	  VERDICT_FAIL,
	  "probe-no-cipher" },
	{ "a map of sockets beside",
	  &check_kernel_probe,
	  { map_beside },
	  VERDICT_WARN,
	  "probe-partial" },
	{ "keys are denied",
	  &check_kernel_probe,
	  { keys_denied },
	  VERDICT_FAIL,
	  "probe-refused" },
	{ "no connection",
	  &check_kernel_probe,
	  { no_connection },
	  VERDICT_UNKNOWN,
	  "probe-failed" },
	{ "no memory",
	  &check_kernel_probe,
	  { no_memory },
	  VERDICT_UNKNOWN,
	  "probe-failed" },
	{ "without an errno",
	  &check_kernel_probe,
	  { no_reason },
	  VERDICT_UNKNOWN,
	  "probe-failed" },
	{ "TLS 1.2 alone",
	  &check_kernel_probe,
	  { no_tls13 },
	  VERDICT_WARN,
	  "probe-partial" },
	{ "no cipher",
	  &check_kernel_probe,
	  { no_cipher },
	  VERDICT_FAIL,
	  "probe-no-cipher" },
	{ "broken", &check_kernel_probe, { probe_broken }, VERDICT_FAIL, "probe-broken" },
	{ "broken is worse than unknown",
	  &check_kernel_probe,
	  { broken_and_unknown },
	  VERDICT_FAIL,
	  "probe-broken" },
	{ "other ciphers do not count",
	  &check_kernel_probe,
	  { others_too },
	  VERDICT_OK,
	  NULL },
};

static void test_outcomes(void **state)
{
	(void)state;
	all_outcomes_have_rows(rows, ARRAY_SIZE(rows));
}

int main(void)
{
	static const struct unit_set sets[] = {
		UNIT_CHECKS(rows),
		UNIT_ONE("every answer has a row", test_outcomes),
	};

	return unit_run("checks", sets, ARRAY_SIZE(sets));
}
