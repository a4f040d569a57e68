# SPDX-License-Identifier: MIT
# What contrib/systemd grants is enough: an ordinary user with these three capabilities
# exports of a real connection what root does; without CAP_NET_ADMIN the sockets are unknown
# up to 6.14, and never none.
# kernels: 6.1 6.12 7.x
# timeout: 300
# userlands: trixie

. /ktlsctl/case-sockets.sh

load_tls
modprobe tcp_diag
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
	ssl_conf_command Options KTLS;
	root $SERVER_ROOT;
	server {
		listen 4433 ssl;
	}
}
END
nginx -c /tmp/nginx.conf || fail "nginx does not start"
hold_open 4433 -tls1_3 -ciphersuites TLS_AES_256_GCM_SHA384
"$KTLSCTL" tune --set net.ipv4.tcp_slow_start_after_idle=0 --apply >/tmp/out || fail "$(cat /tmp/out)"

# Without the time, what CAP_SYS_ADMIN alone may ask for (sockmap), and the sum over it.
export_with()
{
	local caps=$1

	setpriv --reuid 65534 --regid 65534 --clear-groups --no-new-privs --inh-caps "-all,$caps" \
		--ambient-caps "-all,$caps" --bounding-set "-all,$caps" "$KTLSCTL" export --max-time 60s
}

comparable()
{
	grep -v '^#\|^ktlsctl_report_\|^ktlsctl_findings\|check="sockmap"' "$1" >"$1.rows"
}

note "the unit's capabilities"
"$KTLSCTL" export --max-time 60s >/tmp/root || fail "as root: $?"
export_with +net_admin,+sys_ptrace,+dac_read_search >/tmp/unit || fail "as the unit: $?"
comparable /tmp/root
comparable /tmp/unit
diff /tmp/root.rows /tmp/unit.rows || fail "the unit does not see what root sees"
grep -q '^ktlsctl_service_connections_on_ktls{service="nginx"} 1$' /tmp/unit ||
	fail "nginx is not on kTLS: $(cat /tmp/unit)"
grep -q '^ktlsctl_sockets{' /tmp/unit || fail "no sockets: $(cat /tmp/unit)"
! grep '^ktlsctl_unknown' /tmp/unit || fail "something is unknown"

note "without CAP_NET_ADMIN"
export_with +sys_ptrace,+dac_read_search >/tmp/less || fail "$?"
case $(uname -r) in
6.1.* | 6.12.*)
	grep -qx 'ktlsctl_unknown{part="sockets"} 1' /tmp/less || fail "not unknown: $(cat /tmp/less)"
	! grep '^ktlsctl_sockets\|_on_ktls' /tmp/less || fail "a number for what is unknown"
	;;
*)
	comparable /tmp/less
	diff /tmp/unit.rows /tmp/less.rows || fail "it is needed after all"
	;;
esac
let_go
