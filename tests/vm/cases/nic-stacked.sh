# SPDX-License-Identifier: MIT
# A VLAN and a bridge on a card that could offload, and a veth on nothing: all software.
# kernels: 6.1 6.12 7.x
# userlands: trixie
# fixtures: tlsnic

. /ktlsctl/case-nic.sh

twin_address()
{
	in_twin ip address add "$2/24" dev "$1"
	in_twin ip link set "$1" up
	TLS_ADDRESS=$2
}

load_tlsnic

note "a VLAN"
ip link add link tlsnic0 name tlsnic0.5 type vlan id 5
in_twin ip link add link tlsnic1 name tlsnic1.5 type vlan id 5
nic_up tlsnic0.5 10.9.5.1
twin_address tlsnic1.5 10.9.5.2
nic_connect
expect_software
expect_equal "packets" "$(nic_counter tlsnic0 tx_tls_encrypted_packets)" 0
diagnose
expect_finding nic-stacked tlsnic0.5 warn stacked-hides-offload
expect_finding nic-tls-offload tlsnic0 ok
tls_close

note "a veth"
ip link add veth0 type veth peer name veth1 netns twin
nic_up veth0 10.9.6.1
twin_address veth1 10.9.6.2
nic_connect
expect_software
diagnose --device veth0
expect_finding nic-stacked veth0 info stacked-software
expect_no_finding nic-tls-offload tlsnic0 ok
tls_close

note "a bridge"
ip address flush dev tlsnic0
ip link add br0 type bridge
ip link set tlsnic0 master br0
nic_up br0 10.9.0.1
TLS_ADDRESS=10.9.0.2
nic_connect
expect_software
expect_equal "packets" "$(nic_counter tlsnic0 tx_tls_encrypted_packets)" 0
diagnose
expect_finding nic-stacked br0 warn stacked-hides-offload
