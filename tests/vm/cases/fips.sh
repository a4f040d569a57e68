# SPDX-License-Identifier: MIT
# FIPS mode takes ChaCha20-Poly1305 away: a limit, not a hindrance.
# (Debian builds 7.x without CONFIG_CRYPTO_FIPS.)
# kernels: 6.1 6.12
# userlands: trixie
# cmdline: fips=1
# core: 6.1

. /ktlsctl/case-fault.sh

[ "$(cat /proc/sys/crypto/fips_enabled)" = 1 ] || fail "the guest is not in FIPS mode"
load_tls
diagnose
expect_answer should_work fips-limits warn
probe as_root --kernel --only chacha20-poly1305,aes-gcm-128
expect_probe .cause.id fips-limits
expect_equal "its cells" "$(cells chacha20-poly1305)" crypto_missing
expect_equal "those of AES-GCM" "$(cells aes-gcm-128)" works
