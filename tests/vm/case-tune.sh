# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What the cases about changing the host share; they source this instead of case.sh.

. /ktlsctl/case.sh

# Keys of /proc/sys that change by themselves, or count, or list what is loaded.
TUNE_VOLATILE=(
	fs.dentry-state fs.file-nr fs.inode-nr fs.inode-state fs.aio-nr
	kernel.ns_last_pid kernel.pty.nr kernel.random.entropy_avail kernel.random.uuid
	kernel.random.boot_id
	# A module that a key's value asks for stays: a congestion control, tls.
	net.ipv4.tcp_available_congestion_control net.ipv4.tcp_allowed_congestion_control
	net.ipv4.tcp_available_ulp
	# The kernel's own estimates.
	net.netfilter.nf_conntrack_count kernel.sched_domain vm.overcommit_kbytes
)

# The cards of the machine "numa": sets $e1000e and $virtio to their names.
tune_load_cards()
{
	local dir

	modprobe e1000e
	modprobe virtio_net
	for dir in /sys/class/net/*; do
		case $(basename "$(readlink "$dir/device/driver")") in
		e1000e) e1000e=${dir##*/} ;;
		virtio_net) virtio=${dir##*/} ;;
		esac
	done
	ip link set "$e1000e" up
	ip link set "$virtio" up
	# The link comes a moment later, and with it a speed.
	sleep 3
}

# All that a revert has to bring back. In force: sysctls, what ethtool tells of every NIC,
# frequency policies, masks of queues and interrupts.
tune_host_state()
{
	local nic pattern

	pattern=$(printf '%s\n' "${TUNE_VOLATILE[@]}" | sed 's/[.]/[.]/g; s/.*/^&( |[.])/' |
		paste -sd '|')
	sysctl -a 2>/dev/null | grep -vE "$pattern" | sort
	for nic in /sys/class/net/*; do
		nic=${nic##*/}
		echo "NIC $nic"
		for what in k g l c; do
			ethtool "-$what" "$nic" 2>/dev/null || true
		done
		grep -s . "/sys/class/net/$nic"/queues/*/?ps_cpus || true
	done
	grep -s . /proc/irq/*/smp_affinity || true
	grep -s . /sys/devices/system/cpu/cpufreq/policy*/{scaling_governor,energy_performance_preference} ||
		true
}

# The files of /etc, each with mode and contents.
tune_etc_state()
{
	find /etc -printf '%p %y %m %U:%G %l\n' | sort
	find /etc -type f -exec sha256sum {} + | sort -k 2
}

tune_state()
{
	tune_host_state
	tune_etc_state
}

# $1 a file of tune_state.
expect_state()
{
	expect_same "$1" tune_state "${2:-it}"
}

# $1 a file, $2 the function that has made it and does so again.
expect_same()
{
	"$2" >/tmp/tune-state
	diff "$1" /tmp/tune-state >/tmp/tune-diff ||
		fail "${3:-$2} is not as before: $(head -n 20 /tmp/tune-diff)"
}

# Runs tune, keeps its document for expect_json and its status for expect_exit.
tune()
{
	note "tune $*"
	CASE_EXIT=0
	"$KTLSCTL" tune --json "$@" >"$CASE_REPORT" || CASE_EXIT=$?
	jq -e . "$CASE_REPORT" >/dev/null || fail "standard output is not a JSON document"
}

# Nobody uses the module any more.
tls_is_idle()
{
	[ "$(awk '$1 == "tls" { print $3 }' /proc/modules)" = 0 ]
}

# The part of it that a kill can leave otherwise, for a look after each of many.
tune_glance()
{
	grep -s . /proc/sys/net/ipv4/tcp_[rw]mem /proc/sys/net/ipv4/tcp_slow_start_after_idle \
		/proc/sys/net/core/[rw]mem_max
	! is_loaded tls || echo "tls is loaded"
	find /etc -printf '%p %y %m %U:%G %l\n' | sort
	find /etc -newer /tmp/tune-stamp -type f -exec sha256sum {} + | sort -k 2
}

# Kills "tune $2..." before each of its calls that change something; a revert leaves
# nothing behind. $1 is done before each of them.
tune_kill_everywhere()
{
	local prepare=$1 n=0 rc

	shift
	: >/tmp/tune-stamp
	tune_state >/tmp/tune-before
	tune_glance >/tmp/tune-glance
	while :; do
		n=$((n + 1)) rc=0
		"$prepare"
		/ktlsctl/killstep "$n" "$KTLSCTL" tune "$@" >/tmp/out 2>&1 || rc=$?
		[ "$rc" = 9 ] || [ "$rc" = 0 ] || fail "step $n: status $rc: $(cat /tmp/out)"
		"$KTLSCTL" tune revert >/tmp/out 2>&1 ||
			fail "step $n: the revert's status is $?: $(cat /tmp/out)"
		tune_glance | diff /tmp/tune-glance - >/tmp/tune-diff ||
			fail "step $n of tune $*: $(cat /tmp/tune-diff)"
		[ "$rc" = 9 ] || break
		[ $((n % 10)) != 0 ] || note "$n steps"
	done
	expect_state /tmp/tune-before "tune $*"
	note "tune $*: killed at $((n - 1)) steps"
	TUNE_STEPS=$((n - 1))
}

# What systemd does of it at boot: modules-load.d, sysctl.d, and the unit's own lines.
tune_boot()
{
	local file line

	for file in /etc/modules-load.d/*.conf; do
		[ ! -e "$file" ] || grep -v '^[#;]' "$file" | xargs -r -n 1 modprobe
	done
	sysctl -q --system 2>/dev/null || true
	file=/etc/systemd/system/ktlsctl-tune.service
	[ -e "$file" ] || return 0
	[ "$(readlink "/etc/systemd/system/multi-user.target.wants/${file##*/}")" = "$file" ] ||
		fail "the unit is not enabled"
	grep '^ExecStart=' "$file" >/tmp/unit-lines
	while read -r line; do
		note "$line"
		sh -c "${line#ExecStart=-}" || fail "$line: status $?"
	done </tmp/unit-lines
}

# The guest's root is thrown away; a case with "# boots: 2" carries over what counts.
tune_save_root()
{
	tar -C / -cf /results/root.tar etc var/lib/ktlsctl
}

tune_restore_root()
{
	find /etc -mindepth 1 -delete
	tar -C / -xpf /results/root.tar
}
