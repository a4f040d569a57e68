# SPDX-License-Identifier: MIT
# bench with ktlsctl serve in another namespace as the other end: every workload by every
# mode, and the kernel has counted what the document says. And that a mode which is slowed
# on purpose is found to be slower.
# kernels: 6.1 6.12 7.x
# userlands: trixie
# timeout: 300

. /ktlsctl/case.sh

# The modes of group $1 that were measured.
present()
{
	jq -r ".groups[$1].results | map(select(.present).mode) | join(\" \")" "$CASE_REPORT"
}

# $1 group, $2 mode, $3 figure, $4 its field.
figure()
{
	jq -r ".groups[$1].results[] | select(.mode == \"$2\") | .figures[] |
		select(.name == \"$3\") | .$4" "$CASE_REPORT"
}

# Connections that gave the kernel keys for $1, by the document.
counted()
{
	jq "[.groups[].results[].proofs[] | select(.witness == \"tls_stat\") | .saw |
		capture(\"$1 \\\\+(?<n>[0-9]+)\").n | tonumber] | add" "$CASE_REPORT"
}

# $1 filter of groups, $2 what tls_stat has to have said of each mode that is the kernel's.
expect_counted()
{
	expect_json "[.groups[] | $1 | .results[] | select(.present and .mode != \"openssl\" and
		.mode != \"plain\") | .proofs[] | select(.witness == \"tls_stat\") | .saw |
		test(\"$2\")] | all and length > 1" true
}

load_tls
ip netns add far
ip link add near0 type veth peer name far0 netns far
ip address add 10.9.0.1/24 dev near0
ip link set near0 up
ip netns exec far ip address add 10.9.0.2/24 dev far0
ip netns exec far ip link set far0 up
ip netns exec far "$KTLSCTL" serve --listen 10.9.0.2:4433 >/tmp/serve 2>&1 &
server=$!
wait_for grep -q listening /tmp/serve || fail "serve: $(cat /tmp/serve)"

# The end with the mode connects, shakes hands as the client, and passes over the server's
# tickets; the other one is libssl alone, so that what the kernel has counted are ours (and
# those of the mode that would be tried in vain, which is left out). $1 are the modes of the
# first group, the rest are workloads.
to_peer()
{
	local modes=$1 tx rx group

	shift
	note "bench --peer ${*/#/--workload=}"
	tx=$(tls_stat TlsTxSw) rx=$(tls_stat TlsRxSw)
	"$KTLSCTL" bench --json --peer 10.9.0.2:4433 --insecure --size 16k --duration 1s \
		--connections 1 --skip ktls-zerocopy "${@/#/--workload=}" >"$CASE_REPORT" 2>/tmp/bench.err ||
		fail "bench --peer: $(cat /tmp/bench.err)"
	expect_json .path "peer 10.9.0.2:4433"
	expect_equal "${*}, group 0" "$(present 0)" "$modes"
	for ((group = 1; group < $(jq '.groups | length' "$CASE_REPORT"); group++)); do
		expect_equal "${*}, group $group" "$(present $group)" "openssl ktls ktls-uring plain"
	done
	expect_json '[.groups[].results[].proofs[].right] | all' true
	expect_json '[.groups[].results[] | select(.present) | .proofs | map(.witness) |
		index("tls_stat") != null and index("getsockopt") != null and
		index("payload") != null] | all' true
	expect_json '[.groups[].results[] | select(.mode == "openssl" or .mode == "plain") |
		.proofs[] | select(.witness == "tls_stat") | .saw |
		endswith("sending +0, receiving +0")] | all' true
	expect_equal "sending" "$(counted sending)" "$(($(tls_stat TlsTxSw) - tx))"
	expect_equal "receiving" "$(counted receiving)" "$(($(tls_stat TlsRxSw) - rx))"
}

to_peer "openssl ktls ktls-sendfile ktls-uring plain" bulk
expect_json '[.groups[0].results[] | select(.present) | .proofs[] |
	select(.witness == "payload") | .saw | contains("SHA-256 of 262144")] | all' true
expect_counted 'select(.direction == "send")' 'sending \\+[1-9][0-9]*, receiving \\+0$'
expect_counted 'select(.direction == "receive")' 'sending \\+0, receiving \\+[1-9]'
expect_equal "the peer's CPU" "$(figure 0 ktls receiver_cpu why)" "measured by the peer"

to_peer "openssl ktls ktls-uring plain" rpc websocket close
for workload in rpc websocket close; do
	expect_counted "select(.workload == \"$workload\")" \
		'sending \\+[1-9][0-9]*, receiving \\+[1-9]'
done

# Where connecting takes time, what ends the ring of the connection before gets into it.
note "over a path of 5 ms"
tc qdisc add dev near0 root netem delay 5ms || fail "the laboratory has no netem"
"$KTLSCTL" bench --json --peer 10.9.0.2:4433 --insecure --workload close --size 1k \
	--only ktls-uring --duration 1s >"$CASE_REPORT" 2>/tmp/bench.err ||
	fail "bench --peer: $(cat /tmp/bench.err)"
expect_json '.groups[0].results[0].reason' ""
expect_equal "close over it" "$(present 0)" ktls-uring
kill "$server"
expect_equal "errors" "$(tls_stat TlsDecryptError)" 0

# As kTLS, and as kTLS with a busy loop before each write.
note "a mode that is slowed"
/ktlsctl/bench_slowed >/tmp/slowed || fail "bench_slowed: $(cat /tmp/slowed)"
cat /tmp/slowed
grep -q '^tls_stat right in 13 runs: sending +13, receiving +0$' /tmp/slowed || fail "not kTLS"
grep -q '^getsockopt right keys: sending aes-gcm-128, receiving none$' /tmp/slowed ||
	fail "not the kernel's keys"
# In thousandths of kTLS, and its interval: it is on the one side of kTLS alone.
read -r verdict low middle high <<<"$(sed -n 's/^throughput //p' /tmp/slowed)"
expect_equal "throughput" "$verdict" worse
((0 < low && low <= middle && middle <= high && high < 1000)) || fail "throughput $low to $high"
read -r verdict low middle high <<<"$(sed -n 's/^sender_cpu //p' /tmp/slowed)"
expect_equal "CPU" "$verdict" worse
((1000 < low && low <= middle && middle <= high)) || fail "CPU $low to $high"
