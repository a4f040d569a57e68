# SPDX-License-Identifier: MIT
# An hour of sockets and stat, which look again and again, and of request, with one connection
# after another, all of them the kernel's: memory, descriptors and what the kernel holds stay
# what they are. Clocks count instructions, so nobody waits for that hour to pass
# (tests/soak.py looks more often, without the kernel's TLS).
# kernels: 6.12 7.x
# userlands: trixie
# icount: 3
# timeout: 2400

. /ktlsctl/case-request.sh

# Seconds between two answers, for which a connection is open, and between two looks.
CONNECTIONS=180 GAP=20 EVERY=2
[ "${2-}" != core ] || CONNECTIONS=20 GAP=2 EVERY=1
LOOKS=$((CONNECTIONS * GAP / EVERY))
# Without malloc's cache, as in tests/soak.py: it fills for long, and looks like a leak.
export GLIBC_TUNABLES=glibc.malloc.tcache_count=0
SAMPLES=/tmp/samples
STARTED=()
declare -A GREW

# Ends what still runs before case_end waits for it.
soak_end()
{
	local rc=$?

	kill "${STARTED[@]}" 2>/dev/null || true
	(exit "$rc")
	case_end
}
trap soak_end EXIT

# Loses a descriptor and 5000 bytes with each line it reads.
leaking()
{
	local line fd kept=''

	while read -r line; do
		exec {fd}</dev/null
		printf -v line %5000s ''
		kept+=$line
	done
}

# What is the process's own in KiB, and its descriptors, into the file of $1; $2 is its id.
# Nothing is started for it, which would cost more than what is looked at.
sample()
{
	local status descriptors

	mapfile -t status 2>/dev/null <"/proc/$2/status" || return 0
	descriptors=("/proc/$2/fd/"*)
	[[ ${status[*]} =~ RssAnon:[^0-9]*([0-9]+) ]] || return 0
	echo "${BASH_REMATCH[1]} ${#descriptors[@]}" >>"$SAMPLES.$1"
}

# Sets GREW[$1] to the least of the last fifth above the least of the second. The first
# warms up, and what a look needs for a moment counts in neither.
growth()
{
	GREW[$1]=$(awk '{ memory[NR] = $1; open[NR] = $2 }
		function least(of, from, to,   i, min) {
			min = of[from]
			for (i = from; i <= to; i++)
				min = of[i] < min ? of[i] : min
			return min
		}
		function more(of, fifth) {
			return least(of, NR - fifth + 1, NR) - least(of, fifth + 1, 2 * fifth)
		}
		END { print NR, more(memory, int(NR / 5)), more(open, int(NR / 5)) }' "$SAMPLES.$1")
	note "$1: ${GREW[$1]} (samples, KiB more, descriptors more), at last" \
		"$(tail -n 1 "$SAMPLES.$1")"
}

# An allocation that is lost with each look takes 32 bytes; the heap may have holes.
expect_flat()
{
	local samples memory open

	read -r samples memory open <<<"${GREW[$1]}"
	[ "$samples" -ge "$((CONNECTIONS - 2))" ] || fail "$1: too few samples"
	[ "$memory" -le 16 ] || fail "$1: its memory grows"
	[ "$open" -le 0 ] || fail "$1: descriptors are left open"
}

expect_leak()
{
	local memory open

	read -r _ memory open <<<"${GREW[$1]}"
	[ "$memory" -gt 16 ] && [ "$open" -gt 0 ] || fail "a leak is not seen"
}

kernel_holds()
{
	echo "$(tls_stat TlsCurrTxSw) $(tls_stat TlsCurrRxSw) $(awk '$1 == "tls" { print $3 }' /proc/modules)"
}

kernel_holds_nothing()
{
	[ "$(kernel_holds)" = "0 0 0" ]
}

# Each answer is written when a reader is there, which is the server.
answer()
{
	while nap; do
		echo small >"$SERVER_ROOT/answer"
	done
}

# sleep(1) without a process.
nap()
{
	read -rt "$GAP" -u 6 || true
}

load_tls
request_prepare
mkfifo "$SERVER_ROOT/answer" /tmp/lines /tmp/never
exec 6<>/tmp/never
(cd "$SERVER_ROOT" && exec openssl s_server -accept 4433 -cert "$CASE_TLS/cert" \
	-key "$CASE_TLS/key" -WWW -ktls -quiet) >/tmp/server.log 2>&1 &
STARTED+=("$!")
wait_for server_answers || fail "the server does not answer"
wait_for kernel_holds_nothing || fail "the kernel holds before: $(kernel_holds)"
count_modes

"$KTLSCTL" sockets "--watch=${EVERY}s" --ndjson >/tmp/sockets &
sockets=$!
"$KTLSCTL" stat "--watch=${EVERY}s" --ndjson >/tmp/stat &
stat=$!
leaking </tmp/lines &
leak=$!
exec 5>/tmp/lines
answer &
STARTED+=("$sockets" "$stat" "$leak" "$!")
"$KTLSCTL" request --cacert "$CASE_TLS/cert" --ktls=require --repeat="$CONNECTIONS" --json \
	--connect-timeout=60s --output=/dev/null "$REQUEST_URL/answer" >"$CASE_REPORT" \
	2>/tmp/request.err &
request=$!

while kill -0 "$request" 2>/dev/null; do
	nap
	sample sockets "$sockets"
	sample stat "$stat"
	sample request "$request"
	echo x >&5
	sample leak "$leak"
done
wait "$request" || fail "request: $(cat /tmp/request.err)"
kill "$sockets" "$stat"

count_modes
looks=$(wc -l </tmp/stat)
note "$looks looks at the counters, $(wc -l </tmp/sockets) sockets seen; the kernel had $COUNTED"
expect_json .connections_total "$CONNECTIONS"
expect_modes kernel kernel
[ "${COUNTED% *}" -ge "$((2 * CONNECTIONS))" ] || fail "they were not the kernel's"
[ "$looks" -ge "$LOOKS" ] || fail "too few looks"
[ "$(grep -c '"tx":"sw"' /tmp/sockets)" -ge "$LOOKS" ] ||
	fail "the watcher did not see them"
for name in sockets stat request leak; do
	growth "$name"
done
expect_flat sockets
expect_flat stat
expect_flat request
expect_leak leak
wait_for kernel_holds_nothing || fail "the kernel still holds: $(kernel_holds)"
