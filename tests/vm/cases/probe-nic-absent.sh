# SPDX-License-Identifier: MIT
# ktlsctl probe --device where the card does not encrypt, or does not show that it does:
# exactly what is in the way.
# kernels: 6.1 6.12 7.x
# timeout: 300
# userlands: trixie
# fixtures: tlsnic

. /ktlsctl/case-nic.sh
. /ktlsctl/case-path.sh

load_tlsnic

note "a cipher that is not AES-GCM"
probe --device tlsnic0 --peer-netns twin --ciphers ECDHE-ECDSA-CHACHA20-POLY1305 --only TLS1.2,tx
expect_exit 1
expect_path "1.2 tx" "software cipher"
probe --device tlsnic0 --peer-netns twin --ciphers ECDHE-ECDSA-AES256-GCM-SHA384 --only TLS1.2,tx
expect_exit 0
expect_path "1.2 tx" offloaded

note "a card that refuses"
for errno in 95 12; do
	tlsnic_set refuse "$errno"
	probe --device tlsnic0 --peer-netns twin --only TLS1.2,tx
	expect_exit 1
	expect_json .answer does_not_work
	expect_path "1.2 tx" "software refused"
done
tlsnic_set refuse 0

note "a card that is full"
tlsnic_set contexts 0
probe --device tlsnic0 --peer-netns twin --only TLS1.2,tx
expect_exit 1
expect_path "1.2 tx" "software no-space"
tlsnic_set contexts 1024

note "the feature off"
ethtool -K tlsnic0 tls-hw-tx-offload off
probe --device tlsnic0 --peer-netns twin --only TLS1.2,tx
expect_exit 1
expect_path "1.2 tx" "software feature-off"
ethtool -K tlsnic0 tls-hw-tx-offload on

note "checksums off"
ethtool -K tlsnic0 tx off
probe --device tlsnic0 --peer-netns twin --only TLS1.2,tx
expect_exit 1
expect_path "1.2 tx" "software checksum-off"
ethtool -K tlsnic0 tx on

note "counters that stand still: the label alone proves nothing"
tlsnic_set freeze Y
probe --device tlsnic0 --peer-netns twin --only TLS1.2,tx
expect_exit 1
expect_path "1.2 tx" "label_only no-effect"
tlsnic_set freeze N

note "no counters"
tlsnic_set strings N
probe --device tlsnic0 --peer-netns twin --only TLS1.2,tx
expect_exit 3
expect_path "1.2 tx" "unknown effect-unseen"
tlsnic_set strings Y

note "and all of it back"
probe --device tlsnic0 --peer-netns twin
expect_exit 0
expect_paths offloaded
