# SPDX-License-Identifier: MIT
# A card that takes the encryption over: its feature is on, its counters move.
# kernels: 6.1 6.12 7.x
# userlands: trixie
# fixtures: tlsnic

. /ktlsctl/case-nic.sh

load_tlsnic
expect_equal "the feature" "$(nic_feature tlsnic0 tls-hw-tx-offload)" on
expect_equal "packets" "$(nic_counter tlsnic0 tx_tls_encrypted_packets)" 0

diagnose
expect_finding nic-tls-offload tlsnic0 ok
expect_finding nic-tls-checksum tlsnic0 ok

nic_connect
expect_hardware
expect_equal "contexts" "$(nic_counter tlsnic0 tx_tls_ctx)" 1
expect_equal "contexts deleted" "$(nic_counter tlsnic0 tx_tls_del)" 0
[ "$(nic_counter tlsnic0 tx_tls_encrypted_packets)" -gt 0 ] || fail "no packet was encrypted"
[ "$(nic_counter tlsnic0 tx_tls_encrypted_bytes)" -gt 20000 ] || fail "too few bytes"

diagnose
expect_json .status used
expect_finding nic-tls-offload tlsnic0 ok
expect_finding nic-tls-counters tlsnic0 ok
expect_finding nic-tls-contexts tlsnic0 ok
expect_finding nic-tls-effect tlsnic0 ok

tls_close
wait_for nic_is_idle || fail "the card keeps a context of a connection that ended"

note "TLS 1.3, which no mainline kernel gives to a device: software, and nobody is told"
TLS_OPTIONS=(-tls1_3)
tls_open
tls_send 1000
expect_equal "TlsTxDevice" "$(tls_stat TlsTxDevice)" 1
expect_equal "the kernel's label" "$(sending_as)" sw

diagnose
expect_finding nic-numa "" skip
