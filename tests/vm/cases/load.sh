# SPDX-License-Identifier: MIT
# --load is the user's word that modules may be loaded: those of the cipher, too, so that it
# can be tried.
# kernels: 6.1 6.12 7.x

. /ktlsctl/case.sh

diagnose --load
expect_best_answer works
is_loaded tls || fail "--load did not load tls"
