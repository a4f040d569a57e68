# SPDX-License-Identifier: MIT
# request through a card that encrypts: libktls names the card for what is sent, and the
# kernel for what is received. And bench, whose zero-copy mode only such a card has.
# kernels: 6.1 6.12 7.x
# userlands: trixie
# fixtures: tlsnic
# timeout: 300

. /ktlsctl/case-nic.sh

# $1 of sending; the rest are options of request.
expect_sending()
{
	local where=$1

	shift
	note "request $*"
	rm -f /tmp/body
	"$KTLSCTL" request --json --insecure --output /tmp/body --max-time 60s "$@" \
		https://10.9.0.2:4433/file >"$CASE_REPORT" || fail "status $?: $(cat "$CASE_REPORT")"
	cmp /tmp/body "$CASE_TLS/file" || fail "another body"
	expect_json .connections[0].tx.where "$where"
	expect_json .connections[0].rx.where kernel-software
}

load_tlsnic
tls_certificate
seq 1 20000 >"$CASE_TLS/file"
(cd "$CASE_TLS" && exec nsenter --net=/run/netns/twin openssl s_server -accept 4433 -WWW \
	-cert cert -key key >/tmp/server.log 2>&1) &
wait_for grep -q ^ACCEPT /tmp/server.log || fail "s_server: $(cat /tmp/server.log)"

expect_sending kernel-nic --tls 1.2
expect_equal "TlsTxDevice" "$(tls_stat TlsTxDevice)" 1
expect_equal "contexts" "$(nic_counter tlsnic0 tx_tls_ctx)" 1
[ "$(nic_counter tlsnic0 tx_tls_encrypted_packets)" -gt 0 ] || fail "no packet was encrypted"
expect_sending kernel-software --tls 1.3
ethtool -K tlsnic0 tls-hw-tx-offload off
expect_sending kernel-software --tls 1.2
expect_equal "TlsTxDevice" "$(tls_stat TlsTxDevice)" 1
kill %1

# bench against a peer behind the card; arguments are more options.
zerocopy()
{
	note "bench $*"
	"$KTLSCTL" bench --json --peer 10.9.0.2:4434 --insecure --workload bulk --size 64k \
		--only ktls-zerocopy "$@" >"$CASE_REPORT" 2>/tmp/bench.err
}

# How often option $1 of kTLS was set, as the kernel's trace counts it.
option_set()
{
	awk -v option="$1" '$3 == option { n = $NF } END { print n + 0 }' "$OPTIONS/hist"
}

mount -t tracefs none /sys/kernel/tracing
OPTIONS=/sys/kernel/tracing/events/syscalls/sys_enter_setsockopt
echo 'hist:keys=optname if level == 282 && comm == "ktlsctl"' >$OPTIONS/trigger
in_twin "$KTLSCTL" serve --listen 10.9.0.2:4434 >/tmp/serve 2>&1 &
server=$!
wait_for grep -q listening /tmp/serve || fail "serve: $(cat /tmp/serve)"
mode='.groups[0].results[] | select(.mode == "ktls-zerocopy")'
zerocopy --tls 1.2 --duration 100ms || fail "bench: $(cat /tmp/bench.err)"
expect_json "$mode | .reason | contains(\"no NIC\")" true

ethtool -K tlsnic0 tls-hw-tx-offload on
before=$(nic_counter tlsnic0 tx_tls_encrypted_packets)
sockets=$(tls_stat TlsTxDevice)
zerocopy --tls 1.2 --duration 500ms || fail "bench: $(cat /tmp/bench.err)"
expect_json "$mode | .present" true
expect_json '[.groups[0].results[].proofs[].right] | all' true
expect_json "$mode | .proofs[] | select(.witness == \"getsockopt\") | .saw |
	contains(\"zero-copy\")" true
expect_json "$mode | .proofs[] | select(.witness == \"sock_diag\") | .saw |
	contains(\"sending NIC\")" true
expect_json "$mode | .proofs[] | select(.witness == \"payload\") | .saw |
	contains(\"SHA-256 of 262144\")" true
# A socket for each round, and one before them: keys (1) and pages as they are (3).
runs=$(($(jq .rounds "$CASE_REPORT") + 1))
expect_equal "TlsTxDevice" "$(tls_stat TlsTxDevice)" "$((sockets + runs))"
expect_equal "TLS_TX_ZEROCOPY_RO" "$(option_set 3)" "$runs"
[ "$(nic_counter tlsnic0 tx_tls_encrypted_packets)" -gt "$((before + 8))" ] ||
	fail "the card has encrypted nothing"

# Of TLS 1.3 no card does it.
zerocopy --tls 1.3 --duration 100ms || fail "bench: $(cat /tmp/bench.err)"
expect_json "$mode | .reason | contains(\"no NIC\")" true
kill "$server"
