#!/bin/bash
# SPDX-License-Identifier: MIT
# Usage: capture.sh [--into FOLDER] [NAME...]
#
# Takes the snapshots that tests/roots has of real kernels anew, all or those named: boots
# each machine, runs "ktlsctl snapshot" there, and replaces the folder of that name.

set -euo pipefail

. "$(dirname "$0")/lab.sh"

# Name, kernel, user land, whether tls is loaded, who takes the snapshot.
MACHINES='
debian11-5.10            5.10  bookworm  no   root
debian12-6.1             6.1   bookworm  yes  root
debian13-6.12            6.12  trixie    yes  root
debian13-6.12-not-loaded 6.12  trixie    no   root
debian13-6.12-nobody     6.12  trixie    no   nobody
debian13-7.x             7.x   trixie    yes  root
'

into=$LAB_TOP/tests/roots
work=''

guest_script()
{
	cat <<-'END'
		. /ktlsctl/case.sh
		[ "$1" = no ] || load_tls
		mkdir -m 1777 /tmp/captured
		"as_$2" "$KTLSCTL" snapshot /tmp/captured/root
		cp -r --no-dereference --preserve=links /tmp/captured/root /results/root
		chmod -R a+rX /results/root
	END
}

capture()
{
	local name=$1 kernel=$2 userland=$3 loaded=$4 who=$5

	lab_say "capturing $name"
	rm -rf "${work:?}/$name"
	if ! "$LAB_DIR/boot.sh" --kernel "$kernel" --userland "$userland" \
		--results "$work/$name" "$work/script" "$loaded" "$who"; then
		cat "$work/$name/output" >&2 || true
		lab_die "$name was not captured"
	fi
	rm -rf "${into:?}/$name"
	cp -r --no-dereference --preserve=links "$work/$name/root" "$into/$name"
}

main()
{
	local name kernel userland loaded who

	[ "${1-}" != --help ] || lab_help
	if [ "${1-}" = --into ]; then
		into=${2:?--into wants a folder}
		shift 2
	fi
	for name; do
		grep -q "^$name " <<<"$MACHINES" || lab_usage_error "unknown machine '$name'"
	done
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	guest_script >"$work/script"
	mkdir -p "$into"
	while read -r name kernel userland loaded who; do
		[ -n "$name" ] || continue
		[ $# -eq 0 ] || lab_has_word "$name" "$@" || continue
		capture "$name" "$kernel" "$userland" "$loaded" "$who" </dev/null
	done <<<"$MACHINES"
}

main "$@"
