# SPDX-License-Identifier: MIT
# request against nginx, lighttpd and HAProxy, by both engines: every method, bodies both
# ways, both directions with the kernel.
# kernels: 6.1 6.12 7.x
# userlands: trixie
# timeout: 300

. /ktlsctl/case-request.sh

start_nginx()
{
	cat >/tmp/nginx.conf <<-END
		user root;
		pid /tmp/nginx.pid;
		error_log /tmp/nginx.log;
		events { }
		http {
			access_log off;
			client_max_body_size 8m;
			server {
				listen 4433 ssl;
				ssl_certificate $CASE_TLS/cert;
				ssl_certificate_key $CASE_TLS/key;
				ssl_conf_command Options KTLS;
				root $SERVER_ROOT;
				dav_methods PUT DELETE;
				location /say { return 200 said; }
			}
		}
	END
	nginx -c /tmp/nginx.conf || fail "nginx does not start"
}

start_lighttpd()
{
	cat >/tmp/lighttpd.conf <<-END
		server.modules = ("mod_openssl")
		server.document-root = "$SERVER_ROOT"
		server.port = 4433
		ssl.engine = "enable"
		ssl.pemfile = "$CASE_TLS/both"
	END
	lighttpd -f /tmp/lighttpd.conf || fail "lighttpd does not start"
}

start_haproxy()
{
	cat >/tmp/haproxy.cfg <<-END
		defaults
			mode http
			timeout connect 5s
			timeout client 5s
			timeout server 5s
		frontend tls
			bind :4433 ssl crt $CASE_TLS/both
			http-request return status 200 content-type text/plain file /tmp/short
	END
	haproxy -D -f /tmp/haproxy.cfg || fail "haproxy does not start"
}

expect_kernel()
{
	expect_modes kernel kernel
	count_modes
	[ "${COUNTED% *}" -ge 1 ] && [ "${COUNTED#* }" -ge 1 ] || fail "counted: $COUNTED"
}

load_tls
request_prepare
head -c 8000 "$SERVER_ROOT/file" >/tmp/short
printf said >/tmp/said
count_modes

start_nginx
wait_for server_answers || fail "nginx does not answer"
for engine in uring epoll; do
	for version in 1.2 1.3; do
		note "nginx, TLS $version, $engine"
		expect_body /dev/null PUT --engine $engine --tls $version \
			--body "$SERVER_ROOT/file" "$REQUEST_URL/new"
		expect_json .engine $engine
		expect_kernel
		cmp "$SERVER_ROOT/new" "$SERVER_ROOT/file" || fail "another file arrived"
		expect_body "$SERVER_ROOT/new" --engine $engine --tls $version "$REQUEST_URL/new"
		expect_kernel
	done
done
note "the other methods, and a body by a pipe"
expect_body /tmp/said POST --body "$SERVER_ROOT/file" "$REQUEST_URL/say"
expect_body /tmp/said PATCH --body "$SERVER_ROOT/file" "$REQUEST_URL/say"
expect_body /dev/null HEAD "$REQUEST_URL/new"
cat "$SERVER_ROOT/file" >/tmp/pipe.in
# shellcheck disable=SC2002 # a pipe is what is wanted
cat /tmp/pipe.in | "$KTLSCTL" request PUT --cacert "$CASE_TLS/cert" --body - "$REQUEST_URL/pipe"
cmp "$SERVER_ROOT/pipe" "$SERVER_ROOT/file" || fail "another file arrived by the pipe"
expect_body /dev/null DELETE "$REQUEST_URL/new"
[ ! -e "$SERVER_ROOT/new" ] || fail "the file is still there"

note "io_uring is forbidden"
if [ -e /proc/sys/kernel/io_uring_disabled ]; then
	echo 2 >/proc/sys/kernel/io_uring_disabled
	expect_body "$SERVER_ROOT/file" "$REQUEST_URL/file"
	expect_json .engine epoll
	expect_modes kernel kernel
	request --engine=uring "$REQUEST_URL/file"
	expect_exit 2
	echo 0 >/proc/sys/kernel/io_uring_disabled
fi
nginx -c /tmp/nginx.conf -s stop
wait_for eval '! pgrep -x nginx >/dev/null'

note lighttpd
start_lighttpd
wait_for server_answers || fail "lighttpd does not answer"
expect_body "$SERVER_ROOT/file" "$REQUEST_URL/file"
expect_kernel
pkill -x lighttpd
wait_for eval '! pgrep -x lighttpd >/dev/null'

note HAProxy
start_haproxy
wait_for server_answers || fail "HAProxy does not answer"
expect_body /tmp/short "$REQUEST_URL/"
expect_kernel
pkill -x haproxy
