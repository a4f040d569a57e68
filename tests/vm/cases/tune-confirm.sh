# SPDX-License-Identifier: MIT
# --confirm-within: taken back at the deadline whatever becomes of ktlsctl and its
# terminal; no file before the confirmation; and a watcher that was killed is missed.
# kernels: 6.1 6.12 7.x
# userlands: trixie
# timeout: 400

. /ktlsctl/case-tune.sh

wishes=(--set net.ipv4.tcp_slow_start_after_idle=0)
slow_start()
{
	cat /proc/sys/net/ipv4/tcp_slow_start_after_idle
}

is_back()
{
	[ "$(slow_start)" = 1 ]
}

watchers()
{
	pgrep -x ktlsctl || true
}

tune_state >/tmp/before

note "nobody confirms"
tune "${wishes[@]}" --apply --persist --confirm-within 3s
expect_exit 0
expect_equal "the key" "$(slow_start)" 0
[ ! -e /etc/sysctl.d/60-ktlsctl.conf ] || fail "a file before the confirmation"
wait_for is_back || fail "it was not taken back"
wait_for test -z "$(watchers)" || true
expect_state /tmp/before
tune history
expect_json '.applies[-1].state' reverted

note "the terminal goes, and ktlsctl is killed half way"
steps=$({ /ktlsctl/killstep -f 0 "$KTLSCTL" tune "${wishes[@]}" --apply --confirm-within 1s >/dev/null; } 2>&1 | tail -n 1)
wait_for is_back || fail "it was not taken back"
for at in $((steps - 4)) $((steps / 2)); do
	setsid -w /ktlsctl/killstep -f "$at" "$KTLSCTL" tune "${wishes[@]}" --apply \
		--confirm-within 2s >/tmp/out 2>&1 || [ $? = 9 ] || fail "it was not killed: $(cat /tmp/out)"
	sleep 4
	is_back || fail "killed at $at of $steps: not taken back"
	"$KTLSCTL" tune revert >/tmp/out || fail "revert: $(cat /tmp/out)"
	expect_state /tmp/before
done

note "the watcher ignores a hang-up"
tune "${wishes[@]}" --apply --confirm-within 3s
for pid in $(watchers); do
	kill -HUP "$pid"
done
wait_for is_back || fail "it was not taken back"

note "confirmed: it stays, and only now there are files"
tune "${wishes[@]}" --apply --persist --confirm-within 3s
tune confirm
expect_exit 0
[ -e /etc/sysctl.d/60-ktlsctl.conf ] || fail "no file after the confirmation"
sleep 5
expect_equal "the key" "$(slow_start)" 0
tune revert
expect_exit 0
expect_state /tmp/before

note "the watcher is killed: the next command says so, and a revert helps"
tune "${wishes[@]}" --apply --confirm-within 60s
pids=$(watchers)
[ -n "$pids" ] || fail "there is no watcher"
kill -KILL $pids
sleep 1
"$KTLSCTL" tune 2>/tmp/err >/dev/null || fail "a plan fails"
grep -q "nobody is left to take it back: ktlsctl tune revert" /tmp/err ||
	fail "nothing is said: $(cat /tmp/err)"
tune history
expect_json '.applies[-1].state' abandoned
tune "${wishes[@]}" --apply
expect_exit 4
tune revert
expect_exit 0
expect_state /tmp/before

note "killed at 1 in $CASE_STRIDE of $steps steps: a revert need not wait for the watcher"
rm -rf /var/lib/ktlsctl
: >/tmp/tune-stamp
tune_glance >/tmp/tune-glance
for ((at = 1; at <= steps; at += CASE_STRIDE)); do
	rc=0
	/ktlsctl/killstep -f "$at" "$KTLSCTL" tune "${wishes[@]}" --apply \
		--confirm-within 600s >/tmp/out 2>&1 || rc=$?
	[ "$rc" = 9 ] || fail "it was not killed at $at: $(cat /tmp/out)"
	"$KTLSCTL" tune revert >/tmp/out 2>&1 || fail "revert, killed at $at: $(cat /tmp/out)"
	expect_glance "killed at $at"
	rm -rf /var/lib/ktlsctl
done
expect_state /tmp/before
