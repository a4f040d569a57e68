# SPDX-License-Identifier: MIT
# tune --if-better keeps what makes the loopback faster for sure, and takes back the
# rest. Time is counted in instructions, so that nothing else disturbs it.
# kernels: 6.12 7.x
# userlands: trixie
# icount: 6
# timeout: 300

. /ktlsctl/case.sh

RMEM=/proc/sys/net/ipv4/tcp_rmem

better()
{
	note "tune --apply --if-better $*"
	CASE_EXIT=0
	"$KTLSCTL" tune --json --apply --if-better --duration 1s "$@" >"$CASE_REPORT" \
		2>/tmp/better.err || CASE_EXIT=$?
	expect_json .schema ktlsctl.result/1
	note "$(jq -r .measured.text "$CASE_REPORT")"
}

words()
{
	tr -s '\t' ' ' <"$1"
}

load_tls
# A window that holds a small part of a record.
echo "4096 4096 4096" >$RMEM
better --set "net.ipv4.tcp_rmem=4096 131072 6291456"
expect_exit 0
expect_json .measured.kept true
expect_json .action apply
expect_json .confirm_within_ms 0
expect_equal tcp_rmem "$(words $RMEM)" "4096 131072 6291456"

keepalive=$(words /proc/sys/net/ipv4/tcp_keepalive_time)
better --set net.ipv4.tcp_keepalive_time=301
expect_exit 4
expect_json .measured.kept false
expect_json .action revert
expect_equal tcp_keepalive_time "$(words /proc/sys/net/ipv4/tcp_keepalive_time)" "$keepalive"

"$KTLSCTL" tune revert >/dev/null
expect_equal tcp_rmem "$(words $RMEM)" "4096 4096 4096"
