# SPDX-License-Identifier: MIT
# request against openssl s_server: both versions of TLS, every cipher that the kernel and
# libssl share, tickets, keys that change; both directions with the kernel, also where this
# libssl cannot receive TLS 1.3 by it.
# kernels: 6.1 6.12 7.x
# timeout: 300

. /ktlsctl/case-request.sh

# Arguments: more of s_server's. Its standard input is held open, for commands.
start_server()
{
	rm -f /tmp/server.in
	mkfifo /tmp/server.in
	(cd "$SERVER_ROOT" && exec openssl s_server -accept 4433 -cert "$CASE_TLS/cert" \
		-key "$CASE_TLS/key" "$@") </tmp/server.in >/tmp/server.log 2>&1 &
	server=$!
	exec 9>/tmp/server.in
	wait_for grep -q ^ACCEPT /tmp/server.log || fail "s_server: $(cat /tmp/server.log)"
}

stop_server()
{
	exec 9>&-
	kill "$server" 2>/dev/null || true
	wait "$server" || true
}

# $1 suite, others for request: the kernel does both, and counts one of each.
expect_kernel()
{
	local suite=$1

	shift
	expect_body "$SERVER_ROOT/file" "$REQUEST_URL/file" "$@"
	expect_modes kernel kernel
	expect_json '.connections[0].suite' "$suite"
	count_modes
	expect_equal "what the kernel counts with $suite" "$COUNTED" "1 1"
}

load_tls
request_prepare
count_modes

for suite in TLS_AES_128_GCM_SHA256 TLS_AES_256_GCM_SHA384 TLS_CHACHA20_POLY1305_SHA256 \
	TLS_AES_128_CCM_SHA256; do
	note "TLS 1.3, $suite"
	start_server -WWW -tls1_3 -ciphersuites "$suite"
	expect_kernel "$suite" --ciphersuites "$suite"
	stop_server
done
for suite in ECDHE-ECDSA-AES128-GCM-SHA256 ECDHE-ECDSA-AES256-GCM-SHA384 \
	ECDHE-ECDSA-CHACHA20-POLY1305 ECDHE-ECDSA-AES128-CCM; do
	note "TLS 1.2, $suite"
	start_server -WWW -tls1_2 -cipher "$suite"
	expect_kernel "$suite" --ciphers "$suite"
	stop_server
done

note "TLS 1.2 with a cipher that no kernel has"
start_server -WWW -tls1_2 -cipher ECDHE-ECDSA-AES128-SHA256
expect_body "$SERVER_ROOT/file" "$REQUEST_URL/file" --ciphers ECDHE-ECDSA-AES128-SHA256
expect_modes cipher cipher
request --ktls=require "$REQUEST_URL/file" --ciphers ECDHE-ECDSA-AES128-SHA256
expect_exit 1
expect_json '.connections[0].end' no_ktls
[ ! -e "$REQUEST_BODY" ] || fail "a body, and no kernel TLS"
stop_server

for tickets in 0 20; do
	note "$tickets tickets"
	start_server -WWW -tls1_3 -num_tickets "$tickets"
	expect_kernel TLS_AES_256_GCM_SHA384 --engine epoll
	stop_server
done

note "off, and required"
start_server -WWW -tls1_3
request --ktls=off "$REQUEST_URL/file"
expect_exit 0
expect_modes not-asked not-asked
request --ktls=require "$REQUEST_URL/file"
expect_exit 0
expect_modes kernel kernel
stop_server
