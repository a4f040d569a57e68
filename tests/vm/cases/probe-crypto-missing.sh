# SPDX-License-Identifier: MIT
# Cipher modules that cannot be loaded: those cells say so, the others work.
# kernels: 6.1 6.12 7.x
# userlands: trixie

. /ktlsctl/case.sh
. /ktlsctl/case-probe.sh

verdicts()
{
	expect_json "[.probe.cells[] | select(.cipher == \"$1\") | .verdict] | unique |
		join(\" \")" "$2"
}

printf 'install %s /bin/false\n' ccm chacha20poly1305 >/etc/modprobe.d/no-crypto.conf
probe --kernel
expect_exit 0
expect_json .answer works
verdicts aes-gcm-128 works
verdicts aes-gcm-256 works
verdicts aes-ccm-128 crypto_missing
verdicts chacha20-poly1305 crypto_missing
probe --kernel --only chacha20-poly1305
expect_exit 1

rm /etc/modprobe.d/no-crypto.conf
probe --kernel --only aes-ccm-128,chacha20-poly1305
expect_exit 0
verdicts aes-ccm-128 works
verdicts chacha20-poly1305 works
