#!/bin/bash
# SPDX-License-Identifier: MIT
# The guest's process 1: runs the script that boot.sh was given, writes its exit status
# where the host finds it, and powers off.

export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export HOME=/root LC_ALL=C.UTF-8 TERM=${TERM:-dumb}
export KTLSCTL=/ktlsctl/ktlsctl

power_off()
{
	sync
	mkfifo /run/never
	echo 1 >/proc/sys/kernel/sysrq
	# The power goes off a moment later, from a work queue: process 1 must not end before,
	# and must not need the root any more, whose devices go first: only builtins from here.
	echo o >/proc/sysrq-trigger
	read -r <>/run/never
}

run_script()
{
	local args=()

	mapfile -d '' args </ktlsctl/arguments
	cd /root || return
	if [ -e /ktlsctl/interactive ]; then
		bash /ktlsctl/script "${args[@]}"
	else
		bash /ktlsctl/script "${args[@]}" >/results/output 2>&1 </dev/null
	fi
}

echo guest >/proc/sys/kernel/hostname
ip link set lo up
run_script
echo "$?" >/results/status
dmesg >/results/dmesg
power_off
