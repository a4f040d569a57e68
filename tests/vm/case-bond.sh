# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What the cases about bonds share: a bond of two simulated cards at each end of the wire.
# They source it instead of case-nic.sh.

. /ktlsctl/case-nic.sh

# $1 caller, $2 address, $3 and $4 the cards; mode and policy follow.
make_bond()
{
	local caller=$1 address=$2 card options=(mode "$5" miimon 100)

	[ "$5" != 802.3ad ] || options+=(lacp_rate fast)
	case $5 in
	802.3ad | balance-xor | balance-tlb) options+=(xmit_hash_policy "$6") ;;
	esac
	"$caller" ip link add bond0 type bond "${options[@]}"
	for card in "$3" "$4"; do
		"$caller" ip link set "$card" down
		"$caller" ip link set "$card" master bond0
	done
	"$caller" ip address add "$address/24" dev bond0
	"$caller" ip link set bond0 up
}

# Up, and in mode 802.3ad agreed with the other end on both cards, which takes seconds:
# until then connections get software on new kernels, and 6.1 falls over the bond, which
# shows the feature and has no driver behind it.
bond_is_up()
{
	"$1" ip -o link show bond0 | grep -q ' state UP ' || return 1
	"$1" ip -d -j link show master bond0 | jq -e '[.[].linkinfo.info_slave_data |
		.ad_actor_oper_port_state // 32 | . / 32 | floor % 2 == 1] | length == 2 and all' \
		>/dev/null
}

# $1 hw or sw, what new connections shall be; $2 verdict and $3 reason (or "") of the
# finding.
try_bond()
{
	local wanted=$1 verdict=$2 reason=$3

	shift 3
	note "$*"
	make_bond as_root 10.9.1.1 tlsnic0 tlsnic2 "$@"
	make_bond in_twin 10.9.1.2 tlsnic1 tlsnic3 "$@"
	wait_for bond_is_up as_root || fail "the bond does not come up"
	wait_for bond_is_up in_twin || fail "the other bond does not come up"
	# Its list of usable cards follows by a work queue.
	sleep 0.5
	nic_connect
	case $wanted in
	hw) expect_hardware ;;
	sw) expect_software ;;
	esac
	note "the bond shows tls-hw-tx-offload: $(nic_feature bond0 tls-hw-tx-offload)"
	case $(uname -r):$wanted in
	6.1.*:hw) expect_equal "the feature" "$(nic_feature bond0 tls-hw-tx-offload)" "on [fixed]" ;;
	6.1.*) ;;
	*) expect_equal "the feature" "$(nic_feature bond0 tls-hw-tx-offload)" "off [fixed]" ;;
	esac
	diagnose
	expect_finding nic-stacked bond0 "$verdict" "$reason"
	tls_close
	ip link delete bond0
	in_twin ip link delete bond0
}

load_tlsnic pairs=2
ip link set tlsnic3 netns twin
modprobe bonding max_bonds=0
TLS_ADDRESS=10.9.1.2
