# SPDX-License-Identifier: MIT
# A driver that drops packets it cannot encrypt: TCP sends them again, out of sequence.
# kernels: 6.1 6.12 7.x
# userlands: trixie
# fixtures: tlsnic

. /ktlsctl/case-nic.sh

load_tlsnic
nic_connect
expect_hardware
expect_equal "drops" "$(nic_counter tlsnic0 tx_tls_drop_no_sync_data)" 0
diagnose
expect_finding nic-tls-counters tlsnic0 ok

tlsnic_set drop 5
tls_send 1000
tlsnic_set drop 0
tls_send 1000
[ "$(nic_counter tlsnic0 tx_tls_drop_no_sync_data)" -gt 0 ] || fail "nothing was dropped"
[ "$(nic_counter tlsnic0 tx_tls_ooo)" -gt 0 ] || fail "nothing was sent again"
expect_equal "the kernel's label" "$(sending_as)" hw

diagnose
expect_finding nic-tls-counters tlsnic0 warn nic-tls-drops
