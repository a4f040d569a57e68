# SPDX-License-Identifier: MIT
# io_uring on a socket with keys: works where it is allowed; where it is not, that is
# unknown with its reason, and never a fault of kTLS.
# kernels: 6.12

. /ktlsctl/case.sh

# $1 the verdict, $2 the errno, $3 a word of the note; the rest runs before the program
expect_io_uring()
{
	local verdict=$1 error=$2 word=$3

	shift 3
	CASE_EXIT=0
	"$@" "$KTLSCTL" probe --kernel --only io-uring --json >"$CASE_REPORT" || CASE_EXIT=$?
	expect_json '.probe.features[0].id' io-uring
	expect_json '.probe.features[0].verdict' "$verdict"
	expect_json '.probe.features[0].error' "$error"
	expect_json ".probe.features[0].note | contains(\"$word\")" true
}

load_tls
expect_io_uring works 0 "" env
expect_exit 0
note "the kernel has it no more"
expect_io_uring unknown -38 "no io_uring" \
	strace -f -qq -o /tmp/trace -e inject=io_uring_setup:error=ENOSYS
grep -q 'io_uring_setup.*INJECTED' /tmp/trace || fail "io_uring_setup(2) was not denied"
expect_exit 3
note "as little memory as Linux before 5.12 gives anybody"
expect_io_uring unknown -12 "ulimit" \
	strace -f -qq -o /tmp/trace -e inject=io_uring_setup:error=ENOMEM
note "a filter that lets it be set up and no more"
expect_io_uring unknown -1 "" \
	strace -f -qq -o /tmp/trace -e inject=io_uring_enter:error=EPERM
note "forbidden"
echo 2 >/proc/sys/kernel/io_uring_disabled
expect_io_uring unknown -1 io_uring_disabled env
"$KTLSCTL" probe --kernel --only aes-gcm-128,io-uring >/tmp/said ||
	fail "a forbidden io_uring changes the answer"
grep -q '^4 of 4 cells work' /tmp/said || fail "$(cat /tmp/said)"
