# SPDX-License-Identifier: MIT
# A witness of a handshake that says something else than the others is noticed: libssl,
# the socket, the counters; where the kernel encrypts and where it does not.
# kernels: 6.12
# timeout: 300
# userlands: trixie bookworm

. /ktlsctl/case.sh
. /ktlsctl/case-probe.sh

# $1 the truth: yes, no; $2 the lie; 0 when it is none
is_lie()
{
	case $1-$2 in
	*-none | yes-*-yes | no-*-no) return 1 ;;
	# No keys, so none of another cipher; no file, so nothing to count.
	no-other-cipher | no-counters-*) return 1 ;;
	esac
}

# $1 the truth of a direction, $2 the lie
verdict()
{
	case $1-$2 in
	yes-libssl-no | yes-kernel-no | no-libssl-yes | no-kernel-yes) echo broken ;;
	yes-*) echo works ;;
	no-*) echo user_space ;;
	esac
}

# $1 the lie, $2 version, $3 and $4 the truth of tx and rx
row()
{
	local says=agree

	! is_lie "$3" "$1" && ! is_lie "$4" "$1" || says=disagree
	# Nobody receives, but it was counted that somebody does.
	[ "$4-$1-$3" != no-counters-more-yes ] || says=disagree
	echo "$1 TLS$2 tx $(verdict "$3" "$1") rx $(verdict "$4" "$1") $says"
}

# $1 truth of tx; $2 of rx in TLS 1.3
expected()
{
	local lie

	for lie in none libssl-yes libssl-no kernel-yes kernel-no other-cipher \
		counters-still counters-more; do
		row "$lie" 1.2 "$1" "$1"
		row "$lie" 1.3 "$1" "$2"
	done
}

# The caller; the answer to each is no when one of its two handshakes disagrees.
expect_liars()
{
	"$1" timeout 100 /ktlsctl/probe_liars >/tmp/saw 2>/tmp/notes ||
		fail "probe_liars ends with $?"
	sed 's/ works [a-z-]*$//' /tmp/saw >/tmp/rows
	diff -u /tmp/expected /tmp/rows || fail "a lie is not noticed: $(cat /tmp/notes)"
	awk '/ disagree / { bad[$1] = 1 } { answer[$1] = $NF }
		END { for (lie in bad) if (answer[lie] != "no") { print lie; failed = 1 }
			exit failed }' /tmp/saw || fail "a disagreement that changes no answer"
}

note "nobody's kernel has no TLS"
expected no no >/tmp/expected
expect_liars as_nobody

load_tls
note "the kernel encrypts"
# OpenSSL 3.0 gives the kernel nothing to receive in TLS 1.3.
case $(openssl version) in
"OpenSSL 3.0."*) expected yes no >/tmp/expected ;;
*) expected yes yes >/tmp/expected ;;
esac
expect_liars as_root
grep -q "^kernel-no: tx in the kernel: client: libssl yes, kernel no" /tmp/notes ||
	fail "$(cat /tmp/notes)"
