#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs what building and testing ktlsctl need, as Debian packages. Does nothing, and
# needs no root, when all of them are there.
set -eu

build="gcc make pkg-config libc6-dev libssl-dev libnl-3-dev libnl-genl-3-dev
	libmnl-dev libcjson-dev libkmod-dev zlib1g-dev libelf-dev libinih-dev
	libcap-ng-dev liburing-dev libwslay-dev"
# Debian 12 has only the older of the two.
if apt-cache show libllhttp-dev >/dev/null 2>&1; then
	build="$build libllhttp-dev"
else
	build="$build libhttp-parser-dev"
fi
tests="libcmocka-dev clang libclang-rt-dev lld valgrind strace python3 python3-jsonschema
	python3-yaml openssl ethtool kmod iproute2 libcap2-bin util-linux mandoc scdoc
	procps time curl python3-html5lib clang-tidy clang-format cppcheck llvm websocketd zsh fish
	qemu-user-static"
lab="qemu-system-x86 mmdebstrap busybox-static cpio e2fsprogs xz-utils zstd"

missing=
for p in $build $tests $lab; do
	case "$(dpkg-query -W -f '${Status}' "$p" 2>/dev/null)" in
	"install ok installed") ;;
	*) missing="$missing $p" ;;
	esac
done
[ -n "$missing" ] || exit 0

echo "ktlsctl: to build and test it, these Debian packages are still needed:$missing" >&2
sudo=
if [ "$(id -u)" != 0 ]; then
	command -v sudo >/dev/null || {
		echo "ktlsctl: run 'make deps' as root, or install sudo" >&2
		exit 1
	}
	sudo=sudo
fi
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get update -qq
# shellcheck disable=SC2086 # a list of words
$sudo apt-get install -y -qq --no-install-recommends $missing >/dev/null
