# SPDX-License-Identifier: MIT
# bench: what the kernel encrypts on one core. Nothing is loaded for it unless that is asked
# for; measured over AF_ALG it is what the modes of the kernel are a part of, and the other
# modes of libcrypto.
# kernels: 6.1 6.12 7.x
# userlands: trixie
# timeout: 300

. /ktlsctl/case.sh

# An optional caller before the arguments.
bench()
{
	local caller=as_root

	case ${1-} in
	as_*) caller=$1; shift ;;
	esac
	note "$caller: bench $*"
	CASE_EXIT=0
	"$caller" "$KTLSCTL" bench --json --workload bulk --size 16k --duration 50ms "$@" \
		>"$CASE_REPORT" 2>/tmp/bench.err || CASE_EXIT=$?
	expect_exit 0
	expect_equal "standard error" "$(cat /tmp/bench.err)" ""
}

# Of whose ceiling mode $1 was a part.
part_of()
{
	jq -r ".groups[0].results[] | select(.mode == \"$1\") | .figures[] |
		select(.name == \"of_ceiling\") | .why" "$CASE_REPORT" |
		grep -oE 'libcrypto|over AF_ALG'
}

load_tls
expect_not_loaded af_alg
bench --only openssl,ktls
expect_not_loaded algif_aead
expect_not_loaded af_alg
expect_json '.ceilings[0].af_alg_bytes_per_second' null
expect_json '.ceilings[0].af_alg_reason | contains("algif_aead is not loaded")' true
expect_equal "OpenSSL without" "$(part_of openssl)" libcrypto
expect_equal "kTLS without" "$(part_of ktls)" libcrypto

# Each of them seals what libcrypto seals, or there would be no figure.
bench --load --only openssl --ciphersuites \
	TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_CCM_SHA256
is_loaded algif_aead || fail "--load has not made the kernel load algif_aead"
expect_json '[.ceilings[].cipher] | join(" ")' "aes-gcm-128 chacha20-poly1305 aes-ccm-128"
expect_json '[.ceilings[].af_alg_bytes_per_second > 0] | all' true
expect_json '[.ceilings[].af_alg_reason] | unique | tojson' '[null]'
note "$(jq -c '[.ceilings[] | [.cipher, .libcrypto_bytes_per_second, .af_alg_bytes_per_second]]' \
	"$CASE_REPORT")"

# Now it is there: for anybody, and without being asked for.
bench as_nobody --only openssl,ktls
expect_json '.ceilings[0].af_alg_bytes_per_second > 0' true
expect_equal "OpenSSL" "$(part_of openssl)" libcrypto
expect_equal "kTLS" "$(part_of ktls)" "over AF_ALG"
