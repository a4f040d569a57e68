# SPDX-License-Identifier: MIT
# A socket of the kernel itself (here: of its NFS server) has the owner kernel; one that was
# not accepted yet, or is closed, has none; one that several processes share has them all.
# kernels: 6.1 6.12 7.x
# userlands: trixie

. /ktlsctl/case.sh

SOCKETS=/tmp/sockets

sockets()
{
	"$KTLSCTL" sockets --ndjson "$@" >"$SOCKETS" || fail "exit status $?"
}

# The socket whose own port is $1.
owner()
{
	jq -r --argjson port "$1" 'select(.local_port == $port) | "\(.owner.kind) \(.owner.reason)"' \
		"$SOCKETS"
}

note "the kernel's NFS server"
modprobe nfsd || fail "no nfsd"
mkdir -p /proc/fs/nfsd /var/lib/nfs 2>/dev/null || true
mount -t nfsd nfsd /proc/fs/nfsd || fail "no nfsd file system"
echo "-2 -3 +4" >/proc/fs/nfsd/versions || echo "-3 +4" >/proc/fs/nfsd/versions
echo "tcp 2049" >/proc/fs/nfsd/portlist || fail "no port"
echo 1 >/proc/fs/nfsd/threads || fail "no threads"
ip link set lo up
exec 9<>/dev/tcp/127.0.0.1/2049
sleep 1
ss -tienO 'sport = :2049' 2>/dev/null
sockets --all --port 2049
cat "$SOCKETS"
expect_equal "owner" "$(owner 2049)" "kernel no-process"
expect_equal "our own side" \
	"$(jq -r 'select(.peer_port == 2049) | .owner.processes[0].comm' "$SOCKETS")" bash
"$KTLSCTL" sockets --all --port 2049 | grep -q ':2049 .* kernel ' || fail "the table"

note "somebody who may not look everywhere cannot tell"
setpriv --reuid=65534 --regid=65534 --clear-groups "$KTLSCTL" sockets --all --ndjson --port 2049 >"$SOCKETS"
expect_equal "owner" "$(owner 2049)" "unknown processes-unreadable"

note "nor can who sees no process but his own"
mount -o remount,hidepid=invisible /proc || mount -o remount,hidepid=2 /proc
setpriv --reuid=65534 --regid=65534 --clear-groups "$KTLSCTL" sockets --all --ndjson --port 2049 >"$SOCKETS"
expect_equal "owner" "$(owner 2049)" "unknown hidepid"
exec 9>&-
