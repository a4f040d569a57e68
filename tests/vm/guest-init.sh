#!/bin/bash
# SPDX-License-Identifier: MIT
# The guest's process 1: runs the script that boot.sh was given, writes its exit status
# where the host finds it, and powers off. Where systemd is to be that process, it becomes
# it, which runs this again as its last service.

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

# What no case looks at and takes long.
NEEDLESS=(getty.target nginx.service haproxy.service lighttpd.service ldconfig.service
	systemd-journal-catalog-update.service)

# Units in /run, where nobody looks for what a case may have changed.
become_systemd()
{
	local units=/run/systemd/system unit

	if [ ! -e /usr/lib/systemd/systemd ]; then
		tar -C / -xf /ktlsctl/systemd
		# Without one it takes this for the very first boot, and asks questions.
		tr -d - </proc/sys/kernel/random/uuid >/etc/machine-id
	fi
	mkdir -p "$units/multi-user.target.wants"
	for unit in "${NEEDLESS[@]}"; do
		ln -s /dev/null "$units/$unit"
	done
	printf '%s\n' '[Unit]' After=multi-user.target '[Service]' Type=oneshot \
		TimeoutStartSec=infinity "ExecStart=/bin/bash $0" >"$units/case.service"
	ln -s ../case.service "$units/multi-user.target.wants/"
	exec /usr/lib/systemd/systemd --unit=multi-user.target --show-status=false
}

: >/results/started
if [ $$ = 1 ] && [ -e /ktlsctl/systemd ]; then
	become_systemd
fi
echo guest >/proc/sys/kernel/hostname
ip link set lo up
run_script
echo "$?" >/results/status
dmesg >/results/dmesg
power_off
