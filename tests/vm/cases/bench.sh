# SPDX-License-Identifier: MIT
# bench with a kernel that has kTLS: every mode runs as it is named, by the kernel's own
# counters, and none of the figures of an emulated machine becomes a recommendation.
# kernels: 6.1 6.12 7.x
# userlands: trixie
# timeout: 300

. /ktlsctl/case.sh

bench()
{
	note "bench $*"
	CASE_EXIT=0
	"$KTLSCTL" bench --json "$@" >"$CASE_REPORT" 2>/tmp/bench.err || CASE_EXIT=$?
	expect_exit 0
	expect_equal "standard error" "$(cat /tmp/bench.err)" ""
}

# The modes of group $1 that were measured.
present()
{
	jq -r ".groups[$1].results | map(select(.present).mode) | join(\" \")" "$CASE_REPORT"
}

# $1 group, $2 mode, $3 figure, $4 its field.
figure()
{
	jq -r ".groups[$1].results[] | select(.mode == \"$2\") | .figures[] |
		select(.name == \"$3\") | .$4" "$CASE_REPORT"
}

# How often the program has called $1, as the kernel's trace counts it.
called()
{
	awk -v call="sys_$1" '$3 == call { n = $NF } END { print n + 0 }' \
		"$TRACE/events/raw_syscalls/sys_enter/hist"
}

load_tls
# So that system calls are counted, not derived.
TRACE=/sys/kernel/tracing
mount -t tracefs none $TRACE || fail "no tracefs here"
tx=$(tls_stat TlsTxSw) rx=$(tls_stat TlsRxSw)
bench --workload bulk --size 64k --duration 1s
expect_equal "sending" "$(present 0)" "openssl ktls ktls-sendfile ktls-uring plain"
expect_equal "receiving" "$(present 1)" "openssl ktls ktls-uring plain"
expect_json '[.groups[].results[].proofs[].right] | all' true
expect_json '[.groups[].results[] | select(.present) | .proofs | map(.witness) |
	index("tls_stat") != null and index("getsockopt") != null and index("payload") != null] | all' true
expect_json '[.groups[].results[] | select(.present and (.mode | startswith("ktls"))) |
	.proofs | map(.witness) | index("sock_diag") != null] | all' true
expect_json '.groups[0].results[] | select(.mode == "ktls-zerocopy") | .reason |
	contains("no NIC")' true
[ "$(tls_stat TlsTxSw)" -ge "$((tx + 6))" ] || fail "the kernel has counted no sending"
[ "$(tls_stat TlsRxSw)" -ge "$((rx + 4))" ] || fail "the kernel has counted no receiving"

expect_json .host.environment emulated
expect_json '[.advice[].advice] | unique | join(" ")' unknown
for mode in openssl ktls ktls-sendfile ktls-uring plain; do
	expect_equal "$mode: calls" "$(figure 0 $mode sender_calls source)" measured
	note "$mode: $(figure 0 $mode sender_calls value) system calls a GiB to send"
done
expect_equal "copies" "$(figure 0 ktls copies source)" derived
# A write of 64 KiB is one call to the kernel, and four of libssl's records.
[ "$(figure 0 openssl sender_calls value)" -gt "$((65536 * 95 / 100))" ] ||
	fail "libssl wrote less often than once a record"
for mode in ktls ktls-sendfile ktls-uring plain; do
	[ "$(figure 0 $mode sender_calls value)" -lt "$((16384 * 2))" ] || fail "$mode: too many calls"
done

# Each mode sends by the call that it is named after, and not by that of another.
echo 'hist:keys=id.syscall if comm == "ktlsctl"' >$TRACE/events/raw_syscalls/sys_enter/trigger
for mode in ktls ktls-sendfile ktls-uring; do
	files=$(called sendfile64) rings=$(called io_uring_enter) wrote=$(called write)
	bench --only $mode --workload bulk --size 64k --duration 100ms
	files=$(($(called sendfile64) - files)) rings=$(($(called io_uring_enter) - rings))
	wrote=$(($(called write) - wrote)) sent=$(jq .groups[0].results[0].operations "$CASE_REPORT")
	note "$mode: $sent messages; $wrote write, $files sendfile, $rings io_uring_enter"
	case $mode in
	ktls) [ "$wrote" -gt "$sent" ] && [ "$files $rings" = "0 0" ] ;;
	ktls-sendfile) [ "$files" -gt "$sent" ] && [ "$rings" = 0 ] ;;
	ktls-uring) [ "$rings" -gt "$sent" ] && [ "$files" = 0 ] ;;
	esac || fail "$mode by other calls"
done

bench --workload rpc --workload websocket --workload close --size 1k --duration 1s --tls 1.2
for group in 0 1 2; do
	expect_equal "group $group" "$(present $group)" "openssl ktls ktls-uring plain"
	[ "$(figure $group ktls latency_p99 value)" -gt 0 ] || fail "no latency in group $group"
done
expect_json '[.groups[].results[].proofs[].right] | all' true
[ "$(figure 2 ktls attach value)" -gt 0 ] || fail "giving the keys to the kernel took no time"

if [ -e /proc/sys/kernel/io_uring_disabled ]; then
	echo 2 >/proc/sys/kernel/io_uring_disabled
	bench --workload rpc --size 1k --duration 100ms
	expect_equal "without io_uring" "$(present 0)" "openssl ktls plain"
	expect_json '.groups[0].results[] | select(.mode == "ktls-uring") | .reason |
		contains("io_uring is forbidden")' true
	echo 0 >/proc/sys/kernel/io_uring_disabled
fi
