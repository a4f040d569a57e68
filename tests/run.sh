#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs the suites named on the command line and counts what they print. The last line is
# "N passed, N failed, N skipped"; the exit status is 0 when nothing failed.
set -u
cd "$(dirname "$0")/.." || exit 2

make=${MAKE:-make}
log=$(mktemp -d)
trap 'rm -rf "$log"' EXIT
say() { printf '\n== %s (%s)\n' "$1" "$2"; }
submake() { MAKEFLAGS='' $make --no-print-directory -j2 "$@"; }

# A step that is one test: prints ok or not ok with the end of what it said.
step() {
	local name=$1
	shift
	if "$@" >"$log/step" 2>&1; then
		echo "ok $name"
	else
		echo "not ok $name"
		tail -40 "$log/step" | sed 's/^/# /'
	fi
}

suite_structure() { /usr/bin/python3 tests/structure.py; }
suite_unit() { submake B="${B:-build}" SANITIZE="${SANITIZE:-}" VALGRIND="${VALGRIND:-}" unit; }
suite_cli() { KTLSCTL=${B:-build}/ktlsctl tests/cli/run.py; }

suite_manual() {
	step manual/builds submake B="${B:-build}" man
	tests/manual.py "${B:-build}"
	tests/completion.py "${B:-build}"
	tests/examples.py "${B:-build}"
	step install/into-a-folder submake B="${B:-build}" install DESTDIR="$log/root" PREFIX=/usr
	step install/runs-there "$log/root/usr/bin/ktlsctl" --version
	step install/all-of-it tests/install.sh "$log/root/usr"
	step library/installs submake B="${B:-build}" install-lib PREFIX="$log/usr"
	step library/symbols tests/library.sh symbols "$log/usr"
	step library/example tests/library.sh example "$log/usr"
	step library/static tests/library.sh static "$log/usr"
	step deps/nothing-missing contrib/deps.sh
}

suite_builds() {
	step build/clang submake CC=clang B=build/clang
	step build/minimal submake MINIMAL=1 B=build/minimal
	step build/minimal-says-so sh -c \
		"build/minimal/ktlsctl --version -v | grep -c '^lib[a-z]* *not in this build' |
			grep -qx 2"
	# What could differ without the two libraries.
	step build/minimal-from-outside env KTLSCTL=build/minimal/ktlsctl tests/cli/run.py \
		usage options golden probe peer request live latency/https
	step build/missing-library tests/missing.sh
	step build/sbom submake B="${B:-build}" sbom
	step build/sbom-is-true tests/packages/spdx.py "${B:-build}/ktlsctl.spdx.json" "${B:-build}"
}

suite_sanitize() {
	step sanitize/build submake SANITIZE=address,undefined B=build/sanitize
	submake SANITIZE=address,undefined B=build/sanitize unit | sed 's/^\(not \)\?ok /&sanitize /'
}
# After it: the program from outside.
suite_sanitize-cli() {
	step sanitize-cli/build submake SANITIZE=address,undefined B=build/sanitize
	KTLSCTL=build/sanitize/ktlsctl tests/cli/run.py | sed 's/^\(not \)\?ok /&sanitize\//'
}

suite_valgrind() {
	submake VALGRIND=1 B=build unit | sed 's/^\(not \)\?ok /&valgrind /'
	local vg="valgrind -q --error-exitcode=99 --leak-check=full"
	vg="$vg --suppressions=tests/valgrind.supp"
	for args in "diagnose" "diagnose --json" "diagnose --ndjson" "diagnose -v" \
		"explain tls-module" "explain --schema ktlsctl.report/1"; do
		# shellcheck disable=SC2086 # words
		step "valgrind/$args" sh -c "$vg build/ktlsctl $args; test \$? -ne 99"
	done
	# Not --root: valgrind does not know openat2(2). The sanitizers cover it.
}

suite_fuzz() { submake B=build fuzz FUZZ_RUNS="${FUZZ_RUNS:-20000}"; }
# With the real engines: a file a test, each ends by itself.
suite_engines() {
	for program in tests/engines/test_*.py; do
		KTLSCTL=$PWD/${B:-build}/ktlsctl "$program" ||
			echo "not ok ${program#tests/} (exit status $?)"
	done
}
suite_analyze() { tests/analyze/run.py --jobs 2 --build "${B:-build}"; }
suite_coverage() { submake coverage; }
suite_mutation() { tests/mutation/run.py --jobs 2; }
suite_soak() { tests/soak.py; }
suite_fuzz-long() { submake B=build fuzz-report FUZZ_JOBS=2; }
# What they are built for besides, with programs that run here.
suite_foreign() {
	local arch status
	for arch in i386 arm64; do
		tests/cross.sh "$arch" run >"$log/cross" 2>&1
		status=$?
		[ "$status" != 77 ] || echo "ok foreign/$arch # SKIP $(tail -1 "$log/cross")"
		[ "$status" = 0 ] || [ "$status" = 77 ] || grep -q '^not ok' "$log/cross" ||
			echo "not ok foreign/$arch"
		sed "/^  [A-Z]\+ /d; s/^\(not \)\?ok /&$arch /; /^\(ok\|not ok\|#\)/!s/^/# /" "$log/cross"
	done
}
suite_packages() { tests/packages/run.py; }
suite_vm-core() { submake B=build vm-programs && tests/vm/run.sh --core; }
suite_vm-full() { submake B=build vm-programs && tests/vm/run.sh --kernel all --full; }

for suite in "$@"; do
	start=$SECONDS
	say "$suite" start
	"suite_$suite" 2>&1 | tee "$log/$suite.out"
	# A suite that failed without saying which test is a failure of its own.
	status=${PIPESTATUS[0]}
	if [ "$status" != 0 ] && ! grep -q '^not ok' "$log/$suite.out"; then
		echo "not ok $suite (exit status $status)" | tee -a "$log/$suite.out"
	fi
	grep -q '^ok\|^not ok' "$log/$suite.out" ||
		echo "not ok $suite ran no test" | tee -a "$log/$suite.out"
	say "$suite" "$((SECONDS - start)) s"
done

skipped=$(cat "$log"/*.out | grep -c '^ok .*# SKIP')
passed=$(($(cat "$log"/*.out | grep -c '^ok ') - skipped))
failed=$(cat "$log"/*.out | grep -c '^not ok ')
echo
cat "$log"/*.out | grep '^not ok ' || true
cat "$log"/*.out | grep '^ok .*# SKIP' || true
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
