# SPDX-License-Identifier: MIT
# What --persist writes is what systemd takes at the next boot: keys, the module, a feature
# of a NIC whose driver comes late, a ring. The power goes as soon as tune has answered, so
# it was all on the disk. A revert after that boot leaves /etc as it was.
# kernels: 6.1 6.12 7.x
# userlands: trixie
# machine: numa
# fixtures: systemd tlsnic
# boots: 2
# timeout: 300

. /ktlsctl/case-nic.sh
. /ktlsctl/case-tune.sh

boot=$1
unit=ktlsctl-tune.service
KTLSCTL=/usr/local/bin/ktlsctl

# A driver that is loaded at boot; and one that takes its time, waits for nobody, and is
# refused unless tls is there.
make_host()
{
	install /ktlsctl/ktlsctl "$KTLSCTL"
	# A server's package has tls loaded at every boot.
	rm /usr/lib/modules-load.d/*.conf
	modprobe -r tls
	echo e1000e >/etc/modules-load.d/lab.conf
	printf '%s\n' '[Service]' Type=oneshot RemainAfterExit=yes 'ExecStart=sleep 3' \
		'ExecStart=insmod /ktlsctl/tlsnic.ko' >/etc/systemd/system/tlsnic.service
	ln -s ../tlsnic.service /etc/systemd/system/multi-user.target.wants/
	systemctl daemon-reload
	systemctl restart systemd-modules-load
}

values()
{
	(cd /proc/sys/net/ipv4 && grep . tcp_rmem tcp_slow_start_after_idle)
	! is_loaded tls || echo "tls is loaded"
	[ ! -e /sys/class/net/tlsnic0 ] || nic_feature tlsnic0 tls-hw-tx-offload
	ethtool -g eth0 | grep RX: | tail -n 1
}

apply()
{
	tune "$@" --apply --persist
	expect_exit 0
	expect_json .changed true
}

# Whatever is not on the disk yet never comes there.
cut_power()
{
	echo 0 >/results/status
	echo b >/proc/sysrq-trigger
	sleep 60
}

before_reboot()
{
	make_host
	tune_etc_state >/results/etc
	values | tee /results/before
	sync
	apply --set "net.ipv4.tcp_rmem=4096 131072 16777216" --set module.tls=on \
		--set net.ipv4.tcp_slow_start_after_idle=0
	systemctl start tlsnic
	apply --device tlsnic0 --set nic.tls-hw-tx-offload=off
	apply --device eth0 --set nic.rx-ring=1024
	systemd-analyze verify --man=no "/etc/systemd/system/$unit" || fail "systemd finds fault with $unit"
	values | tee /results/applied
	cut_power
}

# $1 a unit.
expect_done()
{
	local saw

	saw=$(systemctl show -P ActiveState -P Result -P ExecMainStatus "$1" |
		sort | paste -sd ' ')
	expect_equal "$1" "$saw" "0 active success"
}

revert()
{
	tune revert
	expect_exit 0
	jq -c '.outcomes[] | [.key, .file, .done, .now]' "$CASE_REPORT"
}

after_reboot()
{
	note "what systemd has set"
	expect_done systemd-sysctl.service
	expect_done systemd-modules-load.service
	expect_done "$unit"
	journalctl -b -o cat -u "$unit" -u systemd-modules-load
	values | diff /results/applied - || fail "the values are not those of before the reboot"
	tune verify
	expect_exit 0
	expect_json .drifted false
	expect_json '.rows | length' 10

	note "taken back"
	revert
	revert
	rmmod tlsnic
	revert
	values | diff /results/before - || fail "the values are not back"
	expect_same /results/etc tune_etc_state "/etc"
	systemctl daemon-reload
	expect_equal "$unit" "$(systemctl show -P UnitFileState "$unit")" ""
}

if [ "$boot" = 1 ]; then
	before_reboot
else
	after_reboot
fi
