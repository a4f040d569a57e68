# SPDX-License-Identifier: MIT
# ktlsctl sockets: nginx by process, mode and cipher, field by field as ss(8) has it; what an
# ordinary user may see of it; a server that does without, and why.
# kernels: 6.1 6.12 7.x
# timeout: 300
# userlands: trixie
# core: 6.1 7.x

. /ktlsctl/case-sockets.sh

load_tls
server_prepare

cat >/tmp/nginx.conf <<END
pid /tmp/nginx.pid;
error_log /tmp/nginx.log;
events { }
http {
	access_log off;
	sendfile on;
	ssl_certificate $CASE_TLS/cert;
	ssl_certificate_key $CASE_TLS/key;
	root $SERVER_ROOT;
	server {
		listen 4433 ssl;
		ssl_conf_command Options KTLS;
	}
	server {
		listen 4434 ssl;
	}
}
END
nginx -c /tmp/nginx.conf || fail "nginx does not start"

note "TLS 1.2"
hold_open 4433 -tls1_2 -cipher ECDHE-ECDSA-AES128-GCM-SHA256
expect_socket nginx TLS1.2 aes-gcm-128 sw
expect_parity
let_go

note "TLS 1.3"
hold_open 4433 -tls1_3 -ciphersuites TLS_AES_256_GCM_SHA384
expect_socket nginx TLS1.3 aes-gcm-256 sw
expect_parity
"$KTLSCTL" sockets >/tmp/text
cat /tmp/text
head -n 1 /tmp/text | grep -q '^1 kTLS socket: 1 tx sw rx ' || fail "the first line"
grep -q '4433 .* nginx/[0-9]* *1.3  aes-gcm-256  sw ' /tmp/text || fail "the table"

note "what an ordinary user sees of it"
sockets as_nobody --port 4433
case $(uname -r) in
6.1.* | 6.12.*)
	expect_equal "exit status" "$CASE_EXIT" 3
	expect_of "an error" true .schema ktlsctl.error/1
	rc=0
	as_nobody "$KTLSCTL" sockets >/tmp/text || rc=$?
	expect_equal "exit status of the text" "$rc" 3
	head -n 1 /tmp/text | grep -q 'could not be found out' || fail "$(cat /tmp/text)"
	want=unknown
	;;
*)
	expect_equal "exit status" "$CASE_EXIT" 0
	expect_of "the cipher" '.local_port == 4433' .tls.cipher aes-gcm-256
	want=yes
	;;
esac
# nginx's workers are his, the client is not.
sockets as_nobody --all --port 4433
expect_of "kTLS" '.local_port == 4433' .ktls "$want"
expect_of "the owner" '.peer_port == 4433' '.owner.kind + " " + .owner.reason' \
	"unknown processes-unreadable"
let_go

note "one that does without, and why"
sed -i '/KTLS/d' /tmp/nginx.conf
nginx -c /tmp/nginx.conf -s stop
wait_for test ! -e /tmp/nginx.pid || fail "nginx does not stop"
nginx -c /tmp/nginx.conf || fail "nginx does not start again"
hold_open 4434
"$KTLSCTL" sockets --unused --json >"$CASE_REPORT"
jq -c '.unused, .sums' "$CASE_REPORT"
expect_json '([.sockets[] | select(.local_port == 4434) | .ktls] | join(",")) + " " +
	([.unused[] | select(.program == "nginx") | .cause.id] | join(",")) + " " +
	(.sums.ktls | tostring)' "no nginx-option-unset 0"
let_go
nginx -c /tmp/nginx.conf -s stop
