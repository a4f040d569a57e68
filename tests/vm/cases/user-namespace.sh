# SPDX-License-Identifier: MIT
# Root of a user namespace has CAP_NET_ADMIN there, and may yet not load a module.
# kernels: 6.1 6.12 7.x

. /ktlsctl/case.sh

diagnose in_user_namespace
expect_answer cannot_work autoload-user-namespace fail
expect_autoload no in_user_namespace

load_tls
diagnose in_user_namespace
expect_best_answer
