# SPDX-License-Identifier: MIT
# A process with a root, an OpenSSL and namespaces of its own, as a container has it. Its
# files are found through its root, not in the host's.
# kernels: 6.1 6.12 7.x
# userlands: trixie

. /ktlsctl/case.sh

root=/tmp/container

# The program and what it is linked with, at other places than the host's.
make_root()
{
	local file

	mkdir -p "$root"/{lib64,opt/tls,proc,dev,tmp,etc}
	cp /usr/bin/openssl "$root/opt/tls/openssl"
	cp /lib64/ld-linux-x86-64.so.2 "$root/lib64/"
	ldd /usr/bin/openssl | sed -n 's/.*=> \(\/[^ ]*\).*/\1/p' | while read -r file; do
		cp "$file" "$root/opt/tls/"
	done
	mknod "$root/dev/null" c 1 3
	mknod "$root/dev/urandom" c 1 9
	cp "$CASE_TLS"/{cert,key,openssl.cnf} "$root/etc/"
}

# All namespaces but that of the network have to be its own.
run_inside()
{
	unshare --mount --pid --uts --ipc --fork --kill-child chroot "$root" /opt/tls/openssl "$@"
}

inside_is_up()
{
	grep -q ^ACCEPT /tmp/inside.log
}

load_tls
tls_certificate
make_root
mkfifo /tmp/inside.in
LD_LIBRARY_PATH=/opt/tls OPENSSL_CONF=/etc/openssl.cnf run_inside s_server -accept 4433 \
	-cert /etc/cert -key /etc/key </tmp/inside.in >/tmp/inside.log 2>&1 &
exec 7>/tmp/inside.in
wait_for inside_is_up || fail "the server inside does not start: $(cat /tmp/inside.log)"
before=$(tls_stat TlsTxSw)
openssl s_client -connect 127.0.0.1:4433 </dev/null >/dev/null 2>&1
wait_for tls_stat_above TlsTxSw "$before" || fail "it does not use kTLS"
inside=$(pgrep -x openssl)
[ "$(readlink "/proc/$inside/root")" = "$root" ] || fail "it has the host's root"

diagnose
expect_json .status works
expect_finding process-libssl "" ok
expect_evidence process-libssl /opt/tls/libssl.so.3

note "an upgrade inside: the old library is mapped still, and nowhere to be found"
cp "$root/opt/tls/libssl.so.3" /tmp/libssl.new
rm "$root/opt/tls/libssl.so.3"
mv /tmp/libssl.new "$root/opt/tls/libssl.so.3"
grep -q 'libssl.so.3 (deleted)' "/proc/$inside/maps" || fail "the laboratory is wrong"
diagnose
expect_finding process-stale-libssl "" warn process-libssl-replaced
