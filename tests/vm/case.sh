# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What the cases share; they source it first. A case ends at its first wrong answer.
#
# diagnose [ARGUMENT...] runs "ktlsctl diagnose --json" and keeps the document for
# expect_json, its exit status for expect_exit.

set -euo pipefail

CASE_REPORT=/tmp/case-report.json
CASE_EXIT=0
CASE_TLS=/tmp/case-tls
# One of so many steps is tried where a case could try each: all with run.sh --full. $2 is
# the case's own.
CASE_STRIDE=1
[ "${2-}" != core ] || CASE_STRIDE=4
TLS_SERVER='' TLS_ADDRESS='' TLS_OPTIONS=() TLS_SENT=0
: >"$CASE_REPORT"
trap case_end EXIT

# Whoever reads of a failure wants to see what the program said.
case_end()
{
	local rc=$?

	tls_close
	[ "$rc" -ne 0 ] && [ "$rc" -ne 77 ] && [ -s "$CASE_REPORT" ] || exit "$rc"
	cp "$CASE_REPORT" /results/report.json
	echo "the program's last answer:"
	jq -c '.status, .cause, (.findings[] | select(.verdict != "ok" and .verdict != "skip")
		| [.id, .subject, .verdict, .reason, .summary])' "$CASE_REPORT" ||
		head -c 2000 "$CASE_REPORT"
	exit "$rc"
}

fail()
{
	echo "FAILED: $*"
	exit 1
}

note()
{
	echo "-- $*"
}

# The callers that a case tries; each runs the command that follows it.
as_root()
{
	"$@"
}

# Answers findings of the last document as lines "ID SUBJECT VERDICT REASON".
findings()
{
	jq -r '.findings[] | "\(.id) \(.subject.name) \(.verdict) \(.reason)"' "$CASE_REPORT"
}

# $1 id, $2 subject ("" for the host), $3 verdict, $4 reason (optional). One finding that
# fits is enough, because a check may have several of one subject.
expect_finding()
{
	findings | grep -qE "^$1 ${2//./\\.} $3 ${4:-.*}\$" ||
		fail "no finding $*; there are: $(findings | grep "^$1 " || echo none)"
}

expect_no_finding()
{
	! findings | grep -E "^$1 ${2//./\\.} $3 ${4:-.*}\$" || fail "a finding $*"
}

# $1 id, $2 a word that the evidence of one of its findings has to hold.
expect_evidence()
{
	jq -e --arg id "$1" --arg word "$2" '[.findings[] | select(.id == $id) | .evidence[] |
		.where, .saw | strings | contains($word)] | any' "$CASE_REPORT" >/dev/null ||
		fail "no evidence of $1 speaks of $2"
}

as_nobody()
{
	setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
}

in_user_namespace()
{
	unshare --user --map-root-user "$@"
}

# An optional caller (see above) before the arguments for the program.
diagnose()
{
	local caller=as_root

	case ${1-} in
	as_* | in_*) caller=$1; shift ;;
	esac
	note "$caller: diagnose $*"
	CASE_EXIT=0
	"$caller" "$KTLSCTL" diagnose --json "$@" >"$CASE_REPORT" || CASE_EXIT=$?
	jq -e . "$CASE_REPORT" >/dev/null || fail "standard output is not a JSON document"
}

# $1 is a jq filter; a missing key reads as null.
expect_json()
{
	local saw

	saw=$(jq -r "$1" "$CASE_REPORT")
	[ "$saw" = "$2" ] || fail "$1 is '$saw', wanted '$2'"
}

expect_exit()
{
	[ "$CASE_EXIT" = "$1" ] || fail "exit status is $CASE_EXIT, wanted $1"
}

# $1 status, $2 the cause's id or null, $3 the cause's verdict.
expect_answer()
{
	expect_json .schema ktlsctl.report/1
	expect_json .status "$1"
	expect_json .cause.id "$2"
	expect_json .cause.verdict "${3:-null}"
	case ${3:-null}:$1 in
	fail:*) expect_exit 1 ;;
	*:unknown) expect_exit 3 ;;
	*) expect_exit 0 ;;
	esac
}

is_loaded()
{
	grep -q "^$1 " /proc/modules
}

expect_not_loaded()
{
	! is_loaded "$1" || fail "the module $1 is loaded"
}

# A line of /proc/net/tls_stat.
tls_stat()
{
	awk -v name="$1" '$1 == name { print $2 }' /proc/net/tls_stat
}

# For wait_for: whether line $1 has grown beyond $2.
tls_stat_above()
{
	[ "$(tls_stat "$1")" -gt "$2" ]
}

# $1 says what, $2 and $3 are what was seen and wanted.
expect_equal()
{
	[ "$2" = "$3" ] || fail "$1: '$2', wanted '$3'"
}

load_tls()
{
	modprobe tls || fail "the laboratory cannot load tls"
	is_loaded tls || fail "tls is not loaded"
}

# With OpenSSL 3.0 the best answer carries a limit with it. $1 is the status, should_work
# unless it was tried.
expect_best_answer()
{
	case $(openssl version) in
	"OpenSSL 3.0."*) expect_answer "${1:-should_work}" openssl-tls13-receive warn ;;
	*) expect_answer "${1:-should_work}" null ;;
	esac
}

wait_for()
{
	for _ in {1..200}; do
		! "$@" || return 0
		sleep 0.1
	done
	return 1
}

tls_certificate()
{
	[ ! -e "$CASE_TLS/cert" ] || return 0
	mkdir -p "$CASE_TLS"
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
		-subj /CN=guest -keyout "$CASE_TLS/key" -out "$CASE_TLS/cert" 2>/dev/null
	chmod 644 "$CASE_TLS/key"
	tls_configuration >"$CASE_TLS/openssl.cnf"
}

# The -ktls of s_server and s_client came with OpenSSL 3.2; the option by file is older.
tls_configuration()
{
	cat <<-'END'
		openssl_conf = init
		[init]
		ssl_conf = ssl
		[ssl]
		system_default = all
		[all]
		Options = KTLS
	END
}

tls_openssl()
{
	"$1" env OPENSSL_CONF="$CASE_TLS/openssl.cnf" openssl "${@:2}"
}

# Opens a TLS connection whose both ends ask the kernel for kTLS, over loopback and as $1;
# or to TLS_ADDRESS with a server as TLS_SERVER. TLS_OPTIONS go to the client.
tls_open()
{
	local caller=${1:-as_root} server=${TLS_SERVER:-${1:-as_root}}

	tls_certificate
	TLS_SENT=0
	rm -f "$CASE_TLS"/*.in
	mkfifo "$CASE_TLS/server.in" "$CASE_TLS/client.in"
	tls_openssl "$server" s_server -accept 4433 -cert "$CASE_TLS/cert" \
		-key "$CASE_TLS/key" <"$CASE_TLS/server.in" >"$CASE_TLS/server" 2>&1 &
	exec 7>"$CASE_TLS/server.in"
	wait_for grep -q ^ACCEPT "$CASE_TLS/server" || fail "s_server does not start"
	tls_openssl "$caller" s_client -connect "${TLS_ADDRESS:-127.0.0.1}:4433" "${TLS_OPTIONS[@]}" \
		<"$CASE_TLS/client.in" >"$CASE_TLS/client" 2>&1 7>&- &
	exec 8>"$CASE_TLS/client.in"
	wait_for grep -q "Verify return code" "$CASE_TLS/client" ||
		fail "no TLS connection: $(cat "$CASE_TLS/server" "$CASE_TLS/client")"
}

# Sends $1 lines by the open connection and waits until the server has them as they were.
tls_send()
{
	seq -f "line %.0f of the payload" "$((TLS_SENT + 1))" "$((TLS_SENT + $1))" >&8
	TLS_SENT=$((TLS_SENT + $1))
	seq -f "line %.0f of the payload" 1 "$TLS_SENT" >"$CASE_TLS/sent"
	wait_for tls_has_arrived || fail "what was sent did not arrive unharmed"
}

tls_has_arrived()
{
	grep -a ' of the payload$' "$CASE_TLS/server" | cmp -s - "$CASE_TLS/sent"
}

tls_close()
{
	{ exec 7>&- 8>&-; } 2>/dev/null
	# One that is process 1 of its namespace ignores any milder signal.
	pkill -KILL -x openssl || true
	wait
}

# The truth that the program's answer is held against: does the kernel load tls when this
# caller asks for kTLS?
expect_autoload()
{
	local wanted=$1 caller=${2:-as_root} saw=no

	note "$caller: opening a connection that asks for kTLS"
	tls_open "$caller"
	tls_close
	! is_loaded tls || saw=yes
	[ "$saw" = "$wanted" ] ||
		fail "tls loaded on demand: $saw, wanted $wanted; the laboratory is wrong"
}
