# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What the scripts of the laboratory share: where things are, and how to speak.
# Sourced, never run.
# shellcheck disable=SC2034 # used by those who source it

LAB_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
LAB_TOP=$(cd "$LAB_DIR/../.." && pwd)
LAB_CACHE=${KTLSCTL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/ktlsctl}

# Every kernel and user land there is, in the order of the plan: the main pair first.
LAB_KERNELS=(6.12 5.10 6.1 7.x)
LAB_USERLANDS=(trixie bookworm)
# Trees beside a user land, as a tar that a case unpacks: its AppArmor, a HAProxy newer than
# the user land's, the user land's OpenSSL built without kTLS, its systemd, and its servers
# that begin with STARTTLS.
LAB_EXTRAS=(apparmor haproxy noktls systemd starttls)
# Not for a guest: a root with the programs that tests/engines runs.
LAB_ENGINES=engines
# Nor these, of tests/packages: with what builds and judges the packages of a suite, and with
# nothing but what a new machine has; what the packages need lies there in apt's cache.
LAB_PACKAGES=(build-bookworm build-trixie fresh-bookworm fresh-trixie)

# The status that test harnesses read as "skipped".
LAB_SKIP=77

lab_say()
{
	printf 'vm: %s\n' "$*" >&2
}

lab_die()
{
	lab_say "$*"
	exit 1
}

lab_need()
{
	local tool

	for tool; do
		command -v "$tool" >/dev/null || lab_die "$tool is missing; run make deps"
	done
}

lab_usage_error()
{
	lab_say "$1; see ${0##*/} --help"
	exit 2
}

# The comment at the top of a script is its manual.
lab_help()
{
	sed -n '3,/^$/s/^# \{0,1\}//p' "$0"
	exit 0
}

lab_has_word()
{
	local word=$1 other

	shift
	for other; do
		[ "$word" != "$other" ] || return 0
	done
	return 1
}

lab_kernel_dir()
{
	printf '%s/kernels/%s\n' "$LAB_CACHE" "$1"
}

lab_userland_dir()
{
	printf '%s/userlands/%s\n' "$LAB_CACHE" "$1"
}

lab_extra_dir()
{
	printf '%s/extras/%s\n' "$LAB_CACHE" "$1"
}

# Every kind of item appears by one rename, so that being there means being whole.
lab_is_cached()
{
	if lab_has_word "$1" "${LAB_KERNELS[@]}"; then
		[ -e "$(lab_kernel_dir "$1")/release" ]
	elif lab_has_word "$1" "${LAB_EXTRAS[@]}"; then
		[ -e "$(lab_extra_dir "$1")/tree.tar" ]
	else
		[ -e "$(lab_userland_dir "$1")/packages" ]
	fi
}

# 5.10 has no kTLS, so no module of ours makes sense there.
lab_wants_headers()
{
	[ "$1" != 5.10 ]
}

lab_has_headers()
{
	[ -e "$(lab_kernel_dir "$1")/headers" ]
}
