# SPDX-License-Identifier: MIT
# tls is there, and something else stands in the way: a cipher's module, a seccomp filter,
# what else wants the socket.
# kernels: 6.1 6.12 7.x
# timeout: 300
# userlands: trixie

. /ktlsctl/case-fault.sh

# A change of the tree below the overlay, which takes all with it that loads it.
hide_module()
{
	find "/lib/modules/$(uname -r)/kernel" -name "$1.ko*" -delete
}

show_special()
{
	mkfifo /tmp/special.in
	/ktlsctl/special "$1" </tmp/special.in >/tmp/special.out 2>&1 &
	exec 9>/tmp/special.in
	wait_for grep -q ^ready /tmp/special.out || fail "special: $(cat /tmp/special.out)"
	sed 's/^/-- special: /' /tmp/special.out
}

end_special()
{
	exec 9>&-
	rm /tmp/special.in
	wait
}

expect_special()
{
	grep -qxE "$1" /tmp/special.out || fail "no '$1' in: $(cat /tmp/special.out)"
}

in_filter()
{
	/ktlsctl/confined 6 31 1 "$@"
}

in_killer()
{
	/ktlsctl/confined 6 31 kill "$@"
}

in_sockops()
{
	/ktlsctl/special sockops /mnt "$@"
}

load_tls
# Loaded by udev elsewhere; without it AES-GCM is slow, which is a cause before the others.
modprobe aesni_intel

note "a seccomp filter"
expect_fault seccomp-denied in_filter
expect_evidence tls-seccomp "Operation not permitted"
diagnose in_killer
expect_answer cannot_work seccomp-denied fail
expect_evidence tls-seccomp killed

note "an install line bars the module of AES-CCM"
echo "install ccm /bin/false" >/etc/modprobe.d/hardening.conf
expect_limit cipher-module-barred as_root --kernel --only aes-ccm-128,aes-gcm-128
expect_equal "its cells" "$(cells aes-ccm-128)" crypto_missing
expect_equal "those of AES-GCM" "$(cells aes-gcm-128)" works
rm /etc/modprobe.d/hardening.conf

note "the module of ChaCha20-Poly1305 is not there"
hide_module chacha20poly1305
expect_limit cipher-module-missing as_root --kernel --only chacha20-poly1305,aes-ccm-128
expect_equal "its cells" "$(cells chacha20-poly1305)" crypto_missing
expect_equal "those of AES-CCM" "$(cells aes-ccm-128)" works
expect_evidence kernel-ciphers crypto-rfc7539

note "MPTCP"
show_special mptcp
expect_special "ulp ENOPROTOOPT"
diagnose
# Kernels before 6.3 do not count them.
case $(uname -r) in
6.1.*) expect_finding mptcp "" unknown mptcp-uncounted ;;
*) expect_finding mptcp "" info mptcp-sockets ;;
esac
end_special

in_mptcp()
{
	mptcpize run "$@"
}
expect_fault probe-mptcp in_mptcp

note "a BPF map of sockets"
show_special sockmap
diagnose
expect_finding sockmap "" warn
end_special
mount -t cgroup2 none /mnt
diagnose in_sockops
expect_answer cannot_work probe-sockmap fail
expect_finding sockmap "" warn sockmap-refused
probe in_sockops --kernel --only aes-gcm-128
expect_probe .answer does_not_work
expect_probe .cause.id sockmap-refused
expect_equal "its cells" "$(cells aes-gcm-128)" not_in_kernel
