# SPDX-License-Identifier: MIT
# A label outlives what it says: the card goes down under a connection, or the way to the
# peer moves to another one. The probe sees both, and says which.
# kernels: 6.1 6.12 7.x
# timeout: 300
# userlands: trixie
# fixtures: tlsnic

. /ktlsctl/case-nic.sh
. /ktlsctl/case-path.sh

down_and_up()
{
	ip link set tlsnic0 down
	ip link set tlsnic0 up
}

expect_stale()
{
	expect_exit 1
	expect_path "1.2 tx" "label_only $1"
	expect_json '.probe.paths[0].label' hw
	expect_json '.probe.paths[0].opened' 1
	wait_for nic_is_idle || fail "the card keeps a connection"
}

load_tlsnic pairs=2
ip link set tlsnic3 netns twin
nic_up tlsnic2 10.9.2.1
in_twin ip address add 10.9.2.2/24 dev tlsnic3
in_twin ip link set tlsnic3 up

probe --device tlsnic0 --peer-netns twin --only TLS1.2,tx
expect_exit 0
expect_path "1.2 tx" offloaded

probe_amid down_and_up
expect_stale given-up
expect_json '.probe.paths[0].error' 0

# Nothing comes through any more; what is known is said all the same.
probe_amid ip link set tlsnic0 down
expect_stale link-down
expect_json '.probe.paths[0].error' -110
ip link set tlsnic0 up

probe_amid ip route add 10.9.0.2/32 dev tlsnic2
expect_stale rerouted
ip route del 10.9.0.2/32 dev tlsnic2

note "new connections are as they were"
probe --device tlsnic0 --peer-netns twin --only TLS1.2,tx
expect_exit 0
expect_path "1.2 tx" offloaded
