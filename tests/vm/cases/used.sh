# SPDX-License-Identifier: MIT
# A connection that is open proves use; one that was closed proves that kTLS works.
# kernels: 6.1 6.12 7.x

. /ktlsctl/case.sh

load_tls
tls_open
[ "$(tls_stat TlsCurrTxSw)" -gt 0 ] || fail "the kernel counts no kTLS connection"
diagnose
expect_json .status used
expect_exit 0
diagnose as_nobody
expect_json .status used

tls_close
wait_for test "$(tls_stat TlsCurrTxSw)" = 0 || fail "the connection does not end"
diagnose
expect_json .status works
expect_exit 0
