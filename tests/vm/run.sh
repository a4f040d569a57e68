#!/bin/bash
# SPDX-License-Identifier: MIT
# Usage: run.sh [OPTION...]
#
# Runs the cases of tests/vm/cases, each in a freshly booted guest.
#
#   --kernel LABEL     only on that kernel: 5.10, 6.1, 6.12 or 7.x (default: all)
#   --userland NAME    only with that user land: trixie or bookworm (default: all)
#   --case NAME        only that case
#   --full             every case wherever it applies (default)
#   --core             every case on 6.12 with trixie, elsewhere those whose line "core" has
#                      the kernel (with trixie) or the pair
#   --program FILE     the program under test (default: build/ktlsctl)
#   --jobs N           guests at a time (default: one a processor, four at most)
#   --list             print what would run
#
# A case is a script with lines at its top such as "# kernels: 6.1 6.12" (default: all),
# "# userlands: trixie" (all), "# core: 6.1 7.x+bookworm" (none), "# cmdline: fips=1"
# (none), "# machine: numa" (pc), "# icount: 6" (none), "# fixtures: tlsnic" (none),
# "# timeout: 400" (120 seconds), "# boots: 2" (1: so many boots one after another, each
# told its number and with what the last has written). What tries every step of something
# tries with --core one in CASE_STRIDE (case.sh). Its status is 0, 77 (skipped) or a
# failure.
#
# Prints "ok NAME", "ok NAME # SKIP why" or "not ok NAME" for each, what is of use about a
# failure as lines that begin with "#", and at the end "vm: N passed, N failed, N skipped".
# Exit status: 0 nothing failed, 1 something did, 2 usage.

set -euo pipefail

. "$(dirname "$0")/lab.sh"

MAIN_PAIR=6.12+trixie

only_kernel=all only_userland=all only_case='' mode=full list=no
program=$LAB_TOP/build/ktlsctl jobs=$(nproc) work=''
[ "$jobs" -le 4 ] || jobs=4
passed=0 failed=0 skipped=0
plan=()
declare -A running=() unusable=() unbuilt=()

parse_options()
{
	while [ $# -gt 0 ]; do
		case $1 in
		--kernel) only_kernel=${2-}; shift ;;
		--userland) only_userland=${2-}; shift ;;
		--case) only_case=${2-}; shift ;;
		--program) program=${2-}; shift ;;
		--jobs) jobs=${2-}; shift ;;
		--core | --full) mode=${1#--} ;;
		--list) list=yes ;;
		--help) lab_help ;;
		*) lab_usage_error "unknown argument '$1'" ;;
		esac
		shift || lab_usage_error "an option lacks its value"
	done
	lab_has_word "$only_kernel" all "${LAB_KERNELS[@]}" ||
		lab_usage_error "unknown kernel '$only_kernel' (${LAB_KERNELS[*]})"
	lab_has_word "$only_userland" all "${LAB_USERLANDS[@]}" ||
		lab_usage_error "unknown user land '$only_userland' (${LAB_USERLANDS[*]})"
	[ -z "$only_case" ] || [ -e "$LAB_DIR/cases/$only_case.sh" ] ||
		lab_usage_error "unknown case '$only_case'"
	[[ $jobs =~ ^[1-9][0-9]*$ ]] || lab_usage_error "--jobs wants a number, not '$jobs'"
}

# One of the lines at a case's top.
case_header()
{
	local value

	value=$(sed -n "/^#/!q; s/^# $2: *//p" "$LAB_DIR/cases/$1.sh")
	printf '%s\n' "${value:-$3}"
}

header_allows()
{
	local words

	read -ra words <<<"$1"
	lab_has_word all "${words[@]}" || lab_has_word "$2" "${words[@]}"
}

# $2 is a pair. A kernel alone means the one with the main pair's user land.
is_core()
{
	local words

	read -ra words <<<"$(case_header "$1" core '')"
	lab_has_word "$2" "$MAIN_PAIR" "${words[@]}" "${words[@]/%/+${MAIN_PAIR#*+}}"
}

plan_pair()
{
	local kernel=$1 userland=$2 file name

	for file in "$LAB_DIR"/cases/*.sh; do
		name=$(basename "$file" .sh)
		[ -z "$only_case" ] || [ "$only_case" = "$name" ] || continue
		header_allows "$(case_header "$name" kernels all)" "$kernel" || continue
		header_allows "$(case_header "$name" userlands all)" "$userland" || continue
		[ "$mode" = full ] || is_core "$name" "$kernel+$userland" || continue
		plan+=("$kernel+$userland/$name")
	done
}

make_plan()
{
	local kernel userland

	for userland in "${LAB_USERLANDS[@]}"; do
		header_allows "$only_userland" "$userland" || continue
		for kernel in "${LAB_KERNELS[@]}"; do
			header_allows "$only_kernel" "$kernel" || continue
			plan_pair "$kernel" "$userland"
		done
	done
}

# A program built on a newer distribution than the user land's does not start there.
program_is_too_new()
{
	local lib=$1/root/usr/lib/x86_64-linux-gnu

	"$lib/ld-linux-x86-64.so.2" --library-path "$lib" "$program" --version 2>&1 |
		grep -q 'version .GLIBC_.* not found'
}

# Before the cases, because building in one would make it late.
prepare_fixtures()
{
	local entry fixture kernel rc built=' '

	for entry in "${plan[@]}"; do
		kernel=${entry%%+*}
		for fixture in $(case_header "${entry#*/}" fixtures ''); do
			[[ $built != *" $fixture+$kernel "* ]] || continue
			built+="$fixture+$kernel "
			rc=0
			"$LAB_DIR/fixture.sh" "$fixture" "$kernel" >/dev/null || rc=$?
			[ "$rc" -eq 0 ] || [ "$rc" -eq "$LAB_SKIP" ] || lab_die "no $fixture"
			[ "$rc" -eq 0 ] || unbuilt[$fixture+$kernel]=yes
		done
	done
}

# Fetches what the plan needs; notes what cannot be used, and why.
prepare()
{
	local items item userland dir

	[ "$(uname -m)" = x86_64 ] || { unusable[all]="this machine is not x86-64"; return; }
	mapfile -t items < <(printf '%s\n' "${plan[@]%/*}" | tr + '\n' | sort -u)
	"$LAB_DIR/fetch.sh" "${items[@]}" || [ $? -eq "$LAB_SKIP" ] ||
		lab_die "the laboratory could not be filled"
	for item in "${items[@]}"; do
		lab_is_cached "$item" || unusable[$item]="neither network nor cache has $item"
	done
	for userland in "${LAB_USERLANDS[@]}"; do
		dir=$(lab_userland_dir "$userland")
		! lab_is_cached "$userland" || ! program_is_too_new "$dir" ||
			unusable[$userland]="the program wants a newer C library than $userland's"
	done
	prepare_fixtures
}

# Runs as a job of its own. A signal goes to the boot at hand, and no other follows.
run_case()
{
	local results=$work/$1 boots boot rc=0 child=''

	boots=$(case_header "${1#*/}" boots 1)
	mkdir -p "$results"
	trap '[ -z "$child" ] || kill "$child" 2>/dev/null; exit 143' INT TERM
	for ((boot = 1; boot <= boots && rc == 0; boot++)); do
		boot_case "$1" "$boot" &
		child=$!
		wait "$child" || rc=$?
	done
	exit "$rc"
}

boot_case()
{
	local entry=$1 pair=${1%/*} name=${1#*/} results=$work/$1 disk=()

	[ "$(case_header "$name" boots 1)" = 1 ] || disk=(--disk "$results.disk")
	trap - EXIT
	exec "$LAB_DIR/boot.sh" --offline --kernel "${pair%+*}" --userland "${pair#*+}" \
		--cmdline "$(case_header "$name" cmdline '')" --program "$work/ktlsctl" \
		--machine "$(case_header "$name" machine pc)" \
		--icount "$(case_header "$name" icount '')" \
		--fixtures "$(case_header "$name" fixtures '')" \
		--timeout "$(case_header "$name" timeout 120)" "${disk[@]}" \
		--results "$results" "$LAB_DIR/cases/$name.sh" "$2" "$mode" >"$work/$entry/boot" 2>&1
}

start_case()
{
	run_case "$1" &
	running[$!]="$1 ${EPOCHREALTIME/[.,]/}"
}

show_failure()
{
	local results=$1

	{
		echo "-- the end of its console"
		tail -n 25 "$results/console" || true
		echo "-- what the case said"
		cat "$results/output" "$results/boot" || true
	} 2>/dev/null | sed 's/^/# /'
}

finish_case()
{
	local rc=0 pid entry start tenths label

	wait -n -p pid "${!running[@]}" || rc=$?
	read -r entry start <<<"${running[$pid]}"
	unset "running[$pid]"
	tenths=$(((${EPOCHREALTIME/[.,]/} - start) / 100000))
	label="vm/$entry ($((tenths / 10)).$((tenths % 10)) s)"
	case $rc in
	0) passed=$((passed + 1)); echo "ok $label" ;;
	"$LAB_SKIP")
		skipped=$((skipped + 1))
		echo "ok vm/$entry # SKIP $(tail -n 1 "$work/$entry/output")"
		;;
	*) failed=$((failed + 1)); echo "not ok $label"; show_failure "$work/$entry" ;;
	esac
}

reason_to_skip()
{
	local pair=${1%/*} fixture

	for fixture in $(case_header "${1#*/}" fixtures ''); do
		[ -z "${unbuilt[$fixture+${pair%+*}]-}" ] || {
			printf 'neither network nor cache has what builds %s' "$fixture"
			return
		}
	done
	printf '%s' "${unusable[all]-${unusable[${pair%+*}]-${unusable[${pair#*+}]-}}}"
}

run_plan()
{
	local entry reason

	for entry in "${plan[@]}"; do
		reason=$(reason_to_skip "$entry")
		if [ -n "$reason" ]; then
			skipped=$((skipped + 1))
			echo "ok vm/$entry # SKIP $reason"
			continue
		fi
		[ "${#running[@]}" -lt "$jobs" ] || finish_case
		start_case "$entry"
	done
	while [ "${#running[@]}" -gt 0 ]; do
		finish_case
	done
}

# The guests end with their boot.sh; their traces stay when somebody may want to read them.
clean_up()
{
	[ "${#running[@]}" -eq 0 ] || kill "${!running[@]}" 2>/dev/null || true
	[ -n "$work" ] || return 0
	if [ "$failed" -gt 0 ]; then
		lab_say "console, output and results of every case are in $work"
	else
		rm -rf "$work"
	fi
}

main()
{
	parse_options "$@"
	make_plan
	[ "${#plan[@]}" -gt 0 ] || lab_usage_error "no case applies there"
	if [ "$list" = yes ]; then
		printf '%s\n' "${plan[@]}"
		exit 0
	fi
	lab_need qemu-system-x86_64
	[ -x "$program" ] || lab_die "there is no $program to test; run make first"
	trap clean_up EXIT
	trap 'exit 130' INT TERM
	work=$(mktemp -d)
	# One copy for all cases: a build that goes on meanwhile does not change the subject.
	cp "$program" "$work/ktlsctl"
	prepare
	run_plan
	[ "$skipped" -eq 0 ] || lab_say "SKIPPED: $skipped of ${#plan[@]} cases did not run"
	echo "vm: $passed passed, $failed failed, $skipped skipped"
	[ "$failed" -eq 0 ]
}

main "$@"
