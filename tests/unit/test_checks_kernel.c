/* SPDX-License-Identifier: MIT */
/* Is there a tls module, and may it be loaded: facts in, answer out. */
#include "good.h"

extern const struct check check_kernel_config, check_tls_module, check_tls_ulp,
	check_tls_autoload;

LOST(no_kconfig, FACT_KCONFIG, -ENOENT)
LOST(kconfig_denied, FACT_KCONFIG, -EACCES)
LOST(kconfig_not_asked, FACT_KCONFIG, 0)
LOST(module_denied, FACT_MODULE, -EACCES)
LOST(modprobe_not_asked, FACT_MODPROBE, 0)
LOST(no_libkmod, FACT_MODPROBE, -ENOSYS)
LOST(ulp_denied, FACT_ULP, -EACCES)
LOST(stat_denied, FACT_TLS_STAT, -EACCES)
TWEAK(no_inet, f->kconfig.opt[KOPT_INET] = KOPT_N;)
TWEAK(tls_n, f->kconfig.opt[KOPT_TLS] = KOPT_N;)
TWEAK(tls_absent, f->kconfig.opt[KOPT_TLS] = KOPT_ABSENT;)
TWEAK(tls_built_in, f->kconfig.opt[KOPT_TLS] = KOPT_Y;)
TWEAK(in_builtin_list, f->module.builtin = TRI_YES; f->module.ko = NULL;)
TWEAK(no_ko, f->module.ko = NULL; f->modprobe.resolves = false; f->modprobe.path = "";)
TWEAK(not_indexed, f->modprobe.resolves = false;)
TWEAK(no_tree, f->module.tree_present = false; f->module.ko = NULL;)
TWEAK(tree_denied, f->module.tree_present = false; f->module.tree_err = -EACCES;
      f->module.ko = NULL;)
TWEAK(old_kernel, f->kernel.major = 4; f->kernel.minor = 12;
      f->kernel.release = "4.12.0";)
TWEAK(cmdline_blacklist, f->modprobe.blacklisted = true;)
TWEAK(overridden, f->modprobe.overridden = true;)
TWEAK(modules_disabled, f->module.disabled = TRI_YES;)
TWEAK(unsigned_module, f->modprobe.signature = "no";)
TWEAK(sig_enforce, f->module.sig_enforce = TRI_YES;)
TWEAK(locked_down, f->module.lockdown = "integrity";)
TWEAK(modprobe_empty, f->module.modprobe = "";)
TWEAK(modprobe_gone, f->module.modprobe_exists = TRI_NO;)
TWEAK(loaded_without_ulp, f->ulp.tls = false; f->ulp.text = "mptcp";)
TWEAK(empty_ulps, f->ulp.text = "";)

static void alias_off(struct facts *f)
{
	static struct modprobe_line line = { "/etc/modprobe.d/x.conf", 1, "alias",
					     "tcp-ulp-tls", "off" };

	f->modprobe.lines = &line;
	f->modprobe.n_lines = 1;
	f->modprobe.resolves = false;
	f->modprobe.path = "";
}

static void other_trees(struct facts *f)
{
	static const char *trees[] = { "7.3.5+deb14-amd64" };

	f->module.trees = trees;
	f->module.n_trees = 1;
}

static const struct check_row rows[] = {
	{ "proven", &check_kernel_config, { 0 }, VERDICT_OK, NULL },
	{ "=m", &check_kernel_config, { unloaded }, VERDICT_OK, NULL },
	{ "not set",
	  &check_kernel_config,
	  { without_tls },
	  VERDICT_FAIL,
	  "kernel-without-tls" },
	{ "no INET",
	  &check_kernel_config,
	  { unloaded, no_inet },
	  VERDICT_FAIL,
	  "kernel-without-tls" },
	{ "not set, but running", &check_kernel_config, { tls_n }, VERDICT_OK, NULL },
	{ "no file, module seen",
	  &check_kernel_config,
	  { unloaded, no_kconfig },
	  VERDICT_OK,
	  NULL },
	{ "no file, built in",
	  &check_kernel_config,
	  { unloaded, no_kconfig, in_builtin_list },
	  VERDICT_OK,
	  NULL },
	{ "nothing tells",
	  &check_kernel_config,
	  { unloaded, no_kconfig, no_ko },
	  VERDICT_UNKNOWN,
	  "kernel-config-unknown" },
	{ "denied",
	  &check_kernel_config,
	  { unloaded, kconfig_denied, no_ko },
	  VERDICT_UNKNOWN,
	  "kernel-config-unknown" },
	{ "not asked",
	  &check_kernel_config,
	  { unloaded, kconfig_not_asked, no_ko },
	  VERDICT_UNKNOWN,
	  "kernel-config-unknown" },
	{ "cut file",
	  &check_kernel_config,
	  { unloaded, tls_absent, no_ko },
	  VERDICT_UNKNOWN,
	  "kernel-config-unknown" },
	{ "hidden",
	  &check_kernel_config,
	  { without_tls, no_kconfig, in_userns },
	  VERDICT_SKIP,
	  "kernel-config-not-visible" },
	{ "too old",
	  &check_kernel_config,
	  { without_tls, no_kconfig, old_kernel },
	  VERDICT_FAIL,
	  "kernel-too-old" },
	{ "loaded", &check_tls_module, { 0 }, VERDICT_OK, NULL },
	{ "may be loaded", &check_tls_module, { unloaded }, VERDICT_OK, NULL },
	{ "built in by modules.builtin",
	  &check_tls_module,
	  { unloaded, in_builtin_list },
	  VERDICT_OK,
	  NULL },
	{ "built in by the configuration",
	  &check_tls_module,
	  { unloaded, tls_built_in, no_ko },
	  VERDICT_OK,
	  NULL },
	{ "loaded although blacklisted",
	  &check_tls_module,
	  { blacklisted },
	  VERDICT_OK,
	  NULL },
	{ "no such module", &check_tls_module, { without_tls }, VERDICT_SKIP, NULL },
	{ "blacklisted",
	  &check_tls_module,
	  { unloaded, blacklisted },
	  VERDICT_FAIL,
	  "module-blacklisted" },
	{ "blacklisted at boot",
	  &check_tls_module,
	  { unloaded, cmdline_blacklist },
	  VERDICT_FAIL,
	  "module-blacklisted" },
	{ "install line",
	  &check_tls_module,
	  { unloaded, overridden },
	  VERDICT_FAIL,
	  "module-install-overridden" },
	{ "alias off",
	  &check_tls_module,
	  { unloaded, alias_off },
	  VERDICT_FAIL,
	  "module-install-overridden" },
	{ "folder gone",
	  &check_tls_module,
	  { unloaded, no_tree, other_trees },
	  VERDICT_FAIL,
	  "modules-folder-gone" },
	{ "no folder at all",
	  &check_tls_module,
	  { unloaded, no_tree },
	  VERDICT_FAIL,
	  "modules-folder-absent" },
	{ "missing",
	  &check_tls_module,
	  { unloaded, no_ko },
	  VERDICT_FAIL,
	  "module-missing" },
	{ "not in the index",
	  &check_tls_module,
	  { unloaded, not_indexed },
	  VERDICT_FAIL,
	  "module-index-stale" },
	{ "unsigned",
	  &check_tls_module,
	  { unloaded, unsigned_module, sig_enforce },
	  VERDICT_FAIL,
	  "module-signature" },
	{ "unsigned, locked down",
	  &check_tls_module,
	  { unloaded, unsigned_module, locked_down },
	  VERDICT_FAIL,
	  "module-signature" },
	{ "unsigned, and nobody minds",
	  &check_tls_module,
	  { unloaded, unsigned_module },
	  VERDICT_OK,
	  NULL },
	{ "signature not to be seen",
	  &check_tls_module,
	  { unloaded, sig_enforce },
	  VERDICT_OK,
	  NULL },
	{ "modules_disabled",
	  &check_tls_module,
	  { unloaded, modules_disabled },
	  VERDICT_FAIL,
	  "modules-disabled" },
	{ "modules_disabled, loaded",
	  &check_tls_module,
	  { modules_disabled },
	  VERDICT_OK,
	  NULL },
	{ "modprobe empty",
	  &check_tls_module,
	  { unloaded, modprobe_empty },
	  VERDICT_FAIL,
	  "modprobe-empty" },
	{ "modprobe gone",
	  &check_tls_module,
	  { unloaded, modprobe_gone },
	  VERDICT_FAIL,
	  "modprobe-missing" },
	{ "modprobe gone from a container",
	  &check_tls_module,
	  { unloaded, modprobe_gone, in_docker },
	  VERDICT_OK,
	  NULL },
	{ "hidden, may load",
	  &check_tls_module,
	  { unloaded, no_tree, in_docker },
	  VERDICT_UNKNOWN,
	  "module-not-visible" },
	{ "hidden, may not load",
	  &check_tls_module,
	  { unloaded, no_tree, in_docker, unprivileged },
	  VERDICT_SKIP,
	  "module-not-visible" },
	{ "no libkmod",
	  &check_tls_module,
	  { unloaded, no_libkmod },
	  VERDICT_UNKNOWN,
	  "module-not-judged" },
	{ "libkmod not asked",
	  &check_tls_module,
	  { unloaded, modprobe_not_asked, no_ko },
	  VERDICT_UNKNOWN,
	  "module-not-judged" },
	{ "folder denied",
	  &check_tls_module,
	  { unloaded, tree_denied },
	  VERDICT_UNKNOWN,
	  "module-tree-unreadable" },
	{ "denied", &check_tls_module, { module_denied }, VERDICT_UNKNOWN, NULL },
	{ "registered", &check_tls_ulp, { 0 }, VERDICT_OK, NULL },
	{ "only mptcp",
	  &check_tls_ulp,
	  { unloaded },
	  VERDICT_WARN,
	  "ulp-not-registered" },
	{ "none",
	  &check_tls_ulp,
	  { unloaded, empty_ulps },
	  VERDICT_WARN,
	  "ulp-not-registered" },
	{ "loaded without it",
	  &check_tls_ulp,
	  { loaded_without_ulp },
	  VERDICT_FAIL,
	  "ulp-not-offered" },
	{ "denied, loaded", &check_tls_ulp, { ulp_denied }, VERDICT_OK, NULL },
	{ "denied",
	  &check_tls_ulp,
	  { unloaded, ulp_denied },
	  VERDICT_UNKNOWN,
	  "ulp-unknown" },
	{ "no folder of modules",
	  &check_tls_ulp,
	  { unloaded, no_tree },
	  VERDICT_SKIP,
	  NULL },
	{ "no kTLS", &check_tls_ulp, { without_tls }, VERDICT_SKIP, NULL },
	{ "loaded", &check_tls_autoload, { unprivileged }, VERDICT_OK, NULL },
	{ "root", &check_tls_autoload, { unloaded }, VERDICT_OK, NULL },
	{ "barred to all",
	  &check_tls_autoload,
	  { unloaded, unprivileged, blacklisted },
	  VERDICT_SKIP,
	  NULL },
	{ "built in",
	  &check_tls_autoload,
	  { unloaded, unprivileged, in_builtin_list },
	  VERDICT_OK,
	  NULL },
	{ "nobody",
	  &check_tls_autoload,
	  { unloaded, unprivileged },
	  VERDICT_FAIL,
	  "autoload-unprivileged" },
	{ "root of a user namespace",
	  &check_tls_autoload,
	  { unloaded, in_userns },
	  VERDICT_FAIL,
	  "autoload-user-namespace" },
	{ "container",
	  &check_tls_autoload,
	  { unloaded, in_docker, unprivileged },
	  VERDICT_FAIL,
	  "autoload-container" },
	{ "no kTLS",
	  &check_tls_autoload,
	  { without_tls, unprivileged },
	  VERDICT_SKIP,
	  NULL },
	{ "caller denied",
	  &check_tls_autoload,
	  { unloaded, caller_unreadable },
	  VERDICT_UNKNOWN,
	  NULL },
	{ "everything denied",
	  &check_tls_autoload,
	  { module_denied, ulp_denied, stat_denied, unprivileged },
	  VERDICT_UNKNOWN,
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
