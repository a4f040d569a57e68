# SPDX-License-Identifier: MIT
# What is loaded already is not hindered by a blacklist: "modprobe tls" at boot ignores it.
# kernels: 6.1 6.12 7.x
# userlands: trixie

. /ktlsctl/case.sh

echo "blacklist tls" >/etc/modprobe.d/hardening.conf
load_tls
diagnose
expect_answer should_work null
