# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What the cases about `ktlsctl request` share. A server of theirs serves $SERVER_ROOT on
# 127.0.0.1:4433 with a certificate for that address.

. /ktlsctl/case-server.sh

REQUEST_URL=https://127.0.0.1:4433
REQUEST_BODY=/tmp/request.body

request_prepare()
{
	mkdir -p "$CASE_TLS"
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
		-subj /CN=guest -addext subjectAltName=IP:127.0.0.1 \
		-keyout "$CASE_TLS/key" -out "$CASE_TLS/cert" 2>/dev/null
	tls_configuration >"$CASE_TLS/openssl.cnf"
	server_prepare
}

# Keeps the document in CASE_REPORT, the status in CASE_EXIT, the body in REQUEST_BODY.
request()
{
	CASE_EXIT=0
	rm -f "$REQUEST_BODY"
	"$KTLSCTL" request --json --cacert "$CASE_TLS/cert" --output "$REQUEST_BODY" \
		--max-time 60s "$@" >"$CASE_REPORT" 2>/tmp/request.err || CASE_EXIT=$?
	jq -e . "$CASE_REPORT" >/dev/null || fail "no document: $(cat /tmp/request.err)"
}

# $1 is what the body has to be; the others go to request.
expect_body()
{
	local file=$1

	shift
	request "$@"
	[ "$CASE_EXIT" = 0 ] || fail "request $*: status $CASE_EXIT: $(cat /tmp/request.err)"
	cmp "$REQUEST_BODY" "$file" || fail "request $*: another body"
}

# $1 of sending, $2 of receiving: kernel, or a reason of user space.
expect_modes()
{
	local saw

	saw=$(jq -r '.connections[-1] | [.tx, .rx | if .where == "user" then .reason
		else (.where | sub("-software$"; "")) end] | join(" ")' "$CASE_REPORT")
	[ "$saw" = "$1 $2" ] || fail "modes '$saw', wanted '$1 $2'"
}

# As the kernel counts them: what became more since the last time, sending and receiving.
count_modes()
{
	local tx rx

	tx=$(tls_stat TlsTxSw)
	rx=$(tls_stat TlsRxSw)
	COUNTED="$((tx - ${COUNTED_TX:-0})) $((rx - ${COUNTED_RX:-0}))"
	COUNTED_TX=$tx COUNTED_RX=$rx
}
