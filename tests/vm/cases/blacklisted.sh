# SPDX-License-Identifier: MIT
# A blacklist in modprobe.d keeps the kernel's request for tcp-ulp-tls from loading it.
# kernels: 6.1 6.12 7.x

. /ktlsctl/case.sh

echo "blacklist tls" >/etc/modprobe.d/hardening.conf
diagnose
expect_answer cannot_work module-blacklisted fail
diagnose as_nobody
expect_answer cannot_work module-blacklisted fail
expect_autoload no
