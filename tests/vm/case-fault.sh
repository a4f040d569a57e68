# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What the cases about faults share; they source it instead of case.sh. A fault is named
# twice, by diagnose and by probe: one cause, the same, with what to do about it.

. /ktlsctl/case.sh

CASE_PROBE=/tmp/case-probe.json

# An optional caller before the arguments for the program. One jq a document: an emulated
# processor starts it slowly.
probe()
{
	local caller=as_root

	case ${1-} in
	as_* | in_*) caller=$1; shift ;;
	esac
	note "$caller: probe $*"
	CASE_EXIT=0
	"$caller" "$KTLSCTL" probe --json "$@" >"$CASE_PROBE" || CASE_EXIT=$?
}

# $1 is a jq filter for what the probe said.
expect_probe()
{
	expect_equal "probe: $1" "$(jq -r "$1" "$CASE_PROBE")" "$2"
}

# Kernel TLS cannot work, and why: $1 the cause, $2 the caller (root).
expect_fault()
{
	local caller=${2:-as_root} first

	note "$caller: $1"
	CASE_EXIT=0
	"$caller" "$KTLSCTL" diagnose --json >"$CASE_REPORT" || CASE_EXIT=$?
	expect_equal "diagnose" "$(jq -r '[.status, .cause.id, .cause.verdict,
		(.cause.remedy.action | length > 0),
		([.findings[] | select(.verdict == "fail")] | length)] | join(" ")' \
		"$CASE_REPORT")" "cannot_work $1 fail true 1"
	expect_exit 1
	probe "$caller"
	expect_equal "probe" "$(jq -r --slurpfile diagnosed "$CASE_REPORT" '[.answer,
		.cause.id, (.cause.remedy == $diagnosed[0].cause.remedy),
		.headline == $diagnosed[0].headline] | join(" ")' "$CASE_PROBE")" \
		"does_not_work $1 true true"
	expect_exit 1
}

# The same in one sentence of the text.
expect_sentence()
{
	local first

	first=$("$1" "$KTLSCTL" probe | sed '/^$/,$d' | tr '\n' ' ' || true)
	expect_equal "the first sentence" "${first% }" "$(jq -r .headline "$CASE_PROBE")."
}

# It works, but not all of it, and why: $1 the cause, $2 the caller (root); the rest is for
# the probe.
expect_limit()
{
	local caller=${2:-as_root}

	note "$caller: $1"
	CASE_EXIT=0
	"$caller" "$KTLSCTL" diagnose --json >"$CASE_REPORT" || CASE_EXIT=$?
	expect_equal "diagnose" "$(jq -r '"\(.cause.id) \(.cause.verdict)"' "$CASE_REPORT")" \
		"$1 warn"
	expect_exit 0
	probe "$caller" "${@:3}"
	expect_equal "probe" "$(jq -r --slurpfile diagnosed "$CASE_REPORT" '[.answer,
		.cause.id, (.cause.remedy == $diagnosed[0].cause.remedy),
		(.cause.remedy.action | length > 0)] | join(" ")' "$CASE_PROBE")" \
		"works $1 true true"
	expect_exit 0
}

# The verdicts of the cells of cipher $1, as one word when they are the same.
cells()
{
	jq -r --arg c "$1" '[.probe.cells[] | select(.cipher == $c) | .verdict] | unique | join(" ")' \
		"$CASE_PROBE"
}
