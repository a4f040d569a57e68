# SPDX-License-Identifier: MIT
# serve by HTTP and WebSocket, asked by curl: both directions are the kernel's.
# kernels: 6.12 7.x
# userlands: trixie

. /ktlsctl/case-request.sh

load_tls
"$KTLSCTL" serve --listen 127.0.0.1:4433 --max-connections 4 >/tmp/serve.out 2>/tmp/serve.err &
server=$!
trap 'rc=$?; kill "$server"; (exit $rc); case_end' EXIT
wait_for grep -q listening /tmp/serve.out

has_said()
{
	[ "$(wc -l </tmp/serve.err)" -ge "$1" ]
}

# $1 is the number of the line, the rest what has to stand in it.
expect_said()
{
	local line

	wait_for has_said "$1"
	line=$(sed -n "$1p" /tmp/serve.err)
	shift
	case $line in
	*"$*"*) ;;
	*) fail "serve says '$line', not '$*'" ;;
	esac
}

count_modes
head -c 3000000 /dev/zero >/tmp/wanted
for version in 1.2 1.3; do
	note "GET, TLS $version"
	curl -sk --tlsv$version --tls-max $version -o /tmp/got -o /tmp/more \
		"https://127.0.0.1:4433/bytes?size=1000000" \
		"https://127.0.0.1:4433/bytes?size=2000000"
	cat /tmp/more >>/tmp/got
	cmp /tmp/got /tmp/wanted || fail "another body"
	count_modes
	[ "$COUNTED" = "1 1" ] || fail "the kernel counted '$COUNTED': $(cat /tmp/serve.err)"
done
expect_said 1 "TLSv1.2, tx kernel, rx kernel, 2 answers, 3000000 bytes"
expect_said 2 "TLSv1.3, tx kernel, rx kernel, 2 answers, 3000000 bytes"

# Its tool prints a close, and answers none.
note "messages, as curl understands them"
curl -sk -N --max-time 20 -o /tmp/got \
	"wss://127.0.0.1:4433/publish?rate=0&count=500&size=1000&text=1&piece=300" ||
	fail "curl: $?"
count_modes
[ "$COUNTED" = "1 1" ] || fail "the kernel counted '$COUNTED'"
fill=$(head -c 984 /dev/zero | tr '\0' x)
for i in {0..499}; do
	printf '%016x%s' "$i" "$fill"
done >/tmp/wanted
printf '\003\350' >>/tmp/wanted
cmp /tmp/got /tmp/wanted || fail "other messages"
expect_said 3 "refused: it did not answer the close"
