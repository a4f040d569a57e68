# SPDX-License-Identifier: MIT
# HAProxy 3.0, which has no kTLS: that of OpenSSL is of no use to it.
# kernels: 6.1 6.12 7.x
# userlands: trixie

. /ktlsctl/case-server.sh

start_haproxy()
{
	cat >/tmp/haproxy.cfg <<-END
		global
			ssl-default-bind-options ssl-min-ver TLSv1.2
		defaults
			mode http
			timeout connect 5s
			timeout client 5s
			timeout server 5s
		frontend tls
			bind :4433 ssl crt $CASE_TLS/both
			http-request return status 200 content-type text/plain file $SERVER_ROOT/file
	END
	haproxy -D -f /tmp/haproxy.cfg || fail "haproxy does not start"
}

load_tls
server_prepare
head -c 8000 "$SERVER_ROOT/file" >/tmp/short
mv /tmp/short "$SERVER_ROOT/file"
export OPENSSL_CONF=$CASE_TLS/openssl.cnf
start_haproxy
unset OPENSSL_CONF
expect_server_ktls no

diagnose
expect_json .status should_work
expect_finding app-haproxy 'haproxy(/[0-9]+)?' info haproxy-too-old
