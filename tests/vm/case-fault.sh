# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What the cases about faults share; they source it instead of case.sh. A fault is named
# twice, by diagnose and by probe: one cause, the same, with what to do about it.

. /ktlsctl/case.sh

CASE_PROBE=/tmp/case-probe.json

# An optional caller before the arguments for the program.
probe()
{
	local caller=as_root

	case ${1-} in
	as_* | in_*) caller=$1; shift ;;
	esac
	note "$caller: probe $*"
	CASE_EXIT=0
	"$caller" "$KTLSCTL" probe --json "$@" >"$CASE_PROBE" || CASE_EXIT=$?
	jq -e . "$CASE_PROBE" >/dev/null || fail "standard output is not a JSON document"
}

# $1 is a jq filter for what the probe said.
expect_probe()
{
	local saw

	saw=$(jq -r "$1" "$CASE_PROBE")
	[ "$saw" = "$2" ] || fail "probe: $1 is '$saw', wanted '$2'"
}

# Kernel TLS cannot work, and why: $1 the cause, $2 the caller (root).
expect_fault()
{
	local caller=${2:-as_root} first

	diagnose "$caller"
	expect_answer cannot_work "$1" fail
	expect_json '.cause.remedy.action | length > 0' true
	expect_json '[.findings[] | select(.verdict == "fail")] | length' 1
	probe "$caller"
	expect_probe .answer does_not_work
	expect_exit 1
	expect_probe .cause.id "$1"
	expect_probe .cause.remedy "$(jq -r .cause.remedy "$CASE_REPORT")"
	first=$("$caller" "$KTLSCTL" probe | sed '/^$/,$d' | tr '\n' ' ' || true)
	[ "${first% }" = "$(jq -r .headline "$CASE_PROBE")." ] ||
		fail "the first sentence is '$first'"
}

# It works, but not all of it: $1 the cause, $2 the caller, $3 its check.
expect_limit()
{
	local caller=${2:-as_root}

	diagnose "$caller"
	expect_json .cause.id "$1"
	expect_json .cause.verdict warn
	expect_exit 0
	probe "$caller"
	expect_probe .answer works
	expect_exit 0
	expect_probe .cause.id "$1"
	expect_probe '.cause.remedy.action | length > 0' true
}

# The verdicts of the cells of cipher $1, as one word when they are the same.
cells()
{
	jq -r --arg c "$1" '[.probe.cells[] | select(.cipher == $c) | .verdict] | unique | join(" ")' \
		"$CASE_PROBE"
}
