# SPDX-License-Identifier: MIT
# A card that refuses a connection: the kernel takes software, and nobody is told.
# kernels: 6.1 6.12 7.x
# userlands: trixie
# fixtures: tlsnic

. /ktlsctl/case-nic.sh

load_tlsnic
for errno in 95 12; do
	tlsnic_set refuse "$errno"
	nic_connect
	expect_software
	expect_equal "contexts" "$(nic_counter tlsnic0 tx_tls_ctx)" 0
	expect_equal "packets" "$(nic_counter tlsnic0 tx_tls_encrypted_packets)" 0
	diagnose
	expect_json .status used
	expect_finding nic-tls-offload tlsnic0 ok
	expect_finding nic-tls-counters tlsnic0 ok
	expect_finding nic-tls-effect "" skip
	tls_close
done

tlsnic_set refuse 0
nic_connect
expect_hardware
