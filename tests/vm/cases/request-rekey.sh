# SPDX-License-Identifier: MIT
# A server that changes its keys, and asks for ours to be changed: followed on kernels that
# can, a clear end on those that cannot.
# kernels: 6.1 6.12 7.x
# timeout: 200

. /ktlsctl/case-request.sh

# $1 is k (the server's keys) or K (and ours): two requests over one connection, with that
# between the first and its answer.
converse()
{
	rm -f /tmp/server.in
	mkfifo /tmp/server.in
	openssl s_server -accept 4433 -cert "$CASE_TLS/cert" -key "$CASE_TLS/key" -tls1_3 -crlf \
		</tmp/server.in >/tmp/server.log 2>&1 &
	server=$!
	exec 9>/tmp/server.in
	wait_for grep -q ^ACCEPT /tmp/server.log || fail "s_server: $(cat /tmp/server.log)"
	request --repeat 2 "$REQUEST_URL/x" --max-time 30s &
	client=$!
	wait_for asked 1 || fail "no request: $(cat /tmp/server.log)"
	echo "$1" >&9
	sleep 1
	answer
	wait_for over 2 || fail "neither an end nor a second request: $(cat /tmp/server.log)"
	! asked 2 || answer
	rc=0
	wait "$client" || rc=$?
	exec 9>&-
	kill "$server" 2>/dev/null || true
	wait "$server" || true
}

answer()
{
	printf 'HTTP/1.1 200 OK\nContent-Length: 6\n\nabcd\n' >&9
}

asked()
{
	[ "$(grep -c '^GET /x' /tmp/server.log)" -ge "$1" ]
}

over()
{
	asked "$1" || ! kill -0 "$client" 2>/dev/null
}

load_tls
request_prepare
for what in k K; do
	note "the server says $what"
	converse $what
	expect_json '.connections[0].rx.where | sub("-software$"; "")' kernel
	case $(uname -r) in
	6.*)
		expect_json .complete false
		expect_json '.exchanges[0].end' broken
		expect_json '.connections[0].rx.rekeys' 0
		;;
	*)
		expect_json .complete true
		expect_json '.connections[0].rx.rekeys' 1
		[ "$what" = k ] || expect_json '.connections[0].tx.rekeys' 1
		expect_json '.connections[0].requests' 2
		;;
	esac
done
