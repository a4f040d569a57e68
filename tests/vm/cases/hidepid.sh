# SPDX-License-Identifier: MIT
# /proc that hides the processes of others: what could not be seen is unknown, not "no".
# kernels: 6.1 6.12 7.x
# userlands: trixie

. /ktlsctl/case.sh

load_tls
tls_open
diagnose as_nobody
expect_finding process-scan "" unknown process-scan-denied

mount -o remount,hidepid=invisible /proc
! as_nobody test -e /proc/1 || fail "the laboratory is wrong: process 1 can be seen"
[ "$(as_nobody sh -c 'ls -d /proc/[0-9]*' | wc -l)" -le 2 ] || fail "it hides too few"

diagnose as_nobody
expect_json .status used
expect_finding process-scan "" unknown process-scan-denied
diagnose
expect_json .status used
expect_finding process-scan "" ok
