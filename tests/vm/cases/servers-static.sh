# SPDX-License-Identifier: MIT
# A program with OpenSSL inside: nothing is mapped that would tell, its kTLS works.
# kernels: 6.1 6.12 7.x
# userlands: trixie
# fixtures: tlsstatic

. /ktlsctl/case-server.sh

load_tls
server_prepare
/ktlsctl/tlsstatic 4433 "$CASE_TLS/cert" "$CASE_TLS/key" &
before=$(tls_stat TlsTxSw)
wait_for server_answers || fail "the server does not answer"
wait_for tls_stat_above TlsTxSw "$before" || fail "it does not use kTLS"
! grep -q '\.so' "/proc/$!/maps" || fail "it is not static"

diagnose
expect_json .status works
expect_finding process-libssl "" '(ok|unknown)'
expect_evidence process-libssl tlsstatic
kill %1
