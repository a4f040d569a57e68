# SPDX-License-Identifier: MIT
# Records that no peer should send: what this kernel says to each, what comes of those that
# are harmless, and which kernels are not tried at all.
# kernels: 6.1 6.12 7.x
# timeout: 300
# userlands: trixie

. /ktlsctl/case.sh
. /ktlsctl/case-probe.sh

hostile=zero-length,zero-length-flood,truncated,bad-type,bad-outer-type,unknown-type
hostile+=,padding-only,plaintext,bad-version,too-long,longest,shorter-than-tag
hostile+=,length-zero,split-header,split-bad-header,key-update-flood

expected()
{
	cat <<-'END'
		zero-length works 0
		zero-length-flood works 0
		truncated works 0
		bad-type refused -74
		bad-outer-type no_effect 0
		unknown-type works 0
		padding-only refused -74
		plaintext refused -22
		bad-version refused -22
		too-long refused -90
		longest refused -90
		shorter-than-tag refused -74
		length-zero refused -74
		split-header works 0
		split-bad-header refused -90
	END
	if recent; then
		echo "key-update-flood refused -127"
	else
		echo "key-update-flood works 0"
	fi
}

# $1 /proc/version from now on, $2 a word of the refusal
expect_refused()
{
	note "$1"
	echo "Linux version $1" >/tmp/version
	mount --bind /tmp/version /proc/version
	probe --hostile
	expect_exit 4
	expect_json .schema ktlsctl.error/1
	expect_json ".error | contains(\"$2\")" true
	expect_json '.error | contains("nothing was tried")' true
	"$KTLSCTL" probe --hostile >/tmp/said 2>/tmp/line && fail "not refused" || true
	[ ! -s /tmp/said ] || fail "it said something: $(cat /tmp/said)"
	expect_equal lines "$(wc -l </tmp/line)" 1
	expect_not_loaded tls
	umount /proc/version
}

# What a stranger's kernel calls itself says which fixes it has, or does not.
release=$(uname -r)
built="(someone@host) (gcc 12.2.0) #1 SMP"
expect_refused "$release $built PREEMPT_DYNAMIC Debian 6.1.148-1 (2025-08-26)" CVE-2025-39682
expect_refused "$release $built PREEMPT_DYNAMIC Debian 6.12.48-1 (2025-09-20)" CVE-2025-39946
expect_refused "$release $built PREEMPT_DYNAMIC Debian 6.16.12-1 (2025-10-12)" CVE-2025-40176
expect_refused "5.14.0-611.el9.x86_64 $built PREEMPT_DYNAMIC" "vendor"

probe --kernel --hostile --only "$hostile"
expect_exit 0
expect_json .answer works
expected >/tmp/expected
expect_rows /tmp/expected
expect_json '[.probe.features[] | select(.resembles == "")] | length' 0
expect_json '[.probe.features[] | select(.resembles | startswith("CVE-"))] | length' 9
expect_not_counted
expect_equal "processes left" "$(pgrep -c -x ktlsctl || true)" 0
! dmesg | grep -E 'BUG|WARNING|Oops|general protection' || fail "the kernel complains"

note "without --hostile none of them"
probe --kernel
expect_json '[.probe.features[] | select(.resembles != "")] | length' 0
"$KTLSCTL" probe --only zero-length >/dev/null 2>/tmp/line && fail "taken" || true
grep -q "needs --hostile" /tmp/line || fail "$(cat /tmp/line)"
