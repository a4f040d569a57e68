/* SPDX-License-Identifier: MIT */
/* What a finding says beyond its verdict: the words, what was seen, what to do. */
#include "good.h"

extern const struct check check_tls_module, check_kernel_aead, check_offload_config,
	check_kernel_ciphers, check_nic_channels, check_nic_driver, check_kernel_probe,
	check_openssl_option;

TWEAK(unsigned_module, unloaded(f); f->modprobe.signature = "no";)
TWEAK(signatures_enforced, f->module.sig_enforce = TRI_YES; f->module.lockdown = NULL;)
TWEAK(locked_down, f->module.sig_enforce = TRI_NO; f->module.lockdown = "integrity";)
TWEAK(modprobe_empty, unloaded(f); f->module.modprobe = "";)
TWEAK(modprobe_gone, unloaded(f); f->module.modprobe = "/sbin/none";
      f->module.modprobe_exists = TRI_NO;)
TWEAK(nobody_asked, unloaded(f); group_lost(f, FACT_MODPROBE, 0);)
TWEAK(no_libkmod, unloaded(f); group_lost(f, FACT_MODPROBE, -ENOSYS);)
TWEAK(libkmod_fails, unloaded(f); group_lost(f, FACT_MODPROBE, -EIO);)
TWEAK(tree_denied, unloaded(f); f->module.tree_err = -EACCES;)
TWEAK(tree_not_permitted, unloaded(f); f->module.tree_err = -EPERM;)
TWEAK(tree_broken, unloaded(f); f->module.tree_err = -EIO;)
TWEAK(not_used_yet, f->crypto.n_algs = 0;)
TWEAK(arm, f->cpu.have[CPU_PCLMULQDQ] = false; f->cpu.have[CPU_PMULL] = true;)
TWEAK(no_multiplier, f->cpu.have[CPU_PCLMULQDQ] = f->cpu.have[CPU_PMULL] = false;)
static struct cipher_module *ccm(struct facts *f)
{
	static struct cipher_module copies[8];

	memcpy(copies, f->ciphers.modules, f->ciphers.n_modules * sizeof(copies[0]));
	f->ciphers.modules = copies;
	for (size_t i = 0; i < f->ciphers.n_modules; i++)
		if (!strcmp(copies[i].module, "ccm"))
			return &copies[i];
	fail_msg("there is no ccm");
	return NULL;
}

TWEAK(ccm_barred, ccm(f)->blacklisted = true;)
TWEAK(ccm_missing, ccm(f)->found = false;)
TWEAK(few_channels, f->ethtool.nics[0].combined = 2;)
TWEAK(nodes_empty, f->topology.n_nodes = 0;)
LOST(topology_denied, FACT_TOPOLOGY, -EACCES)
TWEAK(no_pci, f->nics.nics[0].pci = ""; f->ethtool.nics[0].err = -ENODEV;
      f->ethtool.nics[0].n_features = 0;)
TWEAK(later_model, f->nics.nics[0].pci = "15b3:1fff"; f->ethtool.nics[0].err = -ENODEV;
      f->ethtool.nics[0].n_features = 0;)
LOST(config_not_asked, FACT_KCONFIG, 0)
LOST(config_denied, FACT_KCONFIG, -EACCES)
TWEAK(no_memory, proved(f); f->probe.cells[1].verdict = PROBE_UNKNOWN;
      f->probe.cells[1].err = -ENOMEM;)
TWEAK(no_reason, proved(f); f->probe.cells[1].verdict = PROBE_UNKNOWN;)
TWEAK(no_default, f->openssl_cnf.ktls = CNF_UNSET; f->openssl_cnf.section = "ssl_module";
      f->openssl_cnf.missing = "system_default";)
TWEAK(no_options, f->openssl_cnf.ktls = CNF_UNSET; f->openssl_cnf.missing = "Options";)

static const struct said_row rows[] = {
	{ "enforced",
	  &check_tls_module,
	  { unsigned_module, signatures_enforced },
	  "Y, ?" },
	{ "locked down",
	  &check_tls_module,
	  { unsigned_module, locked_down },
	  "N, integrity" },
	{ "empty", &check_tls_module, { modprobe_empty }, "kernel.modprobe is empty" },
	{ "seen as empty", &check_tls_module, { modprobe_empty }, "modprobe: (empty)" },
	{ "not there", &check_tls_module, { modprobe_gone }, "not there: /sbin/none" },
	{ "seen", &check_tls_module, { modprobe_gone }, "modprobe: /sbin/none" },
	{ "not asked", &check_tls_module, { nobody_asked }, "judged: nobody asked" },
	{ "seen as not asked",
	  &check_tls_module,
	  { nobody_asked },
	  "libkmod: nobody asked" },
	{ "left out", &check_tls_module, { no_libkmod }, "judged: this build has no" },
	{ "seen as left out", &check_tls_module, { no_libkmod }, "libkmod: this build" },
	{ "fails", &check_tls_module, { libkmod_fails }, "judged: Input/output" },
	{ "seen to fail", &check_tls_module, { libkmod_fails }, "libkmod: Input/output" },
	{ "root may", &check_tls_module, { tree_denied }, "sudo ktlsctl" },
	{ "root may, too", &check_tls_module, { tree_not_permitted }, "sudo ktlsctl" },
	{ "root neither", &check_tls_module, { tree_broken }, "!sudo ktlsctl" },
	{ "ARM can", &check_kernel_aead, { not_used_yet, arm }, "can do it in hardware" },
	{ "AES alone",
	  &check_kernel_aead,
	  { not_used_yet, no_multiplier },
	  "will be slow" },
	{ "what bars it", &check_kernel_ciphers, { ccm_barred }, "grep -w ccm" },
	{ "barred", &check_kernel_ciphers, { ccm_barred }, "take the line out" },
	{ "not barred", &check_kernel_ciphers, { ccm_missing }, "!take the line out" },
	{ "why the trial failed",
	  &check_kernel_probe,
	  { no_memory },
	  "failed: Cannot allocate" },
	{ "failed for no reason", &check_kernel_probe, { no_reason }, "Input/output" },
	{ "the default section is missing",
	  &check_openssl_option,
	  { no_default },
	  ": [ssl_module] system_default = tls_defaults, [tls_defaults] Options = KTLS" },
	{ "the option is missing",
	  &check_openssl_option,
	  { no_options },
	  ": [tls_defaults] Options = KTLS" },
	{ "no config", &check_offload_config, { config_not_asked }, "nobody asked" },
	{ "processors denied",
	  &check_nic_channels,
	  { topology_denied, few_channels },
	  "node: Permission denied" },
	{ "no processors",
	  &check_nic_channels,
	  { nodes_empty, few_channels },
	  "node: none" },
	{ "no PCI id", &check_nic_driver, { no_pci }, "PCI id of eth0: none" },
	{ "PCI id", &check_nic_driver, { later_model }, "PCI id of eth0: 15b3:1fff" },
	{ "config denied",
	  &check_offload_config,
	  { config_denied },
	  "Permission denied" },
};

int main(void)
{
	const struct unit_set sets[] = { UNIT_ROWS("said", rows, test_said) };

	return unit_run("checks_said", sets, ARRAY_SIZE(sets));
}
