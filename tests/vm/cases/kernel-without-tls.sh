# SPDX-License-Identifier: MIT
# A kernel built without CONFIG_TLS: nothing but another kernel helps, whoever asks.
# kernels: 5.10
# core: 5.10+bookworm

. /ktlsctl/case.sh

diagnose
expect_answer cannot_work kernel-without-tls fail
diagnose as_nobody
expect_answer cannot_work kernel-without-tls fail
expect_autoload no
