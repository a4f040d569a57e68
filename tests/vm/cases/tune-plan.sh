# SPDX-License-Identifier: MIT
# A plan touches nothing: no module, no key, no file, as root and as nobody, by every
# profile, and both see the same keys. Somebody else's network namespace is counted.
# kernels: 6.1 6.12 7.x

. /ktlsctl/case.sh

state()
{
	cut -d ' ' -f 1 /proc/modules | sort
	sysctl -a 2>/dev/null | grep -E '^net\.(core|ipv4\.tcp_)|^kernel\.modprobe'
	find /etc /run -newer /tmp/begin ! -type d ! -path '/run/udev/*' 2>/dev/null | sort
}

keys()
{
	jq -r '.items[].tunable' "$1" | sort -u
}

helper=/tmp/helper
printf '#!/bin/sh\necho "$@" >>/tmp/helper.log\n' >"$helper"
chmod 755 "$helper"
echo "$helper" >/proc/sys/kernel/modprobe
ip netns add other
touch /tmp/begin
sleep 1
state >/tmp/before

for profile in $("$KTLSCTL" tune list --json | jq -r '.profiles[].name'); do
	note "profile $profile"
	"$KTLSCTL" tune --profile "$profile" --json >/tmp/root.json ||
		fail "a plan does not exit with 0"
	as_nobody "$KTLSCTL" tune --profile "$profile" --json >/tmp/nobody.json ||
		fail "a plan of nobody does not exit with 0"
	[ "$(jq .changed /tmp/root.json)" = false ] || fail "a plan has changed something"
	[ -n "$(keys /tmp/root.json)" ] || fail "a plan without keys"
	[ "$(keys /tmp/root.json)" = "$(keys /tmp/nobody.json)" ] ||
		fail "nobody sees other keys"
	[ "$(jq '[.items[] | select(.tunable == "module.tls")] | .[0].state' \
		/tmp/root.json)" = '"change"' ] || fail "the module is not planned"
done

note "the namespaces"
"$KTLSCTL" tune --set net.core.somaxconn=9999 >/tmp/out
tr -s ' \n' '  ' </tmp/out | grep -q '; 1 other keeps what it has' ||
	fail "another network namespace is not counted: $(cat /tmp/out)"

state >/tmp/after
diff /tmp/before /tmp/after || fail "a plan has changed something"
[ ! -e /tmp/helper.log ] || fail "the kernel was made to call: $(cat /tmp/helper.log)"

for caller in as_root as_nobody; do
	note "under strace, $caller"
	"$caller" strace -f -qq -o "/tmp/strace-$caller" -e trace=%file,%desc,%process \
		"$KTLSCTL" tune --profile offload >/tmp/out
	[ "$(grep -cE '^[0-9]+ +execve(at)?\(' "/tmp/strace-$caller")" = 1 ] || fail "not one execve"
	! grep -E 'open(at|at2)?\(.*(O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND)|creat\(' \
		"/tmp/strace-$caller" || fail "a file was opened for writing"
	! grep -E ' (mkdir|unlink|rename|link|symlink|chmod|chown|mknod|truncate)(at|at2)?\(' \
		"/tmp/strace-$caller" || fail "a file was changed"
done
