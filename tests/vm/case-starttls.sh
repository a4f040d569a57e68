# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What the cases about servers that begin in the clear share: Debian's, out of the tree
# "starttls" (fetch.sh). They source this instead of case-server.sh.
# shellcheck disable=SC2034 # used by those who source it

. /ktlsctl/case-server.sh

ONE=ECDHE-ECDSA-AES128-GCM-SHA256 TWO=ECDHE-ECDSA-AES256-GCM-SHA384

scan()
{
	local rc=0

	SSL_CERT_FILE=$CASE_TLS/cert "$KTLSCTL" scan --json --rate=500 --parallel=4 \
		--timeout=20s --servername=guest --starttls="$1" "127.0.0.1:$2" \
		>"$CASE_REPORT" || rc=$?
	expect_json .error null
	expect_json .answer complete
	expect_equal "exit status" "$rc" 0
	expect_json .certificate.valid true
	note "$(jq -r '.headline, (.versions[] | select(.talked) | "\(.version): KeyUpdate \(
		.key_update), max_fragment \(.max_fragment), \(.tickets) tickets")' "$CASE_REPORT")"
}

# Whether the server at port $2 sends by kTLS, to a client that has none.
server_ktls()
{
	local before

	before=$(tls_stat TlsTxSw)
	openssl s_client -connect "127.0.0.1:$2" -starttls "$1" </dev/null >/tmp/client 2>&1 ||
		true
	grep -q "Cipher is [A-Z]" /tmp/client || fail "$1: no handshake: $(cat /tmp/client)"
	[ "$(tls_stat TlsTxSw)" = "$before" ] && echo no || echo yes
}

listens()
{
	ss -tlnH "sport = :$1" | grep -q .
}

# The tree, a certificate, and kTLS for whatever reads openssl.cnf and no more.
starttls_prepare()
{
	tar -C / -xf /ktlsctl/starttls
	ldconfig
	server_prepare
	load_tls
	cp "$CASE_TLS/openssl.cnf" /etc/ssl/openssl.cnf
}
