/* SPDX-License-Identifier: MIT */
/* Go or no-go of each workload, what is expected of services, and the policy itself. */
#include "good.h"

extern const struct check check_ready_files, check_ready_proxy, check_ready_websocket,
	check_ready_offload, check_expectation, check_policy;

LOST(kernel_denied, FACT_KERNEL, -EACCES)
LOST(openssl_lost, FACT_OPENSSL, -ENOSYS)
LOST(ethtool_lost, FACT_ETHTOOL, -ENOENT)
LOST(stats_lost, FACT_NIC_STATS, -EPERM)
LOST(nics_lost, FACT_NICS, -EPERM)
LOST(policy_denied, FACT_POLICY, -EACCES)
LOST(programs_denied, FACT_PROGRAMS, -EACCES)
LOST(stat_not_asked, FACT_TLS_STAT, 0)

#define STABLE(name_, version_) TWEAK(name_, f->kernel.stable = version_;)
STABLE(vendor, NULL)
STABLE(k6_12_40, "6.12.40")   /* the three remote ones are open */
STABLE(k6_12_60, "6.12.60")   /* mended; local ones are open */
STABLE(k6_12_120, "6.12.120") /* all mended */
#define OPENSSL(name_, version_) TWEAK(name_, f->openssl.version = version_;)
OPENSSL(v3_0_22, "3.0.22")
OPENSSL(v3_5_6, "3.5.6")
OPENSSL(v3_5_7, "3.5.7")
TWEAK(http2, f->programs.programs->conf.http2 = true;)
TWEAK(nginx_3_0, f->programs.programs->libraries->version = "3.0.22";)
TWEAK(nginx_3_2, f->programs.programs->libraries->version = "3.2.0";)
COUNTER(no_rekey, "TlsTxSw", 1)

TWEAK(no_tls_nic, f->nics.nics[0].chosen = false;)
TWEAK(cannot, f->ethtool.nics->features[0].supported = false;
      f->ethtool.nics->features[0].active = false;
      f->ethtool.nics->features[1].supported = false;
      f->ethtool.nics->features[1].active = false;)
TWEAK(rx_off, f->ethtool.nics->features[1].active = false;)
TWEAK(switched_off, f->ethtool.nics->features[0].active = false;)
TWEAK(features_denied, f->ethtool.nics->err = -EPERM;)
TWEAK(nic_gone, f->ethtool.nics->err = -ENODEV;)
TWEAK(stats_denied, f->nic_stats.nics->err = -EPERM;)
TWEAK(drops, f->nic_stats.nics->counters[5].value = 2;)
TWEAK(bypass, f->nic_stats.nics->counters[6].value = 1;)

/* One expectation; each row has its own. */
static void expects(struct facts *f, const char *service, const char *what)
{
	static struct expectation e;

	e = (struct expectation){ .service = service,
				  .tx = strchr(what, 't'),
				  .rx = strchr(what, 'r'),
				  .hw = strchr(what, 'h'),
				  .file = "/etc/ktlsctl/ktlsctl.conf",
				  .line = 3 };
	f->policy.expectations = &e;
	f->policy.n_expectations = 1;
}
TWEAK(tx, expects(f, "nginx", "t");)
TWEAK(rx, expects(f, "nginx", "r");)
TWEAK(tx_rx, expects(f, "nginx", "tr");)
TWEAK(hw, expects(f, "nginx", "th");)
TWEAK(hw_rx, expects(f, "nginx", "rh");)
TWEAK(absent, expects(f, "varnish", "t");)
TWEAK(long_name, expects(f, "a-very-long-service-name", "t");
      f->programs.programs->comm = "a-very-long-ser";)
TWEAK(prefix, expects(f, "ngin", "t");)
TWEAK(unreadable, f->programs.unreadable = 3;)
TWEAK(off, f->programs.programs->conf.ktls = CNF_OFF;)
TWEAK(conf_denied, f->programs.programs->conf.err = -EACCES;)
TWEAK(lib_without, f->programs.programs->libraries->ktls = TRI_NO;)
TWEAK(lib_unclear, f->programs.programs->libraries->ktls = TRI_UNKNOWN;
      f->programs.programs->same_root = TRI_NO;)
TWEAK(lib_no_version, f->programs.programs->libraries->version = "";)
TWEAK(no_tls, f->programs.programs->conf.tls = false;)
TWEAK(unsure, f->programs.programs->conf.unsure = true;)
/* As able as the first one, and older. */
TWEAK(second_library, struct program *p = f->programs.programs;
      p->libraries[1] = p->libraries[0]; p->libraries[1].version = "3.0.22";
      p->n_libraries = 2;)
TWEAK(go, f->programs.programs->libraries->kind = TLS_GO;)
TWEAK(gnutls, f->programs.programs->libraries->kind = TLS_GNUTLS;)
TWEAK(no_exe, f->programs.programs->exe = ""; f->programs.programs->n_libraries = 0;)
TWEAK(not_a_server, f->programs.programs->conf.app = "";)
TWEAK(cnf_unset, f->openssl_cnf.ktls = CNF_UNSET;)

static void waiver(struct facts *f, const char *expires, uint64_t time)
{
	static struct waiver w;

	w = (struct waiver){ .id = "cpu-governor",
			     .host = "",
			     .subject = "",
			     .reason = "laptop",
			     .expires = expires,
			     .expires_time = time,
			     .file = "/etc/ktlsctl/waivers.d/a.conf",
			     .line = 1 };
	f->policy.waivers = &w;
	f->policy.n_waivers = 1;
}
TWEAK(lasting, waiver(f, "", 0);)
TWEAK(last_second, waiver(f, "2026-11-20", f->time + 1);)
TWEAK(expired, waiver(f, "2026-11-20", f->time);)
TWEAK(of_nothing, lasting(f); f->policy.waivers[0].id = "cpu-governer";)
TWEAK(of_a_reason, lasting(f); f->policy.waivers[0].id = "module-blacklisted";)

static void malformed(struct facts *f)
{
	static struct policy_problem p = { "/etc/ktlsctl/ktlsctl.conf", 9,
					   "'expct' is no key" };

	f->policy.problems = &p;
	f->policy.n_problems = 1;
}

static const struct check_row rows[] = {
	{ "go", &check_ready_files, { 0 }, VERDICT_OK, NULL },
	{ "go, mended", &check_ready_files, { k6_12_120 }, VERDICT_OK, NULL },
	{ "go with 3.0", &check_ready_files, { v3_0_22, k6_12_120 }, VERDICT_OK, NULL },
	{ "remote, OpenSSL receives",
	  &check_ready_files,
	  { k6_12_40 },
	  VERDICT_WARN,
	  "ready-files-tx-only" },
	{ "remote, TX only",
	  &check_ready_files,
	  { k6_12_40, v3_0_22 },
	  VERDICT_WARN,
	  "ready-files-tx-only" },
	{ "local defects",
	  &check_ready_files,
	  { k6_12_60 },
	  VERDICT_WARN,
	  "ready-files-defects" },
	{ "HTTP/2", &check_ready_files, { http2 }, VERDICT_WARN, "ready-files-http2" },
	{ "HTTP/2 with 3.0", &check_ready_files, { http2, nginx_3_0 }, VERDICT_OK, NULL },
	{ "vendor",
	  &check_ready_files,
	  { vendor },
	  VERDICT_UNKNOWN,
	  "ready-files-vendor-kernel" },
	{ "no kTLS", &check_ready_files, { without_tls }, VERDICT_SKIP, NULL },
	{ "barred", &check_ready_files, { unloaded, blacklisted }, VERDICT_SKIP, NULL },
	{ "no libssl", &check_ready_files, { no_openssl_ktls }, VERDICT_SKIP, NULL },
	{ "kernel denied", &check_ready_files, { kernel_denied }, VERDICT_UNKNOWN, NULL },
	{ "no OpenSSL", &check_ready_files, { openssl_lost }, VERDICT_UNKNOWN, NULL },
	{ "programs denied", &check_ready_files, { programs_denied }, VERDICT_OK, NULL },

	{ "go", &check_ready_proxy, { 0 }, VERDICT_OK, NULL },
	{ "go with 3.5.7", &check_ready_proxy, { v3_5_7 }, VERDICT_OK, NULL },
	{ "remote",
	  &check_ready_proxy,
	  { k6_12_40, v3_5_6 },
	  VERDICT_WARN,
	  "ready-proxy-remote" },
	{ "local",
	  &check_ready_proxy,
	  { k6_12_60 },
	  VERDICT_WARN,
	  "ready-proxy-defects" },
	{ "moving buffer",
	  &check_ready_proxy,
	  { v3_5_6 },
	  VERDICT_WARN,
	  "ready-proxy-moving-buffer" },
	{ "3.0", &check_ready_proxy, { v3_0_22 }, VERDICT_WARN, "ready-proxy-tx-only" },
	{ "HTTP/2", &check_ready_proxy, { http2 }, VERDICT_WARN, "ready-proxy-http2" },
	{ "vendor",
	  &check_ready_proxy,
	  { vendor },
	  VERDICT_UNKNOWN,
	  "ready-proxy-vendor-kernel" },
	{ "no kTLS", &check_ready_proxy, { without_tls }, VERDICT_SKIP, NULL },
	{ "kernel denied", &check_ready_proxy, { kernel_denied }, VERDICT_UNKNOWN, NULL },

	{ "go", &check_ready_websocket, { 0 }, VERDICT_OK, NULL },
	{ "remote",
	  &check_ready_websocket,
	  { k6_12_40 },
	  VERDICT_WARN,
	  "ready-websocket-remote" },
	{ "local",
	  &check_ready_websocket,
	  { k6_12_60 },
	  VERDICT_WARN,
	  "ready-websocket-defects" },
	{ "no rekey",
	  &check_ready_websocket,
	  { no_rekey },
	  VERDICT_WARN,
	  "ready-websocket-rekey" },
	{ "no rekey with 3.0",
	  &check_ready_websocket,
	  { v3_0_22, stat_not_asked },
	  VERDICT_WARN,
	  "ready-websocket-rekey" },
	{ "not loaded",
	  &check_ready_websocket,
	  { unloaded },
	  VERDICT_UNKNOWN,
	  "ready-websocket-rekey-unknown" },
	{ "vendor",
	  &check_ready_websocket,
	  { vendor },
	  VERDICT_UNKNOWN,
	  "ready-websocket-vendor-kernel" },
	{ "no kTLS", &check_ready_websocket, { without_tls }, VERDICT_SKIP, NULL },

	{ "go", &check_ready_offload, { 0 }, VERDICT_OK, NULL },
	{ "off, but it could", &check_ready_offload, { switched_off }, VERDICT_OK, NULL },
	{ "drops",
	  &check_ready_offload,
	  { drops, k6_12_40 },
	  VERDICT_WARN,
	  "ready-offload-drops" },
	{ "drops, bypass",
	  &check_ready_offload,
	  { bypass },
	  VERDICT_WARN,
	  "ready-offload-drops" },
	{ "defects",
	  &check_ready_offload,
	  { k6_12_60 },
	  VERDICT_WARN,
	  "ready-offload-defects" },
	{ "mended", &check_ready_offload, { k6_12_120 }, VERDICT_OK, NULL },
	{ "vendor",
	  &check_ready_offload,
	  { vendor },
	  VERDICT_UNKNOWN,
	  "ready-offload-vendor-kernel" },
	{ "features denied",
	  &check_ready_offload,
	  { features_denied },
	  VERDICT_UNKNOWN,
	  "ready-offload-features" },
	{ "counters denied",
	  &check_ready_offload,
	  { stats_denied },
	  VERDICT_UNKNOWN,
	  "ready-offload-counters" },
	{ "counters lost",
	  &check_ready_offload,
	  { stats_lost },
	  VERDICT_UNKNOWN,
	  "ready-offload-counters" },
	{ "not chosen", &check_ready_offload, { no_tls_nic }, VERDICT_SKIP, NULL },
	{ "it cannot", &check_ready_offload, { cannot }, VERDICT_SKIP, NULL },
	{ "it went away", &check_ready_offload, { nic_gone }, VERDICT_SKIP, NULL },
	{ "no kTLS", &check_ready_offload, { without_tls }, VERDICT_SKIP, NULL },
	{ "no ethtool", &check_ready_offload, { ethtool_lost }, VERDICT_UNKNOWN, NULL },

	{ "nothing", &check_expectation, { 0 }, VERDICT_SKIP, NULL },
	{ "tx", &check_expectation, { tx }, VERDICT_OK, NULL },
	{ "tx and rx", &check_expectation, { tx_rx }, VERDICT_OK, NULL },
	{ "hw", &check_expectation, { hw }, VERDICT_OK, NULL },
	{ "a long name", &check_expectation, { long_name }, VERDICT_OK, NULL },
	{ "kernel without",
	  &check_expectation,
	  { tx, without_tls },
	  VERDICT_FAIL,
	  "expectation-kernel" },
	{ "barred",
	  &check_expectation,
	  { tx, unloaded, blacklisted },
	  VERDICT_FAIL,
	  "expectation-kernel" },
	{ "not loaded",
	  &check_expectation,
	  { tx, unloaded },
	  VERDICT_UNKNOWN,
	  "expectation-module" },
	{ "not loaded, and not asked for",
	  &check_expectation,
	  { tx, unloaded, off },
	  VERDICT_FAIL,
	  "expectation-option" },
	{ "library",
	  &check_expectation,
	  { tx, lib_without },
	  VERDICT_FAIL,
	  "expectation-library" },
	{ "Go", &check_expectation, { tx, go }, VERDICT_FAIL, "expectation-library" },
	{ "GnuTLS",
	  &check_expectation,
	  { tx, gnutls },
	  VERDICT_UNKNOWN,
	  "expectation-library-unclear" },
	{ "3.0 in a container",
	  &check_expectation,
	  { tx, lib_unclear },
	  VERDICT_UNKNOWN,
	  "expectation-library-unclear" },
	{ "not readable",
	  &check_expectation,
	  { tx, no_exe },
	  VERDICT_UNKNOWN,
	  "expectation-library-unclear" },
	{ "off", &check_expectation, { tx, off }, VERDICT_FAIL, "expectation-option" },
	{ "configuration denied",
	  &check_expectation,
	  { tx, conf_denied },
	  VERDICT_UNKNOWN,
	  "expectation-option-unclear" },
	{ "no server known here",
	  &check_expectation,
	  { tx, not_a_server, cnf_unset },
	  VERDICT_UNKNOWN,
	  "expectation-option-unclear" },
	{ "by openssl.cnf", &check_expectation, { tx, not_a_server }, VERDICT_OK, NULL },
	{ "rx with 3.0",
	  &check_expectation,
	  { rx, nginx_3_0 },
	  VERDICT_FAIL,
	  "expectation-receive" },
	{ "tx with 3.0", &check_expectation, { tx, nginx_3_0 }, VERDICT_OK, NULL },
	{ "rx, no version",
	  &check_expectation,
	  { rx, lib_no_version },
	  VERDICT_UNKNOWN,
	  "expectation-receive-unclear" },
	{ "hw off",
	  &check_expectation,
	  { hw, switched_off },
	  VERDICT_FAIL,
	  "expectation-offload" },
	{ "hw, receiving",
	  &check_expectation,
	  { hw_rx, rx_off },
	  VERDICT_FAIL,
	  "expectation-offload" },
	{ "hw, features denied",
	  &check_expectation,
	  { hw, features_denied },
	  VERDICT_UNKNOWN,
	  "expectation-offload-unclear" },
	{ "hw, no ethtool",
	  &check_expectation,
	  { hw, ethtool_lost },
	  VERDICT_UNKNOWN,
	  "expectation-offload-unclear" },
	{ "hw, no NICs",
	  &check_expectation,
	  { hw, nics_lost },
	  VERDICT_UNKNOWN,
	  "expectation-offload-unclear" },
	{ "not running",
	  &check_expectation,
	  { absent },
	  VERDICT_WARN,
	  "expectation-not-running" },
	{ "part of a name",
	  &check_expectation,
	  { prefix },
	  VERDICT_WARN,
	  "expectation-not-running" },
	{ "not seen",
	  &check_expectation,
	  { absent, unreadable },
	  VERDICT_UNKNOWN,
	  "expectation-not-seen" },
	{ "rx with 3.2.0", &check_expectation, { rx, nginx_3_2 }, VERDICT_OK, NULL },
	{ "of two that are alike the first",
	  &check_expectation,
	  { rx, second_library },
	  VERDICT_OK,
	  NULL },
	{ "no TLS",
	  &check_expectation,
	  { tx, no_tls },
	  VERDICT_FAIL,
	  "expectation-option" },
	{ "no TLS in what could be followed",
	  &check_expectation,
	  { tx, no_tls, unsure },
	  VERDICT_UNKNOWN,
	  "expectation-option-unclear" },
	{ "denied", &check_expectation, { programs_denied }, VERDICT_UNKNOWN, NULL },

	{ "nothing", &check_policy, { 0 }, VERDICT_SKIP, NULL },
	{ "a lasting waiver", &check_policy, { lasting }, VERDICT_OK, NULL },
	{ "its last second", &check_policy, { last_second }, VERDICT_OK, NULL },
	{ "an expectation", &check_policy, { tx }, VERDICT_OK, NULL },
	{ "of an answer", &check_policy, { of_a_reason }, VERDICT_OK, NULL },
	{ "of nothing",
	  &check_policy,
	  { of_nothing },
	  VERDICT_WARN,
	  "waiver-of-nothing" },
	{ "expired", &check_policy, { expired }, VERDICT_WARN, "waiver-expired" },
	{ "a slip", &check_policy, { malformed }, VERDICT_WARN, "policy-malformed" },
	{ "a slip and expired",
	  &check_policy,
	  { malformed, expired },
	  VERDICT_WARN,
	  "waiver-expired" },
	{ "denied", &check_policy, { policy_denied }, VERDICT_UNKNOWN, NULL },
};

static void test_outcomes(void **state)
{
	(void)state;
	all_outcomes_have_rows(rows, ARRAY_SIZE(rows));
}

/* Several conditions: one finding, the weightiest in the sentence, all in the evidence.
 */
static void test_conditions(void **state)
{
	static const struct check *const table[] = { &check_ready_proxy, NULL };
	cleanup_report struct report *r = NULL;
	struct facts f;

	(void)state;
	good_facts(&f);
	k6_12_40(&f);
	v3_0_22(&f);
	http2(&f);
	r = checks_run(table, &f);
	assert_non_null(r);
	assert_int_equal(r->n_findings, 1);
	assert_int_equal(r->findings[0].n_evidence, 5);
	assert_non_null(strstr(r->findings[0].summary, "4 more conditions"));
	assert_non_null(strstr(r->findings[0].evidence[0].saw, "CVE-2025-39682"));
}

struct defect_row {
	const char *id, *version;
	enum defect_state state;
};

static const struct defect_row defects[] = {
	{ "CVE-2025-39682", "5.15.190", DEFECT_NOT_AFFECTED },
	{ "CVE-2025-39682", "6.1.148", DEFECT_OPEN },
	{ "CVE-2025-39682", "6.1.149", DEFECT_FIXED },
	{ "CVE-2025-39682", "6.14.9", DEFECT_OPEN }, /* ended without */
	{ "CVE-2025-39682", "6.17", DEFECT_FIXED },
	{ "CVE-2026-98549", "6.1.190", DEFECT_OPEN },
	{ "CVE-2026-98549", "6.12.112", DEFECT_FIXED },
	{ "CVE-2026-98549", "7.2.5", DEFECT_NOT_ESTABLISHED },
	{ "CVE-2026-98549", "7.3.0", DEFECT_FIXED },
	{ "CVE-2026-74611", "6.6.140", DEFECT_NOT_ESTABLISHED }, /* still kept up */
	{ "CVE-2026-74611", "6.11.9", DEFECT_OPEN },
	{ "CVE-2026-93824", "6.1.188", DEFECT_OPEN },
	{ "CVE-2026-93824", "6.6.140", DEFECT_NOT_ESTABLISHED },
};

static void test_defect(void **state)
{
	const struct defect_row *row = *state;
	const struct kernel_defect *d = kernel_defects;

	while (d->id && strcmp(d->id, row->id))
		d++;
	assert_non_null(d->id);
	assert_int_equal(defect_state(d, row->version), row->state);
}

struct feared_row {
	const char *name, *version;
	const char *id; /* NULL: nothing */
	enum defect_state why;
};

/* What a stranger's record could do harm to. */
static const struct feared_row feared[] = {
	{ "before all of them", "5.15.190", NULL, 0 },
	{ "the first open", "6.1.148", "CVE-2025-39682", DEFECT_OPEN },
	{ "the second open", "6.1.149", "CVE-2025-39946", DEFECT_OPEN },
	{ "the third open", "6.1.154", "CVE-2025-40176", DEFECT_OPEN },
	{ "mended", "6.1.158", NULL, 0 },
	{ "a branch that ended", "6.16.12", "CVE-2025-40176", DEFECT_OPEN },
	{ "newer than all", "7.3.0", NULL, 0 },
	{ "a vendor's", NULL, "CVE-2025-39682", DEFECT_NOT_ESTABLISHED },
};

static void test_feared(void **state)
{
	const struct feared_row *row = *state;
	enum defect_state why;
	const struct kernel_defect *d = defect_feared(row->version, &why);

	assert_int_equal(!d, !row->id);
	if (!d)
		return;
	assert_string_equal(d->id, row->id);
	assert_int_equal(why, row->why);
}

static const char *defect_version(const void *row)
{
	return ((const struct defect_row *)row)->version;
}

int main(void)
{
	static const struct unit_set sets[] = {
		UNIT_CHECKS(rows),
		UNIT_ONE("every answer has a row", test_outcomes),
		UNIT_ONE("several conditions", test_conditions),
		UNIT_ROWS("defects a stranger can use", feared, test_feared),
		{ NULL, defects, ARRAY_SIZE(defects), sizeof(defects[0]), test_defect,
		  defect_version },
	};

	return unit_run("readiness and policy", sets, ARRAY_SIZE(sets));
}
