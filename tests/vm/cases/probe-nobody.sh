# SPDX-License-Identifier: MIT
# ktlsctl probe as anybody: in a user namespace of his own, and where there is none.
# kernels: 6.1 6.12 7.x
# userlands: trixie

. /ktlsctl/case.sh
. /ktlsctl/case-probe.sh

note "the module is not loaded: he cannot make the kernel load it"
probe as_nobody
expect_exit 1
expect_json .answer does_not_work
expect_json .probe.ulp_error -2
expect_json .cause.id autoload-unprivileged
expect_not_loaded tls

load_tls
note "in a namespace of his own"
probe as_nobody --kernel --only aes-gcm-128,sendfile
expect_exit 0
expect_json .probe.private_netns true
expect_json '[.probe.cells[].verdict] | unique | join(" ")' works
expect_not_counted

note "without one: nothing is spoiled, and what was counted is told"
echo 0 >/proc/sys/user/max_user_namespaces
probe as_nobody --kernel --only aes-gcm-128
expect_exit 0
expect_json .probe.private_netns false
expect_json '[.probe.cells[].verdict] | unique | join(" ")' works
expect_json '[.probe.counted[] | "\(.name) \(.value)"] | join(" ")' "TlsTxSw 2 TlsRxSw 2"
expect_equal TlsDecryptError "$(tls_stat TlsDecryptError)" 0
as_nobody "$KTLSCTL" probe --kernel >/tmp/said || fail "probe ends with $?"
grep -q "^counters of this one rose by TlsTxSw [0-9]*, TlsRxSw [0-9]*" /tmp/said ||
	fail "$(cat /tmp/said)"
expect_equal TlsDecryptError "$(tls_stat TlsDecryptError)" 0
expect_equal TlsDecryptRetry "$(tls_stat TlsDecryptRetry)" 0

note "and nothing that could do harm is sent"
before=$(cat /proc/net/tls_stat)
probe as_nobody --hostile --only zero-length
expect_exit 4
expect_json .schema ktlsctl.error/1
expect_equal "the counters" "$(cat /proc/net/tls_stat)" "$before"
