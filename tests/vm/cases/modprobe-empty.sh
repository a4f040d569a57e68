# SPDX-License-Identifier: MIT
# With an empty kernel.modprobe the kernel has nobody to call for a module.
# kernels: 6.1 6.12 7.x

. /ktlsctl/case.sh

echo >/proc/sys/kernel/modprobe
diagnose
expect_answer cannot_work modprobe-empty fail
expect_autoload no
