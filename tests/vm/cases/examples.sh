# SPDX-License-Identifier: MIT
# The examples of the manual that need kernel TLS ("; run: laboratory", see
# tests/examples.py): each is run, and says what stands there.
# kernels: 6.12
# userlands: trixie

. /ktlsctl/case.sh

# $1: what stands in the page; "..." is anything, alone in a line any lines.
pattern_of()
{
	local line part out=''

	while IFS= read -r line; do
		if [ "${line// /}" = ... ]; then
			out+='*'
			continue
		fi
		while [[ $line == *...* ]]; do
			part=${line%%...*}
			line=${line#*...}
			out+="$(printf %q "$part")*"
		done
		out+=$(printf %q "$line")$'\n'
	done <<<"$1"
	out=${out%$'\n'}
	printf '%s' "${out//\'\'/}"
}

# $1: page, $2: command, $3: what it is to say.
example()
{
	local got wanted

	note "${1##*/}: $2"
	got=$(cd /tmp && PATH=/ktlsctl:$PATH LC_ALL=C bash -c "$2" 2>&1 | sed 's/ *$//') || true
	wanted=$(pattern_of "$3")
	printf '%s\n' "$got"
	# shellcheck disable=SC2254 # a pattern
	case $got in
	$wanted) ;;
	*)
		printf '%s\n' "wanted:" "$3" "got:" "$got"
		fail "an example of ${1##*/}"
		;;
	esac
	echo "$2" >>/tmp/examples
}

# $1: a page. Its lines have scdoc's backslashes.
examples_of()
{
	local line inside=no runs=no command='' said=''

	sed 's/\\\(.\)/\1/g' "$1" >/tmp/lines
	while IFS= read -r line; do
		case $line in
		'; run: laboratory'*) runs=yes ;;
		'; run: '*) runs=no ;;
		esac
		if [ "$line" = '```' ]; then
			[ -z "$command" ] || example "$1" "$command" "$said"
			command='' said=''
			[ $inside = yes ] && inside=no || inside=yes
		elif [ $inside$runs = yesyes ] && [[ $line == '$ '* ]]; then
			[ -z "$command" ] || example "$1" "$command" "$said"
			command=${line#??} said=''
		elif [ -n "$command" ]; then
			said+=${said:+$'\n'}$line
		fi
	done </tmp/lines
}

load_tls
tls_open
openssl s_server -accept 4443 -www -ktls -cert "$CASE_TLS/cert" -key "$CASE_TLS/key" \
	>/tmp/www 2>&1 </dev/null &
wait_for grep -q ^ACCEPT /tmp/www || fail "s_server does not start"
failures=0
for page in /ktlsctl/man/*.scd; do
	grep -q '^; run: laboratory' "$page" || continue
	(examples_of "$page") || failures=$((failures + 1))
done
[ -s /tmp/examples ] || fail "there are none"
[ "$failures" = 0 ] || fail "$failures pages"
