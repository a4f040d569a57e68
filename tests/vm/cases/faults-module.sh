# SPDX-License-Identifier: MIT
# The module cannot be loaded, each reason after the other in one guest.
# kernels: 6.1 6.12 7.x
# timeout: 300

. /ktlsctl/case-fault.sh

release=$(uname -r)
conf=/etc/modprobe.d/hardening.conf

# A module tree that the kernel's modprobe finds, without tls.ko.
mount_slim_tree()
{
	local slim=/tmp/slim/lib/modules/$release

	mkdir -p "$slim/kernel/net"
	cp -r "/lib/modules/$release/kernel/net/ipv4" "$slim/kernel/net/"
	cp "/lib/modules/$release"/modules.{builtin,builtin.modinfo,order} "$slim/"
	depmod -b /tmp/slim "$release"
	mount --bind "$slim" "/lib/modules/$release"
}

note "not loaded, and the caller may not load it"
expect_fault autoload-unprivileged as_nobody
expect_sentence as_nobody
expect_fault autoload-user-namespace in_user_namespace
expect_autoload no as_nobody
expect_autoload no in_user_namespace

note "blacklisted"
echo "blacklist tls" >"$conf"
for caller in as_root as_nobody; do
	expect_fault module-blacklisted "$caller"
done
expect_autoload no

note "an install line in its place"
echo "install tls /bin/false" >"$conf"
! modprobe tls 2>/dev/null || fail "the laboratory is wrong: modprobe obeys no install line"
for caller in as_root as_nobody; do
	expect_fault module-install-overridden "$caller"
done
expect_autoload no
rm "$conf"

note "the kernel does not know how to call modprobe"
modprobe_was=$(cat /proc/sys/kernel/modprobe)
echo >/proc/sys/kernel/modprobe
expect_fault modprobe-empty
expect_autoload no
echo "$modprobe_was" >/proc/sys/kernel/modprobe

note "a slim image: the module is not among the others"
mount_slim_tree
expect_fault module-missing
expect_autoload no
umount "/lib/modules/$release"

note "a kernel was installed since, and the modules of this one removed"
mount -t tmpfs tmpfs /lib/modules
mkdir "/lib/modules/$release.1"
for caller in as_root as_nobody; do
	expect_fault modules-folder-gone "$caller"
done
expect_autoload no
umount /lib/modules

note "loaded before it was blacklisted: it works, for all callers"
load_tls
echo "blacklist tls" >"$conf"
for caller in as_root as_nobody in_user_namespace; do
	diagnose "$caller"
	expect_best_answer
done
for caller in as_root as_nobody in_user_namespace; do
	probe "$caller"
	expect_probe .answer works
done
rm "$conf"
modprobe -r tls

note "no module may be loaded any more, until the next boot"
echo 1 >/proc/sys/kernel/modules_disabled
for caller in as_root as_nobody; do
	expect_fault modules-disabled "$caller"
done
expect_autoload no
