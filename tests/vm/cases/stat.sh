# SPDX-License-Identifier: MIT
# ktlsctl stat: the kernel's counters as they are, and as they rise: a decrypt error, and a
# rekey where the kernel has that; each network namespace for itself.
# kernels: 6.1 6.12 7.x
# timeout: 300
# userlands: trixie
# core: 7.x

. /ktlsctl/case.sh

note "no module, no counters"
"$KTLSCTL" stat | head -n 1 | grep -q 'not loaded' || fail "$("$KTLSCTL" stat)"
load_tls

# Every line of the file, name and value.
expect_same()
{
	"$KTLSCTL" stat --json >"$CASE_REPORT"
	expect_equal "counters" \
		"$(jq -r '.namespaces[0].counters[] | "\(.name) \(.value)"' "$CASE_REPORT")" \
		"$(awk '{ print $1, $2 }' /proc/net/tls_stat)"
}

expect_same
expect_json '[.namespaces[0].counters[] | select(.kind == "unknown")] | length' 0

note "as they happen"
"$KTLSCTL" stat --watch=1s >/tmp/watched &
watched=$!
"$KTLSCTL" stat --watch=1s --ndjson >/tmp/watched.json &
watched_json=$!
sleep 3
/ktlsctl/events spoil || fail "events spoil"
wait_for grep -q 'TlsDecryptError .* +1 ' /tmp/watched || fail "no decrypt error: $(cat /tmp/watched)"
if [ -n "$(tls_stat TlsTxRekeyOk)" ]; then
	/ktlsctl/events rekey || fail "events rekey"
	wait_for grep -q 'TlsTxRekeyOk .* +1 ' /tmp/watched || fail "no rekey: $(cat /tmp/watched)"
fi
sleep 2
kill "$watched" "$watched_json"
wait "$watched" "$watched_json" || true
grep '^[0-9:]* ' /tmp/watched
expect_equal "rise" "$(jq -rs '[.[].namespaces[0].counters[] | select(.name == "TlsDecryptError") | .rise // 0]
	| add' /tmp/watched.json)" 1
expect_same

note "another namespace counts for itself"
ip netns add inner
"$KTLSCTL" stat --json --netns inner >"$CASE_REPORT"
expect_json '.namespaces[0].netns + " " + ([.namespaces[0].counters[].value] | add | tostring)' "inner 0"
"$KTLSCTL" stat --json --netns all >"$CASE_REPORT"
expect_json '[.namespaces[].netns] | join(",")' ",inner"
