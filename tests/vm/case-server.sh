# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What the cases about real servers share. They serve $SERVER_ROOT/file over TLS on port
# 4433 with the certificate of case.sh and source this instead of it.

. /ktlsctl/case.sh

SERVER_ROOT=/tmp/www

# What is asked for: a file large enough for several records, and read from the disk.
server_prepare()
{
	tls_certificate
	# Some servers want both in one file.
	cat "$CASE_TLS/cert" "$CASE_TLS/key" >"$CASE_TLS/both"
	mkdir -p "$SERVER_ROOT"
	seq 1 50000 >"$SERVER_ROOT/file"
	chmod -R a+rX "$SERVER_ROOT" "$CASE_TLS"
}

server_answers()
{
	openssl s_client -connect 127.0.0.1:4433 </dev/null >/dev/null 2>&1
}

# The file, by a client without kTLS; what counts is what the server does.
server_fetch()
{
	printf 'GET /file HTTP/1.0\r\n\r\n' |
		openssl s_client -quiet -ign_eof -connect 127.0.0.1:4433 2>/dev/null |
		sed '1,/^\r*$/d' >/tmp/fetched || true
	cmp /tmp/fetched "$SERVER_ROOT/file" || fail "what came is not what was asked for"
}

# How many of the server's connections have kTLS for sending, says ss, while one is open.
server_sockets()
{
	rm -f /tmp/held.in
	mkfifo /tmp/held.in
	openssl s_client -connect 127.0.0.1:4433 </tmp/held.in >/tmp/held.log 2>&1 &
	exec 8>/tmp/held.in
	wait_for grep -q "Verify return code" /tmp/held.log ||
		fail "no connection: $(cat /tmp/held.log)"
	ss -tieH state established 'sport = :4433' >/tmp/held.ss 2>/dev/null
	exec 8>&-
	wait "$!" || true
	grep -c 'tcp-ulp-tls .*txconf: sw' /tmp/held.ss || true
}

# $1 is yes or no: whether the server sends by kTLS. Three witnesses: the counters, the
# socket, and what arrives.
expect_server_ktls()
{
	local before after sockets

	wait_for server_answers || fail "the server does not answer"
	before=$(tls_stat TlsTxSw)
	server_fetch
	after=$(tls_stat TlsTxSw)
	sockets=$(server_sockets)
	note "connections sent by kTLS: $before before, $after after; now: $sockets"
	case $1 in
	yes) [ "$after" -gt "$before" ] && [ "$sockets" -gt 0 ] ||
		fail "the server does not use kTLS: $(cat /tmp/held.ss)" ;;
	no) [ "$after" = "$before" ] && [ "$sockets" = 0 ] ||
		fail "the server uses kTLS: $(cat /tmp/held.ss)" ;;
	esac
}

# What scan says: version $1 has the suites $2, and no other.
expect_suites()
{
	expect_json "[.versions[] | select(.version == \"$1\") | .suites[].name] | join(\":\")" "$2"
}

# Version $1 is accepted, and no other.
expect_accepted()
{
	expect_json "[.versions[] | select(.accept != \"refused\") | .version] | join(\" \")" "$1"
}
