#!/bin/bash
# SPDX-License-Identifier: MIT
# Usage: fixture.sh NAME KERNEL
#
# Builds tests/fixtures/NAME, a kernel module for that kernel or a program, unless the
# cache has it, and prints where it is. What it is built from is part of its name there.
# NAME may also be a tree that fetch.sh knows: it comes as a tar.
#
# Exit status: 0 it is there, 1 it is not, 2 usage, 77 the cache has not what it takes.

set -euo pipefail

. "$(dirname "$0")/lab.sh"

# Called from below make, whose options are not meant for these.
unset MAKEFLAGS MAKEOVERRIDES MFLAGS

name='' kernel='' source='' tmp=''

# The machine's compiler is older than the kernel's where that is of a newer suite, so it
# is not asked for an option that it may lack; and no BTF, for which pahole is missing.
build_module()
{
	local headers dir lib

	headers=$(lab_kernel_dir "$kernel")/headers
	dir=$(echo "$headers"/usr/src/linux-headers-*-amd64)
	lib=$(lab_userland_dir trixie)/root/usr/lib/x86_64-linux-gnu
	LAB_LOADER="$lib/ld-linux-x86-64.so.2 --library-path $lib" \
		make -C "$dir" M="$tmp/build" CC=gcc HOSTCC=gcc CONFIG_DEBUG_INFO_BTF_MODULES= \
		CONFIG_CC_HAS_MIN_FUNCTION_ALIGNMENT= modules
	cp "$tmp/build/$name.ko" "$tmp/out"
}

build_program()
{
	make -C "$tmp/build"
	cp "$tmp/build/$name" "$tmp/out"
}

is_module()
{
	[ -e "$source/Kbuild" ]
}

build()
{
	cp -r "$source" "$tmp/build"
	if is_module; then
		build_module
	else
		build_program
	fi
}

# A module stands beside its kernel and goes with it.
output_file()
{
	local recipe

	recipe=$(cat "$source"/*.c "$source"/[KM]* "$LAB_DIR/fixture.sh" | sha256sum)
	if is_module; then
		printf '%s/%s-%s.ko\n' "$(lab_kernel_dir "$kernel")" "$name" "${recipe:0:12}"
	else
		printf '%s/fixtures/%s-%s\n' "$LAB_CACHE" "$name" "${recipe:0:12}"
	fi
}

main()
{
	local out

	[ "${1-}" != --help ] || lab_help
	[ $# -eq 2 ] || lab_usage_error "a name and a kernel are wanted"
	if lab_has_word "$1" "${LAB_EXTRAS[@]}"; then
		"$LAB_DIR/fetch.sh" "$1"
		printf '%s/tree.tar\n' "$(lab_extra_dir "$1")"
		return
	fi
	name=$1 kernel=$2 source=$LAB_TOP/tests/fixtures/$1
	[ -d "$source" ] || lab_usage_error "unknown fixture '$name'"
	lab_has_word "$kernel" "${LAB_KERNELS[@]}" || lab_usage_error "unknown kernel '$kernel'"
	! is_module || "$LAB_DIR/fetch.sh" "$kernel" trixie
	out=$(output_file)
	mkdir -p "$(dirname "$out")"
	exec 9>"$LAB_CACHE/lock-fixture"
	flock 9
	if [ ! -e "$out" ]; then
		tmp=$(mktemp -d)
		trap 'rm -rf "$tmp"' EXIT
		build >"$tmp/log" 2>&1 || { cat "$tmp/log" >&2; lab_die "$name was not built"; }
		find "$(dirname "$out")" -maxdepth 1 -name "$name-*" -mtime +0 -delete
		cp "$tmp/out" "$out.new"
		mv "$out.new" "$out"
	fi
	printf '%s\n' "$out"
}

main "$@"
