# SPDX-License-Identifier: MIT
# A card whose memory for connections is full: one more gets software, and nobody is told.
# kernels: 6.1 6.12 7.x
# userlands: trixie
# fixtures: tlsnic

. /ktlsctl/case-nic.sh

load_tlsnic
tlsnic_set contexts 0
nic_connect
expect_software
expect_equal "refused" "$(nic_counter tlsnic0 hw_tls_no_space)" 1

diagnose
expect_json .status used
expect_finding nic-tls-contexts tlsnic0 warn nic-tls-no-space
expect_finding nic-tls-offload tlsnic0 ok
