# SPDX-License-Identifier: MIT
# Everything is there, and something refuses it to this caller: only trying finds it.
# kernels: 6.1 6.12 7.x
# userlands: trixie

. /ktlsctl/case.sh

# TCP_ULP of SOL_TCP; TLS_RX of SOL_TLS.
as_without_ulp()
{
	/ktlsctl/no_setsockopt 6 31 "$@"
}

as_without_keys()
{
	/ktlsctl/no_setsockopt 282 2 "$@"
}

load_tls
modprobe -a gcm aesni_intel
diagnose
expect_best_answer works
diagnose as_without_ulp
expect_answer cannot_work seccomp-denied fail
diagnose as_without_keys
expect_answer cannot_work seccomp-denied fail
expect_evidence kernel-probe "TLS 1.3 rx"
expect_json '.findings[] | select(.id == "kernel-probe") | .evidence | length' 5
