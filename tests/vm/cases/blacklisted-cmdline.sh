# SPDX-License-Identifier: MIT
# The same from the boot loader's side, which no file in /etc shows.
# kernels: 6.1 6.12 7.x
# cmdline: modprobe.blacklist=tls

. /ktlsctl/case-fault.sh

expect_fault module-blacklisted
expect_autoload no
