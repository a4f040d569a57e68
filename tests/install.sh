#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# All that is to be installed is below a folder, as it is in the tree: install.sh PREFIX.
set -u
prefix=$1 status=0
missing() { echo "not installed: $1"; status=1; }

for page in share/man/*.scd; do
	page=$(basename "$page" .scd)
	[ -s "$prefix/share/man/man${page##*.}/$page" ] || missing "$page"
done
for file in share/bash-completion/completions/* share/zsh/site-functions/* \
	share/fish/vendor_completions.d/*; do
	cmp "$file" "$prefix/$file" || missing "$file"
done
for file in share/schema/*.json profiles/*; do
	cmp "$file" "$prefix/share/ktlsctl/${file#share/}" || missing "$file"
done
for file in docs/*.md; do
	cmp "$file" "$prefix/share/doc/ktlsctl/${file##*/}" || missing "$file"
done
[ -x "$prefix/bin/ktlsctl" ] || missing ktlsctl
# Nobody but root may write to any of it.
find "$prefix" -perm /022 ! -type l | grep . && status=1
exit "$status"
