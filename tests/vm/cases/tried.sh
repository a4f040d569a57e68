# SPDX-License-Identifier: MIT
# diagnose tries it where that has no side effect, and then says that it works.
# kernels: 6.1 6.12 7.x
# core: 7.x 6.1+bookworm

. /ktlsctl/case.sh

kernel_probe()
{
	expect_json ".findings[] | select(.id == \"kernel-probe\") | .$1" "$2"
}

modules()
{
	cut -d ' ' -f 1 /proc/modules | sort
}

# Not by ss(8), for which the kernel loads a module.
sockets()
{
	awk 'NR > 1 { print $2, $3, $4 }' /proc/net/tcp
}

# Every line of tls_stat is 0, and there are some.
expect_not_counted()
{
	awk '$2 != 0 { print; n++ } END { exit n > 0 || NR == 0 }' /proc/net/tls_stat ||
		fail "the kernel has counted that"
}

note "the module is not loaded, and stays so"
diagnose
kernel_probe verdict skip
expect_not_loaded tls

note "loaded, but gcm(aes) would have to be"
load_tls
diagnose
kernel_probe verdict skip
expect_not_loaded gcm
expect_best_answer

note "as on a machine whose udev has loaded the processor's ciphers"
modprobe -a gcm aesni_intel
helper=/tmp/helper
printf '#!/bin/sh\necho "$@" >>/tmp/helper.log\n' >"$helper"
chmod 755 "$helper"
loader=$(cat /proc/sys/kernel/modprobe)
echo "$helper" >/proc/sys/kernel/modprobe
modules >/tmp/modules.before
sockets >/tmp/sockets.before
diagnose
kernel_probe verdict ok
expect_best_answer works
modules | diff /tmp/modules.before - || fail "the list of modules has changed"
[ ! -e /tmp/helper.log ] || fail "the kernel was made to call: $(cat /tmp/helper.log)"
sockets | diff /tmp/sockets.before - || fail "sockets are left in the host's namespace"
expect_not_counted
expect_equal "processes left" "$(pgrep -c -x ktlsctl || true)" 0
case $("$KTLSCTL" diagnose | head -n 1) in
"kTLS works here (TLS 1.2 and 1.3, both directions)"*) ;;
*) fail "$("$KTLSCTL" diagnose | head -n 3)" ;;
esac

note "a snapshot keeps the proof"
"$KTLSCTL" snapshot /tmp/snapshot
note "the connections took $(jq '[.probe.cells[].duration_us] | add' \
	/tmp/snapshot/ktlsctl-snapshot.json) us here"
expect_not_counted
diagnose --root /tmp/snapshot
expect_best_answer works
kernel_probe verdict ok

note "nobody: it is not tried"
diagnose as_nobody
kernel_probe verdict skip
expect_best_answer
expect_not_counted
[ ! -e /tmp/helper.log ] || fail "the kernel was made to call: $(cat /tmp/helper.log)"
