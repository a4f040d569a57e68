#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Cross compiles and links the program: cross.sh i386|arm64; with "run" behind it, runs the
# tests of that build: i386 by this kernel, arm64 by QEMU. The libraries of the other
# architecture are unpacked (not installed) into the cache. 77: no network and no cache,
# or nothing here that runs it.
set -eu
cd "$(dirname "$0")/.."
arch=$1 run=${2-}
cache=${KTLSCTL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/ktlsctl}
packages=libc6-dev,libgcc-12-dev,libssl-dev,libnl-3-dev,libnl-genl-3-dev,libmnl-dev,\
libcjson-dev,libkmod-dev,zlib1g-dev,libelf-dev,libinih-dev,\
libcap-ng-dev,liburing-dev,libhttp-parser-dev,libwslay-dev,libcmocka-dev
# Another list of packages is another folder.
root=$cache/cross-$arch-$(cksum <<<"$packages" | cut -d ' ' -f 1)
suite=bookworm
# Only the main archive: the libraries are in it, and it is the one every mirror has whole.
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' |
	grep -v security | sort -u | head -1)

case $arch in
i386) target=i386-linux-gnu loader=ld-linux.so.2 emulator= ;;
arm64) target=aarch64-linux-gnu loader=ld-linux-aarch64.so.1 emulator=qemu-aarch64-static ;;
*) echo "cross.sh: '$arch' is neither i386 nor arm64" >&2; exit 2 ;;
esac

if [ ! -d "$root" ]; then
	mkdir -p "$cache"
	new=$(mktemp -d "$cache/new.XXXXXX")
	trap 'rm -rf "$new"' EXIT
	mmdebstrap --quiet --variant=extract --arch="$arch" --include="$packages" \
		"$suite" "$new/root" "deb ${mirror:-http://localhost/} $suite main" >&2 || {
		echo "no cross libraries: neither network nor cache" >&2
		exit 77
	}
	mv "$new/root" "$root"
	find "$cache" -maxdepth 1 -name "cross-$arch*" ! -path "$root" -mtime +7 \
		-exec rm -rf {} +
fi

export PKG_CONFIG_SYSROOT_DIR=$root
export PKG_CONFIG_LIBDIR=$root/usr/lib/$target/pkgconfig:$root/usr/share/pkgconfig
libraries=$root/usr/lib/$target:$root/lib/$target
# -Wno-...: clang warns of flags that mean nothing on an architecture. The old kind of
# rpath is that of the libraries' libraries as well.
build()
{
	make -s -j2 B="build/cross-$arch" \
		CC="clang --target=$target --sysroot=$root -Wno-unused-command-line-argument" \
		LDFLAGS="-fuse-ld=lld -L$root/usr/lib/$target -Wl,--disable-new-dtags \
			-Wl,-rpath,$libraries -Wl,--dynamic-linker=$root/lib/$loader" "$@"
}

build
readelf -h "build/cross-$arch/ktlsctl" | grep -E 'Class|Machine'
echo "ok builds"
[ -n "$run" ] || exit 0

if ! $emulator "build/cross-$arch/ktlsctl" --version; then
	echo "nothing here runs programs of $arch"
	exit 77
fi
[ -z "$emulator" ] || export UNIT_PATIENCE=20
build unit UNIT_RUN="$emulator"
