# SPDX-License-Identifier: MIT
# openssl itself as both peers, with a file by sendfile: what libssl says of itself, what
# the sockets say, what the kernel counts, what arrives; then what the program says.
# kernels: 6.1 6.12 7.x
# timeout: 300
# userlands: trixie

. /ktlsctl/case-server.sh

# $1 is the option for the version, of both.
start_server()
{
	(cd "$SERVER_ROOT" && exec openssl s_server -accept 4433 -WWW -ktls -sendfile "$1" \
		-cert "$CASE_TLS/cert" -key "$CASE_TLS/key") >/tmp/server.log 2>&1 &
	server=$!
	wait_for grep -q ^ACCEPT /tmp/server.log || fail "s_server does not start"
}

# It keeps the connection until standard input ends, so that its sockets can be seen.
start_client()
{
	mkfifo /tmp/client.in
	openssl s_client -connect 127.0.0.1:4433 -ktls "$1" -ign_eof </tmp/client.in \
		>/tmp/client.log 2>&1 &
	exec 8>/tmp/client.in
	wait_for grep -q "Verify return code" /tmp/client.log ||
		fail "no connection: $(cat /tmp/server.log /tmp/client.log)"
}

# tls_stat, the sockets, and BIO_get_ktls_send() and _recv() as s_client tells them.
expect_witnesses()
{
	expect_equal "sockets that send by kTLS" "$(tls_stat TlsCurrTxSw)" 2
	expect_equal "sockets that receive by it" "$(tls_stat TlsCurrRxSw)" 2
	expect_equal "sockets with the ULP, both ways, of TLS $1" \
		"$(ss -tieH 2>/dev/null | grep -c "tcp-ulp-tls version: $1 .*rxconf: sw txconf: sw")" 2
	expect_equal "what libssl says" \
		"$(grep -c '^Using Kernel TLS for \(sending\|receiving\)$' /tmp/client.log)" 2
}

fetch()
{
	printf 'GET /file HTTP/1.0\r\n\r\n' >&8
	wait_for fetched || fail "what came is not what was asked for"
	exec 8>&-
	wait_for client_is_gone || true
	rm /tmp/client.in
}

fetched()
{
	grep -axE '[0-9]+' /tmp/client.log >/tmp/fetched
	cmp -s /tmp/fetched "$SERVER_ROOT/file"
}

client_is_gone()
{
	[ "$(tls_stat TlsCurrTxSw)" = 0 ]
}

load_tls
server_prepare
for version in 1.2 1.3; do
	note "TLS $version, -ktls and -sendfile"
	[ "$version" = 1.2 ] && option=-tls1_2 || option=-tls1_3
	start_server "$option"
	start_client "$option"
	expect_witnesses "$version"
	diagnose
	expect_json .status used
	expect_finding process-libssl "" ok
	expect_evidence process-libssl libssl.so.3
	fetch
	kill "$server"
	wait
done
