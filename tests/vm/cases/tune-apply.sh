# SPDX-License-Identifier: MIT
# Applying and reverting on a real kernel: values, files, somebody else's change, a module
# that is in use, a failure half way, two at a time, no privilege, nothing touched by a
# plan.
# kernels: 6.1 6.12 7.x
# userlands: trixie
# timeout: 400

. /ktlsctl/case-tune.sh

wishes=(--set "net.ipv4.tcp_rmem=4096 131072 67108864" --set net.ipv4.tcp_slow_start_after_idle=0
	--set module.tls=on)
value()
{
	cat "/proc/sys/net/ipv4/$1"
}

tune_state >/tmp/before
rmem=$(value tcp_rmem)

note "a plan touches nothing"
strace -f -qq -o /tmp/strace "$KTLSCTL" tune "${wishes[@]}" >/tmp/out
! grep -E 'open(at|at2)?\(.*(O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND)' /tmp/strace ||
	fail "a file was opened for writing"
! grep -E ' (mkdir|unlink|rename|link|symlink|chmod|chown|mknod|truncate|init_module|finit_module|delete_module|flock)(at|at2)?\(' \
	/tmp/strace || fail "something was changed"
expect_not_loaded tls

note "nobody may change anything, and is told so"
CASE_EXIT=0
as_nobody "$KTLSCTL" tune --json "${wishes[@]}" --apply >"$CASE_REPORT" || CASE_EXIT=$?
expect_exit 4
expect_json .changed false
expect_state /tmp/before

note "now and to last"
tune "${wishes[@]}" --apply --persist
expect_exit 0
expect_json .changed true
expect_json '.outcomes | length' 6
is_loaded tls || fail "tls is not loaded"
expect_equal tcp_rmem "$(value tcp_rmem)" $'4096\t131072\t67108864'
expect_equal modules-load.d "$(grep -v '^#' /etc/modules-load.d/ktlsctl.conf)" tls
tune verify
expect_exit 0
expect_json .drifted false

note "a second one finds nothing to do"
tune "${wishes[@]}" --apply
expect_exit 0
expect_json .changed false

note "a module in use stays and is named; so does somebody else's value"
tls_open
echo 4096 131072 1000000 >/proc/sys/net/ipv4/tcp_rmem
tune verify
expect_exit 4
expect_json '.rows[] | select(.state == "differs") | .now' "4096 131072 1000000"
tune revert
expect_exit 4
expect_json '[.outcomes[] | select(.done == "busy") | .key] | join(" ")' module.tls
expect_json '[.outcomes[] | select(.done == "foreign") | .key] | join(" ")' net.ipv4.tcp_rmem
expect_equal tcp_rmem "$(value tcp_rmem)" $'4096\t131072\t1000000'
expect_equal slow_start "$(value tcp_slow_start_after_idle)" 1
tls_close
wait_for tls_is_idle || fail "the module stays in use"
tune revert 1
expect_exit 4
expect_not_loaded tls
echo "$rmem" >/proc/sys/net/ipv4/tcp_rmem
expect_state /tmp/before

note "a failure half way undoes the rest"
echo 1 >/tmp/one
mount --bind /tmp/one /proc/sys/net/ipv4/tcp_slow_start_after_idle
mount -o remount,ro,bind /proc/sys/net/ipv4/tcp_slow_start_after_idle
tune "${wishes[@]}" --apply
umount /proc/sys/net/ipv4/tcp_slow_start_after_idle
expect_exit 4
expect_json .undone true
expect_json .failure "net.ipv4.tcp_slow_start_after_idle cannot be set to 0: Read-only file system"
expect_state /tmp/before

note "a read-only /etc"
mount --bind /etc /etc
mount -o remount,ro,bind /etc
tune "${wishes[@]}" --apply --persist
umount /etc
expect_exit 4
expect_json .undone true
expect_state /tmp/before

note "a full disk, at any time"
: >/tmp/tune-stamp
tune_glance >/tmp/glance
mount -t tmpfs -o size=64k tmpfs /var/lib/ktlsctl
for left in 0 4 8 12 16 24; do
	rm -rf /var/lib/ktlsctl/*
	head -c $(((64 - left) * 1024)) /dev/zero >/var/lib/ktlsctl/ballast 2>/dev/null || true
	tune "${wishes[@]}" --apply
	rm -f /var/lib/ktlsctl/ballast
	"$KTLSCTL" tune revert >/tmp/out || fail "revert with $left KiB left: $(cat /tmp/out)"
	expect_same /tmp/glance tune_glance "$left KiB left: it"
done
umount /var/lib/ktlsctl
expect_state /tmp/before

note "two at a time"
exec 9>>/var/lib/ktlsctl/lock
flock 9
tune "${wishes[@]}" --apply
flock -u 9
exec 9>&-
expect_exit 4
expect_json .failure "another ktlsctl tune is at work"

note "another network namespace has other keys, and one that is there keeps its own"
ip netns add box
tune --set net.ipv4.tcp_slow_start_after_idle=0 --apply
expect_exit 0
CASE_EXIT=0
expect_equal "a container's" "$(ip netns exec box cat /proc/sys/net/ipv4/tcp_slow_start_after_idle)" 1
unshare -n "$KTLSCTL" tune revert --json >"$CASE_REPORT" || CASE_EXIT=$?
expect_exit 4
expect_equal slow_start "$(value tcp_slow_start_after_idle)" 0
tune revert
expect_exit 0
expect_state /tmp/before

note "what was there is on the disk before anything is written, and each line of the journal"
strace -f -qq -y -o /tmp/strace -e trace=%file,fsync,fdatasync,write,rename \
	"$KTLSCTL" tune "${wishes[@]}" --apply >/tmp/out
awk '/^[0-9]+ +(fsync|fdatasync)/ { synced = 1 }
	/ write\([0-9]+<[^>]*\/journal>/ { synced = 0; lines++ }
	/ write\([0-9]+<\/proc\/sys\// { writes++; if (!synced || !head) late++ }
	/ rename.*snapshot\.json/ { head = synced }
	END { print writes + 0, late + 0; exit !(writes == 2 && lines > 2 && !late) }' /tmp/strace ||
	fail "a write that nothing on the disk tells of: $(cat /tmp/strace)"
tune revert
expect_exit 0
