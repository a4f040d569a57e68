# SPDX-License-Identifier: MIT
# The folder is there, whole and indexed, but tls is not in it: an image that was slimmed,
# or a package with the less usual modules that was not installed.
# kernels: 6.1 6.12 7.x

. /ktlsctl/case.sh

release=$(uname -r)
slim=/tmp/slim/lib/modules/$release
mkdir -p "$slim/kernel/net"
cp -r "/lib/modules/$release/kernel/net/ipv4" "$slim/kernel/net/"
cp "/lib/modules/$release"/modules.{builtin,builtin.modinfo,order} "$slim/"
depmod -b /tmp/slim "$release"
mount --bind "$slim" "/lib/modules/$release"

diagnose
expect_answer cannot_work module-missing fail
expect_autoload no
