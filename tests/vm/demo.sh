#!/bin/bash
# SPDX-License-Identifier: MIT
# Usage: demo.sh [ARGUMENT...]
#
# Shows what the program says on a kernel that has kTLS: boots 6.12 with trixie, loads tls
# and runs "ktlsctl diagnose" there, with the arguments given. Only its output is printed;
# its exit status is passed on.

set -euo pipefail

. "$(dirname "$0")/lab.sh"

colour()
{
	if [ -t 1 ] && [ -z "${NO_COLOR-}" ] && [ "${TERM:-dumb}" != dumb ]; then
		echo always
	else
		echo never
	fi
}

main()
{
	local rc=0 work

	[ "${1-}" != --help ] || lab_help
	[ -x "$LAB_TOP/build/ktlsctl" ] || lab_die "there is no build/ktlsctl yet; run make first"
	work=$(mktemp -d)
	# shellcheck disable=SC2064 # the name is wanted as it is now
	trap "rm -rf '$work'" EXIT
	cat >"$work/script" <<-'END'
		# The ciphers as udev would; only then diagnose tries it.
		modprobe -a tls gcm aesni_intel
		"$KTLSCTL" diagnose "$@" >/results/answer
	END
	lab_say "booting kernel 6.12 in an emulator; this takes some seconds"
	"$LAB_DIR/boot.sh" --results "$work" "$work/script" --color="$(colour)" "$@" || rc=$?
	[ ! -e "$work/answer" ] || cat "$work/answer"
	[ -s "$work/answer" ] || cat "$work/output" >&2 || true
	exit "$rc"
}

main "$@"
