# SPDX-License-Identifier: MIT
# What a MiB costs in user space: instructions and system calls of request, with the kernel
# in both directions, beside curl's. An instruction takes 64 ns here, so user time counts
# them; no claim on time: the kernel's tests of a cipher that it loads take most of a minute
# of such a clock, and a handshake waits for them. What starting costs is taken off.
# kernels: 6.12 7.x
# userlands: trixie
# icount: 6
# timeout: 300

. /ktlsctl/case-request.sh

SMALL=1 LARGE=17 # MiB
curl=(curl -sS --http1.1 --cacert "$CASE_TLS/cert" -o /dev/null)
request=("$KTLSCTL" request --cacert "$CASE_TLS/cert" --ktls require --output /dev/null
	--connect-timeout 600s)

# In thousands: user time is 64 ns each.
instructions()
{
	local TIMEFORMAT=%3U seconds

	seconds=$({ time "$@" >/tmp/said 2>&1; } 2>&1) || fail "$*: $(cat /tmp/said)" >&2
	awk -v s="$seconds" 'BEGIN { printf "%d", s * 1e9 / 64 / 1000 }'
}

system_calls()
{
	strace -f -c -o /tmp/calls "$@" >/tmp/said 2>&1 || fail "$*: $(cat /tmp/said)" >&2
	awk '$NF == "total" { print $4 }' /tmp/calls
}

# $1 of one of the two, $2 runs, the rest a client: a MiB's share, the median.
each_mib()
{
	local small large

	for ((run = 0; run < $2; run++)); do
		small=$("$1" "${@:3}" "$REQUEST_URL/small") || return
		large=$("$1" "${@:3}" "$REQUEST_URL/large") || return
		echo $(((large - small) / (LARGE - SMALL)))
	done | sort -n | sed -n "$((($2 + 1) / 2))p"
}

load_tls
request_prepare
cat >/tmp/nginx.conf <<-END
	user root;
	pid /tmp/nginx.pid;
	error_log /tmp/nginx.log;
	events { }
	http {
		access_log off;
		sendfile on;
		server {
			listen 4433 ssl;
			ssl_certificate $CASE_TLS/cert;
			ssl_certificate_key $CASE_TLS/key;
			ssl_conf_command Options KTLS;
			root $SERVER_ROOT;
		}
	}
END
head -c "$((SMALL << 20))" /dev/zero >"$SERVER_ROOT/small"
head -c "$((LARGE << 20))" /dev/zero >"$SERVER_ROOT/large"
nginx -c /tmp/nginx.conf || fail "nginx does not start"
wait_for server_answers || fail "nginx does not answer"

theirs=$(each_mib instructions 3 "${curl[@]}")
ours=$(each_mib instructions 3 "${request[@]}")
their_calls=$(each_mib system_calls 1 "${curl[@]}")
our_calls=$(each_mib system_calls 1 "${request[@]}")
note "a MiB: curl $theirs thousand instructions and $their_calls system calls," \
	"request $ours thousand and $our_calls"
[ "$theirs" -gt 0 ] || fail "curl cost nothing: the measure is wrong"
[ "$((ours * 10))" -le "$theirs" ] || fail "more than a tenth of curl's instructions"
[ "$our_calls" -lt "$their_calls" ] || fail "more system calls than curl"
nginx -c /tmp/nginx.conf -s stop
