# SPDX-License-Identifier: MIT
# Every cell and feature as this kernel is known to have it, the errno behind it included.
# kernels: 6.1 6.12 7.x
# timeout: 300
# userlands: trixie

. /ktlsctl/case.sh
. /ktlsctl/case-probe.sh

expected()
{
	local cipher version direction verdict

	for cipher in aes-gcm-128 aes-gcm-256 aes-ccm-128 chacha20-poly1305 sm4-gcm sm4-ccm \
		aria-gcm-128 aria-gcm-256; do
		for version in 1.2 1.3; do
			# Debian builds neither SM4 nor ARIA as AEAD ciphers.
			case $version-$cipher in
			1.3-aria*) verdict="undefined 0" ;;
			*-sm4* | *-aria*) verdict="crypto_missing -2" ;;
			*) verdict="works 0" ;;
			esac
			for direction in tx rx; do
				echo "$version $cipher $direction $verdict"
			done
		done
	done
	for feature in sendfile splice-out splice-in control-out control-in; do
		echo "$feature works 0"
	done
	echo "msg-zerocopy refused -95"
	echo "zerocopy-ro no_effect 0"
	echo "expect-no-pad works 0"
	if recent; then
		printf '%s works 0\n' rekey max-payload
	else
		printf '%s\n' "rekey not_in_kernel -16" "max-payload not_in_kernel -92"
	fi
	echo "io-uring works 0"
}

# One of a counter's lines that rose in the namespace of the probe.
counted()
{
	jq -r --arg name "$1" '[.probe.counted[] | select(.name == $name)][0].value' \
		"$CASE_REPORT"
}

expect_not_loaded tls
expected >/tmp/expected
probe --kernel
expect_exit 0
expect_json .answer works
expect_json .loaded_module true
expect_json .probe.private_netns true
expect_json .probe.src.error 0
expect_rows /tmp/expected
note "a changed bit in each of the eight cells that receive"
expect_equal TlsDecryptError "$(counted TlsDecryptError)" 8
note "the counters of this host are as they were"
expect_not_counted
expect_equal "processes left" "$(pgrep -c -x ktlsctl || true)" 0

note "--only"
probe --only TLS1.3,aes-gcm-128,rx,sendfile
printf '%s works 0\n' "1.3 aes-gcm-128 rx" sendfile >/tmp/expected
expect_rows /tmp/expected
