# SPDX-License-Identifier: MIT
# Handshakes of the user land's libssl with itself: which directions the kernel takes, by
# three witnesses that agree, as root and as nobody, alone in the namespace and not.
# kernels: 6.1 6.12 7.x
# timeout: 300
# userlands: trixie bookworm

. /ktlsctl/case.sh

# version suite
suites()
{
	cat <<-'END'
		1.2 ECDHE-ECDSA-AES128-GCM-SHA256
		1.2 ECDHE-ECDSA-AES256-GCM-SHA384
		1.2 ECDHE-ECDSA-AES128-CCM
		1.2 ECDHE-ECDSA-CHACHA20-POLY1305
		1.3 TLS_AES_128_GCM_SHA256
		1.3 TLS_AES_256_GCM_SHA384
		1.3 TLS_AES_128_CCM_SHA256
		1.3 TLS_CHACHA20_POLY1305_SHA256
	END
}

# $1 tx, $2 rx: 1 in the kernel; $3 the note
row()
{
	local words=(user-space works)

	printf 'tx %s rx %s bio %s kernel %s counted %s agree - %s\n' "${words[$1]}" \
		"${words[$2]}" "$1$2" "$1$2" "$1$2" "'$3'"
}

fragment="a client with max_fragment_length: libssl keeps to user space"

# OpenSSL 3.0 gives the kernel nothing to receive in TLS 1.3, and no CCM with it.
expected_all()
{
	local line old=no

	case $(openssl version) in
	"OpenSSL 3.0."*) old=yes ;;
	esac
	suites | while read -r line; do
		case $old-$line in
		yes-1.3*CCM*) echo "$line $(row 0 0 "libssl does not ask the kernel")" ;;
		yes-1.3*) echo "$line $(row 1 0 "rx: libssl does not ask the kernel")" ;;
		*) echo "$line $(row 1 1 "")" ;;
		esac
	done
	echo "1.3 TLS_AES_128_GCM_SHA256 $(row 0 0 "$fragment")"
}

expected_no_tls()
{
	local line

	suites | while read -r line; do
		echo "$line $(row 0 0 "no TLS in the kernel for this caller")"
	done | sed 's/ - / ENOENT /'
	echo "1.3 TLS_AES_128_GCM_SHA256 $(row 0 0 "$fragment")"
}

# $1 what is expected, $2 the caller; the rest is for the program
expect_rows()
{
	local expected=$1 caller=$2

	shift 2
	note "$caller: $expected $*"
	"$expected" >/tmp/expected
	"$caller" timeout 120 /ktlsctl/handshakes "$@" >/tmp/saw 2>/tmp/times ||
		fail "handshakes ends with $?"
	diff -u /tmp/expected /tmp/saw || fail "the handshakes are not as expected"
	awk '{ us += $3 } END { printf "-- %d ms\n", us / 1000 }' /tmp/times
}

expected_no_chacha()
{
	local witnesses="bio 00 kernel 00 counted 00 agree ENOENT"
	local note="'the kernel refuses the cipher'"

	echo "1.2 ECDHE-ECDSA-CHACHA20-POLY1305 tx no-crypto rx no-crypto $witnesses $note"
}

expected_no_chacha13()
{
	expected_no_chacha |
		sed 's/1.2 ECDHE-ECDSA-CHACHA20-POLY1305/1.3 TLS_CHACHA20_POLY1305_SHA256/'
}

# Suites of another certificate, and a name in the list where it does nothing.
expected_named()
{
	local why="a TLS 1.3 name does nothing in the TLS 1.2 list: tried with TLS 1.3"

	echo "1.2 ECDHE-RSA-AES256-GCM-SHA384 $(row 1 1 "")"
	echo "1.2 AES128-GCM-SHA256 $(row 1 1 "")"
	echo "1.2 ECDHE-RSA-AES128-SHA256 $(row 0 0 "libssl does not ask the kernel")"
	case $(openssl version) in
	"OpenSSL 3.0."*)
		echo "1.3 TLS_AES_128_GCM_SHA256 $(row 1 0 \
			"$why; rx: libssl does not ask the kernel")"
		;;
	*) echo "1.3 TLS_AES_128_GCM_SHA256 $(row 1 1 "$why")" ;;
	esac
}

named=ECDHE-RSA-AES256-GCM-SHA384:TLS_AES_128_GCM_SHA256:AES128-GCM-SHA256
named+=:ECDHE-RSA-AES128-SHA256

chacha_gone()
{
	echo "install chacha20poly1305 /bin/false" >/etc/modprobe.d/no-chacha.conf
}

expect_rows expected_no_tls as_nobody --private
load_tls
chacha_gone
expect_rows expected_no_chacha as_root --private ECDHE-ECDSA-CHACHA20-POLY1305 ,
expect_rows expected_no_chacha13 as_root --private , TLS_CHACHA20_POLY1305_SHA256
rm /etc/modprobe.d/no-chacha.conf
expect_rows expected_named as_root --private "$named"
for caller in as_nobody as_root; do
	expect_rows expected_all "$caller" --private
	expect_rows expected_all "$caller"
done
