# SPDX-License-Identifier: MIT
# libktls on real kernels: every cipher, both ends, every count of tickets, also TLS 1.3
# receive with OpenSSL 3.0, whose libssl has none; then KeyUpdates of openssl's own tools.
# kernels: 6.1 6.12 7.x
# core: 6.12+bookworm
# timeout: 240

. /ktlsctl/case.sh

# 6.14 and later take another key for TLS 1.3.
can_rekey()
{
	grep -q TlsTxRekeyOk /proc/net/tls_stat
}

# Answers what $1 has said that begins with $2.
said()
{
	grep -a "^$2" "$1" || true
}

expect_said()
{
	wait_for grep -aqx "$2" "$1" || fail "no '$2' in $1: $(tail -20 "$1")"
}

load_tls
tls_certificate

note "every cipher and count of tickets"
before=$(tls_stat TlsRxSw)
timeout 110 /ktlsctl/ktls_ssl matrix >/tmp/saw || fail "matrix: $(tail -3 /tmp/saw)"
expect_equal "without ARIA" "$(said /tmp/saw aria)" \
	"aria: tx kernel-crypto ENOENT, rx kernel-crypto ENOENT"
expect_equal "what works" "$(grep -c works /tmp/saw)" 27
small="user space record-size" tx=54
! can_rekey || { small="kernel none" tx=56; }
expect_equal "small records" "$(said /tmp/saw small | sort -u)" "small: tx $small, rx kernel"
# One end each: the peer is libssl alone.
expect_equal "sockets that received by the kernel" "$(($(tls_stat TlsRxSw) - before))" 56
expect_equal "sockets that sent by it" "$(tls_stat TlsTxSw)" "$tx"
expect_equal "errors" "$(tls_stat TlsDecryptError)" 0

# A server that commands reach by the pipe 7, and our client by 8; or the other way round.
open_pipes()
{
	rm -f /tmp/openssl.in /tmp/ours.in
	mkfifo /tmp/openssl.in /tmp/ours.in
}

ours()
{
	timeout 60 /ktlsctl/ktls_ssl "$@" </tmp/ours.in >/tmp/ours 2>&1 7>&- &
	exec 8>/tmp/ours.in
}

start_as_client()
{
	open_pipes
	openssl s_server -accept 4434 -tls1_3 -cert "$CASE_TLS/cert" -key "$CASE_TLS/key" \
		</tmp/openssl.in >/tmp/openssl 2>&1 &
	exec 7>/tmp/openssl.in
	wait_for grep -q ^ACCEPT /tmp/openssl || fail "s_server does not start"
	ours client 4434
}

start_as_server()
{
	open_pipes
	timeout 60 /ktlsctl/ktls_ssl server 4434 "$CASE_TLS/cert" "$CASE_TLS/key" \
		</tmp/ours.in >/tmp/ours 2>&1 &
	exec 8>/tmp/ours.in
	expect_said /tmp/ours ready
	openssl s_client -connect 127.0.0.1:4434 -tls1_3 </tmp/openssl.in >/tmp/openssl 2>&1 8>&- &
	exec 7>/tmp/openssl.in
}

stop()
{
	exec 7>&- 8>&-
	pkill -KILL -x openssl || true
	pkill -KILL -x ktls_ssl || true
	wait
}

both_ways()
{
	echo "$1 from openssl" >&7
	expect_said /tmp/ours "$1 from openssl"
	echo "$1 from us" >&8
	expect_said /tmp/openssl "$1 from us"
}

# openssl's tools drop what they read together with such a key: it has to take effect first.
press()
{
	local before

	before=$(tls_stat TlsRxRekeyReceived)
	echo "$1" >&7
	! can_rekey || wait_for tls_stat_above TlsRxRekeyReceived "$before" ||
		fail "openssl has not taken $1: $(tail -20 /tmp/openssl)"
}

expect_open()
{
	expect_said /tmp/ours "kTLS (Kernel): TLS1.3 aes-gcm-256 tx kernel none, rx kernel none"
	expect_said /tmp/ours "look: tx kernel software, rx kernel software"
	both_ways first
}

# As a server only what asks for more.
for end in client server; do
	keys="k K" words="rekey rekey-ask"
	[ "$end" = client ] || keys=K words=rekey-ask
	for key in $keys; do
		note "as $end, openssl says $key (K asks for ours, too)"
		"start_as_$end"
		expect_open
		press "$key"
		if can_rekey; then
			both_ways second
			press "$key"
			both_ways third
		else
			expect_said /tmp/ours "recv EKEYEXPIRED"
		fi
		stop
	done
	for word in $words; do
		note "as $end, we say $word"
		"start_as_$end"
		expect_open
		echo "!$word" >&8
		if can_rekey; then
			expect_said /tmp/ours "$word works"
			both_ways second
		else
			expect_said /tmp/ours "$word EOPNOTSUPP"
		fi
		both_ways third
		echo "!close" >&8
		expect_said /tmp/ours "shutdown works"
		stop
	done
done
! can_rekey || expect_equal "rekeys refused" \
	"$(tls_stat TlsTxRekeyError) $(tls_stat TlsRxRekeyError)" "0 0"
