# SPDX-License-Identifier: MIT
# ktlsctl scan: what it says of a server's suites is what kernel and libssl do with them,
# against four servers; the order it advises makes nginx send by kTLS.
# kernels: 6.12 7.x
# timeout: 300
# userlands: trixie

. /ktlsctl/case-server.sh

GOOD=ECDHE-ECDSA-AES128-GCM-SHA256 BAD=ECDHE-ECDSA-AES256-SHA
SUITES12=$BAD:ECDHE-ECDSA-AES128-CCM8:$GOOD:ECDHE-ECDSA-AES128-CCM:ECDHE-ECDSA-CHACHA20-POLY1305

# The servers' certificate is good for who trusts it and asks for its name.
scan()
{
	local rc=0

	SSL_CERT_FILE=$CASE_TLS/cert "$KTLSCTL" scan --json --rate=500 --parallel=4 \
		--timeout=20s --servername=guest "$@" 127.0.0.1:4433 >"$CASE_REPORT" || rc=$?
	expect_equal "exit status" "$rc" 0
	expect_json .schema ktlsctl.scan/1
	expect_json .answer complete
	expect_json .certificate.valid true
	note "$(jq -r '.headline, (.versions[] | select(.talked) | "\(.version): KeyUpdate \(
		.key_update), max_fragment \(.max_fragment), \(.tickets) tickets")' "$CASE_REPORT")"
}

# Suites with direction $1 in the kernel, of those accepted.
in_kernel()
{
	jq -r --arg way "$1" '[.versions[].suites[] | select(.[$way].verdict == "in_kernel")]
		| length' "$CASE_REPORT"
}

# The kernel's own counters, where the server itself has no kTLS.
scan_counted()
{
	local tx rx

	tx=$(tls_stat TlsTxSw) rx=$(tls_stat TlsRxSw)
	scan "$@"
	expect_json .tried true
	expect_equal "keys to send" "$(in_kernel tx)" $(($(tls_stat TlsTxSw) - tx))
	expect_equal "keys to receive" "$(in_kernel rx)" $(($(tls_stat TlsRxSw) - rx))
}

# Each suite again, by s_client -ktls, which says what libssl says.
expect_client_agrees()
{
	local version suite tx rx options said

	jq -r '.versions[] | .version as $v | .suites[] |
		"\($v) \(.name) \(.tx.verdict == "in_kernel") \(.rx.verdict == "in_kernel")"' \
		"$CASE_REPORT" >/tmp/suites
	[ -s /tmp/suites ] || fail "no suites"
	while read -r version suite tx rx; do
		case $version in
		1.2) options=(-tls1_2 -cipher "$suite:@SECLEVEL=0") ;;
		1.3) options=(-tls1_3 -ciphersuites "$suite") ;;
		*) continue ;;
		esac
		said=$(openssl s_client -connect 127.0.0.1:4433 -ktls "${options[@]}" </dev/null 2>&1 ||
			true)
		grep -q "Cipher is $suite" <<<"$said" || fail "$suite: no handshake: $said"
		expect_equal "$suite sends" "$(grep -q 'Kernel TLS for sending' <<<"$said" &&
			echo true || echo false)" "$tx"
		expect_equal "$suite receives" "$(grep -q 'Kernel TLS for receiving' <<<"$said" &&
			echo true || echo false)" "$rx"
	done </tmp/suites
	note "s_client agrees on $(wc -l </tmp/suites) suites"
}

# What became of a request for a new key is $1, and s_client's K saw the same.
expect_update()
{
	local saw=closed

	expect_json '.versions[0].key_update' "$1"
	(sleep 2; echo K; sleep 1; printf 'GET / HTTP/1.0\r\n\r\n'; sleep 3) |
		openssl s_client -connect 127.0.0.1:4433 -tls1_3 -msg >/tmp/update 2>&1 || true
	grep -q '>>> TLS 1.3.*KeyUpdate' /tmp/update || fail "s_client sent no KeyUpdate"
	! grep -qE '^HTTP/1.. |^<HTML>' /tmp/update || saw=ignored
	! grep -q '<<< TLS 1.3.*KeyUpdate' /tmp/update || saw=answered
	expect_equal "what s_client saw" "$saw" "$1"
}

suites_of()
{
	jq -r --arg v "$1" '[.versions[] | select(.version == $v) | .suites[].name] | join(":")' \
		"$CASE_REPORT"
}

stop()
{
	pkill -x "$1"
	wait_for server_is_gone || fail "$1 does not stop"
}

server_is_gone()
{
	! ss -tlnH 'sport = :4433' | grep -q .
}

# The order is in force: what a client gets that offers both.
tls_follows()
{
	openssl s_client -connect 127.0.0.1:4433 -tls1_2 -cipher "$BAD:$GOOD" </dev/null 2>&1 |
		grep -q "Cipher is $GOOD"
}

# nginx with those lines, and no worker with others.
only()
{
	printf '%s\n' "$2" >/tmp/advice.conf
	"$1" -c /tmp/nginx.conf -s stop
	wait_for server_is_gone || fail "$1 does not stop"
	"$1" -c /tmp/nginx.conf || fail "$1 does not start"
	wait_for server_answers || fail "$1 does not answer"
}

server_prepare

note "nothing is loaded for it"
openssl s_server -accept 4433 -www -cert "$CASE_TLS/cert" -key "$CASE_TLS/key" -tls1_2 \
	-cipher "$SUITES12:@SECLEVEL=0" -serverpref >/tmp/server.log 2>&1 &
wait_for server_answers || fail "s_server does not answer"
expect_not_loaded tls
scan
expect_not_loaded tls
expect_json .tried false
expect_json '.versions[1].suites[2] | [.name, .tx.verdict, .tx.reason] | join(" ")' \
	"$GOOD could module-not-loaded"
scan --load
is_loaded tls || fail "--load did not load tls"
expect_json .tried true

note "openssl s_server: TLS 1.2, by its own order"
scan_counted
expect_equal "suites" "$(suites_of 1.2)" "$SUITES12"
expect_json '.versions[1].choice' server
expect_equal "in the kernel" "$(in_kernel tx) $(in_kernel rx)" "3 3"
expect_json '.versions[1].suites[0].tx.reason' cipher-not-in-kernel
expect_json '.advice.needed' true
expect_client_agrees
stop openssl
wait

note "openssl s_server: TLS 1.3, and kTLS of its own"
openssl s_server -accept 4433 -www -ktls -cert "$CASE_TLS/cert" -key "$CASE_TLS/key" -tls1_3 \
	>/tmp/server.log 2>&1 &
wait_for server_answers || fail "s_server does not answer"
scan
expect_equal "in the kernel" "$(in_kernel tx) $(in_kernel rx)" "3 3"
expect_json '.versions[0].max_fragment' honoured
expect_client_agrees
if [ -n "$(tls_stat TlsTxRekeyOk)" ]; then
	expect_update answered
	expect_json .key_update.verdict could
else
	# The server's own kernel cannot change keys.
	expect_update closed
	expect_json .key_update.reason keyupdate-fatal
fi
stop openssl
wait

note "nginx, told nothing of kTLS, and CBC before GCM"
cat >/tmp/nginx.conf <<-END
	pid /tmp/nginx.pid;
	error_log /tmp/nginx.log;
	events { }
	http {
		access_log off;
		include /tmp/advice.conf;
		server {
			listen 4433 ssl;
			ssl_certificate $CASE_TLS/cert;
			ssl_certificate_key $CASE_TLS/key;
			root $SERVER_ROOT;
		}
	}
END
cat >/tmp/advice.conf <<-END
	ssl_protocols TLSv1.2;
	ssl_ciphers $BAD:$GOOD;
	ssl_prefer_server_ciphers on;
END
nginx -c /tmp/nginx.conf || fail "nginx does not start"
expect_server_ktls no
scan_counted
expect_equal "suites" "$(suites_of 1.2)" "$BAD:$GOOD"
expect_json '.advice.needed' true
expect_json '.advice.order12' "$GOOD:$BAD"
SSL_CERT_FILE=$CASE_TLS/cert "$KTLSCTL" scan --rate=500 --servername=guest 127.0.0.1:4433 \
	>/results/scan.text || fail "text: exit status $?"
expect_equal "the first line" "$(head -n 1 /results/scan.text)" "$(jq -r .headline "$CASE_REPORT")."
expect_equal "the last line" "$(tail -n 1 /results/scan.text)" "Next: ktlsctl probe --openssl"

note "nginx, with the lines that scan says"
jq -r '.advice.nginx[]' "$CASE_REPORT" | tee /tmp/advice.conf
nginx -c /tmp/nginx.conf -s reload
wait_for tls_follows || fail "nginx does not take the order"
expect_server_ktls yes
scan
expect_equal "suites" "$(suites_of 1.2)" "$GOOD:$BAD"
expect_json '.advice.needed' false

note "nginx, each version and suite by itself"
for suite in "$GOOD" ECDHE-ECDSA-AES256-GCM-SHA384 ECDHE-ECDSA-CHACHA20-POLY1305 "$BAD"; do
	only nginx "ssl_protocols TLSv1.2; ssl_ciphers $suite;"
	scan
	expect_accepted 1.2
	expect_suites 1.2 "$suite"
done
for suite in TLS_AES_128_GCM_SHA256 TLS_CHACHA20_POLY1305_SHA256; do
	only nginx "ssl_protocols TLSv1.3; ssl_conf_command Ciphersuites $suite;"
	scan
	expect_accepted 1.3
	expect_suites 1.3 "$suite"
done
nginx -c /tmp/nginx.conf -s stop
wait_for server_is_gone || fail "nginx does not stop"

note "HAProxy 3.0, which has no kTLS: our end has"
cat >/tmp/haproxy.cfg <<-END
	global
		ssl-default-bind-options ssl-min-ver TLSv1.3
		ssl-default-bind-ciphersuites TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256
	defaults
		mode http
		timeout connect 20s
		timeout client 20s
		timeout server 20s
	frontend tls
		bind :4433 ssl crt $CASE_TLS/both
		http-request return status 200 content-type text/plain string hello
END
haproxy -D -f /tmp/haproxy.cfg || fail "haproxy does not start"
wait_for server_answers || fail "haproxy does not answer"
scan_counted
expect_accepted 1.3
expect_suites 1.3 TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256
expect_equal "in the kernel" "$(in_kernel tx) $(in_kernel rx)" "2 2"
expect_update answered
stop haproxy

note "lighttpd"
cat >/tmp/lighttpd.conf <<-END
	server.modules = ("mod_openssl")
	server.document-root = "$SERVER_ROOT"
	server.port = 4433
	ssl.engine = "enable"
	ssl.pemfile = "$CASE_TLS/both"
	ssl.openssl.ssl-conf-cmd += ("Options" => "-KTLS", "MinProtocol" => "TLSv1.2",
		"MaxProtocol" => "TLSv1.2",
		"CipherString" => "$GOOD:ECDHE-ECDSA-AES128-CCM")
END
lighttpd -f /tmp/lighttpd.conf || fail "lighttpd does not start"
wait_for server_answers || fail "lighttpd does not answer"
scan_counted
expect_accepted 1.2
expect_suites 1.2 "$GOOD:ECDHE-ECDSA-AES128-CCM"
expect_equal "in the kernel" "$(in_kernel tx) $(in_kernel rx)" "2 2"
