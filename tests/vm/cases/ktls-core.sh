# SPDX-License-Identifier: MIT
# lib/tls and lib/diag on real kernels: every cipher, both directions, byte for byte
# against libcrypto; every wrong key noticed.
# kernels: 6.1 6.12 7.x
# userlands: trixie

. /ktlsctl/case.sh

# Two things have come since 6.12: another key for TLS 1.3, and a limit for records.
recent()
{
	case $(uname -r) in
	6.*) return 1 ;;
	esac
}

expected_matrix()
{
	local version cipher answer direction

	for version in TLS1.2 TLS1.3; do
		for cipher in aes-gcm-128 aes-gcm-256 aes-ccm-128 chacha20-poly1305 sm4-gcm \
			sm4-ccm aria-gcm-128 aria-gcm-256; do
			# Debian builds neither SM4 nor ARIA as AEAD ciphers.
			case $version-$cipher in
			TLS1.3-aria*) answer=EINVAL ;;
			*-sm4* | *-aria*) answer=ENOENT ;;
			*) answer=works ;;
			esac
			for direction in tx rx; do
				echo "$version $cipher $direction $answer"
			done
		done
	done
}

expected_options()
{
	local rekey=EBUSY max=ENOPROTOOPT

	! recent || rekey=works max=works
	cat <<-END
		TLS1.2 unknown-cipher EINVAL
		TLS1.2 second-keys EBUSY
		TLS1.2 expect-no-pad EINVAL
		TLS1.2 zerocopy-ro works
		TLS1.2 max-payload $max
		TLS1.2 mode works
		TLS1.3 unknown-cipher EINVAL
		TLS1.3 second-keys $rekey
		TLS1.3 expect-no-pad works
		TLS1.3 zerocopy-ro works
		TLS1.3 max-payload $max
		TLS1.3 mode works
	END
}

# In TLS 1.2 the wire itself says what the iv was.
expected_mutants()
{
	local version what answer

	for version in TLS1.2 TLS1.3; do
		for what in nothing key salt iv sequence-number tag direction cipher; do
			case $version-$what in
			*-nothing | TLS1.2-iv) answer=works ;;
			*-direction) answer=ENOPROTOOPT ;;
			*) answer=EBADMSG ;;
			esac
			echo "$version wrong-$what $answer"
		done
	done
}

# Until 6.14 the ULP is shown to an administrator only.
expected_diag()
{
	local none="ulp '' tls 0 version 0 cipher 0 tx unknown rx unknown max 0" max=0
	local keys nobody=$none

	! recent || max=16384
	keys="ulp 'tls' tls 1 version 0x304 cipher 52 tx sw rx base max $max"
	! recent || nobody=$keys
	cat <<-END
		diag plain $none
		diag attached ulp 'tls' tls 1 version 0 cipher 0 tx base rx base max $max
		diag keys $keys
		diag sockets 1 works
		diag nobody $nobody
	END
}

expect_same()
{
	note "$1"
	"expected_$1" >/tmp/expected
	timeout 60 /ktlsctl/ktls_core "$1" >/tmp/saw || fail "ktls_core $1 ends with $?"
	diff -u /tmp/expected /tmp/saw || fail "$1 is not as expected"
}

expected_no_diag()
{
	cat <<-END
		diag plain ENOENT
		diag attached ENOENT
		diag keys ENOENT
		diag sockets 0 ENOENT
		diag nobody ENOENT
	END
}

load_tls
note "without tcp_diag"
echo "install tcp_diag /bin/false" >/etc/modprobe.d/no-diag.conf
expected_no_diag >/tmp/expected
/ktlsctl/ktls_core diag >/tmp/saw || fail "ktls_core diag ends with $?"
diff -u /tmp/expected /tmp/saw || fail "there is sock_diag without its module"
rm /etc/modprobe.d/no-diag.conf

for part in matrix options mutants diag; do
	expect_same "$part"
done
