#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What of libktls is installed below a folder: library.sh symbols|example|static DIR. It
# exports what its headers declare and no more; the example of the manual builds with
# pkg-config alone and fetches a page.
set -eu
part=$1 prefix=$2
man=$(dirname "$0")/../share/man/libktls.3.scd
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$work"' EXIT
fail() { echo "$*"; exit 1; }

# Functions and constants of the installed headers, without the comments.
declared()
{
	cat "$prefix"/include/ktls/*.h | sed '/^#/d' | tr '\n' ' ' |
		sed 's@/\*@\n&@g; s@\*/@&\n@g' | sed '/^\/\*/d' |
		grep -oE '\bktls_\w+ *(\(|\[[^]]*\] *[;,=])' | sed 's/[^a-z0-9_].*//' | sort -u
}

exported()
{
	nm -D --defined-only "$prefix/lib/libktls.so.0" | awk '$2 != "A" { print $3 }' |
		sed 's/@@KTLS_0$//' | sort
}

symbols()
{
	local lib=$prefix/lib/libktls.so

	readelf -d "$lib" | grep -q 'soname: \[libktls.so.0\]' || fail "not libktls.so.0"
	exported >"$work/exported"
	declared >"$work/declared"
	[ "$(wc -l <"$work/exported")" -gt 50 ] || fail "too few: $(cat "$work/exported")"
	! grep -v '^ktls_' "$work/exported" || fail "exported under other names"
	diff "$work/declared" "$work/exported" || fail "declared (<) is not what is exported (>)"
	! nm --defined-only --extern-only "$prefix/lib/libktls.a" | awk 'NF == 3 { print $3 }' |
		grep -v '^ktls_' || fail "libktls.a has other names"
}

# $1: options of pkg-config. The example is the block between the two marks.
build()
{
	sed -n '/^```$/,/^```$/p' "$man" | sed '/^```$/d; s/\\\\/\\/g' >"$work/example.c"
	[ "$(wc -l <"$work/example.c")" -gt 20 ] || fail "no example in $man"
	# shellcheck disable=SC2046,SC2086 # words
	${CC:-cc} -Wall -Wextra -Werror -o "$work/example" "$work/example.c" \
		$(pkg-config --cflags ktls) $1 $(pkg-config --libs libssl libcrypto)
}

# With a library of their own in the sanitizer's or another compiler's way it would not run.
fetch()
{
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
		-subj /CN=example -keyout "$work/key" -out "$work/cert" 2>/dev/null
	openssl s_server -accept 0 -www -cert "$work/cert" -key "$work/key" >"$work/log" 2>&1 &
	server=$!
	for _ in {1..100}; do
		port=$(sed -n 's/^ACCEPT.*:\([0-9]*\)$/\1/p' "$work/log")
		[ -z "$port" ] || break
		sleep 0.1
	done
	timeout 20 env LD_LIBRARY_PATH="$1" "$work/example" "$port" >"$work/page" 2>"$work/engine" ||
		fail "the example ends with $?: $(cat "$work/engine")"
	grep -q '^HTTP/1.0 200 ok' "$work/page" || fail "no page: $(cat "$work/page")"
	grep -q '</[Hh][Tt][Mm][Ll]>' "$work/page" || fail "the page is not whole"
	grep -qxE 'kTLS \(Kernel\)|OpenSSL \(Userspace\)' "$work/engine" || fail "no engine"
}

case $part in
symbols) symbols ;;
example)
	build "$(pkg-config --libs ktls)"
	ldd "$work/example" | grep -q 'libktls.so.0' || fail "not linked with libktls.so.0"
	fetch "$prefix/lib"
	;;
static)
	build "$prefix/lib/libktls.a"
	fetch ''
	;;
*) fail "library.sh symbols|example|static DIR" ;;
esac
