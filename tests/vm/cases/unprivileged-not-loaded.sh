# SPDX-License-Identifier: MIT
# The silent one: a worker without CAP_NET_ADMIN gets ENOENT and goes on without kTLS.
# kernels: 6.1 6.12 7.x
# core: 6.1

. /ktlsctl/case.sh

diagnose as_nobody
expect_answer cannot_work autoload-unprivileged fail
expect_autoload no as_nobody
