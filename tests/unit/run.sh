#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# run.sh PROGRAM...: unit tests side by side, two a processor, because some of them wait a lot;
# what they say, in the order of their names on the command line, as TAP.
# A program itself ends with 0 or 1; more is a crash, or what valgrind or a sanitizer found.
# cmocka says "not ok" of what it skips. UNIT_RUN: what runs them; exit status 1: one failed.
set -u
export ASAN_OPTIONS=exitcode=9 UBSAN_OPTIONS=exitcode=9 UNIT_RUN=${UNIT_RUN:-}

rm -f "${@/%/.status}" # nobody passes by what was said another time
# shellcheck disable=SC2016 # for the shell inside
printf '%s\n' "$@" | xargs -P $((2 * $(nproc))) -I{} sh -c \
	'$UNIT_RUN {} >{}.tap 2>&1; echo $? >{}.status'

failed=
for t in "$@"; do
	status=$(cat "$t.status") || status=2
	echo "# ${t##*/}"
	sed -E -e 's/^not ok ([0-9]+) # SKIP (.*)/ok \1 - \2 # SKIP not possible here/' \
		-e '/^(ok|not ok|#|1\.\.)/!s/^/# /' "$t.tap"
	[ "$status" = 0 ] || failed="$failed ${t##*/}"
	[ "$status" -le 1 ] || echo "not ok ${t##*/} (exit status $status)"
done
[ -z "$failed" ] || { echo "# failed:$failed"; exit 1; }
