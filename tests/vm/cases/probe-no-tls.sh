# SPDX-License-Identifier: MIT
# ktlsctl probe on a kernel without CONFIG_TLS: it is known that nothing works, and why.
# kernels: 5.10
# userlands: trixie
# core: 5.10

. /ktlsctl/case.sh
. /ktlsctl/case-probe.sh

for caller in as_root as_nobody; do
	for options in "" --hostile; do
		probe "$caller" $options
		expect_exit 1
		expect_json .answer does_not_work
		expect_json .cause.id kernel-without-tls
		expect_json .probe.ulp false
		expect_json .probe.ulp_error -2
		expect_json '.probe.cells | length' 0
		expect_json '.probe.features | length' 0
	done
done
"$KTLSCTL" probe >/tmp/said || true
head -n 1 /tmp/said | grep -q "CONFIG_TLS" || fail "$(cat /tmp/said)"
