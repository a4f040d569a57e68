# SPDX-License-Identifier: MIT

[profile]
summary = paced video: segments with pauses, many viewers
about = Each viewer takes a few Mbit/s in bursts. Buffers are not raised: 4 MiB, the
about = default, are 300 Mbit/s at 100 ms. Congestion control is left alone: which is
about = best depends on the paths.
include = baseline
servers = nginx

[net.ipv4.tcp_slow_start_after_idle]
value = 0
because = between two segments a connection is idle, and would begin each slowly
because = (RFC 2861; ip-sysctl.rst: tcp_slow_start_after_idle)
risk = a burst into a path that has changed meanwhile; pacing softens it

[net.ipv4.tcp_notsent_lowat]
value = 131072
may_lower = the default is no limit at all: a viewer who jumps gets all that was queued
because = less of what nobody wants any more is encrypted and queued when a viewer jumps
because = or the quality changes (ip-sysctl.rst: tcp_notsent_lowat)
risk = more wake-ups of the server; below two records sendfile would suffer, this is 8

[net.core.default_qdisc]
value = fq
because = spaces the packets of each connection, as SO_MAX_PACING_RATE and BBR ask, in
because = one place instead of a timer for each socket
because = (admin-guide/sysctl/net.rst: default_qdisc; tc-fq(8))
risk = devices that are there keep what they have; loads the module sch_fq
