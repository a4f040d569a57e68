# SPDX-License-Identifier: MIT
# ktlsctl probe --device with something on top of the cards: a bond passes offload on in
# some modes, a VLAN never.
# kernels: 6.1 6.12 7.x
# timeout: 300
# userlands: trixie
# fixtures: tlsnic

. /ktlsctl/case-bond.sh
. /ktlsctl/case-path.sh

# $1 what TLS 1.2 that is sent shall be; mode and policy follow.
probe_bond()
{
	local wanted=$1

	shift
	note "$*"
	make_bond as_root 10.9.1.1 tlsnic0 tlsnic2 "$@"
	make_bond in_twin 10.9.1.2 tlsnic1 tlsnic3 "$@"
	wait_for bond_is_up as_root || fail "the bond does not come up"
	wait_for bond_is_up in_twin || fail "the other bond does not come up"
	# Its list of usable cards follows by a work queue.
	sleep 0.5
	probe --device bond0 --peer-netns twin
	expect_paths "$wanted"
	expect_json .probe.route bond0
	note "the way begins with the bond, not with its card"
	probe --device tlsnic0 --peer-netns twin --only TLS1.2,tx
	expect_exit 3
	expect_path "1.2 tx" "unknown elsewhere"
	ip link delete bond0
	in_twin ip link delete bond0
}

# The addresses of load_tlsnic would be a way that goes by the cards themselves.
ip address flush dev tlsnic0
in_twin ip address flush dev tlsnic1

probe_bond "software bond-mode" active-backup
probe_bond offloaded balance-xor layer3+4
probe_bond "software bond-hash" balance-xor layer2+3

note "a VLAN"
modprobe 8021q
ip link set tlsnic0 up
in_twin ip link set tlsnic1 up
ip link add link tlsnic0 name tlsnic0.7 type vlan id 7
in_twin ip link add link tlsnic1 name tlsnic1.7 type vlan id 7
ip address add 10.9.7.1/24 dev tlsnic0.7
in_twin ip address add 10.9.7.2/24 dev tlsnic1.7
ip link set tlsnic0.7 up
in_twin ip link set tlsnic1.7 up
probe --device tlsnic0.7 --peer-netns twin
expect_exit 1
expect_paths "software stacked"
ip link delete tlsnic0.7

note "a pair of virtual devices, and no card below"
ip link add veth0 type veth peer name veth1 netns twin
ip address add 10.9.8.1/24 dev veth0
in_twin ip address add 10.9.8.2/24 dev veth1
ip link set veth0 up
in_twin ip link set veth1 up
probe --device veth0 --peer-netns twin
expect_exit 1
for row in "1.2 tx" "1.2 rx" "1.3 tx" "1.3 rx"; do
	expect_path "$row" "software no-nic"
done
