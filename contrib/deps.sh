#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs what building and testing ktlsctl need, as Debian packages. Does nothing, and
# needs no root, when all of them are there.
#
# With --engines: unpacks those that take what ktlsctl exports into a folder, and prints its
# name. They are not installed, so that no service of theirs starts, now or at the next boot.
set -eu

build="gcc make pkg-config libc6-dev libssl-dev libnl-3-dev libnl-genl-3-dev
	libmnl-dev libcjson-dev libkmod-dev zlib1g-dev libelf-dev libinih-dev
	liburing-dev"
tests="libcmocka-dev clang libclang-rt-dev lld valgrind strace python3 python3-jsonschema
	openssl ethtool kmod iproute2 libcap2-bin util-linux mandoc scdoc
	procps time"
lab="qemu-system-x86 mmdebstrap busybox-static cpio e2fsprogs xz-utils zstd"

engines="prometheus prometheus-node-exporter"
if [ "${1:-}" = --engines ]; then
	folder=${KTLSCTL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/ktlsctl}/engines
	for p in $engines; do
		[ ! -e "$folder/$p.unpacked" ] || continue
		mkdir -p "$folder"
		new=$(mktemp -d "$folder/new.XXXXXX")
		(
			cd "$new"
			apt-get -qq -o APT::Sandbox::User=root download "$p" >&2
			dpkg-deb -x "$p"_*.deb ..
		)
		rm -rf "$new"
		touch "$folder/$p.unpacked"
	done
	echo "$folder"
	exit 0
fi

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
