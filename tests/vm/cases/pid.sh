# SPDX-License-Identifier: MIT
# --pid: the answer is that of one process, with its openssl.cnf, namespaces and rights.
# kernels: 6.1 6.12 7.x
# userlands: trixie

. /ktlsctl/case.sh

# A server in the background as $1 with the openssl.cnf $2; its pid is $server.
start_server()
{
	rm -f /tmp/server.log /tmp/server.in
	mkfifo /tmp/server.in
	"$1" env OPENSSL_CONF="$2" openssl s_server -accept "$((port += 1))" -cert "$CASE_TLS/cert" \
		-key "$CASE_TLS/key" </tmp/server.in >/tmp/server.log 2>&1 &
	exec 7>/tmp/server.in
	wait_for grep -q ^ACCEPT /tmp/server.log || fail "no server: $(cat /tmp/server.log)"
	server=$(pgrep -n -x openssl)
}

stop_server()
{
	kill "$server"
	exec 7>&-
	wait_for server_is_gone || fail "the server does not end"
}

server_is_gone()
{
	! pgrep -x openssl >/dev/null
}

# All namespaces that make a container of somebody's own.
in_own_namespaces()
{
	unshare --user --map-root-user --net sh -c 'ip link set lo up; exec "$@"' sh "$@"
}

port=4433
tls_certificate
chmod 755 /tmp "$CASE_TLS"
sed 's/KTLS/-KTLS/' "$CASE_TLS/openssl.cnf" >"$CASE_TLS/off.cnf"
echo >"$CASE_TLS/empty.cnf"

note "the module is not loaded, and a process without rights cannot bring it"
start_server as_nobody "$CASE_TLS/openssl.cnf"
diagnose --pid "$server"
expect_json .subject.name "openssl/$server"
expect_finding process-target "openssl/$server" warn target-cannot-load
stop_server

load_tls
note "asked for"
start_server as_root "$CASE_TLS/openssl.cnf"
diagnose --pid "$server"
expect_answer should_work null
expect_finding process-target "openssl/$server" ok
expect_finding process-libssl "openssl/$server" ok
expect_finding process-option "openssl/$server" ok
note "another user may not look"
diagnose as_nobody --pid "$server"
expect_answer unknown target-unreadable unknown
expect_finding process-target "process/$server" unknown target-unreadable
stop_server

note "its own openssl.cnf forbids it; that of the host says nothing"
start_server as_root "$CASE_TLS/off.cnf"
diagnose --pid "$server"
expect_json .cause.id process-option-off
expect_json .cause.subject.name "openssl/$server"
expect_finding process-option "openssl/$server" warn process-option-off
stop_server

note "nobody asks"
start_server as_root "$CASE_TLS/empty.cnf"
diagnose --pid "$server"
expect_finding process-option "openssl/$server" info process-option-unset
stop_server

note "namespaces of its own"
start_server in_own_namespaces "$CASE_TLS/openssl.cnf"
diagnose --pid "$server"
expect_finding process-target "openssl/$server" info target-network-namespace
stop_server

note "no such process"
! "$KTLSCTL" --pid 4194303 2>/tmp/said || fail "a process that is not there"
grep -q 'no process 4194303' /tmp/said || fail "$(cat /tmp/said)"
