# SPDX-License-Identifier: MIT
# ktlsctl probe: every cell of the matrix is what this kernel has, and nothing stays behind.
# kernels: 6.1 6.12 7.x
# userlands: trixie
# core: 7.x

. /ktlsctl/case.sh

# The verdicts of the cells of cipher $1, as one word when they are the same.
cells()
{
	jq -r --arg c "$1" '[.probe.cells[] | select(.cipher == $c) | .verdict] | unique | join(" ")' \
		"$CASE_REPORT"
}

load_tls
before=$(cat /proc/net/tls_stat)
rc=0
"$KTLSCTL" probe --json >"$CASE_REPORT" || rc=$?
expect_equal "exit status" "$rc" 0
expect_json .schema ktlsctl.probe/1
for cipher in aes-gcm-128 aes-gcm-256 aes-ccm-128 chacha20-poly1305; do
	expect_equal "$cipher" "$(cells "$cipher")" works
done
# Debian's kernels are built without them.
for cipher in sm4-gcm sm4-ccm; do
	expect_equal "$cipher" "$(cells "$cipher")" crypto_missing
done
for cipher in aria-gcm-128 aria-gcm-256; do
	expect_equal "$cipher" "$(cells "$cipher")" "crypto_missing undefined"
done
expect_json '[.probe.cells[], .probe.features[] | select(.verdict == "broken" or .verdict == "unknown")] | length' 0
expect_json '[.probe.handshakes[] | select(.agree | not)] | length' 0
expect_json '[.probe.handshakes[] | select(.tx == "works" and .rx == "works")] | length >= 8' true
expect_equal "the counters of this namespace" "$(cat /proc/net/tls_stat)" "$before"
expect_equal "processes left" "$(pgrep -c -x ktlsctl || true)" 0

note "a kernel without the module: known, and one line says why"
modprobe -r tls
echo 'install tls /bin/false' >/etc/modprobe.d/case.conf
rc=0
"$KTLSCTL" probe >/tmp/said || rc=$?
expect_equal "exit status" "$rc" 1
head -n 1 /tmp/said | grep -q '^kTLS cannot work here: ' || fail "$(cat /tmp/said)"
