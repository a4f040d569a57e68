# SPDX-License-Identifier: MIT
# ktlsctl probe --device: the card encrypts, by its label and by its counters; the peer in
# another namespace, ktlsctl serve, and another way.
# kernels: 6.1 6.12 7.x
# timeout: 300
# userlands: trixie
# fixtures: tlsnic
# core: 7.x

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

note "what does not go that way is not said to"
probe --device lo --peer 10.9.0.2:4444
expect_exit 3
expect_path "1.2 tx" "unknown elsewhere"
expect_json .probe.route tlsnic0
probe --device tlsnic0 --peer 10.9.0.1:4444
expect_path "1.2 tx" "unknown elsewhere"
expect_json .probe.route lo
