# SPDX-License-Identifier: MIT
# Every profile applied, verified, reverted; applied to last, and after a reboot verified
# and reverted again: values, NICs and /etc are as they were each time.
# kernels: 6.1 6.12 7.x
# userlands: trixie
# machine: numa
# fixtures: tlsnic
# boots: 7
# timeout: 400

. /ktlsctl/case-nic.sh
. /ktlsctl/case-tune.sh

profiles=(baseline latency offload streaming throughput websocket)
boot=$1
# tlsnic tells of rings and takes no others: what a driver refuses undoes all of it.
skip=(--skip tlsnic0/nic.rx-ring,tlsnic0/nic.tx-ring)

prepare()
{
	[ "$1" != offload ] || [ -e /sys/class/net/tlsnic0 ] || load_tlsnic
}

expect_no_drift()
{
	tune verify
	expect_exit 0
	expect_json .drifted false
}

after_reboot()
{
	local profile=$1

	note "boot $boot: $profile after the reboot"
	tune_restore_root
	prepare "$profile"
	tune_host_state >/tmp/before
	tune_boot
	expect_no_drift
	expect_json '.rows | length' "$(cat /results/places)"
	tune revert
	expect_exit 0
	expect_same /tmp/before tune_host_state "$profile after the reboot"
	expect_same /results/etc tune_etc_state "$profile after the reboot"
}

before_reboot()
{
	local profile=$1

	note "boot $boot: $profile"
	prepare "$profile"
	tune_host_state >/tmp/before
	tune --profile "$profile" "${skip[@]}" --apply
	expect_exit 0
	expect_no_drift
	tune revert
	expect_exit 0
	expect_same /tmp/before tune_host_state "$profile"
	expect_same /results/etc tune_etc_state "$profile"
	tune --profile "$profile" "${skip[@]}" --apply --persist
	expect_exit 0
	jq '.outcomes | length' "$CASE_REPORT" >/results/places
	note "$profile: $(cat /results/places) places"
	expect_no_drift
	tune_save_root
}

tune_load_cards
if [ "$boot" = 1 ]; then
	tune_etc_state >/results/etc
else
	after_reboot "${profiles[boot - 2]}"
fi
[ "$boot" -gt "${#profiles[@]}" ] || before_reboot "${profiles[boot - 1]}"
