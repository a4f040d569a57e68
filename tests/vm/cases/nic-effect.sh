# SPDX-License-Identifier: MIT
# The label says hw whatever happens later: the card's counters tell the truth, when it
# has any and they can be read.
# kernels: 6.1 6.12 7.x
# userlands: trixie
# fixtures: tlsnic

. /ktlsctl/case-nic.sh

load_tlsnic

note "counters that stand still"
tlsnic_set freeze Y
nic_connect
expect_hardware
expect_equal "packets" "$(nic_counter tlsnic0 tx_tls_encrypted_packets)" 0
diagnose
expect_finding nic-tls-effect "" warn nic-tls-no-effect

note "no counters"
tlsnic_set strings N
! ethtool -S tlsnic0 2>/dev/null || fail "there are counters"
diagnose
expect_finding nic-tls-effect "" unknown nic-tls-effect-unseen
expect_finding nic-tls-counters tlsnic0 skip
expect_finding nic-tls-contexts tlsnic0 skip
tlsnic_set strings Y
tlsnic_set freeze N
tls_close
wait_for nic_is_idle || fail "the connection does not end"

note "the card goes down under its connection"
nic_connect
expect_hardware
ip link set tlsnic0 down
expect_equal "the kernel's label" "$(sending_as)" hw
expect_equal "connections the kernel counts" "$(tls_stat TlsCurrTxDevice)" 1
diagnose
expect_finding nic-tls-effect tlsnic0 warn nic-tls-effect-down

note "up again: by software from now on, and the label stays"
ip link set tlsnic0 up
before=$(nic_counter tlsnic0 tx_tls_encrypted_packets)
tls_send 1000
expect_equal "packets" "$(nic_counter tlsnic0 tx_tls_encrypted_packets)" "$before"
expect_equal "the kernel's label" "$(sending_as)" hw
nic_is_idle || fail "the card still holds the connection"
