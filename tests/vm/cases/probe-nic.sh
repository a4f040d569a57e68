# SPDX-License-Identifier: MIT
# ktlsctl probe --device: the card encrypts, by its label and by its counters, or exactly
# what is in the way; the peer in another namespace, and ktlsctl serve.
# kernels: 6.1 6.12 7.x
# userlands: trixie
# fixtures: tlsnic
# core: yes

. /ktlsctl/case-nic.sh
. /ktlsctl/case-path.sh

load_tlsnic

note "offloaded, by both witnesses"
before=$(nic_counter tlsnic0 tx_tls_encrypted_bytes)
probe --device tlsnic0 --peer-netns twin
expect_exit 0
expect_json .schema ktlsctl.probe/1
expect_json .answer works
expect_paths offloaded
after=$(nic_counter tlsnic0 tx_tls_encrypted_bytes)
expect_json '.probe.paths[0] | .label' hw
expect_json '.probe.paths[0] | .bytes >= .payload_bytes and .packets > 0 and .opened == 1' true
# The alert that ends the connection comes behind the last look.
expect_json ".probe.paths[0].bytes <= $((after - before))" true
expect_equal "TlsTxDevice" "$(path_counted TlsTxDevice)" 1
expect_equal "TlsTxSw" "$(path_counted TlsTxSw)" 1
expect_equal "TlsRxSw" "$(path_counted TlsRxSw)" 2
wait_for nic_is_idle || fail "the connections stay"
expect_equal "processes left" "$(pgrep -c -x ktlsctl || true)" 0
"$KTLSCTL" probe --device tlsnic0 --peer-netns twin

note "to ktlsctl serve"
in_twin "$KTLSCTL" serve --listen 10.9.0.2:0 --max-connections 2 >/tmp/serve 2>/tmp/served &
wait_for grep -q ^listening /tmp/serve || fail "serve does not listen"
probe --device tlsnic0 --peer "$(sed 's/.* //' /tmp/serve)"
expect_exit 0
expect_paths offloaded
wait || fail "serve ends with $?"
expect_equal "lines of serve" "$(grep -c "5 requests, 640673 bytes each way" /tmp/served)" 2

note "of the kernel's label nobody is shown much before 6.15; tls_stat tells the rest"
probe as_nobody --device tlsnic0 --peer 10.9.0.2:1
expect_exit 3
expect_path "1.2 tx" "unknown not-connected"
in_twin "$KTLSCTL" serve --listen 10.9.0.2:4444 --max-connections 2 >/tmp/serve 2>/tmp/served &
wait_for grep -q ^listening /tmp/serve || fail "serve does not listen"
probe as_nobody --device tlsnic0 --peer 10.9.0.2:4444
expect_exit 0
expect_paths offloaded
wait

note "a cipher that is not AES-GCM"
probe --device tlsnic0 --peer-netns twin --ciphers ECDHE-ECDSA-CHACHA20-POLY1305 --only TLS1.2
expect_exit 1
expect_path "1.2 tx" "software cipher"
probe --device tlsnic0 --peer-netns twin --ciphers ECDHE-ECDSA-AES256-GCM-SHA384 --only TLS1.2
expect_exit 0
expect_path "1.2 tx" offloaded

note "a card that refuses"
for errno in 95 12; do
	tlsnic_set refuse "$errno"
	probe --device tlsnic0 --peer-netns twin
	expect_exit 1
	expect_json .answer does_not_work
	expect_paths "software refused"
done
tlsnic_set refuse 0

note "a card that is full"
tlsnic_set contexts 0
probe --device tlsnic0 --peer-netns twin
expect_exit 1
expect_paths "software no-space"
tlsnic_set contexts 1024

note "the feature off"
ethtool -K tlsnic0 tls-hw-tx-offload off
probe --device tlsnic0 --peer-netns twin
expect_exit 1
expect_paths "software feature-off"
ethtool -K tlsnic0 tls-hw-tx-offload on

note "checksums off"
ethtool -K tlsnic0 tx off
probe --device tlsnic0 --peer-netns twin
expect_exit 1
expect_paths "software checksum-off"
ethtool -K tlsnic0 tx on

note "counters that stand still: the label alone proves nothing"
tlsnic_set freeze Y
probe --device tlsnic0 --peer-netns twin
expect_exit 1
expect_paths "label_only no-effect"
tlsnic_set freeze N

note "no counters"
tlsnic_set strings N
probe --device tlsnic0 --peer-netns twin
expect_exit 3
expect_paths "unknown effect-unseen"
tlsnic_set strings Y

note "what does not go that way is not said to"
probe --device lo --peer 10.9.0.2:4444
expect_exit 3
expect_path "1.2 tx" "unknown elsewhere"
expect_json .probe.route tlsnic0
probe --device tlsnic0 --peer 10.9.0.1:4444
expect_path "1.2 tx" "unknown elsewhere"
expect_json .probe.route lo

note "and again"
probe --device tlsnic0 --peer-netns twin
expect_exit 0
expect_paths offloaded
