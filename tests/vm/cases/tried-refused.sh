# SPDX-License-Identifier: MIT
# Everything is there, and a filter refuses the ULP, or the keys alone, to this caller.
# kernels: 6.1 6.12 7.x
# userlands: trixie

. /ktlsctl/case.sh

# TCP_ULP of SOL_TCP; TLS_RX of SOL_TLS.
as_without_ulp()
{
	/ktlsctl/confined 6 31 1 "$@"
}

as_without_keys()
{
	/ktlsctl/confined 282 2 1 "$@"
}

load_tls
modprobe -a gcm aesni_intel
diagnose
expect_best_answer works
diagnose as_without_ulp
expect_answer cannot_work seccomp-denied fail
diagnose as_without_keys
expect_answer cannot_work seccomp-denied fail
