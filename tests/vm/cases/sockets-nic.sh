# SPDX-License-Identifier: MIT
# ktlsctl sockets and stat about a card that encrypts: the label, the interface by route, and
# whether it does what the label says.
# kernels: 6.1 6.12 7.x
# timeout: 300
# userlands: trixie
# fixtures: tlsnic

. /ktlsctl/case-nic.sh

# Of the one socket of ours: "TX NIC REASON".
socket()
{
	"$KTLSCTL" sockets --json >"$CASE_REPORT"
	jq -r '.sockets[] | "\(.tls.tx) \(.nic.name) \(.nic.reason // "")"' "$CASE_REPORT"
}

load_tlsnic
nic_connect
expect_hardware
expect_equal "the socket" "$(socket)" "hw tlsnic0 "
expect_json .offload.verdict ok
"$KTLSCTL" sockets | tee /tmp/text
head -n 1 /tmp/text | grep -q '^1 kTLS socket: 1 tx hw rx ' || fail "the first line"
! grep -q '^  ! ' /tmp/text || fail "a warning where all is well"
expect_equal "in hardware" "$("$KTLSCTL" sockets --ndjson --mode hw | grep -c tlsnic0)" 1

note "its counters under common names"
"$KTLSCTL" stat --json >"$CASE_REPORT"
for name in tx_encrypted_packets tx_encrypted_bytes tx_contexts; do
	expect_equal "$name" "$(jq --arg n "$name" '.namespaces[0].nics[] | select(.name == "tlsnic0") |
		.counters[] | select(.name == $n) | .value' "$CASE_REPORT")" \
		"$(nic_counter tlsnic0 "$(sed 's/^tx_/tx_tls_/; s/contexts/ctx/' <<<"$name")")"
done
expect_equal "live" "$(jq '.namespaces[0].nics[] | select(.name == "tlsnic0") | .counters[] |
	select(.name == "tx_contexts_live") | .value' "$CASE_REPORT")" 1

note "rules that ask for a mark"
ip rule add fwmark 7 table 100
expect_equal "the socket" "$(socket)" "hw  policy-routing"
ip rule del fwmark 7 table 100

note "the card goes down: the label stays, and a line says what is"
ip link set tlsnic0 down
"$KTLSCTL" sockets | tee /tmp/text
grep -q '^  ! tlsnic0: ' /tmp/text || fail "nothing says that it is software now"
"$KTLSCTL" sockets --json >"$CASE_REPORT"
expect_json '.offload.verdict + " " + .offload.reason + " " + .sockets[0].tls.tx' \
	"warn nic-tls-effect-down hw"
