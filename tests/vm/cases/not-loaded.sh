# SPDX-License-Identifier: MIT
# Root makes the kernel load tls on first use: a matter to know, not a fault.
# kernels: 6.1 6.12 7.x
# core: 7.x+bookworm

. /ktlsctl/case.sh

diagnose
expect_answer should_work ulp-not-registered warn
expect_not_loaded tls
expect_autoload yes
