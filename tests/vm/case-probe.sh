# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# For the cases of ktlsctl probe, which source it after case.sh.

# An optional caller (see case.sh) before the arguments for the program.
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

# Every line of tls_stat is 0, and there are some.
expect_not_counted()
{
	awk '$2 != 0 { print; n++ } END { exit n > 0 || NR == 0 }' /proc/net/tls_stat ||
		fail "the kernel has counted that"
}

# Two things have come since 6.12: another key for TLS 1.3, and a limit for records.
recent()
{
	case $(uname -r) in
	6.*) return 1 ;;
	esac
}

# A row a line, as the case expects them in a file.
expect_rows()
{
	local file=$1

	jq -r '(.probe.cells[] | "\(.version) \(.cipher) \(.direction) \(.verdict) \(.error)"),
		(.probe.features[] | "\(.id) \(.verdict) \(.error)")' "$CASE_REPORT" >/tmp/saw
	diff -u "$file" /tmp/saw || fail "what was found is not as expected"
}
