#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A build with something missing names it and `make deps`, in one line, and stops.
set -u
out=$(PKG_CONFIG_LIBDIR=/nonexistent make -s B="$(mktemp -d)" 2>&1 >/dev/null)
status=$?
echo "$out"
[ "$status" != 0 ] && [ "$(grep -c . <<<"$(grep -v '^make' <<<"$out")")" = 1 ] &&
	grep -q "ktlsctl: the package libssl-dev is missing; 'make deps' installs it" <<<"$out"
