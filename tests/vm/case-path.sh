# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What the cases of "ktlsctl probe --device" share, beside case-nic.sh, which they source
# before this.

# $@ are options behind --json; the document and the status stay for the expect_ functions.
probe()
{
	local caller=as_root

	case ${1-} in
	as_* | in_*) caller=$1; shift ;;
	esac
	note "$caller: probe $*"
	CASE_EXIT=0
	"$caller" "$KTLSCTL" probe --json "$@" >"$CASE_REPORT" || CASE_EXIT=$?
	jq -e . "$CASE_REPORT" >/dev/null || fail "standard output is not a JSON document"
}

# "VERDICT REASON" of direction $2 of version $1.
path_of()
{
	jq -r --arg v "$1" --arg d "$2" '.probe.paths[]
		| select(.version == $v and .direction == $d) | "\(.verdict) \(.reason)"' \
		"$CASE_REPORT"
}

# $1 "1.2 tx", $2 "VERDICT REASON"
expect_path()
{
	local saw

	read -ra saw <<<"$1"
	saw=$(path_of "${saw[@]}")
	[ "${saw% }" = "$2" ] || fail "TLS $1: '$saw', wanted '$2': $(jq -c .probe "$CASE_REPORT")"
}

# $1 what TLS 1.2 that is sent shall be; the other three are what they always are with
# this card.
expect_paths()
{
	expect_path "1.2 tx" "$1"
	expect_path "1.2 rx" "software no-offload"
	expect_path "1.3 tx" "software tls13"
	expect_path "1.3 rx" "software no-offload"
}

# By how much a line of this namespace's tls_stat rose, as the document has it.
path_counted()
{
	jq -r --arg n "$1" '[.probe.path_counted[]? | select(.name == $n) | .value] | add // 0' \
		"$CASE_REPORT"
}

nic_has_sent()
{
	[ "$(nic_counter tlsnic0 tx_tls_encrypted_packets)" -gt "$1" ]
}

# Runs the probe, and "$@" in the midst of its data, which take their time.
probe_amid()
{
	local pid sent

	note "while data go by the card: $*"
	sent=$(nic_counter tlsnic0 tx_tls_encrypted_packets)
	tc qdisc add dev tlsnic0 root tbf rate 3mbit burst 10kb latency 400ms
	CASE_EXIT=0
	"$KTLSCTL" probe --json --device tlsnic0 --peer-netns twin --only TLS1.2,tx \
		>"$CASE_REPORT" &
	pid=$!
	wait_for nic_has_sent "$((sent + 20))" || fail "the card gets no connection"
	"$@"
	wait "$pid" || CASE_EXIT=$?
	tc qdisc del dev tlsnic0 root
}
