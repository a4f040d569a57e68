# SPDX-License-Identifier: MIT
# The kernel is ready, and this libssl is not: built without kTLS (trixie's, from source),
# or too old to receive TLS 1.3 by it (bookworm's).
# kernels: 6.12
# timeout: 300
# core: 6.12+bookworm
# fixtures: noktls

. /ktlsctl/case-fault.sh

# The libraries are trixie's but for kTLS: they take the place of its own.
in_noktls()
{
	env LD_LIBRARY_PATH=/opt/noktls "$@"
}

libssl_3_0()
{
	expect_limit openssl-tls13-receive
	expect_probe '[.probe.handshakes[] | select(.version == "1.2" and .rx != "works")] | length' 0
	expect_probe '[.probe.handshakes[] | select(.version == "1.3" and .rx == "works")] | length' 0
	expect_probe '[.probe.handshakes[] | select(.version == "1.3" and .tx == "works")] | length > 0' \
		true
}

libssl_without_ktls()
{
	local before

	mkdir -p /opt/noktls
	tar -x -C /opt/noktls -f /ktlsctl/noktls
	expect_equal "the same version" "$(in_noktls openssl version | cut -d' ' -f2)" \
		"$(openssl version | cut -d' ' -f2)"

	note "the truth: asked for by both ends, used by none"
	before=$(cat /proc/net/tls_stat)
	tls_open in_noktls
	tls_send 100
	expect_equal "tls_stat" "$(cat /proc/net/tls_stat)" "$before"
	note "and found in the process"
	diagnose --pid "$(pgrep -x -o openssl)"
	expect_json .cause.id process-libssl-without-ktls
	tls_close

	note "diagnose"
	diagnose in_noktls
	expect_answer cannot_work openssl-without-ktls fail
	expect_json '.cause.remedy.action | length > 0' true
	note "the kernel of the probe is as good as ever, libssl does not ask it"
	probe in_noktls
	expect_probe .answer works
	expect_probe .cause.id openssl-without-ktls
	expect_probe .cause.remedy "$(jq -r .cause.remedy "$CASE_REPORT")"
	expect_equal "AES-GCM" "$(cells aes-gcm-128)" works
	expect_probe '[.probe.handshakes[] | .tx, .rx] | unique | join(" ")' user_space
	probe in_noktls --openssl
	expect_probe .answer does_not_work
	expect_probe .cause.id openssl-without-ktls
}

load_tls
modprobe aesni_intel
case $(openssl version) in
"OpenSSL 3.0."*) libssl_3_0 ;;
*) libssl_without_ktls ;;
esac
