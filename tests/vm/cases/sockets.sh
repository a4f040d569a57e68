# SPDX-License-Identifier: MIT
# ktlsctl sockets: the process, the mode and the cipher of real connections; field by field
# what ss(8) shows; and what an ordinary user may see of them.
# kernels: 6.1 6.12 7.x
# userlands: trixie
# core: yes

. /ktlsctl/case-server.sh

SOCKETS=/tmp/sockets

# Answers lines of ndjson about port 4433.
sockets()
{
	local caller=as_root

	case ${1-} in
	as_*) caller=$1; shift ;;
	esac
	CASE_EXIT=0
	"$caller" "$KTLSCTL" sockets --ndjson "$@" >"$SOCKETS" || CASE_EXIT=$?
	jq -es . "$SOCKETS" >/dev/null || fail "a line is no JSON: $(cat "$SOCKETS")"
}

# Words of a jq filter on the lines that are a socket's of port $1 on our side.
server_side()
{
	jq -r --argjson port "$1" "select(.local_port == \$port) | $2" "$SOCKETS"
}

# Holds a connection open to what listens on $1: TLS by the client's own code.
hold_open()
{
	rm -f /tmp/client.in
	mkfifo /tmp/client.in
	openssl s_client -connect "127.0.0.1:$1" "${@:2}" </tmp/client.in >/tmp/client 2>&1 &
	exec 9>/tmp/client.in
	wait_for grep -q "Verify return code" /tmp/client || fail "no connection: $(cat /tmp/client)"
	printf 'GET /file HTTP/1.1\r\nHost: x\r\n\r\n' >&9
	wait_for grep -q '^50000' /tmp/client || fail "the file does not come"
}

let_go()
{
	exec 9>&-
	wait
}

# $1 name of the process, $2 version, $3 cipher, $4 mode of sending
expect_socket()
{
	sockets --port 4433
	expect_equal "exit status" "$CASE_EXIT" 0
	expect_equal "process" "$(server_side 4433 '.owner.processes[0].comm')" "$1"
	expect_equal "kind" "$(server_side 4433 .owner.kind)" process
	pgrep -x "$1" | grep -qx "$(server_side 4433 '.owner.processes[0].pid')" ||
		fail "the process is another one: $(cat "$SOCKETS")"
	expect_equal "version" "$(server_side 4433 .tls.version)" "$2"
	expect_equal "cipher" "$(server_side 4433 .tls.cipher)" "$3"
	expect_equal "tx" "$(server_side 4433 .tls.tx)" "$4"
	expect_equal "nic, by route" "$(server_side 4433 .nic.name)" lo
}

# Every word that ss has of the ULP, the inode and the cookie.
expect_parity()
{
	local line ours

	line=$(ss -tieHnO 'sport = :4433' | grep tcp-ulp-tls)
	sockets --port 4433
	ours=$(server_side 4433 '"ino:\(.inode) version: \(.tls.version[3:]) cipher: \(.tls.cipher) rxconf: \(.tls.rx) txconf: \(.tls.tx) sk:\(.cookie)"')
	note "ss: $line"
	note "ktlsctl: $ours"
	for word in $(tr ' ' '_' <<<"${ours//: /:}" | tr '_' '\n'); do
		case $word in
		sk:*) word=sk:$(printf %x "${word#sk:}") ;;
		cipher:aes-gcm-*) ;;
		cipher:*) continue ;; # ss has no name for the others
		esac
		grep -q -- "${word/:/:[[:space:]]*}\b" <<<"${line//: /:}" || fail "ss does not say $word"
	done
	expect_equal "bytes_acked" "$(grep -o 'bytes_acked:[0-9]*' <<<"$line")" \
		"$(server_side 4433 '"bytes_acked:\(.tcp.bytes_acked)"')"
	expect_equal "bytes_received" "$(grep -o 'bytes_received:[0-9]*' <<<"$line")" \
		"$(server_side 4433 '"bytes_received:\(.tcp.bytes_received)"')"
	expect_equal "mss" "$(grep -o ' mss:[0-9]*' <<<"$line")" \
		"$(server_side 4433 '" mss:\(.tcp.mss_bytes)"')"
	expect_equal "cwnd" "$(grep -o ' cwnd:[0-9]*' <<<"$line")" \
		"$(server_side 4433 '" cwnd:\(.tcp.cwnd_segments)"')"
}

load_tls
server_prepare

note "nginx, TLS 1.3 and 1.2"
cat >/tmp/nginx.conf <<END
pid /tmp/nginx.pid;
error_log /tmp/nginx.log;
events { }
http {
	access_log off;
	sendfile on;
	server {
		listen 4433 ssl;
		ssl_certificate $CASE_TLS/cert;
		ssl_certificate_key $CASE_TLS/key;
		root $SERVER_ROOT;
		ssl_conf_command Options KTLS;
	}
	server {
		listen 4434 ssl;
		ssl_certificate $CASE_TLS/cert;
		ssl_certificate_key $CASE_TLS/key;
		root $SERVER_ROOT;
	}
}
END
nginx -c /tmp/nginx.conf || fail "nginx does not start"
hold_open 4433 -tls1_3 -ciphersuites TLS_AES_256_GCM_SHA384
expect_socket nginx TLS1.3 aes-gcm-256 sw
expect_parity
"$KTLSCTL" sockets >/tmp/text
cat /tmp/text
head -n 1 /tmp/text | grep -q '^1 kTLS socket: 1 tx sw rx ' || fail "the first line"
grep -q '4433 .* nginx/[0-9]* *1.3  aes-gcm-256  sw ' /tmp/text || fail "the table"

note "what an ordinary user sees of it"
rc=0
sockets as_nobody --port 4433
head -n 3 "$SOCKETS"
case $(uname -r) in
6.1.* | 6.12.*)
	expect_equal "exit status" "$CASE_EXIT" 3
	expect_equal "schema" "$(jq -r .schema "$SOCKETS")" ktlsctl.error/1
	sockets as_nobody --port 4433 --all
	expect_equal "ktls" "$(server_side 4433 .ktls)" unknown
	as_nobody "$KTLSCTL" sockets >/tmp/text || rc=$?
	expect_equal "exit status of the text" "$rc" 3
	head -n 1 /tmp/text | grep -q 'could not be found out' || fail "$(cat /tmp/text)"
	;;
*)
	expect_equal "exit status" "$CASE_EXIT" 0
	expect_equal "ktls" "$(server_side 4433 .ktls)" yes
	expect_equal "cipher" "$(server_side 4433 .tls.cipher)" aes-gcm-256
	;;
esac
# nginx's workers are his, the client is not.
sockets as_nobody --all --port 4433
expect_equal "owner" "$(jq -r 'select(.peer_port == 4433) | .owner.kind + " " + .owner.reason' "$SOCKETS")" \
	"unknown processes-unreadable"
let_go
hold_open 4433 -tls1_2 -cipher ECDHE-ECDSA-AES128-GCM-SHA256
expect_socket nginx TLS1.2 aes-gcm-128 sw
expect_parity
let_go

note "one that does without, and why"
hold_open 4434
"$KTLSCTL" sockets --unused --json >"$CASE_REPORT"
jq -c '.unused, .sums' "$CASE_REPORT"
expect_json '[.sockets[] | select(.local_port == 4434) | .ktls] | unique | join(",")' no
expect_json '[.unused[] | select(.program | test("nginx"))] | length' 1
expect_json '.sums.ktls' 0
"$KTLSCTL" sockets --unused
let_go
nginx -c /tmp/nginx.conf -s stop

note "openssl: both ends of one connection"
tls_open
tls_send 100
sockets
expect_equal "sockets" "$(jq -r '.owner.processes[0].comm' "$SOCKETS" | sort | uniq -c | tr -s ' ')" " 2 openssl"
expect_equal "directions" "$(jq -r '.tls.tx + .tls.rx' "$SOCKETS" | sort -u)" swsw
pid=$(server_side 4433 '.owner.processes[0].pid')
sockets --pid "$pid"
expect_equal "of the process" "$(jq -s length "$SOCKETS")" 1
sockets --mode hw
expect_equal "through a NIC" "$(jq -s length "$SOCKETS")" 0
tls_close

note "lighttpd"
cat >/tmp/lighttpd.conf <<END
server.modules = ("mod_openssl")
server.document-root = "$SERVER_ROOT"
server.port = 4433
ssl.engine = "enable"
ssl.pemfile = "$CASE_TLS/both"
ssl.openssl.ssl-conf-cmd = ("Options" => "KTLS")
END
lighttpd -f /tmp/lighttpd.conf || fail "lighttpd does not start"
wait_for server_answers || fail "lighttpd does not answer"
hold_open 4433 -tls1_3 -ciphersuites TLS_AES_128_GCM_SHA256
expect_socket lighttpd TLS1.3 aes-gcm-128 sw
let_go
pkill -x lighttpd || true

note "another network namespace"
ip netns add inner
nsenter --net=/run/netns/inner ip link set lo up
in_inner()
{
	nsenter --net=/run/netns/inner "$@"
}
tls_open in_inner
sockets
expect_equal "here" "$(jq -s length "$SOCKETS")" 0
sockets --netns inner
expect_equal "there" "$(jq -r .netns "$SOCKETS" | sort | uniq -c | tr -s ' ')" " 2 inner"
expect_equal "nic" "$(jq -r .nic.name "$SOCKETS" | sort -u)" lo
sockets --netns all
expect_equal "all" "$(jq -s length "$SOCKETS")" 2
tls_close
