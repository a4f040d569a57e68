# SPDX-License-Identifier: MIT
# Random profiles, one over another, now and to last, with whatever of them the kernel
# refuses: what is applied has no drift, and reverted one after the other they leave
# everything as it was.
# kernels: 6.1 6.12 7.x
# userlands: trixie
# timeout: 240

. /ktlsctl/case-tune.sh

# A key, and what a value of it is made of: "N MIN MAX" is N numbers that do not fall, else
# one of the words. Some values are refused, by ktlsctl or by the kernel.
keys=(
	"net.ipv4.tcp_rmem 3 4096 200000000"
	"net.ipv4.tcp_wmem 3 4096 200000000"
	"net.ipv4.tcp_mem 3 1024 100000000"
	"net.core.rmem_max 1 4096 200000000"
	"net.core.wmem_max 1 4096 200000000"
	"net.ipv4.tcp_moderate_rcvbuf 1 0 1"
	"net.ipv4.tcp_window_scaling 1 0 1"
	"net.ipv4.tcp_slow_start_after_idle 1 0 1"
	"net.ipv4.tcp_notsent_lowat 1 4096 4294967295"
	"net.ipv4.tcp_keepalive_time 1 30 32767"
	"net.ipv4.tcp_keepalive_intvl 1 5 32767"
	"net.ipv4.tcp_max_syn_backlog 1 64 1048576"
	"net.core.somaxconn 1 64 65535"
	"net.ipv4.tcp_mtu_probing 1 0 2"
	"net.core.busy_poll 1 0 1000"
	"net.core.busy_read 1 0 1000"
	"net.ipv4.tcp_congestion_control bbr vegas cubic nosuch"
	"net.core.default_qdisc fq fq_codel nosuch"
	"module.tls on"
)
# The same each time; told another one, it does something nobody tried yet.
seed=${3-1}
RANDOM=$((seed % 32768))

# Sets $number to one of $1 to $2, small ones as often as large.
any_number()
{
	local span=$(($2 - $1 + 1)) bits=0

	while [ $((span >> bits)) -gt 0 ]; do
		bits=$((bits + 1))
	done
	bits=$((RANDOM % (bits + 1)))
	number=$(($1 + ((RANDOM << 30 | RANDOM << 15 | RANDOM) & ((1 << bits) - 1)) % span))
}

# Sets $value to one of the kind that the words say.
any_value()
{
	local n=$1 least=${2-} most=${3-} i number

	case $n in
	[13]) ;;
	*)
		shift $((RANDOM % $#))
		value=$1
		return
		;;
	esac
	value=
	for ((i = 0; i < n; i++)); do
		any_number "$least" "$most"
		least=$number
		value+="$number "
	done
}

any_profile()
{
	local key words value

	for key in "${keys[@]}"; do
		[ $((RANDOM % 3)) = 0 ] || continue
		read -ra words <<<"$key"
		any_value "${words[@]:1}"
		printf '[%s]\nvalue = %s\nbecause = it is a test\n' "${words[0]}" "$value"
		[ $((RANDOM % 2)) = 0 ] || printf 'may_lower = it is a test\n'
	done
}

# Sets $applied.
apply_any()
{
	local last=()

	any_profile >/tmp/any.profile
	[ -s /tmp/any.profile ] || return 0
	[ $((RANDOM % 2)) = 0 ] || last=(--persist)
	tune --profile /tmp/any.profile --apply "${last[@]}"
	case $CASE_EXIT:$(jq -c '[.changed, .undone, .failure != null]' "$CASE_REPORT") in
	"0:[true,false,false]") applied=$((applied + 1)) ;;
	"0:[false,false,false]" | "4:[false,true,true]") refused=$((refused + CASE_EXIT / 4)) ;;
	"4:[false,false,true]")
		# More memory for a socket than the guest can spare: not begun.
		expect_json 'any(.left_out[]; .state == "refused")' true
		;;
	*) fail "status $CASE_EXIT: $(cat "$CASE_REPORT" /tmp/any.profile)" ;;
	esac
}

note "seed $seed"
tune_near_files
: >/tmp/tune-stamp
tune_glance >/tmp/tune-glance
total=0 refused=0
for round in {1..12}; do
	applied=0
	for ((depth = RANDOM % 3; depth >= 0; depth--)); do
		apply_any
	done
	tune verify
	expect_exit 0
	expect_json .drifted false
	total=$((total + applied))
	while [ $((applied--)) -gt 0 ]; do
		tune revert
		expect_exit 0
	done
	expect_glance "round $round"
done
note "$total profiles applied, $refused refused half way"
[ "$total" -gt 6 ] || fail "hardly any could be applied"
