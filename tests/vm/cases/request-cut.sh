# SPDX-License-Identifier: MIT
# A connection that ends after N bytes of the server's, for every N from the first of its
# answer on, while the kernel decrypts: an error, no hang, and never a whole body. What ends
# within the handshake is tried natively.
# kernels: 6.1 6.12 7.x
# userlands: trixie
# timeout: 300

. /ktlsctl/case-request.sh

# Sets $proxy. $1 is where it cuts first; then CASE_STRIDE bytes later each time.
start_proxy()
{
	: >/tmp/proxy.log
	/ktlsctl/cutproxy 4434 4433 "$1" "$CASE_STRIDE" >/tmp/proxy.log 2>&1 &
	proxy=$!
	wait_for eval 'ss -Htln "sport = :4434" | grep -q .'
}

stop_proxy()
{
	kill "$proxy"
	wait "$proxy" || true
}

# $1 version, $2 engine, $3 the answer.
every_byte()
{
	local whole=0 kernel=0 n=0 total

	printf '%b' "$3" >"$SERVER_ROOT/answer"
	start_proxy 1000000
	request --tls "$1" --engine "$2" "${REQUEST_URL%:*}:4434/answer"
	expect_exit 0
	cp "$REQUEST_BODY" /tmp/whole
	wait_for test -s /tmp/proxy.log
	total=$(cat /tmp/proxy.log)
	stop_proxy

	# The answer, its record's header and tag, close_notify; a signature may be longer.
	start_proxy "$((total - ${#3} - 70))"
	while [ "$whole" -lt 3 ] && [ $((n++)) -lt 250 ]; do
		request --tls "$1" --engine "$2" --max-time 10s "${REQUEST_URL%:*}:4434/answer"
		case $CASE_EXIT:$(jq -r .complete "$CASE_REPORT") in
		0:true)
			cmp "$REQUEST_BODY" /tmp/whole || fail "cut $n: another body, called whole"
			whole=$((whole + 1))
			;;
		1:false) [ ! -e "$REQUEST_BODY" ] || fail "cut $n: a body that is not whole" ;;
		*) fail "cut $n: status $CASE_EXIT: $(cat "$CASE_REPORT")" ;;
		esac
		[ "$(jq -r '.connections[-1].rx.where' "$CASE_REPORT")" != kernel-software ] ||
			kernel=$((kernel + 1))
	done
	stop_proxy
	note "TLS $1, $2: $n cuts, $kernel of them with the kernel receiving, $total bytes in all"
	expect_equal "whole ones" "$whole" 3
	[ $((kernel * CASE_STRIDE)) -gt 40 ] || fail "hardly any was cut while the kernel received"
}

load_tls
request_prepare
(cd "$SERVER_ROOT" && exec openssl s_server -accept 4433 -HTTP -cert "$CASE_TLS/cert" \
	-key "$CASE_TLS/key") >/tmp/server.log 2>&1 &
wait_for grep -q ^ACCEPT /tmp/server.log || fail "s_server: $(cat /tmp/server.log)"
every_byte 1.3 uring 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabcd'
every_byte 1.2 epoll 'HTTP/1.1 200 OK\r\n\r\nabcd'
