# SPDX-License-Identifier: MIT
# kernel.modules_disabled=1 lasts until the next boot.
# kernels: 6.1 6.12 7.x

. /ktlsctl/case.sh

echo 1 >/proc/sys/kernel/modules_disabled
diagnose
expect_answer cannot_work modules-disabled fail
diagnose as_nobody
expect_answer cannot_work modules-disabled fail
expect_autoload no
