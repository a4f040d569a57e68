# SPDX-License-Identifier: MIT
# ktlsctl export: what it says of nginx on kTLS and beside it, of a decrypt error and of drift is
# what happened; it loads nothing unless told to, and what it may not see is unknown.
# kernels: 6.1 6.12 7.x
# timeout: 300
# userlands: trixie

. /ktlsctl/case-sockets.sh

load_tls
server_prepare

# The value of the series $1; empty: there is none. $2...: a caller, options.
metric()
{
	local caller=as_root series=$1
	shift

	case ${1-} in
	as_*) caller=$1; shift ;;
	esac
	rm -f /tmp/metrics
	"$caller" "$KTLSCTL" export --format=prometheus "$@" >/tmp/metrics || fail "exit status $?"
	awk -v want="$series" 'substr($0, 1, length(want) + 1) == want " " { print $NF }' /tmp/metrics
}

serve()
{
	[ ! -e /tmp/nginx.pid ] || nginx -c /tmp/nginx.conf -s stop
	wait_for test ! -e /tmp/nginx.pid || fail "nginx does not stop"
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
		$1
	}
}
END
	nginx -c /tmp/nginx.conf || fail "nginx does not start"
}

mkdir -p /etc/ktlsctl
printf '[service nginx]\nexpect = tx\n' >/etc/ktlsctl/ktlsctl.conf

note "nothing is loaded for it"
serve "ssl_conf_command Options KTLS;"
! grep -qw ^tcp_diag /proc/modules || fail "tcp_diag is there already"
expect_equal "sockets" "$(metric 'ktlsctl_unknown{part="sockets"}')" 1
expect_equal "the service" "$(metric 'ktlsctl_expected_connections{service="nginx"}')" ""
! grep -qw ^tcp_diag /proc/modules || fail "export has loaded tcp_diag"

note "unless it is told to"
hold_open 4433
expect_equal "connections" "$(metric 'ktlsctl_expected_connections{service="nginx"}' --load)" 1
grep -qw ^tcp_diag /proc/modules || fail "export --load has not loaded tcp_diag"
grep ktlsctl_ /tmp/metrics | grep -v '^#'
expect_equal "on kTLS" "$(metric 'ktlsctl_expected_connections_on_ktls{service="nginx"}')" 1
expect_equal "by mode" "$(metric 'ktlsctl_sockets{tx="sw",rx="sw"}')" 1
expect_equal "the kernel's count" "$(metric 'ktlsctl_sessions{direction="tx",mode="sw"}')" \
	"$(tls_stat TlsCurrTxSw)"
expect_equal "of programs with TLS" "$(metric ktlsctl_tls_connections_on_ktls)" 1
expect_equal "nothing is unknown" "$(metric 'ktlsctl_unknown{part="sockets"}')" ""

note "what an ordinary user sees of it"
case $(uname -r) in
6.1.* | 6.12.*) part=sockets ;;
*) part=owners ;;
esac
expect_equal "$part" "$(metric "ktlsctl_unknown{part=\"$part\"}" as_nobody)" 1
expect_equal "no share" "$(metric ktlsctl_tls_connections as_nobody)" ""
expect_equal "nor use" "$(metric 'ktlsctl_expected_connections_on_ktls{service="nginx"}' as_nobody)" ""
let_go

note "expected and not used"
serve ""
hold_open 4433
expect_equal "connections" "$(metric 'ktlsctl_expected_connections{service="nginx"}')" 1
expect_equal "on kTLS" "$(metric 'ktlsctl_expected_connections_on_ktls{service="nginx"}')" 0
let_go
nginx -c /tmp/nginx.conf -s stop

note "a record that does not decrypt"
expect_equal "before" "$(metric ktlsctl_decrypt_errors_total)" 0
/ktlsctl/events spoil || fail "events spoil"
expect_equal "after" "$(metric ktlsctl_decrypt_errors_total)" "$(tls_stat TlsDecryptError)"
expect_equal "one more" "$(tls_stat TlsDecryptError)" 1

note "drift"
"$KTLSCTL" tune --set net.ipv4.tcp_slow_start_after_idle=0 --apply >/dev/null
expect_equal "applied" "$(metric ktlsctl_tune_applied_keys)" 1
expect_equal "holds" "$(metric ktlsctl_tune_drifted_keys)" 0
sysctl -qw net.ipv4.tcp_slow_start_after_idle=1
expect_equal "does not" "$(metric ktlsctl_tune_drifted_keys)" 1
