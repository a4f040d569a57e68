# SPDX-License-Identifier: MIT
# The settings of a real kernel: as they come, badly set, and contradicted by a file.
# kernels: 6.1 6.12 7.x
# userlands: trixie

. /ktlsctl/case.sh

# The verdict of the finding with this id and reason; "none" when there is none.
verdict()
{
	jq -r --arg id "$1" --arg reason "$2" '[.findings[] |
		select(.id == $id and .reason == $reason) | .verdict][0] // "none"' "$CASE_REPORT"
}

expect_verdict()
{
	local got

	got=$(verdict "$1" "$2")
	[ "$got" = "$3" ] || fail "$1 ($2) is '$got', wanted '$3'"
}

load_tls

note "as Debian sets it"
diagnose
expect_verdict tcp-autotuning tcp-autotuning ok
expect_verdict socket-buffer-caps socket-buffer-caps ok
expect_verdict congestion-control congestion-control ok
expect_verdict tcp-idle slow-start-after-idle info
expect_verdict cpu-governor cpu-governor skip
expect_verdict tuning-owner sysctl-drift none

note "badly set"
sysctl -qw net.ipv4.tcp_moderate_rcvbuf=0 net.ipv4.tcp_window_scaling=0 \
	net.ipv4.tcp_mem='64 128 256' net.core.rmem_max=65536 \
	net.ipv4.tcp_slow_start_after_idle=0
diagnose
expect_verdict tcp-autotuning rcvbuf-autotuning-off warn
expect_verdict tcp-autotuning window-scaling-off warn
expect_verdict tcp-memory tcp-mem-low warn
expect_verdict socket-buffer-caps socket-buffer-cap-low info
expect_verdict tcp-idle tcp-idle ok

note "a file says something else; the one of that name in /etc hides the other"
mkdir -p /etc/sysctl.d /usr/lib/sysctl.d
echo 'net.ipv4.tcp_rmem = 1 2 3' >/usr/lib/sysctl.d/50-case.conf
echo '-net/ipv4/tcp_rmem = 4096 131072 33554432' >/etc/sysctl.d/50-case.conf
diagnose
expect_verdict tuning-owner sysctl-drift warn
grep -q '/etc/sysctl.d/50-case.conf:1' "$CASE_REPORT" || fail "the wrong file is blamed"
sysctl -qw net.ipv4.tcp_rmem='4096 131072 33554432'
diagnose
expect_verdict tuning-owner sysctl-drift none
expect_verdict tcp-buffers tcp-buffers ok

if [ -e /proc/sys/kernel/io_uring_disabled ]; then
	note "io_uring switched off"
	sysctl -qw kernel.io_uring_disabled=2
	diagnose
	expect_verdict io-uring io-uring-off info
else
	expect_verdict io-uring io-uring ok
fi

note "another network namespace has keys of its own"
in_network_namespace()
{
	unshare --net "$@"
}
diagnose in_network_namespace
expect_verdict tcp-autotuning window-scaling-off none
expect_verdict container container-network-namespace info
