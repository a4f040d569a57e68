# SPDX-License-Identifier: MIT
# Interfaces that come and go while the program looks at them. What it says of them may be
# anything; it must not fail of it.
# kernels: 6.1 6.12 7.x
# timeout: 300
# userlands: trixie
# fixtures: tlsnic

. /ktlsctl/case-nic.sh

come_and_go()
{
	while :; do
		insmod /ktlsctl/tlsnic.ko pairs=4
		ip link add link tlsnic0 name tlsnic0.5 type vlan id 5
		ip link add veth0 type veth peer name veth1
		ip link add br0 type bridge
		ip link set tlsnic2 master br0
		ip link delete veth0
		ip link delete br0
		rmmod tlsnic
		echo >>/tmp/rounds
	done
}

load_tls
modprobe -a 8021q veth bridge
come_and_go 2>/dev/null &
loop=$!
for _ in {1..50}; do
	rc=0
	"$KTLSCTL" diagnose --json >"$CASE_REPORT" || rc=$?
	case $rc in
	0 | 1 | 3) ;;
	*) fail "exit status $rc" ;;
	esac
	jq -e '.schema == "ktlsctl.report/1"' "$CASE_REPORT" >/dev/null || fail "no report"
	jq -r '.findings[] | select(.category == "nic") | .subject.name' "$CASE_REPORT" \
		>>/tmp/seen
done
kill "$loop"
wait "$loop" || true
note "$(wc -l </tmp/rounds) rounds; seen: $(sort /tmp/seen | uniq -c | tr -s ' \n' ' ')"
[ "$(wc -l </tmp/rounds)" -ge 10 ] || fail "too few rounds to mean anything"
