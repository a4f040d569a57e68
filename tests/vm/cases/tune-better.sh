# SPDX-License-Identifier: MIT
# tune --if-better keeps what makes the loopback faster for sure, and takes back the rest.
# kernels: 6.12 7.x
# userlands: trixie
# timeout: 300

. /ktlsctl/case.sh

WMEM=/proc/sys/net/ipv4/tcp_wmem

better()
{
	note "tune --apply --if-better $*"
	CASE_EXIT=0
	"$KTLSCTL" tune --json --apply --if-better --duration 1s "$@" >"$CASE_REPORT" \
		2>/tmp/better.err || CASE_EXIT=$?
	expect_json .schema ktlsctl.result/1
	expect_json .measured.mode ktls
	note "$(jq -r .measured.text "$CASE_REPORT")"
}

words()
{
	tr -s '\t' ' ' <"$1"
}

load_tls
# A send buffer that holds less than a record: each waits for acknowledgements.
echo "4096 4096 4096" >$WMEM
better --set "net.ipv4.tcp_wmem=4096 65536 4194304"
expect_exit 0
expect_json .measured.kept true
expect_json .action apply
expect_json .confirm_within_ms 0
expect_equal tcp_wmem "$(words $WMEM)" "4096 65536 4194304"

keepalive=$(words /proc/sys/net/ipv4/tcp_keepalive_time)
better --set net.ipv4.tcp_keepalive_time=301
expect_exit 4
expect_json .measured.kept false
expect_json .action revert
expect_equal tcp_keepalive_time "$(words /proc/sys/net/ipv4/tcp_keepalive_time)" "$keepalive"

"$KTLSCTL" tune revert >/dev/null
expect_equal tcp_wmem "$(words $WMEM)" "4096 4096 4096"
