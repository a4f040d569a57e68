# SPDX-License-Identifier: MIT
# Two nodes, the cards on the second, and who takes their interrupts. A virtio card has
# its node and its interrupts one folder further up.
# kernels: 6.1 6.12 7.x
# userlands: trixie
# machine: numa

. /ktlsctl/case.sh

# The kernel's name for the card of that driver.
card()
{
	local dir

	for dir in /sys/class/net/*; do
		[ "$(basename "$(readlink "$dir/device/driver")")" != "$1" ] || basename "$dir"
	done
}

# $1 is a card, $2 its folder of interrupts, $3 the processors that shall take them. An
# interrupt moves when it comes the next time, so some have to come.
aim()
{
	local irq

	for irq in $(ls "$2"); do
		echo "$3" >"/proc/irq/$irq/smp_affinity_list"
	done
	wait_for has_moved "$@" || fail "the interrupts of $1 do not move"
}

# The emulated network answers the question who has an address.
has_moved()
{
	local irq

	ip neigh flush dev "$1"
	echo >"/dev/udp/${address[$1]}.2/9" || true
	for irq in $(ls "$2"); do
		[ "$(cat "/proc/irq/$irq/effective_affinity_list")" != "$3" ] || return 0
	done
	return 1
}

load_tls
modprobe -a e1000e virtio_net
wait_for test "$(card e1000e)" || fail "no e1000e"
wait_for test "$(card virtio_net)" || fail "no virtio card"
e1000e=$(card e1000e) virtio=$(card virtio_net)
declare -A address=([$e1000e]=10.0.2 [$virtio]=10.0.3)
for card in "$e1000e" "$virtio"; do
	ip link set "$card" up
	ip address add "${address[$card]}.15/24" dev "$card"
done
of_e1000e=/sys/class/net/$e1000e/device of_virtio=/sys/class/net/$virtio/device/..

expect_equal "nodes" "$(cat /sys/devices/system/node/online)" 0-1
expect_equal "node of the e1000e" "$(cat "$of_e1000e/numa_node")" 1
expect_equal "node of the virtio card" "$(cat "$of_virtio/numa_node")" 1
[ ! -e "/sys/class/net/$virtio/device/numa_node" ] || fail "virtio has a node of its own"
[ "$(ls "$of_virtio/msi_irqs" | wc -l)" -ge 2 ] || fail "the virtio card has no interrupts"

note "the near processor takes the interrupts"
aim "$e1000e" "$of_e1000e/msi_irqs" 1
aim "$virtio" "$of_virtio/msi_irqs" 1
diagnose
expect_finding nic-numa "$e1000e" ok
expect_finding nic-numa "$virtio" ok

note "the far one does"
aim "$e1000e" "$of_e1000e/msi_irqs" 0
aim "$virtio" "$of_virtio/msi_irqs" 0
diagnose
expect_finding nic-numa "$e1000e" warn nic-irqs-remote
expect_finding nic-numa "$virtio" warn nic-irqs-remote
! grep -q 'node -1' "$CASE_REPORT" || fail "there is no node -1"

note "no TLS offload in either, which is no fault"
diagnose
expect_finding nic-tls-offload "$e1000e" info nic-tls-missing
expect_finding nic-driver "$e1000e" info nic-driver-without-tls
expect_finding nic-tls-offload "$virtio" info nic-tls-missing
