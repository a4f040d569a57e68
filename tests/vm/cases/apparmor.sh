# SPDX-License-Identifier: MIT
# Under the profile of contrib/apparmor, in force, commands say what they say without it, and
# the kernel refuses nothing of theirs; what the profile forbids it does refuse.
# kernels: 6.1 6.12 7.x
# userlands: trixie
# fixtures: apparmor
# timeout: 300

. /ktlsctl/case-request.sh

BOUND=/usr/bin/ktlsctl # the path that the profile is for
trap 'rc=$?; pkill -x ktlsctl || true; (exit $rc); case_end' EXIT

# Of two answers what differs from run to run: times, and what counts what is going on.
comparable()
{
	sed -E 's/"[a-z_]*(duration|_us|_ns|time|seconds|_ms)[a-z_]*":[^,}]*//g
		s/(_seconds|_timestamp)[a-z_]* [0-9.e+]+/\1/' "$1" >"$1.said"
}

# The same by the program that the profile is for, and by the one it is not for.
same()
{
	local free=0 bound=0

	"$KTLSCTL" "$@" >/tmp/free 2>/tmp/free.err || free=$?
	"$BOUND" "$@" >/tmp/bound 2>/tmp/bound.err || bound=$?
	expect_equal "$*: $(cat /tmp/free.err /tmp/bound.err)" "$bound" "$free"
	comparable /tmp/free
	comparable /tmp/bound
	diff /tmp/free.said /tmp/bound.said || fail "$*: another answer"
	[ -s /tmp/bound ] || fail "$*: no answer"
	note "$*: status $bound, $(wc -c </tmp/bound) bytes"
	nothing_denied "$*"
}

nothing_denied()
{
	! dmesg | grep 'apparmor="DENIED"' || fail "$1: more is refused than should be"
}

# $1 is the file, the rest a command that fails because of it. dmesg is emptied.
refused()
{
	local file=$1

	shift
	! "$BOUND" "$@" >/tmp/bound 2>&1 || fail "$*: it is not refused"
	dmesg | grep 'apparmor="DENIED"' >/tmp/denied || fail "$*: refused, and not by AppArmor: $(cat /tmp/bound)"
	grep -q "profile=\"ktlsctl\" name=\"$file" /tmp/denied || fail "$*: $(cat /tmp/denied)"
	note "$*: $(tail -n 1 /tmp/bound)"
	dmesg --clear
}

tar -C / -xf /ktlsctl/apparmor
mountpoint -q /sys/kernel/security || mount -t securityfs none /sys/kernel/security
# Each refusal is told, however many there are.
echo 0 >/proc/sys/kernel/printk_ratelimit
# Without the file it takes what the kernel tells, not what Debian pins.
apparmor_parser --config-file /dev/null --skip-cache --replace /ktlsctl/usr.bin.ktlsctl ||
	fail "the kernel does not take it"
install /ktlsctl/ktlsctl "$BOUND"
load_tls
request_prepare
tls_open

note "it is in force"
"$BOUND" stat --watch --ndjson >/tmp/watch &
watch=$!
wait_for test -s /tmp/watch || fail "nothing to watch"
expect_equal "its profile" "$(cat "/proc/$watch/attr/current")" "ktlsctl (enforce)"
kill "$watch"
wait "$watch" || true
dmesg --clear

# Runs one that may say something else each time; status $1.
does()
{
	local status=0 wanted=$1

	shift
	"$BOUND" "$@" >/tmp/done 2>/tmp/done.err || status=$?
	expect_equal "$*: $(cat /tmp/done.err)" "$status" "$wanted"
	note "$*: $(wc -c </tmp/done) bytes"
	nothing_denied "$*"
}

note "what it says"
same diagnose --json
same sockets --json
same stat --json
same export --format=prometheus
same tune --profile throughput
same explain tls-module

note "what it does"
"$BOUND" serve --listen 127.0.0.1:4434 >/tmp/serve.out 2>/tmp/serve.err &
wait_for grep -q listening /tmp/serve.out || fail "no server: $(cat /tmp/serve.err)"
count_modes
does 0 request --insecure --ktls=require "https://127.0.0.1:4434/bytes?size=100000"
expect_equal "bytes" "$(wc -c </tmp/done)" 100000
count_modes
expect_equal "the kernel's connections" "$COUNTED" "2 2"
if [ "${2-}" != core ]; then
	same probe --json --only TLS1.3,aes-gcm-128
	does 0 latency --insecure --count=50 --json https://127.0.0.1:4434/
	does 0 bench --quick --duration=5s --workload=close --json
	# Nobody knows the certificate.
	does 1 scan --json 127.0.0.1:4434
fi

note "what it may write"
mkdir -p /root/out
"$BOUND" snapshot /root/out/snap >/dev/null || fail "no snapshot"
"$BOUND" diagnose --root /root/out/snap --json --output /root/out/report >/dev/null || [ $? = 1 ] ||
	fail "no report"
jq -e .status /root/out/report >/dev/null || fail "no report there"
nothing_denied snapshot

note "what it may not"
mkdir -p /etc/ssl/private
cp "$CASE_TLS/cert" /etc/ssl/private/mine
refused /etc/ssl/private/mine request --cacert /etc/ssl/private/mine https://127.0.0.1:4433/
refused /etc/out explain --list --output /etc/out
refused /usr/share/out explain --list --output /usr/share/out
[ ! -e /etc/out ] && [ ! -e /usr/share/out ] || fail "it is there all the same"
