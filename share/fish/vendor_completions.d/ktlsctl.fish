# fish completion for ktlsctl
# SPDX-License-Identifier: MIT
# Written by share/generate.py out of the program's tables (make generated).

# The command that is being written; diagnose needs no name.
function __ktlsctl_command
    set -l words (commandline -opc)
    if test (count $words) -gt 1; and not string match -q -- '-*' $words[2]
        echo $words[2]
    else
        echo diagnose
    end
end

function __ktlsctl_is
    test (__ktlsctl_command) = $argv[1]
end

function __ktlsctl_first
    test (count (commandline -opc)) -eq 1
end

# The first word behind the command that is no option.
function __ktlsctl_sub
    set -l words (commandline -opc)
    test (__ktlsctl_command) = $argv[1]; or return 1
    set -l rest (string match -v -- '-*' $words[3..-1])
    test "$rest[1]" = "$argv[2]"
end

function __ktlsctl_files_of
    for path in $argv
        test -e $path; and path basename $path 2>/dev/null; or basename $path
    end
end

function __ktlsctl_list_id
    string split ' ' 'aead-no-hardware aead-not-used-yet aead-selftest aead-slow app-haproxy app-lighttpd app-nginx app-nginx-sendfile autoload-container autoload-unprivileged autoload-user-namespace bond-hash bond-mode bond-slaves-differ bond-unknown bond-without-slaves boot-not-persistent cipher-module-barred cipher-module-missing cipher-module-unseen congestion-control consumers-no-handshake consumers-no-tlshd container container-masked container-network-namespace container-user-namespace cpu-governor cves-list-old cves-open cves-remote cves-vendor-kernel energy-preference-power expectation expectation-kernel expectation-library expectation-library-unclear expectation-module expectation-not-running expectation-not-seen expectation-offload expectation-offload-unclear expectation-option expectation-option-unclear expectation-receive expectation-receive-unclear fips fips-limits foreign-gnutls foreign-tls foreign-tls-only foreign-unsure governor-powersave haproxy-conf-unreadable haproxy-conf-unsure haproxy-ktls-off haproxy-ktls-unset haproxy-not-experimental haproxy-too-old haproxy-version-unknown haproxy-without-tls io-uring io-uring-memlock io-uring-off io-uring-restricted irqbalance-runs kernel-aead kernel-ciphers kernel-config kernel-config-not-visible kernel-config-unknown kernel-consumers kernel-cves kernel-probe kernel-too-old kernel-version kernel-without-tls keyupdate-fatal keyupdate-stale-key keyupdate-unknown lighttpd-conf-unreadable lighttpd-conf-unsure lighttpd-default lighttpd-option-off lighttpd-without-tls modprobe-empty modprobe-missing module-blacklisted module-index-stale module-install-overridden module-missing module-not-judged module-not-visible module-signature module-tree-unreadable modules-disabled modules-folder-absent modules-folder-gone mptcp mptcp-sockets mptcp-uncounted nginx-bundled-openssl nginx-cnf-elsewhere nginx-conf-unreadable nginx-conf-unsure nginx-option-off nginx-option-unset nginx-sendfile-http2 nginx-sendfile-off nginx-sendfile-unsure nginx-too-old nginx-without-tls nic-card-not-offering nic-card-unsure nic-card-without-tls nic-channels nic-channels-few nic-down nic-driver nic-driver-without-tls nic-irqbalance nic-irqs-remote nic-numa nic-rings nic-rings-small nic-rx-checksum-off nic-slow-link nic-speed nic-stacked nic-tls-checksum nic-tls-contexts nic-tls-contexts-odd nic-tls-contexts-total nic-tls-counters nic-tls-drops nic-tls-effect nic-tls-effect-down nic-tls-effect-old nic-tls-effect-unseen nic-tls-missing nic-tls-no-effect nic-tls-no-space nic-tls-offload nic-tls-resync nic-tls-retransmits nic-tls-rx-blocked nic-tls-rx-errors nic-tls-rx-missing nic-tls-rx-off nic-tls-rx-resync nic-tls-tx-blocked nic-tls-tx-missing nic-tls-tx-off nic-tls-tx-resync nic-tx-checksum-off offload-config offload-not-built openssl-client-connect openssl-copies openssl-copy-without-ktls openssl-defects openssl-half-ktls openssl-keyupdate openssl-ktls openssl-moving-buffer openssl-moving-buffer-unclear openssl-older-than-headers openssl-option openssl-option-off openssl-option-unset openssl-option-unsure openssl-receive-broken openssl-several-copies openssl-tls12-receive openssl-tls13-receive openssl-too-old openssl-version openssl-without-ktls owner-bpftune owner-networkmanager owner-tuned policy policy-malformed probe-broken probe-failed probe-mptcp probe-no-cipher probe-partial probe-refused probe-sockmap probe-unfinished process-foreign-tls process-libssl process-libssl-replaced process-libssl-too-old process-libssl-unclear process-libssl-without-ktls process-option process-option-elsewhere process-option-off process-option-unclear process-option-unset process-options-unset process-scan process-scan-denied process-scan-time process-stale-libssl process-target rcvbuf-autotuning-off ready-files ready-files-defects ready-files-http2 ready-files-tx-only ready-files-vendor-kernel ready-offload ready-offload-counters ready-offload-defects ready-offload-drops ready-offload-features ready-offload-vendor-kernel ready-proxy ready-proxy-defects ready-proxy-http2 ready-proxy-moving-buffer ready-proxy-remote ready-proxy-tx-only ready-proxy-vendor-kernel ready-websocket ready-websocket-defects ready-websocket-rekey ready-websocket-rekey-unknown ready-websocket-remote ready-websocket-vendor-kernel seccomp-denied seccomp-unclear slow-start-after-idle socket-buffer-cap-low socket-buffer-caps sockmap sockmap-incompatible sockmap-refused sockmap-unsafe stacked-below-unknown stacked-hides-offload stacked-software stat-decrypt-error stat-no-pad stat-odd-lines stat-rekey-error stat-resync sysctl-drift target-cannot-load target-network-namespace target-rights-unknown target-seccomp target-unreadable tcp-autotuning tcp-buffers tcp-idle tcp-mem-low tcp-memory tcp-rmem-small tcp-wmem-small tls-autoload tls-boot tls-module tls-seccomp tls-stat tls-ulp tuning-owner ulp-not-offered ulp-not-registered ulp-unknown waiver-expired waiver-of-nothing window-scaling-off'
end
function __ktlsctl_list_profile
    string split ' ' 'baseline latency offload streaming throughput websocket'
end
function __ktlsctl_list_schema
    string split ' ' 'ktlsctl.bench/1 ktlsctl.checks/1 ktlsctl.commands/1 ktlsctl.drift/1 ktlsctl.error/1 ktlsctl.facts/1 ktlsctl.fleet/1 ktlsctl.fleet_diff/1 ktlsctl.history/1 ktlsctl.latency/1 ktlsctl.plan/1 ktlsctl.probe/1 ktlsctl.profiles/1 ktlsctl.report/1 ktlsctl.request/1 ktlsctl.result/1 ktlsctl.rollup/1 ktlsctl.scan/1 ktlsctl.serve/1 ktlsctl.snapshot/1 ktlsctl.socket/1 ktlsctl.sockets/1 ktlsctl.stat/1 ktlsctl.tunables/1 ktlsctl.written/1'
end
function __ktlsctl_list_key
    string split ' ' 'module.tls net.ipv4.tcp_rmem net.ipv4.tcp_wmem net.ipv4.tcp_mem net.core.rmem_max net.core.wmem_max net.ipv4.tcp_moderate_rcvbuf net.ipv4.tcp_window_scaling net.ipv4.tcp_slow_start_after_idle net.ipv4.tcp_notsent_lowat net.ipv4.tcp_keepalive_time net.ipv4.tcp_keepalive_intvl net.ipv4.tcp_max_syn_backlog net.core.somaxconn net.ipv4.tcp_mtu_probing net.ipv4.tcp_congestion_control net.core.default_qdisc net.core.busy_poll net.core.busy_read nic.combined nic.rx-ring nic.tx-ring nic.adaptive-rx nic.adaptive-tx nic.rx-usecs nic.tx-usecs nic.tls-hw-tx-offload nic.tls-hw-rx-offload nic.rps-cpus nic.xps-cpus nic.irq-affinity cpu.governor cpu.energy-preference openssl.ktls'
end
function __ktlsctl_list_method
    string split ' ' 'GET POST PUT PATCH DELETE HEAD'
end
function __ktlsctl_list_check
    string split ' ' 'kernel-config tls-module tls-ulp tls-autoload tls-seccomp kernel-aead fips kernel-ciphers kernel-probe openssl-ktls openssl-tls13-receive openssl-option offload-config nic-driver nic-stacked nic-tls-checksum nic-tls-offload nic-tls-contexts tls-stat tls-boot openssl-keyupdate openssl-defects kernel-cves container nic-tls-effect nic-tls-counters nic-tls-resync nic-numa nic-irqbalance nic-speed nic-rings nic-channels process-scan process-target process-foreign-tls process-libssl process-stale-libssl process-option app-nginx app-nginx-sendfile app-haproxy app-lighttpd kernel-consumers sockmap mptcp ready-files ready-proxy ready-websocket ready-offload expectation policy tcp-buffers socket-buffer-caps tcp-memory tcp-autotuning tcp-idle congestion-control cpu-governor io-uring tuning-owner openssl-version openssl-copies kernel-version kernel openssl nic use tuning'
end
function __ktlsctl_list_cell
    string split ' ' 'TLS1.2 TLS1.3 aes-gcm-128 aes-gcm-256 aes-ccm-128 chacha20-poly1305 sm4-gcm sm4-ccm aria-gcm-128 aria-gcm-256 tx rx sendfile splice-out splice-in control-out control-in msg-zerocopy zerocopy-ro expect-no-pad rekey max-payload io-uring zero-length zero-length-flood truncated bad-type bad-outer-type unknown-type padding-only plaintext bad-version too-long longest shorter-than-tag length-zero split-header split-bad-header key-update-flood'
end

complete -c ktlsctl -f
complete -c ktlsctl -n __ktlsctl_first -a diagnose -d 'is kTLS available and used here, and if not, why (the default command)'
complete -c ktlsctl -n __ktlsctl_first -a probe -d 'try kTLS on loopback: every version, cipher and direction'
complete -c ktlsctl -n __ktlsctl_first -a serve -d 'be the other end of probe --device, latency and bench'
complete -c ktlsctl -n __ktlsctl_first -a sockets -d 'the connections on kTLS: whose, which cipher, who encrypts'
complete -c ktlsctl -n __ktlsctl_first -a stat -d 'the counters of kTLS: kernel and NICs, what they mean, rates'
complete -c ktlsctl -n __ktlsctl_first -a request -d 'ask an HTTPS server, with kernel TLS where it can be had'
complete -c ktlsctl -n __ktlsctl_first -a scan -d 'what a TLS server accepts, and what of it this host could offload'
complete -c ktlsctl -n __ktlsctl_first -a latency -d 'where the microseconds of a received message go'
complete -c ktlsctl -n __ktlsctl_first -a tune -d 'plan what would make kTLS faster here, and why'
complete -c ktlsctl -n __ktlsctl_first -a export -d 'this host for a fleet: metrics, facts, reports, to a file'
complete -c ktlsctl -n __ktlsctl_first -a fleet -d 'many hosts at once: what is wrong on most, and what changed'
complete -c ktlsctl -n __ktlsctl_first -a bench -d 'what kTLS gains here, beside OpenSSL in user space'
complete -c ktlsctl -n __ktlsctl_first -a explain -d 'why a check matters, its answers and what to do'
complete -c ktlsctl -n __ktlsctl_first -a snapshot -d 'write all that diagnose reads to a folder, for later or for others'
complete -c ktlsctl -n '__ktlsctl_is diagnose' -l html -r -F -d 'write a page for the browser to FILE as well'
complete -c ktlsctl -n '__ktlsctl_is diagnose' -l format -x -a 'text json ndjson nagios' -d 'text, json, ndjson or nagios (default: text)'
complete -c ktlsctl -n '__ktlsctl_is diagnose' -l json -d 'short for --format=json'
complete -c ktlsctl -n '__ktlsctl_is diagnose' -l ndjson -d 'short for --format=ndjson'
complete -c ktlsctl -n '__ktlsctl_is diagnose' -l output -r -F -d 'write to FILE (aside, then renamed) instead of standard output'
complete -c ktlsctl -n '__ktlsctl_is diagnose' -l root -x -a '(__fish_complete_directories)' -d 'look at a snapshot instead of this host'
complete -c ktlsctl -n '__ktlsctl_is diagnose' -l only -x -a '(__fish_complete_list , __ktlsctl_list_check)' -d 'show and count only these checks or categories, comma-separated'
complete -c ktlsctl -n '__ktlsctl_is diagnose' -l skip -x -a '(__fish_complete_list , __ktlsctl_list_check)' -d 'leave these out'
complete -c ktlsctl -n '__ktlsctl_is diagnose' -l fail-on -x -a 'info warn fail unknown' -d 'exit 1 from this level on: info, unknown, warn or fail (default)'
complete -c ktlsctl -n '__ktlsctl_is diagnose' -s v -l verbose -d 'show what is ok as well'
complete -c ktlsctl -n '__ktlsctl_is diagnose' -l color -x -a 'auto always never' -d 'auto (default), always or never'
complete -c ktlsctl -n '__ktlsctl_is diagnose' -l device -x -a '(__fish_print_interfaces)' -d 'speak of this interface (default: every NIC and what stands on one)'
complete -c ktlsctl -n '__ktlsctl_is diagnose' -l pid -x -a '(__fish_complete_pids)' -d 'answer for this process'
complete -c ktlsctl -n '__ktlsctl_is diagnose' -l max-time -x -d 'how long to look at processes (default: 2s); the rest is unknown'
complete -c ktlsctl -n '__ktlsctl_is diagnose' -l load -d 'load the tls module first (root); without it nothing is changed'
complete -c ktlsctl -n '__ktlsctl_is diagnose' -l debug -d 'every read and its error to stderr (or KTLSCTL_DEBUG=1)'
complete -c ktlsctl -n '__ktlsctl_is diagnose' -s h -l help -d 'this text'
complete -c ktlsctl -n '__ktlsctl_is diagnose' -s V -l version -d 'version; with -v also of the libraries'
complete -c ktlsctl -n '__ktlsctl_is probe' -l html -r -F -d 'write a page for the browser to FILE as well'
complete -c ktlsctl -n '__ktlsctl_is probe' -l format -x -a 'text json' -d 'text or json (default: text)'
complete -c ktlsctl -n '__ktlsctl_is probe' -l json -d 'short for --format=json'
complete -c ktlsctl -n '__ktlsctl_is probe' -l output -r -F -d 'write to FILE (aside, then renamed) instead of standard output'
complete -c ktlsctl -n '__ktlsctl_is probe' -l only -x -a '(__fish_complete_list , __ktlsctl_list_cell)' -d 'only these: TLS1.3, aes-gcm-128, rx, sendfile, ...; comma-separated'
complete -c ktlsctl -n '__ktlsctl_is probe' -l color -x -a 'auto always never' -d 'auto (default), always or never'
complete -c ktlsctl -n '__ktlsctl_is probe' -l device -x -a '(__fish_print_interfaces)' -d 'go through this interface to a peer (the rest only if named)'
complete -c ktlsctl -n '__ktlsctl_is probe' -l kernel -d 'the kernel alone: every version, cipher and direction'
complete -c ktlsctl -n '__ktlsctl_is probe' -l openssl -d 'real handshakes of libssl (default: both)'
complete -c ktlsctl -n '__ktlsctl_is probe' -l hostile -d 'also records that crashed older kernels: only on one known to be mended'
complete -c ktlsctl -n '__ktlsctl_is probe' -l ciphers -x -d 'TLS 1.2 suites to shake hands with, as openssl ciphers takes them'
complete -c ktlsctl -n '__ktlsctl_is probe' -l ciphersuites -x -d 'the same for TLS 1.3, whose names --ciphers does not know'
complete -c ktlsctl -n '__ktlsctl_is probe' -l peer -x -d 'where ktlsctl serve listens, beyond --device'
complete -c ktlsctl -n '__ktlsctl_is probe' -l peer-netns -x -a '(command ls /run/netns 2>/dev/null)' -d 'put the other end there (ip netns), instead of --peer'
complete -c ktlsctl -n '__ktlsctl_is probe' -l debug -d 'every read and its error to stderr (or KTLSCTL_DEBUG=1)'
complete -c ktlsctl -n '__ktlsctl_is probe' -s h -l help -d 'this text'
complete -c ktlsctl -n '__ktlsctl_is probe' -s V -l version -d 'version; with -v also of the libraries'
complete -c ktlsctl -n '__ktlsctl_is serve' -l format -x -a 'text json' -d 'text or json (default: text)'
complete -c ktlsctl -n '__ktlsctl_is serve' -l json -d 'short for --format=json'
complete -c ktlsctl -n '__ktlsctl_is serve' -l max-time -x -d 'end after TIME; what is open then is cut'
complete -c ktlsctl -n '__ktlsctl_is serve' -l listen -x -d 'listen there (default: 127.0.0.1:0; port 0: any that is free)'
complete -c ktlsctl -n '__ktlsctl_is serve' -l max-connections -x -d 'end after N connections that were served'
complete -c ktlsctl -n '__ktlsctl_is serve' -s h -l help -d 'this text'
complete -c ktlsctl -n '__ktlsctl_is serve' -s V -l version -d 'version; with -v also of the libraries'
complete -c ktlsctl -n '__ktlsctl_is sockets' -l format -x -a 'text json ndjson' -d 'text, json or ndjson (default: text)'
complete -c ktlsctl -n '__ktlsctl_is sockets' -l json -d 'short for --format=json'
complete -c ktlsctl -n '__ktlsctl_is sockets' -l ndjson -d 'short for --format=ndjson'
complete -c ktlsctl -n '__ktlsctl_is sockets' -l output -r -F -d 'write to FILE (aside, then renamed) instead of standard output'
complete -c ktlsctl -n '__ktlsctl_is sockets' -l color -x -a 'auto always never' -d 'auto (default), always or never'
complete -c ktlsctl -n '__ktlsctl_is sockets' -l pid -x -a '(__fish_complete_pids)' -d 'answer for this process'
complete -c ktlsctl -n '__ktlsctl_is sockets' -l max-time -x -d 'how long to look at processes (default: 2s); the rest is unknown'
complete -c ktlsctl -n '__ktlsctl_is sockets' -s a -l all -d 'every TCP socket, not only those on kTLS'
complete -c ktlsctl -n '__ktlsctl_is sockets' -l unused -d 'those of programs that speak TLS, but without kTLS, and why'
complete -c ktlsctl -n '__ktlsctl_is sockets' -l summary -d 'sums by program, cipher and mode instead of the sockets'
complete -c ktlsctl -n '__ktlsctl_is sockets' -l port -x -d 'those with this port at either end'
complete -c ktlsctl -n '__ktlsctl_is sockets' -l mode -x -a 'none sw hw' -d 'those with a direction in this mode: none, sw or hw'
complete -c ktlsctl -n '__ktlsctl_is sockets' -l no-owners -d 'do not look for the processes: faster'
complete -c ktlsctl -n '__ktlsctl_is sockets' -l netns -x -a '(command ls /run/netns 2>/dev/null)' -d 'that of ip netns, or all of the host (default: ours)'
complete -c ktlsctl -n '__ktlsctl_is sockets' -l watch -x -d 'again and again, every second or TIME (text, ndjson)'
complete -c ktlsctl -n '__ktlsctl_is sockets' -l debug -d 'every read and its error to stderr (or KTLSCTL_DEBUG=1)'
complete -c ktlsctl -n '__ktlsctl_is sockets' -s h -l help -d 'this text'
complete -c ktlsctl -n '__ktlsctl_is sockets' -s V -l version -d 'version; with -v also of the libraries'
complete -c ktlsctl -n '__ktlsctl_is stat' -l format -x -a 'text json ndjson' -d 'text, json or ndjson (default: text)'
complete -c ktlsctl -n '__ktlsctl_is stat' -l json -d 'short for --format=json'
complete -c ktlsctl -n '__ktlsctl_is stat' -l ndjson -d 'short for --format=ndjson'
complete -c ktlsctl -n '__ktlsctl_is stat' -l output -r -F -d 'write to FILE (aside, then renamed) instead of standard output'
complete -c ktlsctl -n '__ktlsctl_is stat' -l root -x -a '(__fish_complete_directories)' -d 'look at a snapshot instead of this host'
complete -c ktlsctl -n '__ktlsctl_is stat' -l color -x -a 'auto always never' -d 'auto (default), always or never'
complete -c ktlsctl -n '__ktlsctl_is stat' -l netns -x -a '(command ls /run/netns 2>/dev/null)' -d 'that of ip netns, or all of the host (default: ours)'
complete -c ktlsctl -n '__ktlsctl_is stat' -l watch -x -d 'again and again, every second or TIME (text, ndjson)'
complete -c ktlsctl -n '__ktlsctl_is stat' -l debug -d 'every read and its error to stderr (or KTLSCTL_DEBUG=1)'
complete -c ktlsctl -n '__ktlsctl_is stat' -s h -l help -d 'this text'
complete -c ktlsctl -n '__ktlsctl_is stat' -s V -l version -d 'version; with -v also of the libraries'
complete -c ktlsctl -n '__ktlsctl_is request' -s H -l header -x -d '\'Name: value\' to be sent, again for more'
complete -c ktlsctl -n '__ktlsctl_is request' -l body -r -F -d 'send this file (-: standard input)'
complete -c ktlsctl -n '__ktlsctl_is request' -l fail -d 'exit status 1 also for status 400 and above'
complete -c ktlsctl -n '__ktlsctl_is request' -l redirects -x -d 'follow so many of them (default: none)'
complete -c ktlsctl -n '__ktlsctl_is request' -l repeat -x -d 'ask for each URL so many times'
complete -c ktlsctl -n '__ktlsctl_is request' -l max-size -x -d 'bear no longer body of an answer'
complete -c ktlsctl -n '__ktlsctl_is request' -l ktls -x -a 'auto require off' -d 'auto (default), require or off: who encrypts'
complete -c ktlsctl -n '__ktlsctl_is request' -l engine -x -a 'auto uring epoll' -d 'auto (default), uring or epoll: how the socket is used'
complete -c ktlsctl -n '__ktlsctl_is request' -l tls -x -a '1.2 1.3' -d 'only this version of TLS'
complete -c ktlsctl -n '__ktlsctl_is request' -l cacert -r -F -d 'believe these authorities (PEM) instead of this host\'s'
complete -c ktlsctl -n '__ktlsctl_is request' -l crl -r -F -d 'lists of what was revoked (PEM), one for each authority'
complete -c ktlsctl -n '__ktlsctl_is request' -l insecure -d 'do not verify who it is: anybody may read along'
complete -c ktlsctl -n '__ktlsctl_is request' -l connect-timeout -x -d 'for each address, and for the handshake (default: 10s)'
complete -c ktlsctl -n '__ktlsctl_is request' -l progress -x -a 'auto never' -d 'auto (default: on a terminal) or never'
complete -c ktlsctl -n '__ktlsctl_is request' -l format -x -a 'text json' -d 'text or json (default: text)'
complete -c ktlsctl -n '__ktlsctl_is request' -l json -d 'short for --format=json'
complete -c ktlsctl -n '__ktlsctl_is request' -l output -r -F -d 'write the body to FILE, which appears when it is whole'
complete -c ktlsctl -n '__ktlsctl_is request' -s v -l verbose -d 'on standard error who encrypts and why, heads, times'
complete -c ktlsctl -n '__ktlsctl_is request' -l max-time -x -d 'give up after TIME, all in all (default: never)'
complete -c ktlsctl -n '__ktlsctl_is request' -l ciphers -x -d 'of TLS 1.2, as OpenSSL spells them (default: kTLS first)'
complete -c ktlsctl -n '__ktlsctl_is request' -l ciphersuites -x -d 'of TLS 1.3 (default: AES-GCM, then ChaCha20)'
complete -c ktlsctl -n '__ktlsctl_is request' -s h -l help -d 'this text'
complete -c ktlsctl -n '__ktlsctl_is request' -s V -l version -d 'version; with -v also of the libraries'
complete -c ktlsctl -n '__ktlsctl_is request; and not __ktlsctl_first' -a '(__ktlsctl_list_method)'
complete -c ktlsctl -n '__ktlsctl_is scan' -l starttls -x -a 'smtp imap postgres' -d 'begin as smtp, imap or postgres do (default: with TLS)'
complete -c ktlsctl -n '__ktlsctl_is scan' -l servername -x -d 'send NAME as SNI (default: HOST, if it is a name)'
complete -c ktlsctl -n '__ktlsctl_is scan' -l timeout -x -d 'how long each step of a connection may take (default: 5s)'
complete -c ktlsctl -n '__ktlsctl_is scan' -l rate -x -d 'begin N connections in a second at most (default: 10)'
complete -c ktlsctl -n '__ktlsctl_is scan' -l parallel -x -d 'N connections at a time at most (default: 2)'
complete -c ktlsctl -n '__ktlsctl_is scan' -l format -x -a 'text json' -d 'text or json (default: text)'
complete -c ktlsctl -n '__ktlsctl_is scan' -l json -d 'short for --format=json'
complete -c ktlsctl -n '__ktlsctl_is scan' -l output -r -F -d 'write to FILE (aside, then renamed) instead of standard output'
complete -c ktlsctl -n '__ktlsctl_is scan' -l color -x -a 'auto always never' -d 'auto (default), always or never'
complete -c ktlsctl -n '__ktlsctl_is scan' -l max-time -x -d 'end after TIME (default: 60s); what is open then is unknown'
complete -c ktlsctl -n '__ktlsctl_is scan' -l load -d 'load the tls module first (root), so that the handshakes can use it'
complete -c ktlsctl -n '__ktlsctl_is scan' -l debug -d 'every read and its error to stderr (or KTLSCTL_DEBUG=1)'
complete -c ktlsctl -n '__ktlsctl_is scan' -s h -l help -d 'this text'
complete -c ktlsctl -n '__ktlsctl_is scan' -s V -l version -d 'version; with -v also of the libraries'
complete -c ktlsctl -n '__ktlsctl_is latency' -l count -x -d 'so many messages (default: 1000)'
complete -c ktlsctl -n '__ktlsctl_is latency' -l duration -x -d 'as many messages as come in TIME'
complete -c ktlsctl -n '__ktlsctl_is latency' -l size -x -d 'of wss: bytes of what is sent (default: 64; a ping: at most 125)'
complete -c ktlsctl -n '__ktlsctl_is latency' -l ask -x -a 'ping echo publish' -d 'of wss: ping (default), echo or publish'
complete -c ktlsctl -n '__ktlsctl_is latency' -l cpu -x -d 'run on this processor'
complete -c ktlsctl -n '__ktlsctl_is latency' -l numa -d 'run on the NUMA node of the NIC'
complete -c ktlsctl -n '__ktlsctl_is latency' -l hwtstamp -d 'let the NIC stamp what it receives (root)'
complete -c ktlsctl -n '__ktlsctl_is latency' -l ktls -x -a 'auto require off' -d 'auto (default) or require: both ways; off: user space alone'
complete -c ktlsctl -n '__ktlsctl_is latency' -l engine -x -a 'auto uring epoll' -d 'auto (default), uring or epoll: how the socket is used'
complete -c ktlsctl -n '__ktlsctl_is latency' -l tls -x -a '1.2 1.3' -d 'only this version of TLS'
complete -c ktlsctl -n '__ktlsctl_is latency' -l cacert -r -F -d 'believe these authorities (PEM) instead of this host\'s'
complete -c ktlsctl -n '__ktlsctl_is latency' -l crl -r -F -d 'lists of what was revoked (PEM), one for each authority'
complete -c ktlsctl -n '__ktlsctl_is latency' -l insecure -d 'do not verify who it is: anybody may read along'
complete -c ktlsctl -n '__ktlsctl_is latency' -l connect-timeout -x -d 'for each address, and for the handshake (default: 10s)'
complete -c ktlsctl -n '__ktlsctl_is latency' -l timeout -x -d 'how long a message may take (default: 5s)'
complete -c ktlsctl -n '__ktlsctl_is latency' -l rate -x -d 'ask N times a second at most (default: when the answer is there)'
complete -c ktlsctl -n '__ktlsctl_is latency' -l html -r -F -d 'write a page for the browser to FILE as well'
complete -c ktlsctl -n '__ktlsctl_is latency' -l format -x -a 'text json' -d 'text or json (default: text)'
complete -c ktlsctl -n '__ktlsctl_is latency' -l json -d 'short for --format=json'
complete -c ktlsctl -n '__ktlsctl_is latency' -l output -r -F -d 'write to FILE (aside, then renamed) instead of standard output'
complete -c ktlsctl -n '__ktlsctl_is latency' -l color -x -a 'auto always never' -d 'auto (default), always or never'
complete -c ktlsctl -n '__ktlsctl_is latency' -l ciphers -x -d 'of TLS 1.2, as OpenSSL spells them (default: kTLS first)'
complete -c ktlsctl -n '__ktlsctl_is latency' -l ciphersuites -x -d 'of TLS 1.3 (default: AES-GCM, then ChaCha20)'
complete -c ktlsctl -n '__ktlsctl_is latency' -s h -l help -d 'this text'
complete -c ktlsctl -n '__ktlsctl_is latency' -s V -l version -d 'version; with -v also of the libraries'
complete -c ktlsctl -n '__ktlsctl_is tune' -l duration -x -d 'with --if-better: of each measurement (default: 10s)'
complete -c ktlsctl -n '__ktlsctl_is tune' -l format -x -a 'text json' -d 'text or json (default: text)'
complete -c ktlsctl -n '__ktlsctl_is tune' -l json -d 'short for --format=json'
complete -c ktlsctl -n '__ktlsctl_is tune' -l output -r -F -d 'write to FILE (aside, then renamed) instead of standard output'
complete -c ktlsctl -n '__ktlsctl_is tune' -l root -x -a '(__fish_complete_directories)' -d 'look at a snapshot instead of this host'
complete -c ktlsctl -n '__ktlsctl_is tune' -l only -x -a '(__fish_complete_list , __ktlsctl_list_key)' -d 'keys, or how they begin: net.ipv4, eth0/nic.rx-ring; comma-separated'
complete -c ktlsctl -n '__ktlsctl_is tune' -l skip -x -a '(__fish_complete_list , __ktlsctl_list_key)' -d 'keys, or how they begin: net.ipv4, eth0/nic.rx-ring; comma-separated'
complete -c ktlsctl -n '__ktlsctl_is tune' -s v -l verbose -d 'show what is ok as well'
complete -c ktlsctl -n '__ktlsctl_is tune' -l color -x -a 'auto always never' -d 'auto (default), always or never'
complete -c ktlsctl -n '__ktlsctl_is tune' -l device -x -a '(__fish_print_interfaces)' -d 'speak of this interface (default: every NIC and what stands on one)'
complete -c ktlsctl -n '__ktlsctl_is tune' -l profile -x -a '(__ktlsctl_list_profile)' -d 'whose wishes: a name (ktlsctl tune list), or a path with a slash in it'
complete -c ktlsctl -n '__ktlsctl_is tune' -l set -x -a '(__ktlsctl_list_key | string replace -r \'$\' =)' -d 'a wish of your own; may be given more than once'
complete -c ktlsctl -n '__ktlsctl_is tune' -l fix -a '(__fish_complete_list , __ktlsctl_list_check)' -d 'plan what mends the findings of diagnose, or of these checks'
complete -c ktlsctl -n '__ktlsctl_is tune' -l force -d 'plan also what somebody else keeps setting'
complete -c ktlsctl -n '__ktlsctl_is tune' -l apply -d 'do what the plan says (root); all of it, or nothing'
complete -c ktlsctl -n '__ktlsctl_is tune' -l persist -d 'with --apply: files as well that set it at every boot'
complete -c ktlsctl -n '__ktlsctl_is tune' -l if-better -d 'with --apply: measure before and after, take back what brings nothing'
complete -c ktlsctl -n '__ktlsctl_is tune' -l confirm-within -x -d 'with --apply: take it back then, unless tune confirm says to keep it'
complete -c ktlsctl -n '__ktlsctl_is tune' -l last -d 'with revert: the last apply there is to take back (default)'
complete -c ktlsctl -n '__ktlsctl_is tune' -l debug -d 'every read and its error to stderr (or KTLSCTL_DEBUG=1)'
complete -c ktlsctl -n '__ktlsctl_is tune' -s h -l help -d 'this text'
complete -c ktlsctl -n '__ktlsctl_is tune' -s V -l version -d 'version; with -v also of the libraries'
complete -c ktlsctl -n '__ktlsctl_sub tune ""' -a list
complete -c ktlsctl -n '__ktlsctl_sub tune ""' -a show
complete -c ktlsctl -n '__ktlsctl_sub tune show' -a '(__ktlsctl_list_profile)'
complete -c ktlsctl -n '__ktlsctl_sub tune ""' -a keys
complete -c ktlsctl -n '__ktlsctl_sub tune ""' -a confirm
complete -c ktlsctl -n '__ktlsctl_sub tune ""' -a revert
complete -c ktlsctl -n '__ktlsctl_sub tune ""' -a verify
complete -c ktlsctl -n '__ktlsctl_sub tune ""' -a history
complete -c ktlsctl -n '__ktlsctl_is export' -l format -x -a 'json ndjson nagios prometheus ansible' -d 'prometheus (default), json, ndjson, nagios or ansible'
complete -c ktlsctl -n '__ktlsctl_is export' -l json -d 'short for --format=json'
complete -c ktlsctl -n '__ktlsctl_is export' -l ndjson -d 'short for --format=ndjson'
complete -c ktlsctl -n '__ktlsctl_is export' -l output -r -F -d 'write to FILE (aside, then renamed) instead of standard output'
complete -c ktlsctl -n '__ktlsctl_is export' -l root -x -a '(__fish_complete_directories)' -d 'look at a snapshot instead of this host'
complete -c ktlsctl -n '__ktlsctl_is export' -l max-time -x -d 'how long to look at processes (default: 2s); the rest is unknown'
complete -c ktlsctl -n '__ktlsctl_is export' -l load -d 'ask for sockets also where that loads tcp_diag'
complete -c ktlsctl -n '__ktlsctl_is export' -l probe -d 'also try kTLS on loopback, as diagnose'
complete -c ktlsctl -n '__ktlsctl_is export' -l debug -d 'every read and its error to stderr (or KTLSCTL_DEBUG=1)'
complete -c ktlsctl -n '__ktlsctl_is export' -s h -l help -d 'this text'
complete -c ktlsctl -n '__ktlsctl_is export' -s V -l version -d 'version; with -v also of the libraries'
complete -c ktlsctl -n '__ktlsctl_is fleet' -l format -x -a 'text json ndjson' -d 'text, json or ndjson (default: text)'
complete -c ktlsctl -n '__ktlsctl_is fleet' -l json -d 'short for --format=json'
complete -c ktlsctl -n '__ktlsctl_is fleet' -l ndjson -d 'short for --format=ndjson'
complete -c ktlsctl -n '__ktlsctl_is fleet' -l output -r -F -d 'write to FILE (aside, then renamed) instead of standard output'
complete -c ktlsctl -n '__ktlsctl_is fleet' -s v -l verbose -d 'show what is ok as well'
complete -c ktlsctl -n '__ktlsctl_is fleet' -l color -x -a 'auto always never' -d 'auto (default), always or never'
complete -c ktlsctl -n '__ktlsctl_is fleet' -l top -x -d 'how many of each (default: 10; 1000 in JSON)'
complete -c ktlsctl -n '__ktlsctl_is fleet' -l debug -d 'every read and its error to stderr (or KTLSCTL_DEBUG=1)'
complete -c ktlsctl -n '__ktlsctl_is fleet' -s h -l help -d 'this text'
complete -c ktlsctl -n '__ktlsctl_is fleet' -s V -l version -d 'version; with -v also of the libraries'
complete -c ktlsctl -n '__ktlsctl_sub fleet ""' -a summary
complete -c ktlsctl -n '__ktlsctl_sub fleet summary' -F
complete -c ktlsctl -n '__ktlsctl_sub fleet ""' -a diff
complete -c ktlsctl -n '__ktlsctl_sub fleet diff' -F
complete -c ktlsctl -n '__ktlsctl_sub fleet ""' -a html
complete -c ktlsctl -n '__ktlsctl_sub fleet html' -F
complete -c ktlsctl -n '__ktlsctl_is bench' -l tls -x -a '1.2 1.3' -d 'only this version of TLS'
complete -c ktlsctl -n '__ktlsctl_is bench' -l cacert -r -F -d 'of --peer: believe these authorities (PEM), not this host\'s'
complete -c ktlsctl -n '__ktlsctl_is bench' -l insecure -d 'of --peer: do not verify who it is, as no serve can be'
complete -c ktlsctl -n '__ktlsctl_is bench' -l progress -x -a 'auto never' -d 'auto (default: on a terminal) or never'
complete -c ktlsctl -n '__ktlsctl_is bench' -l html -r -F -d 'write a page for the browser to FILE as well'
complete -c ktlsctl -n '__ktlsctl_is bench' -l workload -x -a 'bulk rpc websocket close' -d 'bulk, rpc, websocket or close, again for more (default: all)'
complete -c ktlsctl -n '__ktlsctl_is bench' -l quick -d 'fewer sizes, and half a minute for all'
complete -c ktlsctl -n '__ktlsctl_is bench' -l duration -x -d 'for all of it, about (default: 120s; with --quick 30s)'
complete -c ktlsctl -n '__ktlsctl_is bench' -l size -x -d 'bytes of a write or message (default: those of each workload)'
complete -c ktlsctl -n '__ktlsctl_is bench' -l connections -x -d 'at a time (default: 1; of websocket 16)'
complete -c ktlsctl -n '__ktlsctl_is bench' -l format -x -a 'text json' -d 'text (default) or json'
complete -c ktlsctl -n '__ktlsctl_is bench' -l json -d 'short for --format=json'
complete -c ktlsctl -n '__ktlsctl_is bench' -l output -r -F -d 'write to FILE (aside, then renamed) instead of standard output'
complete -c ktlsctl -n '__ktlsctl_is bench' -l only -x -a 'openssl ktls ktls-sendfile ktls-zerocopy ktls-uring plain' -d 'modes: openssl, ktls, ktls-sendfile, ktls-zerocopy, ktls-uring, plain'
complete -c ktlsctl -n '__ktlsctl_is bench' -l skip -x -a 'openssl ktls ktls-sendfile ktls-zerocopy ktls-uring plain' -d 'modes: openssl, ktls, ktls-sendfile, ktls-zerocopy, ktls-uring, plain'
complete -c ktlsctl -n '__ktlsctl_is bench' -s v -l verbose -d 'who says that each mode ran as named, too'
complete -c ktlsctl -n '__ktlsctl_is bench' -l color -x -a 'auto always never' -d 'auto (default), always or never'
complete -c ktlsctl -n '__ktlsctl_is bench' -l load -d 'let the kernel load algif_aead, to measure what it encrypts itself'
complete -c ktlsctl -n '__ktlsctl_is bench' -l ciphers -x -d 'these suites of TLS 1.2, colons between them'
complete -c ktlsctl -n '__ktlsctl_is bench' -l ciphersuites -x -d 'these of TLS 1.3 (default: TLS_AES_128_GCM_SHA256)'
complete -c ktlsctl -n '__ktlsctl_is bench' -l peer -x -d 'ktlsctl serve of another host is the other end'
complete -c ktlsctl -n '__ktlsctl_is bench' -l netns -x -a '(command ls /run/netns 2>/dev/null)' -d 'put the other end there (ip netns; default: loopback)'
complete -c ktlsctl -n '__ktlsctl_is bench' -s h -l help -d 'this text'
complete -c ktlsctl -n '__ktlsctl_is bench' -s V -l version -d 'version; with -v also of the libraries'
complete -c ktlsctl -n '__ktlsctl_is explain' -l format -x -a 'text json' -d 'text or json (default: text)'
complete -c ktlsctl -n '__ktlsctl_is explain' -l json -d 'short for --format=json'
complete -c ktlsctl -n '__ktlsctl_is explain' -l output -r -F -d 'write to FILE (aside, then renamed) instead of standard output'
complete -c ktlsctl -n '__ktlsctl_is explain' -l color -x -a 'auto always never' -d 'auto (default), always or never'
complete -c ktlsctl -n '__ktlsctl_is explain' -l list -d 'one line a check: id, category, title'
complete -c ktlsctl -n '__ktlsctl_is explain' -l commands -d 'one line a command; with --json their options too'
complete -c ktlsctl -n '__ktlsctl_is explain' -l schema -x -a '(__ktlsctl_list_schema)' -d 'print the JSON Schema of a document, e.g. ktlsctl.report/1'
complete -c ktlsctl -n '__ktlsctl_is explain' -s h -l help -d 'this text'
complete -c ktlsctl -n '__ktlsctl_is explain' -s V -l version -d 'version; with -v also of the libraries'
complete -c ktlsctl -n '__ktlsctl_is explain; and not __ktlsctl_first' -a '(__ktlsctl_list_id)'
complete -c ktlsctl -n '__ktlsctl_is snapshot' -l format -x -a 'text json' -d 'text or json (default: text)'
complete -c ktlsctl -n '__ktlsctl_is snapshot' -l json -d 'short for --format=json'
complete -c ktlsctl -n '__ktlsctl_is snapshot' -l debug -d 'every read and its error to stderr (or KTLSCTL_DEBUG=1)'
complete -c ktlsctl -n '__ktlsctl_is snapshot' -s h -l help -d 'this text'
complete -c ktlsctl -n '__ktlsctl_is snapshot' -s V -l version -d 'version; with -v also of the libraries'
complete -c ktlsctl -n '__ktlsctl_is snapshot; and not __ktlsctl_first' -a '(__fish_complete_directories)'
