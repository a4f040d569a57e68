# SPDX-License-Identifier: MIT
# HAProxy since 3.3 has kTLS when it is told, in a root of its own: its libraries are newer
# than this user land's.
# kernels: 6.1 6.12 7.x
# timeout: 300
# userlands: trixie
# fixtures: haproxy

. /ktlsctl/case-server.sh

root=/opt/haproxy

# $1 is for the global section, $2 for the bind line.
start_haproxy()
{
	cat >"$root/etc/haproxy.cfg" <<-END
		global
			$1
		defaults
			mode http
			timeout connect 5s
			timeout client 5s
			timeout server 5s
		frontend tls
			bind :4433 ssl crt /etc/both $2
			http-request return status 200 content-type text/plain file /etc/file
	END
	chroot "$root" haproxy -D -q -f /etc/haproxy.cfg 2>/tmp/haproxy.log || fail "haproxy does not start"
}

stop_haproxy()
{
	pkill -x haproxy
	wait_for haproxy_is_gone || fail "haproxy does not stop"
}

haproxy_is_gone()
{
	! pgrep -x haproxy >/dev/null
}

load_tls
server_prepare
mkdir -p "$root"
tar -x -C "$root" -f /ktlsctl/haproxy
mkdir -p "$root"/{etc,proc,dev,tmp}
mknod "$root/dev/null" c 1 3
mknod "$root/dev/urandom" c 1 9
head -c 8000 "$SERVER_ROOT/file" >/tmp/short
mv /tmp/short "$SERVER_ROOT/file"
cp "$CASE_TLS/both" "$SERVER_ROOT/file" "$root/etc/"
version=$(chroot "$root" haproxy -v | sed -n '1s/.*version \([0-9]*\.[0-9]*\).*/\1/p')
note "HAProxy $version"
[ "$(printf '%s\n' 3.3 "$version" | sort -V | head -n 1)" = 3.3 ] ||
	fail "the laboratory's is as old as that"

note "told to"
start_haproxy expose-experimental-directives "ktls on"
expect_server_ktls yes
diagnose
expect_json .status works
expect_finding app-haproxy 'haproxy(/[0-9]+)?' ok
expect_finding process-libssl 'haproxy(/[0-9]+)?' ok
stop_haproxy

note "not told"
start_haproxy expose-experimental-directives ""
expect_server_ktls no
diagnose
expect_finding app-haproxy 'haproxy(/[0-9]+)?' info haproxy-ktls-unset
stop_haproxy

note "told, and told not to"
start_haproxy "$(printf 'expose-experimental-directives\n\tnoktls')" "ktls on"
expect_server_ktls no
diagnose
expect_finding app-haproxy 'haproxy(/[0-9]+)?' info haproxy-ktls-off
