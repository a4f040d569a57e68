# SPDX-License-Identifier: MIT
# Settings of NICs over netlink: features, rings, channels, coalescing and masks; what the
# unit at boot does; a NIC that has gone meanwhile.
# kernels: 6.1 6.12 7.x
# userlands: trixie
# machine: numa
# fixtures: tlsnic
# timeout: 600

. /ktlsctl/case-nic.sh
. /ktlsctl/case-tune.sh

load_tlsnic
tune_load_cards
tune_near_files
tune_state >/tmp/before

note "a feature, there and back"
tune --device tlsnic0 --set nic.tls-hw-tx-offload=off --apply --persist
expect_exit 0
expect_json .changed true
expect_equal "the feature" "$(nic_feature tlsnic0 tls-hw-tx-offload)" off
tune verify
expect_exit 0

note "what the unit does at boot"
ethtool -K tlsnic0 tls-hw-tx-offload on
tune_boot
expect_equal "the feature" "$(nic_feature tlsnic0 tls-hw-tx-offload)" off
tune revert
expect_exit 0
expect_equal "the feature" "$(nic_feature tlsnic0 tls-hw-tx-offload)" on
expect_state /tmp/before "after a feature"

note "a value that the driver refuses: what was set before it goes back"
tune --device "$e1000e" --set nic.rx-ring=1000 --set nic.rx-usecs=5 --apply
expect_exit 4
expect_json .undone true
expect_json .failure "$e1000e/nic.rx-usecs cannot be set to 5: Invalid argument"
expect_state /tmp/before "after a refusal"

note "rings and masks of an e1000e, and its interrupts' waiting"
tune --device "$e1000e" --set nic.rx-ring=1000 --set nic.rx-usecs=20 --set nic.rps-cpus=3 --apply
expect_exit 0
jq -c '.outcomes[] | [.key, .from, .to, .now, .note]' "$CASE_REPORT"
expect_json '[.outcomes[] | select(.done != "written")] | length' 0
tune verify
expect_exit 0
tune revert
expect_exit 0
expect_state /tmp/before "after rings"

note "killed at every step, with a ring that the driver rounds"
ring_glance()
{
	ethtool -g "$e1000e"
	ethtool -c "$e1000e"
}
ring_glance >/tmp/rings
n=$((1 - CASE_STRIDE))
while :; do
	n=$((n + CASE_STRIDE)) rc=0
	rm -rf /var/lib/ktlsctl
	/ktlsctl/killstep "$n" "$KTLSCTL" tune --device "$e1000e" --set nic.rx-ring=1001 \
		--set nic.rx-usecs=20 --apply >/tmp/out 2>&1 || rc=$?
	"$KTLSCTL" tune revert >/tmp/out 2>&1 || fail "step $n: $(cat /tmp/out)"
	expect_same /tmp/rings ring_glance "step $n"
	[ "$rc" = 9 ] || break
done
note "killed at 1 in $CASE_STRIDE of $((n - CASE_STRIDE)) steps or more"
[ "$n" -gt 20 ] || fail "only $n steps"
[ "$rc" = 0 ] || fail "the last one: $rc"

note "the NIC goes"
tune --device tlsnic0 --set nic.tls-hw-tx-offload=off --apply --persist
expect_exit 0
rmmod tlsnic
tune verify
expect_json '[.rows[] | select(.state == "gone")] | length' 1
tune revert
expect_exit 0
expect_json '[.outcomes[] | select(.done == "gone")] | length' 1
[ ! -e /etc/systemd/system/ktlsctl-tune.service ] || fail "the unit stays"
