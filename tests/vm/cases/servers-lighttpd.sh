# SPDX-License-Identifier: MIT
# lighttpd sends by kTLS unless it is told not to.
# kernels: 6.1 6.12 7.x
# userlands: trixie

. /ktlsctl/case-server.sh

# Arguments: further lines of the configuration.
start_lighttpd()
{
	cat >/tmp/lighttpd.conf <<-END
		server.modules = ("mod_openssl")
		server.document-root = "$SERVER_ROOT"
		server.port = 4433
		ssl.engine = "enable"
		ssl.pemfile = "$CASE_TLS/both"
		$*
	END
	lighttpd -f /tmp/lighttpd.conf || fail "lighttpd does not start"
}

stop_lighttpd()
{
	pkill -x lighttpd
	wait_for lighttpd_is_gone || fail "lighttpd does not stop"
}

lighttpd_is_gone()
{
	! pgrep -x lighttpd >/dev/null
}

load_tls
server_prepare

note "as it comes"
start_lighttpd
expect_server_ktls yes
diagnose
expect_json .status works
expect_finding app-lighttpd lighttpd info lighttpd-default
expect_finding process-libssl lighttpd ok
stop_lighttpd

note "told not to"
start_lighttpd 'ssl.openssl.ssl-conf-cmd += ("Options" => "-KTLS")'
expect_server_ktls no
diagnose
expect_finding app-lighttpd lighttpd warn lighttpd-option-off
stop_lighttpd

diagnose
expect_finding app-lighttpd "" skip
