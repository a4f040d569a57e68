# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What the cases about ktlsctl sockets share; they source this instead of case.sh. Few calls
# of jq: a guest without hardware support is slow to start programs.

. /ktlsctl/case-server.sh

SOCKETS=/tmp/sockets

# An optional caller (see case.sh) before the arguments; lines of ndjson into $SOCKETS.
sockets()
{
	local caller=as_root

	case ${1-} in
	as_*) caller=$1; shift ;;
	esac
	CASE_EXIT=0
	"$caller" "$KTLSCTL" sockets --ndjson "$@" >"$SOCKETS" || CASE_EXIT=$?
}

# What jq filter $2 says of the sockets that jq condition $1 chooses.
of_sockets()
{
	jq -r "select($1) | $2" "$SOCKETS"
}

# $1 says what, $2 condition, $3 filter, $4 wanted.
expect_of()
{
	expect_equal "$1" "$(of_sockets "$2" "$3")" "$4"
}

# Holds a TLS connection to port $1 open, over which the file was fetched by HTTP.
hold_open()
{
	rm -f /tmp/client.in
	mkfifo /tmp/client.in
	openssl s_client -connect "127.0.0.1:$1" "${@:2}" </tmp/client.in >/tmp/client 2>&1 &
	HELD=$!
	exec 9>/tmp/client.in
	wait_for grep -q "Verify return code" /tmp/client || fail "no connection: $(cat /tmp/client)"
	printf 'GET /file HTTP/1.1\r\nHost: x\r\n\r\n' >&9
	wait_for grep -q '^50000' /tmp/client || fail "the file does not come"
}

let_go()
{
	exec 9>&-
	kill "$HELD" 2>/dev/null || true
	wait "$HELD" 2>/dev/null || true
}

# Of the one at our port 4433: $1 process, $2 version, $3 cipher, $4 mode of sending.
expect_socket()
{
	local pid

	sockets --port 4433
	expect_equal "exit status" "$CASE_EXIT" 0
	expect_of "the socket" '.local_port == 4433' \
		'[.owner.kind, .owner.processes[0].comm, .tls.version, .tls.cipher, .tls.tx, .nic.name]
			| join(" ")' "process $1 $2 $3 $4 lo"
	pid=$(of_sockets '.local_port == 4433' '.owner.processes[0].pid')
	expect_equal "the process" "$(cat "/proc/$pid/comm")" "$1"
}

# Every word that ss has of it and we have too.
expect_parity()
{
	local line ours word

	line=$(ss -tieHnO 'sport = :4433' 2>/dev/null | grep tcp-ulp-tls)
	sockets --port 4433
	ours=$(of_sockets '.local_port == 4433' \
		'"ino:\(.inode) sk:\(.cookie) version:\(.tls.version[3:]) cipher:\(.tls.cipher)",
		"rxconf:\(.tls.rx) txconf:\(.tls.tx) bytes_acked:\(.tcp.bytes_acked)",
		"bytes_received:\(.tcp.bytes_received) bytes_sent:\(.tcp.bytes_sent)",
		"mss:\(.tcp.mss_bytes) cwnd:\(.tcp.cwnd_segments) uid:\(.uid)"')
	note "ss: $line"
	note "ktlsctl: $ours"
	line=" ${line//: /:} "
	for word in $ours; do
		case $word in
		sk:*) word=sk:$(printf %x "${word#sk:}") ;;
		uid:0) continue ;; # ss leaves it out
		esac
		[[ $line = *" $word "* ]] || fail "ss does not say $word"
	done
	# Both round it otherwise: ss has three digits behind the point, and the time goes on.
	[[ $line = *" rtt:"* ]] || fail "ss has no rtt"
}
