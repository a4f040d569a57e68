/* SPDX-License-Identifier: MIT */
/* What the running kernel is and does: facts in, answer out. */
#include "good.h"

extern const struct check check_kernel_aead, check_fips, check_offload_config,
	check_tls_stat, check_tls_boot, check_kernel_cves, check_container,
	check_kernel_version, check_tls_seccomp, check_kernel_ciphers;

LOST(kconfig_denied, FACT_KCONFIG, -EACCES)
LOST(stat_denied, FACT_TLS_STAT, -EACCES)
LOST(crypto_denied, FACT_CRYPTO, -EACCES)
LOST(cpu_denied, FACT_CPU, -EACCES)
LOST(cpu_not_asked, FACT_CPU, 0)
LOST(fips_denied, FACT_FIPS, -EACCES)
LOST(boot_denied, FACT_BOOT, -EACCES)
LOST(kernel_not_asked, FACT_KERNEL, 0)
LOST(container_denied, FACT_CONTAINER, -EACCES)
LOST(caller_denied, FACT_CALLER, -EACCES)
LOST(ciphers_not_asked, FACT_CIPHERS, 0)
LOST(ciphers_denied, FACT_CIPHERS, -EACCES)
LOST(no_libkmod, FACT_CIPHERS, -ENOSYS)
LOST(nics_denied, FACT_NICS, -EPERM)
TWEAK(in_builtin_list, f->module.builtin = TRI_YES; f->module.ko = NULL;)
TWEAK(not_booted, f->boot.n_files = 0;)
TWEAK(fips_on, f->fips.enabled = true;)
TWEAK(fips_absent, f->fips.present = false;)
TWEAK(no_aes_flags, f->cpu.have[CPU_AES] = false;)
TWEAK(no_entries, f->crypto.n_algs = 0;)
TWEAK(own_netns, f->caller.initial_netns = TRI_NO;)
TWEAK(seccomp_filter, f->caller.seccomp = 2;)
TWEAK(no_seccomp, f->caller.seccomp = -1;)
TWEAK(filter_passes, f->caller.seccomp = 2; f->caller.seccomp_passes = TRI_YES;)
TWEAK(filter_denies, f->caller.seccomp = 2; f->caller.seccomp_passes = TRI_NO;
      f->caller.seccomp_answer = -EPERM;)
TWEAK(filter_kills, f->caller.seccomp = 2; f->caller.seccomp_passes = TRI_NO;
      f->caller.seccomp_answer = -EOWNERDEAD;)
TWEAK(no_nics, f->nics.n_nics = 0;)
TWEAK(no_tls_device, f->kconfig.opt[KOPT_TLS_DEVICE] = KOPT_N;)
TWEAK(year_later, f->time += 200 * 86400ull;)
TWEAK(stable_6_1_100, f->kernel.stable = "6.1.100";)
TWEAK(stable_6_1_148, f->kernel.stable = "6.1.148";)
TWEAK(stable_6_1_192, f->kernel.stable = "6.1.192";)
TWEAK(stable_6_12_81, f->kernel.stable = "6.12.81";)
TWEAK(stable_6_12_117, f->kernel.stable = "6.12.117";)
TWEAK(stable_6_13_12, f->kernel.stable = "6.13.12";)
TWEAK(vendor_kernel, f->kernel.stable = NULL;)
COUNTER(decrypt_errors, "TlsDecryptError", 2)
COUNTER(rekey_errors, "TlsRxRekeyError", 1)
COUNTER(no_pad, "TlsRxNoPadViolation", 1)
COUNTER(resyncs, "TlsRxDeviceResync", 1)
COUNTER(misspelt_resync, "TlsDeviceRxResync", 1)
TWEAK(odd_lines, f->tls_stat.skipped = 1;)

static void masked(struct facts *f)
{
	static const char *points[] = { "/proc/kcore", "/proc/sys" };

	f->container.masked = points;
	f->container.n_masked = 2;
}

static void failed_selftest(struct facts *f)
{
	static struct crypto_alg alg = {
		"gcm(aes)", "generic-gcm-aesni", "m", 400, false, false, true, false
	};

	f->crypto.algs = &alg;
	f->crypto.n_algs = 1;
}

static void only_internal(struct facts *f)
{
	static struct crypto_alg alg = { "gcm(aes)", "x",   "m",  400,
					 true,       false, true, true };

	f->crypto.algs = &alg;
	f->crypto.n_algs = 1;
}

static void generic_template(struct facts *f)
{
	static struct crypto_alg alg = { "gcm(aes)", "gcm_base(ctr(aes-ni),ghash-lib)",
					 "m",        100,
					 false,      false,
					 true,       true };

	f->crypto.algs = &alg;
	f->crypto.n_algs = 1;
}

static void virtio(struct facts *f)
{
	static struct nic nic = { .name = "eth0",
				  .ifindex = 2,
				  .kind = "",
				  .driver = "virtio_net",
				  .up = true,
				  .physical = true,
				  .chosen = true };

	f->nics.nics = &nic;
	f->nics.n_nics = 1;
}

static void nfp(struct facts *f)
{
	static struct nic nic = { .name = "eth0",
				  .ifindex = 2,
				  .kind = "",
				  .driver = "nfp",
				  .up = true,
				  .physical = true,
				  .chosen = true };

	f->nics.nics = &nic;
	f->nics.n_nics = 1;
}

static struct cipher_module *module_named(struct facts *f, const char *name)
{
	static struct cipher_module copies[8];

	memcpy(copies, f->ciphers.modules, f->ciphers.n_modules * sizeof(copies[0]));
	f->ciphers.modules = copies;
	for (size_t i = 0; i < f->ciphers.n_modules; i++)
		if (!strcmp(copies[i].module, name))
			return &copies[i];
	fail_msg("there is no %s", name);
	return NULL;
}

TWEAK(chacha_gone, module_named(f, "chacha20poly1305")->found = false;)
TWEAK(gcm_gone, module_named(f, "gcm")->found = false;)
TWEAK(ccm_overridden, module_named(f, "ccm")->overridden = true;)
TWEAK(ccm_blacklisted, module_named(f, "ccm")->blacklisted = true;)

static const struct check_row rows[] = {
	{ "aesni", &check_kernel_aead, { 0 }, VERDICT_OK, NULL },
	{ "lib", &check_kernel_aead, { slow_aes }, VERDICT_WARN, "aead-slow" },
	{ "template",
	  &check_kernel_aead,
	  { generic_template },
	  VERDICT_WARN,
	  "aead-slow" },
	{ "lib on a processor without AES",
	  &check_kernel_aead,
	  { slow_aes, no_aes_flags },
	  VERDICT_INFO,
	  "aead-no-hardware" },
	{ "lib on an unknown processor",
	  &check_kernel_aead,
	  { slow_aes, cpu_denied },
	  VERDICT_INFO,
	  "aead-no-hardware" },
	{ "self-test",
	  &check_kernel_aead,
	  { failed_selftest },
	  VERDICT_FAIL,
	  "aead-selftest" },
	{ "not used yet",
	  &check_kernel_aead,
	  { no_entries },
	  VERDICT_INFO,
	  "aead-not-used-yet" },
	{ "only internal ones",
	  &check_kernel_aead,
	  { only_internal },
	  VERDICT_INFO,
	  "aead-not-used-yet" },
	{ "no kTLS", &check_kernel_aead, { without_tls }, VERDICT_SKIP, NULL },
	{ "denied", &check_kernel_aead, { crypto_denied }, VERDICT_UNKNOWN, NULL },
	{ "off", &check_fips, { 0 }, VERDICT_OK, NULL },
	{ "on", &check_fips, { fips_on }, VERDICT_WARN, "fips-limits" },
	{ "no such mode", &check_fips, { fips_absent }, VERDICT_SKIP, NULL },
	{ "denied", &check_fips, { fips_denied }, VERDICT_UNKNOWN, NULL },
	{ "built", &check_offload_config, { 0 }, VERDICT_OK, NULL },
	{ "driver's option off",
	  &check_offload_config,
	  { no_offload_built },
	  VERDICT_WARN,
	  "offload-not-built" },
	{ "TLS_DEVICE off",
	  &check_offload_config,
	  { no_tls_device },
	  VERDICT_WARN,
	  "offload-not-built" },
	{ "TLS_DEVICE off, nfp",
	  &check_offload_config,
	  { no_tls_device, nfp },
	  VERDICT_WARN,
	  "offload-not-built" },
	{ "nfp needs no option",
	  &check_offload_config,
	  { nfp, no_offload_built },
	  VERDICT_OK,
	  NULL },
	{ "another NIC", &check_offload_config, { virtio }, VERDICT_SKIP, NULL },
	{ "no NIC", &check_offload_config, { no_nics }, VERDICT_SKIP, NULL },
	{ "no kTLS", &check_offload_config, { without_tls }, VERDICT_SKIP, NULL },
	{ "no NIC, configuration denied",
	  &check_offload_config,
	  { no_nics, kconfig_denied },
	  VERDICT_SKIP,
	  NULL },
	{ "configuration denied",
	  &check_offload_config,
	  { kconfig_denied },
	  VERDICT_UNKNOWN,
	  NULL },
	{ "NICs denied", &check_offload_config, { nics_denied }, VERDICT_UNKNOWN, NULL },
	{ "counters", &check_tls_stat, { 0 }, VERDICT_OK, NULL },
	{ "decrypt errors",
	  &check_tls_stat,
	  { decrypt_errors },
	  VERDICT_WARN,
	  "stat-decrypt-error" },
	{ "rekey errors",
	  &check_tls_stat,
	  { rekey_errors },
	  VERDICT_INFO,
	  "stat-rekey-error" },
	{ "no pad", &check_tls_stat, { no_pad }, VERDICT_INFO, "stat-no-pad" },
	{ "resync", &check_tls_stat, { resyncs }, VERDICT_INFO, "stat-resync" },
	{ "resync by the wrong name",
	  &check_tls_stat,
	  { misspelt_resync },
	  VERDICT_OK,
	  NULL },
	{ "odd lines", &check_tls_stat, { odd_lines }, VERDICT_INFO, "stat-odd-lines" },
	{ "not loaded", &check_tls_stat, { unloaded }, VERDICT_SKIP, NULL },
	{ "denied", &check_tls_stat, { stat_denied }, VERDICT_UNKNOWN, NULL },
	{ "named", &check_tls_boot, { unloaded }, VERDICT_OK, NULL },
	{ "built in",
	  &check_tls_boot,
	  { not_booted, in_builtin_list },
	  VERDICT_OK,
	  NULL },
	{ "not named",
	  &check_tls_boot,
	  { not_booted },
	  VERDICT_INFO,
	  "boot-not-persistent" },
	{ "not named, in use",
	  &check_tls_boot,
	  { not_booted, in_use },
	  VERDICT_WARN,
	  "boot-not-persistent" },
	{ "container", &check_tls_boot, { not_booted, in_docker }, VERDICT_SKIP, NULL },
	{ "no kTLS", &check_tls_boot, { without_tls }, VERDICT_SKIP, NULL },
	{ "denied", &check_tls_boot, { boot_denied }, VERDICT_UNKNOWN, NULL },
	{ "7.3", &check_kernel_cves, { 0 }, VERDICT_OK, NULL },
	{ "Debian 12 today", &check_kernel_cves, { stable_6_1_192 }, VERDICT_OK, NULL },
	{ "Debian 13 today", &check_kernel_cves, { stable_6_12_117 }, VERDICT_OK, NULL },
	{ "remote ones open",
	  &check_kernel_cves,
	  { stable_6_1_148 },
	  VERDICT_WARN,
	  "cves-remote" },
	{ "old", &check_kernel_cves, { stable_6_1_100 }, VERDICT_WARN, "cves-remote" },
	{ "local ones open",
	  &check_kernel_cves,
	  { stable_6_12_81 },
	  VERDICT_WARN,
	  "cves-open" },
	{ "a branch that ended without the fixes",
	  &check_kernel_cves,
	  { stable_6_13_12 },
	  VERDICT_WARN,
	  "cves-remote" },
	{ "old list", &check_kernel_cves, { year_later }, VERDICT_INFO, "cves-list-old" },
	{ "vendor",
	  &check_kernel_cves,
	  { vendor_kernel },
	  VERDICT_UNKNOWN,
	  "cves-vendor-kernel" },
	{ "no kTLS", &check_kernel_cves, { without_tls }, VERDICT_SKIP, NULL },
	{ "not asked", &check_kernel_cves, { kernel_not_asked }, VERDICT_UNKNOWN, NULL },
	{ "none", &check_container, { 0 }, VERDICT_OK, NULL },
	{ "docker", &check_container, { in_docker }, VERDICT_INFO, "container" },
	{ "user namespace",
	  &check_container,
	  { in_userns },
	  VERDICT_INFO,
	  "container-user-namespace" },
	{ "network namespace",
	  &check_container,
	  { own_netns },
	  VERDICT_INFO,
	  "container-network-namespace" },
	{ "masked", &check_container, { masked }, VERDICT_INFO, "container-masked" },
	{ "denied", &check_container, { container_denied }, VERDICT_UNKNOWN, NULL },
	{ "no filter", &check_tls_seccomp, { 0 }, VERDICT_OK, NULL },
	{ "one that lets it pass",
	  &check_tls_seccomp,
	  { filter_passes },
	  VERDICT_OK,
	  NULL },
	{ "one that denies",
	  &check_tls_seccomp,
	  { filter_denies },
	  VERDICT_FAIL,
	  "seccomp-denied" },
	{ "one that kills",
	  &check_tls_seccomp,
	  { filter_kills },
	  VERDICT_FAIL,
	  "seccomp-denied" },
	{ "one that was not asked",
	  &check_tls_seccomp,
	  { seccomp_filter },
	  VERDICT_UNKNOWN,
	  "seccomp-unclear" },
	{ "no seccomp", &check_tls_seccomp, { no_seccomp }, VERDICT_SKIP, NULL },
	{ "caller denied", &check_tls_seccomp, { caller_denied }, VERDICT_UNKNOWN, NULL },
	{ "all there", &check_kernel_ciphers, { 0 }, VERDICT_OK, NULL },
	{ "one gone",
	  &check_kernel_ciphers,
	  { chacha_gone },
	  VERDICT_WARN,
	  "cipher-module-missing" },
	{ "gone, and registered already",
	  &check_kernel_ciphers,
	  { gcm_gone },
	  VERDICT_OK,
	  NULL },
	{ "gone, and nothing registered",
	  &check_kernel_ciphers,
	  { gcm_gone, no_entries },
	  VERDICT_WARN,
	  "cipher-module-missing" },
	{ "an install line",
	  &check_kernel_ciphers,
	  { ccm_overridden },
	  VERDICT_WARN,
	  "cipher-module-barred" },
	{ "a blacklist line",
	  &check_kernel_ciphers,
	  { ccm_blacklisted },
	  VERDICT_WARN,
	  "cipher-module-barred" },
	{ "in a container",
	  &check_kernel_ciphers,
	  { chacha_gone, in_docker },
	  VERDICT_UNKNOWN,
	  "cipher-module-unseen" },
	{ "no kTLS", &check_kernel_ciphers, { without_tls }, VERDICT_SKIP, NULL },
	{ "no libkmod", &check_kernel_ciphers, { no_libkmod }, VERDICT_SKIP, NULL },
	{ "an old snapshot",
	  &check_kernel_ciphers,
	  { ciphers_not_asked },
	  VERDICT_SKIP,
	  NULL },
	{ "libkmod denied",
	  &check_kernel_ciphers,
	  { ciphers_denied },
	  VERDICT_UNKNOWN,
	  NULL },
	{ "a number", &check_kernel_version, { 0 }, VERDICT_INFO, "kernel-version" },
	{ "not asked",
	  &check_kernel_version,
	  { kernel_not_asked },
	  VERDICT_UNKNOWN,
	  NULL },
	{ "processor not asked",
	  &check_kernel_aead,
	  { no_entries, cpu_not_asked },
	  VERDICT_INFO,
	  "aead-not-used-yet" },
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
