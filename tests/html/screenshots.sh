#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Pages as a browser shows them: screenshots.sh [FOLDER [NAME...]] (build/screenshots) makes samples
# and takes pictures of them, or of these: a telephone, a laptop, paper (six sheets), light and dark.
# Wants Debian's chromium and poppler-utils; they are for people to look at, no test.
set -eu
cd "$(dirname "$0")/../.."
out=$(realpath -m "${1:-build/screenshots}")
for program in chromium:chromium pdftoppm:poppler-utils; do
	command -v "${program%:*}" >/dev/null || {
		echo "screenshots: the package ${program#*:} is missing" >&2
		exit 1
	}
done
python3 tests/html/samples.py "$out" >/dev/null
profile=$(mktemp -d)
trap 'rm -rf "$profile"' EXIT

# browse OPTION...: one run of the browser, without what it says of a machine without a screen.
browse() {
	timeout 120 chromium --headless --no-sandbox --disable-gpu --hide-scrollbars \
		--user-data-dir="$profile" "$@" >"$profile/said" 2>&1 || {
		cat "$profile/said" >&2
		return 1
	}
}

shift $(($# > 0))
[ $# -gt 0 ] || set -- $(cd "$out" && ls ./*.html | sed 's/^..//; s/\.html$//')
for name in "$@"; do
	page=$out/$name.html
	for size in phone:390,2600 laptop:1366,2600; do
		for scheme in light:1 dark:0; do
			browse --window-size="${size#*:}" --force-device-scale-factor=1 \
				--blink-settings=preferredColorScheme="${scheme#*:}" \
				--screenshot="$out/$name-${size%:*}-${scheme%:*}.png" "file://$page"
		done
	done
	browse --no-pdf-header-footer --print-to-pdf="$out/$name.pdf" "file://$page"
	pdftoppm -r 60 -l 6 -png "$out/$name.pdf" "$out/$name-print"
done
ls "$out"/*.png
