# SPDX-License-Identifier: MIT
# A client takes the server's kTLS away: max_fragment_length (RFC 6066), of which nothing
# shows from outside, and what the probe says of it.
# kernels: 6.12
# timeout: 300
# userlands: trixie

. /ktlsctl/case-fault.sh

load_tls
before=$(tls_stat TlsTxSw)
TLS_OPTIONS=(-maxfraglen 1024)
tls_open
tls_send 100
expect_equal "connections sent by kTLS" "$(tls_stat TlsTxSw)" "$before"
expect_equal "sockets with the ULP" "$(ss -tieH 2>/dev/null | grep -c tcp-ulp-tls || true)" 0
tls_close
TLS_OPTIONS=()
tls_open
tls_send 100
[ "$(tls_stat TlsTxSw)" -gt "$before" ] || fail "the same without it does not use kTLS"
tls_close
probe --openssl
expect_probe '[.probe.handshakes[] | select(.tx == "user_space")] | length' 1
expect_probe '[.probe.handshakes[] | select(.tx == "user_space")][0].note |
	test("max_fragment_length")' true
expect_probe .cause null
