# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What the cases about network cards share: tests/fixtures/tlsnic and connections over it.
# They name it in "# fixtures:" and source this instead of case.sh.

. /ktlsctl/case.sh

NIC_BEFORE=0

# The other end of the wire: a network namespace with the twin in it.
in_twin()
{
	nsenter --net=/run/netns/twin "$@"
}

# Two ends that ask for a cipher while its modules load may get ENOENT, and then software.
load_crypto()
{
	local module

	for module in aesni_intel ghash_clmulni_intel ghash_generic ctr gcm; do
		modprobe -q "$module" || true
	done
}

# Arguments are module parameters.
load_tlsnic()
{
	load_tls
	load_crypto
	insmod /ktlsctl/tlsnic.ko "$@" || fail "the laboratory cannot load tlsnic"
	ip netns add twin
	ip link set tlsnic1 netns twin
	nic_up tlsnic0 10.9.0.1
	in_twin ip address add 10.9.0.2/24 dev tlsnic1
	in_twin ip link set tlsnic1 up
	in_twin ip link set lo up
	TLS_ADDRESS=10.9.0.2 TLS_SERVER=in_twin
}

# No addresses that come by themselves: their packets would be counted.
nic_up()
{
	ip link set "$1" up
	ip address add "$2/24" dev "$1"
}

# A switch of the module.
tlsnic_set()
{
	note "tlsnic: $1=$2"
	echo "$2" >"/sys/module/tlsnic/parameters/$1"
}

nic_counter()
{
	ethtool -S "$1" | awk -v name="$2" '$1 == name { print $NF }'
}

# As many contexts deleted as made.
nic_is_idle()
{
	[ "$(nic_counter tlsnic0 tx_tls_del)" = "$(nic_counter tlsnic0 tx_tls_ctx)" ]
}

# "on", "off", with " [fixed]" or " [requested on]"
nic_feature()
{
	ethtool -k "$1" | sed -n "s/^[[:blank:]]*$2: //p"
}

# A TLS 1.2 connection out of here, because newer ones no device takes over, and some data.
nic_connect()
{
	TLS_OPTIONS=(-tls1_2)
	NIC_BEFORE=$(tls_stat TlsTxDevice)
	tls_open "$@"
	tls_send 1000
}

# How the kernel labels what the client sends: hw, sw or nothing without kTLS.
sending_as()
{
	ss -tieH 'dport = :4433' 2>/dev/null | grep -o 'txconf: *[a-z-]*' | sed 's/.*: *//' || true
}

# Of the connection that nic_connect made.
expect_hardware()
{
	expect_equal "TlsTxDevice" "$(tls_stat TlsTxDevice)" "$((NIC_BEFORE + 1))"
	expect_equal "the kernel's label" "$(sending_as)" hw
}

expect_software()
{
	expect_equal "TlsTxDevice" "$(tls_stat TlsTxDevice)" "$NIC_BEFORE"
	expect_equal "the kernel's label" "$(sending_as)" sw
}
