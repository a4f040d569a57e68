# SPDX-License-Identifier: MIT
# A kernel that did it wrong would be noticed, and what differed is said: one thing is
# changed between the probe and the kernel.
# kernels: 6.1 6.12 7.x
# timeout: 300
# userlands: trixie

. /ktlsctl/case.sh
. /ktlsctl/case-probe.sh

# $1 version, $2 direction, $3 what is wrong
answer()
{
	case $1-$2-$3 in
	*-nothing) echo "works " ;;
	# What the kernel receives in TLS 1.2 says itself what its iv was.
	TLS1.2-rx-iv) echo "works " ;;
	# Only sealing it again tells.
	TLS1.2-tx-iv) echo "broken the ciphertext" ;;
	# Keys for receiving seal nothing: it goes out in the clear.
	*-tx-direction) echo "broken the answer to a good record" ;;
	*-rx-direction) echo "broken the data" ;;
	*) echo "broken the authentication tag" ;;
	esac
}

expected()
{
	local version direction what

	for what in nothing key salt iv sequence-number tag direction cipher version; do
		for version in TLS1.2 TLS1.3; do
			for direction in tx rx; do
				echo "$version $direction wrong-$what" \
					"$(answer "$version" "$direction" "$what")"
			done
		done
	done
}

load_tls
expected >/tmp/expected
timeout 60 /ktlsctl/probe_mutants >/tmp/saw || fail "probe_mutants ends with $?"
diff -u /tmp/expected /tmp/saw || fail "a mutant is not noticed"

note "features"
features=(sendfile splice-out splice-in control-out control-in zerocopy-ro expect-no-pad
	io-uring)
! recent || features+=(rekey max-payload)
timeout 60 /ktlsctl/probe_mutants "${features[@]}" >/tmp/saw ||
	fail "probe_mutants ends with $?"
expect_equal rows "$(grep -c . /tmp/saw)" $((9 * ${#features[@]}))
# What is no fault: nothing is wrong; the iv as above; an option, or another key, that
# the wrong version or direction does not have.
{
	for feature in "${features[@]}"; do
		case $feature in
		zerocopy-ro) echo "zerocopy-ro wrong-nothing no_effect" ;;
		*) echo "$feature wrong-nothing works" ;;
		esac
	done
	printf '%s wrong-iv works\n' splice-in control-in
	printf 'expect-no-pad wrong-%s not_in_kernel\n' direction version
	! recent || echo "rekey wrong-version not_in_kernel"
} | sort >/tmp/expected
grep -v ' broken$' /tmp/saw | sort >/tmp/unnoticed
diff -u /tmp/expected /tmp/unnoticed || fail "a mutant is not noticed"
