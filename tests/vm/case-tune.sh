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

# The picture of what stands at some paths; see the program.
tune_picture()
{
	local left_out=("${TUNE_VOLATILE[@]//.//}")

	/ktlsctl/picture "${left_out[@]/#/-x/proc/sys/}" "$@"
}

# All that a revert has to bring back. In force: sysctls, what ethtool tells of every NIC,
# frequency policies, masks of queues and interrupts.
tune_host_state()
{
	local what

	shopt -s nullglob
	tune_picture /proc/sys /sys/class/net/*/queues/*/?ps_cpus /proc/irq/*/smp_affinity \
		/sys/devices/system/cpu/cpufreq/policy*/{scaling_governor,energy_performance_preference}
	shopt -u nullglob
	for what in k g l c; do
		ethtool "-$what" '*' 2>/dev/null || true
	done
}

# The files of /etc, each with mode and contents.
tune_etc_state()
{
	tune_picture /etc
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
	tune_picture "$@" -n /tmp/tune-stamp /proc/sys/net/core /proc/sys/net/ipv4 \
		/sys/module/tls/initstate /etc
}

expect_glance()
{
	tune_glance -s /tmp/tune-glance >/tmp/tune-state ||
		fail "$*: $(diff /tmp/tune-glance /tmp/tune-state)"
}

# Its files in memory instead of behind the emulated bus, which takes several times as long.
tune_near_files()
{
	mount -t tmpfs -o mode=755 tmpfs /mnt
	cp -a /etc/. /mnt
	mount --move /mnt /etc
	mount -t tmpfs -o mode=755 tmpfs /var/lib
}

# Kills "tune $2..." before each of its calls that change something; a revert leaves
# nothing behind. $1 is done before each of them, on a host that was never tuned: so each
# run takes the steps of all the others.
tune_kill_everywhere()
{
	local prepare=$1 n=$((1 - CASE_STRIDE)) rc=9 killed=0

	shift
	: >/tmp/tune-stamp
	tune_state >/tmp/tune-before
	tune_glance >/tmp/tune-glance
	while [ "$rc" = 9 ]; do
		n=$((n + CASE_STRIDE)) rc=0
		rm -rf /var/lib/ktlsctl
		"$prepare"
		/ktlsctl/killstep "$n" "$KTLSCTL" tune "$@" >/tmp/out 2>&1 || rc=$?
		[ "$rc" = 9 ] || [ "$rc" = 0 ] || fail "step $n: status $rc: $(cat /tmp/out)"
		"$KTLSCTL" tune revert >/tmp/out 2>&1 ||
			fail "step $n: the revert's status is $?: $(cat /tmp/out)"
		expect_glance "step $n of tune $*"
		[ "$rc" = 0 ] || [ $((++killed % 10)) != 0 ] || note "$killed times"
	done
	expect_state /tmp/tune-before "tune $*"
	TUNE_STEPS=$((n - CASE_STRIDE))
	note "tune $*: killed $killed times, at 1 in $CASE_STRIDE of $TUNE_STEPS steps or more"
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

# The guest's root is thrown away; a case with "# boots: 2" carries over what counts, by
# the name $1.
tune_save_root()
{
	tar -C / -cf "/results/root-$1.tar" etc var/lib/ktlsctl
}

tune_restore_root()
{
	rm -rf /var/lib/ktlsctl
	find /etc -mindepth 1 -delete
	tar -C / -xpf "/results/root-$1.tar"
}
