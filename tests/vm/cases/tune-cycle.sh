# SPDX-License-Identifier: MIT
# Every profile (with --core one in four) applied, verified, reverted; applied to last, and
# after a reboot verified and reverted again: values, NICs and /etc are as they were each
# time. So what one leaves behind the next cannot see, and they share two boots: the second
# finds of each what stood on the disk when the power could have gone.
# kernels: 6.1 6.12 7.x
# userlands: trixie
# machine: numa
# fixtures: tlsnic
# boots: 2
# timeout: 400

. /ktlsctl/case-nic.sh
. /ktlsctl/case-tune.sh

profiles=()
boot=$1
# tlsnic tells of rings and takes no others: what a driver refuses undoes all of it.
skip=(--skip tlsnic0/nic.rx-ring,tlsnic0/nic.tx-ring)

# All of them with --full.
choose_profiles()
{
	local all=(offload baseline latency streaming throughput websocket) i

	for ((i = 0; i < ${#all[@]}; i += CASE_STRIDE)); do
		profiles+=("${all[i]}")
	done
}

expect_no_drift()
{
	tune verify
	expect_exit 0
	expect_json .drifted false
}

# $1 says of what.
revert()
{
	tune revert
	expect_exit 0
	expect_same /tmp/before tune_host_state "$1"
	expect_same /results/etc tune_etc_state "$1"
}

before_reboot()
{
	local profile=$1

	note "$profile"
	tune --profile "$profile" "${skip[@]}" --apply
	expect_exit 0
	expect_no_drift
	revert "$profile"
	tune --profile "$profile" "${skip[@]}" --apply --persist
	expect_exit 0
	jq '.outcomes | length' "$CASE_REPORT" >"/results/places-$profile"
	note "$profile: $(cat "/results/places-$profile") places"
	expect_no_drift
	tune_save_root "$profile"
	revert "$profile in the same boot"
}

after_reboot()
{
	local profile=$1

	note "$profile after the reboot"
	tune_restore_root "$profile"
	tune_boot
	expect_no_drift
	expect_json '.rows | length' "$(cat "/results/places-$profile")"
	revert "$profile after the reboot"
}

# The kernel's own limit goes by the memory it found free, which differs a little from boot
# to boot: a revert brings back that of the boot it was changed in.
same_rmem()
{
	[ "$boot" = 2 ] || cat /proc/sys/net/ipv4/tcp_rmem >/results/tcp_rmem
	cat /results/tcp_rmem >/proc/sys/net/ipv4/tcp_rmem
}

choose_profiles
load_tlsnic
tune_load_cards
tune_near_files
same_rmem
tune_host_state >/tmp/before
[ "$boot" = 2 ] || tune_etc_state >/results/etc
for profile in "${profiles[@]}"; do
	if [ "$boot" = 1 ]; then
		before_reboot "$profile"
	else
		after_reboot "$profile"
	fi
done
