# SPDX-License-Identifier: MIT
# The hardening guides' stronger form: not even "modprobe tls" loads it.
# kernels: 6.1 6.12 7.x

. /ktlsctl/case.sh

echo "install tls /bin/false" >/etc/modprobe.d/hardening.conf
! modprobe tls 2>/dev/null || fail "the laboratory is wrong: modprobe obeys no install line"
diagnose
expect_answer cannot_work module-install-overridden fail
diagnose as_nobody
expect_answer cannot_work module-install-overridden fail
expect_autoload no
