# SPDX-License-Identifier: MIT
# nginx sends by kTLS when it is told to, and only then.
# kernels: 6.1 6.12 7.x
# userlands: trixie

. /ktlsctl/case-server.sh

# Arguments: further directives of the server.
start_nginx()
{
	cat >/tmp/nginx.conf <<-END
		pid /tmp/nginx.pid;
		error_log /tmp/nginx.log;
		events { }
		http {
			access_log off;
			sendfile on;
			include /tmp/nginx.d/*.conf;
		}
	END
	mkdir -p /tmp/nginx.d
	cat >/tmp/nginx.d/site.conf <<-END
		server {
			listen 4433 ssl;
			ssl_certificate $CASE_TLS/cert;
			ssl_certificate_key $CASE_TLS/key;
			root $SERVER_ROOT;
			$*
		}
	END
	nginx -c /tmp/nginx.conf || fail "nginx does not start"
}

stop_nginx()
{
	nginx -c /tmp/nginx.conf -s stop
	wait_for nginx_is_gone || fail "nginx does not stop"
}

nginx_is_gone()
{
	! pgrep -x nginx >/dev/null
}

load_tls
server_prepare

note "not told"
start_nginx
expect_server_ktls no
diagnose
expect_finding app-nginx 'nginx(/[0-9]+)?' warn nginx-option-unset
expect_finding process-libssl 'nginx(/[0-9]+)?' ok
stop_nginx

note "told"
start_nginx 'ssl_conf_command Options KTLS;'
expect_server_ktls yes
diagnose
expect_json .status works
expect_finding app-nginx 'nginx(/[0-9]+)?' ok
expect_finding process-libssl 'nginx(/[0-9]+)?' ok

note "nobody may not look into the processes of others"
diagnose as_nobody
expect_finding process-scan "" unknown process-scan-denied
stop_nginx

note "told not to"
start_nginx 'ssl_conf_command Options -KTLS;'
expect_server_ktls no
diagnose
expect_finding app-nginx 'nginx(/[0-9]+)?' warn nginx-option-off
stop_nginx

diagnose
expect_finding app-nginx "" skip
