/* SPDX-License-Identifier: MIT */
/* Every check, in reading order: along the chain first, then what is worth knowing. */
#include "check.h"

extern const struct check check_kernel_config, check_tls_module, check_tls_ulp,
	check_tls_autoload, check_kernel_aead, check_fips, check_openssl_ktls,
	check_openssl_tls13_receive, check_openssl_option, check_offload_config,
	check_tls_stat, check_tls_boot, check_openssl_keyupdate, check_openssl_defects,
	check_kernel_cves, check_container, check_tcp_buffers, check_socket_buffer_caps,
	check_tcp_memory, check_tcp_autotuning, check_tcp_idle, check_congestion_control,
	check_cpu_governor, check_io_uring, check_tuning_owner, check_openssl_version,
	check_openssl_copies, check_kernel_version;

const struct check *const checks[] = {
	&check_kernel_config,
	&check_tls_module,
	&check_tls_ulp,
	&check_tls_autoload,
	&check_kernel_aead,
	&check_fips,
	&check_openssl_ktls,
	&check_openssl_tls13_receive,
	&check_openssl_option,
	&check_offload_config,
	&check_tls_stat,
	&check_tls_boot,
	&check_openssl_keyupdate,
	&check_openssl_defects,
	&check_kernel_cves,
	&check_container,
	&check_tcp_buffers,
	&check_socket_buffer_caps,
	&check_tcp_memory,
	&check_tcp_autotuning,
	&check_tcp_idle,
	&check_congestion_control,
	&check_cpu_governor,
	&check_io_uring,
	&check_tuning_owner,
	&check_openssl_version,
	&check_openssl_copies,
	&check_kernel_version,
	NULL,
};
