# SPDX-License-Identifier: MIT
# What "free of side effects" means, watched from outside: the module list, the kernel's
# calls for a module loader, and every system call.
# kernels: 6.1 6.12 7.x

. /ktlsctl/case.sh

helper=/tmp/helper
cat >"$helper" <<'END'
#!/bin/sh
echo "$@" >>/tmp/helper.log
END
chmod 755 "$helper"
echo "$helper" >/proc/sys/kernel/modprobe

note "the logging helper is called at all"
ip link add type vcan 2>/dev/null || true
[ -s /tmp/helper.log ] || fail "the laboratory is wrong: the helper is never called"
rm /tmp/helper.log

cut -d ' ' -f 1 /proc/modules | sort >/tmp/modules.before
"$KTLSCTL" diagnose >/tmp/out || true
as_nobody "$KTLSCTL" diagnose >/tmp/out || true
cut -d ' ' -f 1 /proc/modules | sort >/tmp/modules.after
diff /tmp/modules.before /tmp/modules.after || fail "the list of modules has changed"
[ ! -e /tmp/helper.log ] || fail "the kernel was made to call: $(cat /tmp/helper.log)"

# Only now, because strace itself asks for a module (netlink_diag).
for format in text json; do
	note "format $format, under strace"
	strace -f -qq -o /tmp/strace -e trace=%file,%network,%desc,%process \
		"$KTLSCTL" diagnose --format="$format" >/tmp/out || true
	[ -s /tmp/out ] || fail "the program printed nothing"
	[ "$(grep -cE '^[0-9]+ +execve(at)?\(' /tmp/strace)" = 1 ] ||
		fail "not one execve: $(grep execve /tmp/strace)"
	! grep -E 'open(at|at2)?\(.*(O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND)|creat\(' \
		/tmp/strace || fail "a file was opened for writing"
	! grep -E ' (mkdir|unlink|rename|link|symlink|chmod|chown|mknod|truncate)(at|at2)?\(' \
		/tmp/strace || fail "a file was changed"
	! grep -E ' socket\(' /tmp/strace | grep -v 'socket(AF_NETLINK,' ||
		fail "a socket other than netlink"
done
