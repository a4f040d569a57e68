#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The manual page names every option, command, exit status and check that the program has.
set -u
build=$1
# Wide, so that no name is broken at its hyphen.
page=$(mandoc -T ascii -O width=500 "$build/man/ktlsctl.8" | sed 's/.\x08//g')
status=0
missing() { echo "the manual does not name $1"; status=1; }

for command in diagnose probe serve sockets stat scan tune export fleet explain snapshot; do
	grep -q "ktlsctl $command" <<<"$page" || missing "the command $command"
	for option in $("$build/ktlsctl" "$command" --help | grep -o -- '--[a-z-]*' | sort -u); do
		grep -q -- "$option" <<<"$page" || missing "$option of $command"
	done
done
for id in $("$build/ktlsctl" explain --list | cut -d' ' -f1); do
	grep -qw -- "$id" <<<"$page" || missing "the check $id"
done
for name in $(grep -o '^{ "ktlsctl_[a-z_]*\|NIC_[A-Z]*("[a-z_]*' <(sed 's/^\t*//' lib/out/metrics.c) |
	sed 's/{ "//; s/NIC_GAUGE("/ktlsctl_nic_tls_/; s/NIC_TOTAL("\(.*\)/ktlsctl_nic_tls_\1_total/'); do
	grep -qw -- "$name" <<<"$page" || missing "the metric $name"
done
exit "$status"
