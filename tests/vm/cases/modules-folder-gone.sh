# SPDX-License-Identifier: MIT
# An upgrade took the running kernel's modules away and nobody has booted since.
# kernels: 6.1 6.12 7.x

. /ktlsctl/case.sh

mount -t tmpfs tmpfs /lib/modules
mkdir "/lib/modules/$(uname -r).1"
diagnose
expect_answer cannot_work modules-folder-gone fail
diagnose as_nobody
expect_answer cannot_work modules-folder-gone fail
expect_autoload no
