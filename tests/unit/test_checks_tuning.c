/* SPDX-License-Identifier: MIT */
/* The tuning checks: what is right, what is wrong, what cannot be told. */
#include "good.h"

extern const struct check check_tcp_buffers, check_socket_buffer_caps, check_tcp_memory,
	check_tcp_autotuning, check_tcp_idle, check_congestion_control,
	check_cpu_governor, check_io_uring, check_tuning_owner;

#define SET(name_, key_, text_)  TWEAK(name_, set_sysctl(f, key_, text_);)
#define FAILS(name_, key_, err_) TWEAK(name_, f->sysctl.value[key_].err = err_;)

LOST(sysctl_denied, FACT_SYSCTL, -EACCES)
LOST(power_denied, FACT_POWER, -EACCES)
LOST(tuners_denied, FACT_TUNERS, -EACCES)
LOST(nics_denied, FACT_NICS, -EPERM)
SET(small_rmem, SYSCTL_TCP_RMEM, "4096 131072 6291456")
SET(small_wmem, SYSCTL_TCP_WMEM, "4096 16384 4194304")
SET(odd_rmem, SYSCTL_TCP_RMEM, "4096 lots")
SET(exact_rmem, SYSCTL_TCP_RMEM, "4096\t131072\t62500000")
SET(short_rmem, SYSCTL_TCP_RMEM, "4096\t131072\t62499999")
SET(low_cap, SYSCTL_WMEM_MAX, "131072")
SET(odd_cap, SYSCTL_RMEM_MAX, "")
SET(low_mem, SYSCTL_TCP_MEM, "8192 16384 32768")
SET(huge_mem, SYSCTL_TCP_MEM, "1 2 18446744073709551615")
SET(no_autotuning, SYSCTL_TCP_MODERATE_RCVBUF, "0")
SET(no_scaling, SYSCTL_TCP_WINDOW_SCALING, "0")
SET(idle_default, SYSCTL_TCP_SLOW_START_AFTER_IDLE, "1")
SET(ring_group, SYSCTL_IO_URING_DISABLED, "1")
SET(ring_off, SYSCTL_IO_URING_DISABLED, "2")
FAILS(rmem_denied, SYSCTL_TCP_RMEM, -EACCES)
FAILS(cc_denied, SYSCTL_TCP_CONGESTION_CONTROL, -EACCES)
FAILS(ring_unknown, SYSCTL_IO_URING_DISABLED, -ENOENT)
FAILS(ring_denied, SYSCTL_IO_URING_DISABLED, -EACCES)
FAILS(idle_denied, SYSCTL_TCP_SLOW_START_AFTER_IDLE, -EACCES)
FAILS(scaling_denied, SYSCTL_TCP_WINDOW_SCALING, -EACCES)
TWEAK(no_speed, f->nics.n_nics = 0;)
TWEAK(no_page, f->kernel.page_bytes = 0;)
TWEAK(old_kernel, f->kernel.major = 5; f->kernel.minor = 10;
      f->caller.memlock_bytes = 65536;)
TWEAK(unlimited, f->caller.memlock_unlimited = true; f->caller.memlock_bytes = 0;)
TWEAK(no_scaling_files, f->power.governor = ""; f->power.driver = "";
      f->power.preference = "";)
TWEAK(powersave, f->power.governor = "powersave"; f->power.driver = "acpi-cpufreq";
      f->power.preference = "";)
TWEAK(pstate_powersave, f->power.governor = "powersave";
      f->power.preference = "balance_performance";)
TWEAK(prefers_power, f->power.governor = "powersave"; f->power.preference = "power";)
TWEAK(in_file, f->sysctl.value[SYSCTL_TCP_RMEM].file = "/etc/sysctl.d/9.conf";
      f->sysctl.value[SYSCTL_TCP_RMEM].file_value = "4096\t131072   67108864";)
TWEAK(drifted, f->sysctl.value[SYSCTL_TCP_RMEM].file = "/etc/sysctl.d/9.conf";
      f->sysctl.value[SYSCTL_TCP_RMEM].file_value = "4096 131072 6710886";)
TWEAK(shorter, f->sysctl.value[SYSCTL_TCP_RMEM].file = "/etc/sysctl.d/9.conf";
      f->sysctl.value[SYSCTL_TCP_RMEM].file_value = "4096 131072";)
TWEAK(with_tuned, f->tuners.tuned = true; f->tuners.tuned_profile = "latency";)
TWEAK(with_bpftune, f->tuners.bpftune = true;)
TWEAK(with_manager, f->tuners.network_manager = true;)
TWEAK(tuned_sets, f->sysctl.value[SYSCTL_TCP_RMEM].tuned = "4096 131072 67108864";)
TWEAK(tuned_sets_less, f->sysctl.value[SYSCTL_TCP_RMEM].tuned = "4096 131072 4194304";)

static const struct check_row rows[] = {
	{ "enough", &check_tcp_buffers, { 0 }, VERDICT_OK, NULL },
	{ "just enough", &check_tcp_buffers, { exact_rmem }, VERDICT_OK, NULL },
	{ "one byte less",
	  &check_tcp_buffers,
	  { short_rmem },
	  VERDICT_WARN,
	  "tcp-rmem-small" },
	{ "rmem", &check_tcp_buffers, { small_rmem }, VERDICT_WARN, "tcp-rmem-small" },
	{ "wmem", &check_tcp_buffers, { small_wmem }, VERDICT_WARN, "tcp-wmem-small" },
	{ "rmem, assumed",
	  &check_tcp_buffers,
	  { small_rmem, no_speed },
	  VERDICT_INFO,
	  "tcp-rmem-small" },
	{ "wmem, assumed",
	  &check_tcp_buffers,
	  { small_wmem, no_speed },
	  VERDICT_INFO,
	  "tcp-wmem-small" },
	{ "no vector", &check_tcp_buffers, { odd_rmem }, VERDICT_UNKNOWN, NULL },
	{ "one denied", &check_tcp_buffers, { rmem_denied }, VERDICT_UNKNOWN, NULL },
	{ "all denied", &check_tcp_buffers, { sysctl_denied }, VERDICT_UNKNOWN, NULL },
	{ "NICs denied", &check_tcp_buffers, { nics_denied }, VERDICT_UNKNOWN, NULL },
	{ "caps", &check_socket_buffer_caps, { 0 }, VERDICT_OK, NULL },
	{ "low cap",
	  &check_socket_buffer_caps,
	  { low_cap },
	  VERDICT_INFO,
	  "socket-buffer-cap-low" },
	{ "no number", &check_socket_buffer_caps, { odd_cap }, VERDICT_UNKNOWN, NULL },
	{ "room", &check_tcp_memory, { 0 }, VERDICT_OK, NULL },
	{ "more than can be said", &check_tcp_memory, { huge_mem }, VERDICT_OK, NULL },
	{ "no room", &check_tcp_memory, { low_mem }, VERDICT_WARN, "tcp-mem-low" },
	{ "no page size", &check_tcp_memory, { no_page }, VERDICT_UNKNOWN, NULL },
	{ "on", &check_tcp_autotuning, { 0 }, VERDICT_OK, NULL },
	{ "off",
	  &check_tcp_autotuning,
	  { no_autotuning },
	  VERDICT_WARN,
	  "rcvbuf-autotuning-off" },
	{ "no scaling",
	  &check_tcp_autotuning,
	  { no_scaling },
	  VERDICT_WARN,
	  "window-scaling-off" },
	{ "denied", &check_tcp_autotuning, { scaling_denied }, VERDICT_UNKNOWN, NULL },
	{ "no slow start", &check_tcp_idle, { 0 }, VERDICT_OK, NULL },
	{ "default",
	  &check_tcp_idle,
	  { idle_default },
	  VERDICT_INFO,
	  "slow-start-after-idle" },
	{ "denied", &check_tcp_idle, { idle_denied }, VERDICT_UNKNOWN, NULL },
	{ "cubic", &check_congestion_control, { 0 }, VERDICT_OK, NULL },
	{ "denied", &check_congestion_control, { cc_denied }, VERDICT_UNKNOWN, NULL },
	{ "performance", &check_cpu_governor, { 0 }, VERDICT_OK, NULL },
	{ "powersave of intel_pstate",
	  &check_cpu_governor,
	  { pstate_powersave },
	  VERDICT_OK,
	  NULL },
	{ "powersave",
	  &check_cpu_governor,
	  { powersave },
	  VERDICT_WARN,
	  "governor-powersave" },
	{ "prefers power",
	  &check_cpu_governor,
	  { prefers_power },
	  VERDICT_WARN,
	  "energy-preference-power" },
	{ "virtual machine",
	  &check_cpu_governor,
	  { no_scaling_files },
	  VERDICT_SKIP,
	  NULL },
	{ "denied", &check_cpu_governor, { power_denied }, VERDICT_UNKNOWN, NULL },
	{ "open", &check_io_uring, { 0 }, VERDICT_OK, NULL },
	{ "no switch", &check_io_uring, { ring_unknown }, VERDICT_OK, NULL },
	{ "a group",
	  &check_io_uring,
	  { ring_group },
	  VERDICT_INFO,
	  "io-uring-restricted" },
	{ "off", &check_io_uring, { ring_off }, VERDICT_INFO, "io-uring-off" },
	{ "memlock", &check_io_uring, { old_kernel }, VERDICT_INFO, "io-uring-memlock" },
	{ "memlock, unlimited",
	  &check_io_uring,
	  { old_kernel, unlimited },
	  VERDICT_OK,
	  NULL },
	{ "denied", &check_io_uring, { ring_denied }, VERDICT_UNKNOWN, NULL },
	{ "nobody", &check_tuning_owner, { 0 }, VERDICT_OK, NULL },
	{ "a file, other blanks", &check_tuning_owner, { in_file }, VERDICT_OK, NULL },
	{ "drift", &check_tuning_owner, { drifted }, VERDICT_WARN, "sysctl-drift" },
	{ "drift, fewer",
	  &check_tuning_owner,
	  { shorter },
	  VERDICT_WARN,
	  "sysctl-drift" },
	{ "tuned", &check_tuning_owner, { with_tuned }, VERDICT_INFO, "owner-tuned" },
	{ "tuned sets what a file does not",
	  &check_tuning_owner,
	  { with_tuned, drifted, tuned_sets },
	  VERDICT_INFO,
	  "owner-tuned" },
	{ "tuned and a file, both something else",
	  &check_tuning_owner,
	  { with_tuned, drifted, tuned_sets_less },
	  VERDICT_WARN,
	  "sysctl-drift" },
	{ "NetworkManager",
	  &check_tuning_owner,
	  { with_manager },
	  VERDICT_INFO,
	  "owner-networkmanager" },
	{ "bpftune",
	  &check_tuning_owner,
	  { with_bpftune },
	  VERDICT_INFO,
	  "owner-bpftune" },
	{ "denied", &check_tuning_owner, { tuners_denied }, VERDICT_UNKNOWN, NULL },
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

	return unit_run("checks of tuning", sets, ARRAY_SIZE(sets));
}
