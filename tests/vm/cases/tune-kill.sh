# SPDX-License-Identifier: MIT
# kill -9 at every step of applying, of confirming and of reverting, counted in the run
# itself; a revert restores every value and every file.
# kernels: 6.1 6.12 7.x
# userlands: trixie
# cmdline: rcupdate.rcu_expedited=1
# timeout: 600

. /ktlsctl/case-tune.sh

wishes=(--set "net.ipv4.tcp_rmem=4096 131072 67108864" --set net.ipv4.tcp_slow_start_after_idle=0)

tune_near_files
tune_kill_everywhere true "${wishes[@]}" --set module.tls=on --apply --persist
[ "$TUNE_STEPS" -gt 40 ] || fail "only $TUNE_STEPS steps"

note "the same for a revert"
apply_before()
{
	"$KTLSCTL" tune "${wishes[@]}" --apply --persist >/tmp/out 2>&1 ||
		fail "cannot apply: $(cat /tmp/out)"
}
tune_kill_everywhere apply_before revert
[ "$TUNE_STEPS" -gt 15 ] || fail "only $TUNE_STEPS steps"

note "the same for a confirmation"
apply_unconfirmed()
{
	"$KTLSCTL" tune "${wishes[@]}" --apply --persist --confirm-within 600s >/tmp/out 2>&1 ||
		fail "cannot apply: $(cat /tmp/out)"
}
tune_kill_everywhere apply_unconfirmed confirm
[ "$TUNE_STEPS" -gt 10 ] || fail "only $TUNE_STEPS steps"
