# SPDX-License-Identifier: MIT
# latency with a kernel that has kTLS: both ways side by side, every stage that can be had,
# against ktlsctl serve, nginx and a WebSocket server that nobody here wrote; through
# interfaces of their own as well as loopback; what is not to be had is said.
# kernels: 6.1 6.12 7.x
# userlands: trixie
# timeout: 300

. /ktlsctl/case-request.sh

MESSAGES=30
SERVERS=()
trap 'rc=$?; set +e; end_servers; (exit "$rc"); case_end' EXIT

# $1 the URL, then options. Both ways have to be measured, and to add up.
latency()
{
	note "latency $*"
	CASE_EXIT=0
	"$KTLSCTL" latency --json --cacert "$CASE_TLS/cert" --count "$MESSAGES" "$@" \
		>"$CASE_REPORT" 2>/tmp/latency.err || CASE_EXIT=$?
	expect_equal "standard error" "$(cat /tmp/latency.err)" ""
	expect_exit 0
	jq -c '.ways[] | [.way, .receives, .begins, .total.p50_ns, .awake, .implausible,
		.unmatched, .early, .stamps_apart.p50_ns, (.stages | map(.time.mean_ns))]' \
		"$CASE_REPORT"
}

# $1 a filter of jq about each way that has to be true.
expect_ways()
{
	jq -e "[.ways[] | $1] | all and length == 2" "$CASE_REPORT" >/dev/null || fail "not so: $1"
}

# The stages of $1, in the order of time, 1 for one that was measured; 0: it says why not.
stages()
{
	jq -r ".ways[] | select(.way == \"$1\") | .stages | map(if .available and .why == \"\"
		then 1 elif .available or .why == \"\" then \"?\" else 0 end) | join(\" \")" \
		"$CASE_REPORT"
}

expect_both()
{
	expect_ways '.measured'
	# Who is not root cannot tell a NIC's decryption from the kernel's.
	jq -e '.ways[0].receives | startswith("kernel")' "$CASE_REPORT" >/dev/null ||
		fail "not by the kernel"
	expect_equal "who receives" "$(jq -r '.ways[1].receives' "$CASE_REPORT")" "user space"
	expect_equal "stages of ktls" "$(stages ktls)" "$1"
	expect_equal "stages of user" "$(stages user)" "${2:-$1}"
	# Each message is in the statistics, or it is said why not.
	expect_ways ".total.count + .implausible + .unmatched == $MESSAGES and .total.count > 0"
	expect_ways '.difference_ns <= .error_ns'
	expect_ways '(.stages | map(.share_permille) | add) | . >= 997 and . <= 1003'
}

end_servers()
{
	kill "${SERVERS[@]}" 2>/dev/null || true
	nginx -c /tmp/nginx.conf -s stop 2>/dev/null || true
}

start_servers()
{
	websocketd --address=127.0.0.1 --port=4434 --ssl --sslcert="$CASE_TLS/cert" \
		--sslkey="$CASE_TLS/key" cat >/tmp/websocketd.log 2>&1 &
	SERVERS+=($!)
	cat >/tmp/nginx.conf <<-END
		user root;
		pid /tmp/nginx.pid;
		error_log /tmp/nginx.log;
		events { }
		http {
			access_log off;
			keepalive_requests 1000000;
			server {
				listen 4433 ssl;
				ssl_certificate $CASE_TLS/cert;
				ssl_certificate_key $CASE_TLS/key;
				location / { return 200 said; }
			}
		}
	END
	nginx -c /tmp/nginx.conf || fail "nginx does not start"
	"$KTLSCTL" serve --listen '[::]:4435' >/tmp/serve.out 2>/tmp/serve.err &
	SERVERS+=($!)
	wait_for grep -q listening /tmp/serve.out || fail "serve does not listen"
}

load_tls
request_prepare
start_servers

before=$(tls_stat TlsRxSw)
latency https://127.0.0.1:4433/
expect_both "0 1 1 1 1 1"
[ "$(tls_stat TlsRxSw)" -gt "$before" ] || fail "the kernel counted no kTLS"
expect_ways '.unmatched == 0'
# libssl's packets have two witnesses; of kTLS there is the packet socket alone.
expect_equal "stamps that recvmsg told as well" \
	"$(jq -r '.ways | map(.stamps_apart.count > 0) | join(" ")' "$CASE_REPORT")" "false true"

latency wss://127.0.0.1:4434/ --ask=echo
expect_both "0 1 1 1 1 1"
latency wss://127.0.0.1:4434/ --engine=epoll
expect_both "0 1 1 1 1 1"

# Of the size of a record and more, by the HTTP and the WebSocket of our own; the
# certificate is one of its own making.
own()
{
	CASE_EXIT=0
	"$KTLSCTL" latency --json --insecure --count "$MESSAGES" "$@" >"$CASE_REPORT" \
		2>/tmp/latency.err || CASE_EXIT=$?
	expect_exit 0
}

at=$(sed -n 's/listening on .*:/127.0.0.1:/p' /tmp/serve.out)
own "https://$at/bytes?size=40000"
expect_both "0 1 1 1 1 1"
expect_ways '.message_bytes == 40000'
own "wss://$at/publish?rate=100&size=300" --ask=publish
expect_ways '.measured and .message_bytes == 300 and .total.count > 0'

note "without CAP_NET_RAW"
CASE_EXIT=0
as_nobody "$KTLSCTL" latency --json --insecure --count "$MESSAGES" "wss://$at/echo" \
	>"$CASE_REPORT" || CASE_EXIT=$?
expect_exit 0
expect_both "0 0 1 1 1 1" "0 1 1 1 1 1"
jq -e '.ways[0].stages[1].why | contains("CAP_NET_RAW")' "$CASE_REPORT" >/dev/null ||
	fail "it does not say why there is no stage 2"

note "stamps of a NIC where there is none"
own "wss://$at/echo" --hwtstamp --numa
expect_both "0 1 1 1 1 1"
expect_json .hwtstamp.set false
expect_json .pin.node -1
jq -e '(.hwtstamp.why | length > 0) and (.pin.why | length > 0)' "$CASE_REPORT" >/dev/null ||
	fail "it does not say why"
