# SPDX-License-Identifier: MIT
# With tls loaded no privilege is needed.
# kernels: 6.1 6.12 7.x

. /ktlsctl/case.sh

load_tls
diagnose as_nobody
expect_best_answer
