# SPDX-License-Identifier: MIT
# ktlsctl sockets: lighttpd, openssl with both ends and a filter, another network namespace.
# kernels: 6.1 6.12 7.x
# timeout: 300
# userlands: trixie

. /ktlsctl/case-sockets.sh

load_tls
server_prepare

note "lighttpd"
cat >/tmp/lighttpd.conf <<END
server.modules = ("mod_openssl")
server.document-root = "$SERVER_ROOT"
server.port = 4433
ssl.engine = "enable"
ssl.pemfile = "$CASE_TLS/both"
END
lighttpd -f /tmp/lighttpd.conf || fail "lighttpd does not start"
wait_for server_answers || fail "lighttpd does not answer"
hold_open 4433 -tls1_3 -ciphersuites TLS_AES_128_GCM_SHA256
expect_socket lighttpd TLS1.3 aes-gcm-128 sw
expect_parity
let_go
pkill -x lighttpd || true

note "openssl: both ends of one connection"
tls_open
tls_send 100
sockets
expect_equal "both" "$(jq -rs 'map(.owner.processes[0].comm + .tls.tx + .tls.rx) | join(" ")' "$SOCKETS")" \
	"opensslswsw opensslswsw"
pid=$(of_sockets '.local_port == 4433' '.owner.processes[0].pid')
sockets --pid "$pid"
expect_equal "of that process" "$(grep -c ktls "$SOCKETS")" 1
sockets --mode hw
expect_equal "through a NIC" "$(grep -c ktls "$SOCKETS" || true)" 0

note "rates, while it sends"
timeout 20 "$KTLSCTL" sockets --ndjson --watch=2s >/tmp/watched &
watched=$!
sleep 3
tls_send 20000
sleep 4
kill "$watched" || true
wait "$watched" || true
jq -c 'select(.peer_port == 4433) | [.time_ms, .rates]' /tmp/watched
[ "$(jq -s 'map(select(.peer_port == 4433) | .rates.sent_bytes_per_s) | max > 10000' /tmp/watched)" = true ] ||
	fail "no rate of what was sent"
tls_close

note "another network namespace"
ip netns add inner
nsenter --net=/run/netns/inner ip link set lo up
in_inner()
{
	nsenter --net=/run/netns/inner "$@"
}
tls_open in_inner
sockets
expect_equal "here" "$(grep -c ktls "$SOCKETS" || true)" 0
for name in inner all; do
	sockets --netns "$name"
	expect_equal "there" "$(jq -rs 'map(.netns + .nic.name) | join(" ")' "$SOCKETS")" "innerlo innerlo"
done
tls_close
