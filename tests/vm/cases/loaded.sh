# SPDX-License-Identifier: MIT
# The usual good case. Nothing was probed, so the answer is not better than "should".
# kernels: 6.1 6.12 7.x
# core: 6.1 6.12+bookworm

. /ktlsctl/case.sh

load_tls
diagnose
expect_best_answer
