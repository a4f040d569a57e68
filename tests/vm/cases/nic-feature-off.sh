# SPDX-License-Identifier: MIT
# The feature switched off, and checksums switched off, which takes it along. Both hold
# for new connections only.
# kernels: 6.1 6.12 7.x
# userlands: trixie
# fixtures: tlsnic

. /ktlsctl/case-nic.sh

load_tlsnic
nic_connect
expect_hardware

note "switched off under a connection, which stays where it is"
ethtool -K tlsnic0 tls-hw-tx-offload off
expect_equal "the feature" "$(nic_feature tlsnic0 tls-hw-tx-offload)" off
before=$(nic_counter tlsnic0 tx_tls_encrypted_packets)
tls_send 1000
[ "$(nic_counter tlsnic0 tx_tls_encrypted_packets)" -gt "$before" ] || fail "it has moved"
expect_equal "the kernel's label" "$(sending_as)" hw
diagnose
expect_finding nic-tls-offload tlsnic0 warn nic-tls-tx-off
expect_finding nic-tls-checksum tlsnic0 ok
expect_finding nic-tls-effect tlsnic0 info nic-tls-effect-old
tls_close

note "a new connection"
nic_connect
expect_software
tls_close

note "on, but transmit checksums off"
ethtool -K tlsnic0 tls-hw-tx-offload on
ethtool -K tlsnic0 tx off
expect_equal "the feature" "$(nic_feature tlsnic0 tls-hw-tx-offload)" "off [requested on]"
nic_connect
expect_software
diagnose
expect_finding nic-tls-offload tlsnic0 warn nic-tls-tx-blocked
expect_finding nic-tls-checksum tlsnic0 warn nic-tx-checksum-off
tls_close

note "and on again"
ethtool -K tlsnic0 tx on
nic_connect
expect_hardware
diagnose
expect_finding nic-tls-offload tlsnic0 ok
expect_finding nic-tls-checksum tlsnic0 ok
