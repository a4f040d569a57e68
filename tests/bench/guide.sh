#!/bin/sh
# SPDX-License-Identifier: MIT
# The commands that guides tell one to type to see whether kTLS works: what ktlsctl is
# measured against. A command that is missing is an error, so that the comparison is fair.
set -eu
for c in uname grep cat modprobe openssl ethtool sysctl ip nstat; do
	command -v "$c" >/dev/null || {
		echo "guide.sh: $c is missing; 'make deps' installs it" >&2
		exit 127
	}
done
uname -r
grep '^tls ' /proc/modules || true
modprobe -n -v tls 2>&1 || true
cat /proc/sys/net/ipv4/tcp_available_ulp
cat /proc/net/tls_stat 2>/dev/null || true
openssl version
openssl version -a
ip -d link show
for dev in /sys/class/net/*/device; do
	[ -e "$dev" ] || continue
	name=${dev%/device}
	name=${name##*/}
	ethtool -k "$name"
	ethtool -S "$name" || true
	ethtool -i "$name"
	ethtool -g "$name" || true
	ethtool -l "$name" || true
	grep "$name" /proc/interrupts || true
	cat "$dev/numa_node" 2>/dev/null || true
done
sysctl net.core.rmem_max net.core.wmem_max net.ipv4.tcp_rmem net.ipv4.tcp_wmem \
	net.ipv4.tcp_congestion_control
nstat -az TcpRetransSegs TcpOutSegs
grep -l -e libssl -e libgnutls /proc/[0-9]*/maps 2>/dev/null || true
grep -rn -e KTLS -e sendfile /etc/nginx 2>/dev/null || true
cat /sys/devices/system/cpu/cpu0/cpufreq/scaling_governor 2>/dev/null || true
