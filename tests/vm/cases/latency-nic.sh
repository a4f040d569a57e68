# SPDX-License-Identifier: MIT
# latency --hwtstamp and --numa with a NIC that stamps: its setting is that of everybody, so
# it is changed while the messages come and back afterwards, also by a signal.
# kernels: 6.1 6.12 7.x
# userlands: trixie
# machine: numa

. /ktlsctl/case.sh

# What the NIC stamps of what it receives: 0 nothing, 1 all (SIOCGHWTSTAMP).
filter()
{
	perl -e 'socket(my $s, 2, 2, 0) or die; my $c = pack("i3", 0, 0, 0);
		my $r = pack("a16 P a16", "'"$nic"'", $c, ""); ioctl($s, 0x89b1, $r) or die $!;
		print((unpack("i3", $c))[2], "\n")'
}

is_filter()
{
	[ "$(filter)" = "$1" ]
}

modprobe e1000e
nic=
for d in /sys/class/net/*/device/driver; do
	[[ $(readlink "$d") == */e1000e ]] && nic=$(basename "${d%/device/driver}")
done
[ "$nic" ] || fail "no e1000e"
ip addr add 10.0.2.15/24 dev "$nic"
ip link set "$nic" up
wait_for grep -q 1 "/sys/class/net/$nic/carrier" || fail "no carrier"
expect_equal "stamps before" "$(filter)" 0

note "nobody is there: what was set is set back, and where it ran is said"
# Nobody answers at that address, so it takes until the time is over.
"$KTLSCTL" latency --json --hwtstamp --numa --connect-timeout=30s https://10.0.2.99/ \
	>"$CASE_REPORT" 2>&1 &
wait_for is_filter 1 || fail "the NIC does not stamp: $(cat "$CASE_REPORT")"
kill -TERM "$!"
CASE_EXIT=0
wait "$!" || CASE_EXIT=$?
expect_equal "stamps behind a signal" "$(filter)" 0
expect_json .hwtstamp.set true
expect_json .hwtstamp.device "$nic"
expect_json .pin.device "$nic"
expect_json .pin.node 1

note "no NIC's clock without the privilege, and nothing is changed"
setpriv --reuid=65534 --regid=65534 --clear-groups "$KTLSCTL" latency --json --hwtstamp \
	--connect-timeout=1s https://10.0.2.99/ >"$CASE_REPORT" || true
expect_json .hwtstamp.set false
expect_equal "stamps afterwards" "$(filter)" 0
